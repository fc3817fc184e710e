package fairlead_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/frame"
	"github.com/fairlead-ws/fairlead/wstest"
	"github.com/fairlead-ws/fairlead/wstest/conformance"
)

// TestConformance runs every case of the catalogue against echo clients that are
// written with different verbs. None may be less than OK, or NON-STRICT.
//
// Under the race detector, which makes the megabytes of section 9 slow, the
// clients share out its cases instead of taking all of them each.
func TestConformance(t *testing.T) {
	for i, client := range echoClients {
		t.Run(client.name, func(t *testing.T) {
			t.Parallel()
			score := newTally()
			for j, c := range conformance.Cases() {
				if raceDetector && c.Section() == "9" && j%len(echoClients) != i {
					continue
				}
				synctest.Test(t, func(t *testing.T) {
					conn, server := wstest.Pipe()
					var running sync.WaitGroup
					running.Go(func() {
						wsc := fairlead.NewConn(conn, fairlead.ConnConfig{Policy: client.policy})
						checkEnd(t, c, client.echo(t.Context(), wsc))
						client.end(wsc)
					})
					score.add(t, c, c.Run(server))
					running.Wait()
				})
			}
			score.log(t)
		})
	}
}

// TestConformanceTCP runs the cases over sockets, where ends are resets. Those
// that wait for seconds run at the same time.
func TestConformanceTCP(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	score := newTally()
	var running sync.WaitGroup
	defer running.Wait()
	for _, c := range conformance.Cases() {
		if c.Section() == "9" {
			continue // with real pauses between its chops it takes too long
		}
		conn, err := net.Dial("tcp4", listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		server, err := listener.Accept()
		if err != nil {
			t.Fatal(err)
		}
		done := make(chan struct{})
		running.Go(func() {
			defer close(done)
			wsc := fairlead.NewConn(conn, fairlead.ConnConfig{})
			checkEnd(t, c, echoRead(t.Context(), wsc))
			wsc.CloseNow()
		})
		running.Go(func() { score.add(t, c, c.Run(server)) })
		if !strings.HasPrefix(c.ID, "6.4.") && c.ID != "5.19" && c.ID != "5.20" {
			<-done
		}
	}
	running.Wait()
	score.log(t)
}

var echoClients = []struct {
	name   string
	policy *fairlead.Policy
	echo   func(context.Context, *fairlead.Conn) error
	end    func(*fairlead.Conn)
}{
	{"Read", nil, echoRead, closeAgain},
	{"ReadAppend", nil, echoReadAppend, closeNow},
	{"Messages", nil, echoMessages, closeNow},
	{"Reader", nil, echoReader, closeAgain},
	{"ReadFrame", &fairlead.Policy{}, echoFrames, closeNow},
}

func closeNow(c *fairlead.Conn)   { c.CloseNow() }
func closeAgain(c *fairlead.Conn) { c.Close(context.Background(), frame.StatusNormal, "") }

func echoRead(ctx context.Context, c *fairlead.Conn) error {
	for {
		typ, p, err := c.Read(ctx)
		if err != nil {
			return err
		}
		if err := c.Write(ctx, typ, p); err != nil {
			return err
		}
	}
}

func echoReadAppend(ctx context.Context, c *fairlead.Conn) error {
	var buf []byte
	for {
		typ, p, err := c.ReadAppend(ctx, buf[:0])
		if err != nil {
			return err
		}
		if err := c.Write(ctx, typ, p); err != nil {
			return err
		}
		buf = p
	}
}

func echoMessages(ctx context.Context, c *fairlead.Conn) error {
	for msg, err := range c.Messages(ctx) {
		if err != nil {
			return err
		}
		if err := c.Write(ctx, msg.Type, msg.Data); err != nil {
			return err
		}
	}
	return errors.New("Messages ended without an error")
}

// echoReader sends a message back while it comes.
func echoReader(ctx context.Context, c *fairlead.Conn) error {
	buf := make([]byte, 16<<10)
	for {
		r, err := c.Reader(ctx)
		if err != nil {
			return err
		}
		w := c.Writer(ctx, r.Type())
		if _, err := io.CopyBuffer(w, r, buf); err != nil {
			return err
		}
		if err := w.Close(); err != nil {
			return err
		}
	}
}

// echoFrames does everything by hand: it puts messages together, answers pings
// and the Close.
func echoFrames(ctx context.Context, c *fairlead.Conn) error {
	var first frame.Header
	var body []byte
	for {
		h, p, err := c.ReadFrame(ctx)
		if err != nil {
			return err
		}
		answer := frame.Header{Fin: true, Opcode: h.Opcode}
		switch h.Opcode {
		case frame.Ping:
			answer.Opcode = frame.Pong
		case frame.Pong:
			continue
		case frame.Close:
		default:
			if h.Opcode != frame.Continuation {
				first, body = h, body[:0]
			}
			body = append(body, p...)
			if !h.Fin {
				continue
			}
			answer.Opcode, answer.RSV, p = first.Opcode, first.RSV, body
		}
		if err := c.WriteFrame(ctx, answer, p); err != nil {
			return err
		}
	}
}

// checkEnd holds what ended an echo client against what the server did: a Close
// or a breach of the protocol, never a mere loss of the connection, although
// the server resets it after the answer to its Close.
func checkEnd(t *testing.T, c conformance.Case, err error) {
	var closed *fairlead.CloseError
	var breach *fairlead.ProtocolError
	switch {
	case !errors.Is(err, net.ErrClosed), errors.Is(err, io.EOF):
	case errors.As(err, &breach):
		return
	case errors.As(err, &closed) && closed.Remote && closed.Code != frame.StatusAbnormal:
		return
	}
	t.Errorf("%v: the client ended with %v", c, err)
}

// tally counts verdicts by section.
type tally struct {
	mu       sync.Mutex
	sections []string
	counts   map[string]map[conformance.Result]int
}

func newTally() *tally { return &tally{counts: map[string]map[conformance.Result]int{}} }

func (s *tally) add(t *testing.T, c conformance.Case, v conformance.Verdict) {
	want := conformance.OK
	if c.ID == "7.1.6" || c.ID == "7.13.1" || c.ID == "7.13.2" {
		want = conformance.Informational
	}
	if v.Behavior != want || v.BehaviorClose != conformance.OK {
		t.Errorf("%v: %v", c, v)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.counts[c.Section()] == nil {
		s.sections = append(s.sections, c.Section())
		s.counts[c.Section()] = map[conformance.Result]int{}
	}
	s.counts[c.Section()][v.Behavior]++
}

func (s *tally) log(t *testing.T) {
	for _, section := range s.sections {
		line := fmt.Sprintf("section %s:", section)
		for _, r := range []conformance.Result{conformance.OK, conformance.NonStrict, conformance.Informational, conformance.Failed} {
			if n := s.counts[section][r]; n > 0 {
				line += fmt.Sprintf(" %d %s", n, r)
			}
		}
		t.Log(line)
	}
}
