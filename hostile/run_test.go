package hostile_test

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/frame"
	"github.com/fairlead-ws/fairlead/route"
	"github.com/fairlead-ws/fairlead/wstest"
)

const (
	defaultWithin = time.Second
	defaultLag    = 100 * time.Millisecond
	// patience bounds a case that hangs, whatever its own bound is.
	patience  = 10 * time.Second
	tcpBuffer = 64 << 10
	// attempts is how often a case may run that was right but late: the machine
	// may be at work for others.
	attempts = 4
)

func TestHostile(t *testing.T) {
	certificate() // in a bubble it would be made in the year 2000 and expire soon
	for _, c := range catalogue() {
		if raceDetector && !c.raced() {
			continue
		}
		t.Run(c.ID, func(t *testing.T) {
			if c.Heap == 0 && c.Live == 0 {
				t.Parallel()
			}
			c.test(t)
		})
	}
}

// raced says that the case runs under the race detector too: one that measures
// the heap, and takes ten times as long there, does not.
func (c *Case) raced() bool { return c.Heap == 0 && c.Live == 0 || c.row() == "B21" }

// test runs the case until it is in time, reports it and fails t if it must.
func (c *Case) test(t *testing.T) {
	var wrong, late []string
	var best *Outcome
	for i := range attempts {
		var o *Outcome
		waited := time.Duration(0)
		if i > 0 {
			waited = starved()
		}
		begin := time.Now()
		if c.Virtual {
			synctest.Test(t, func(t *testing.T) { o = c.run(t) })
		} else {
			o = c.run(t)
		}
		took := time.Since(begin)
		if !c.Virtual {
			took = o.took
		}
		if i > 0 {
			// The machine is at work for others: what it kept from us counts for
			// nothing.
			waited = max(0, starved()-waited)
			took, o.lag = max(0, took-waited), max(0, o.lag-waited)
		}
		wrong, late = c.judge(o), c.late(o, took)
		o.took = took
		if best == nil || o.took < best.took {
			best = o
		}
		if len(wrong) > 0 || len(late) == 0 {
			break
		}
	}
	for _, w := range slices.Concat(wrong, late) {
		t.Error(w)
	}
	t.Logf("%v, %v", best.took, best.fat())
	results.add(c, best, t.Failed())
}

// run dials, has the caller do what it does, and gathers what came of it.
func (c *Case) run(t *testing.T) *Outcome {
	o := &Outcome{heap: -1, live: -1}
	s := &session{c: c}
	defer s.end()
	d := c.Dialer
	d.Route = s
	if c.Route != nil {
		d.Route = c.Route(s)
	}
	url := cmp.Or(c.URL, "ws://peer.test/")
	if c.TLS {
		url = cmp.Or(c.URL, "wss://peer.test/")
		if d.TLS == nil {
			d.TLS = &tls.Config{RootCAs: authority().Pool()}
		}
	}
	limit := patience
	if c.Virtual {
		limit = time.Hour
	}
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	dialCtx := context.WithoutCancel(ctx) // no deadline: that of the Dialer counts
	if c.Timeout > 0 {
		var stop context.CancelFunc
		dialCtx, stop = context.WithTimeout(dialCtx, c.Timeout)
		defer stop()
	}

	var more []*fairlead.Conn
	o.Redial = func(ctx context.Context) (*fairlead.Conn, error) {
		again, err := d.Dial(ctx, url)
		if err == nil {
			more = append(more, again)
		}
		return again, err
	}

	stop := sample(c.Live > 0)
	before := allocated(c.Heap > 0)
	begin := time.Now()
	conn, err := d.Dial(dialCtx, url)
	if err == nil {
		o.Opened, o.Sub, o.Answer = true, conn.Subprotocol(), conn.Response().StatusCode
		do := readAll
		if c.Do != nil {
			do = c.Do
		}
		err = do(ctx, conn, o)
	}
	end := time.Now()
	if isEnd(err) && conn != nil && len(more) == 0 {
		o.again = afterTheEnd(ctx, conn, err)
	}
	if c.Heap > 0 {
		o.heap = int64(allocated(true) - before)
	}
	o.live = stop()
	o.Err, o.took = err, end.Sub(begin)
	more = append(more, conn)
	for _, open := range more {
		if open != nil && (open.Err() == nil || c.Unsent) {
			open.CloseNow() // the session lives, or there is no way to end it well
		}
	}
	s.gather(o, end)
	for _, open := range more {
		if open != nil {
			open.CloseNow()
		}
	}
	return o
}

// afterTheEnd holds what calls give on an ended session: the first cause.
func afterTheEnd(ctx context.Context, conn *fairlead.Conn, first error) error {
	want, _ := fairlead.CloseCode(first)
	for range 2 {
		_, p, err := conn.Read(ctx)
		if code, ok := fairlead.CloseCode(err); !ok || code != want || p != nil {
			return fmt.Errorf("Read after the end: %q, %w", p, err)
		}
	}
	if err := conn.WriteText(ctx, "late"); !errors.Is(err, net.ErrClosed) {
		return fmt.Errorf("Write after the end: %w", err)
	}
	return nil
}

// session is the server's side of a run: a wire for each connection.
type session struct {
	c       *Case
	mu      sync.Mutex
	wires   []*wire
	closers []func() error
}

// DialContext connects to the peer of the case, whatever the address.
func (s *session) DialContext(ctx context.Context, _, _ string) (net.Conn, error) {
	client, server, err := s.connect(ctx)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	n := len(s.wires)
	s.closers = append(s.closers, client.Close, server.Close)
	if n > len(s.c.Next) {
		client.Close()
		return nil, fmt.Errorf("the case has no script for connection %d", n+1)
	}
	steps := s.c.Peer
	if n > 0 {
		steps = s.c.Next[n-1]
	}
	if s.c.Under != nil {
		server = s.c.Under(server)
	}
	if s.c.TLS {
		cfg := &tls.Config{Certificates: []tls.Certificate{certificate()}}
		if s.c.Server != nil {
			cfg = s.c.Server()
		}
		server = tls.Server(server, cfg)
	}
	w := &wire{Conn: server, decides: s.c.Decides, opened: s.c.Refused == "", script: make(chan struct{})}
	s.wires = append(s.wires, w)
	go w.play(steps, s.c.Reads)
	if s.c.Wrap != nil {
		client = s.c.Wrap(client)
	}
	return client, nil
}

func (s *session) connect(ctx context.Context) (client, server net.Conn, err error) {
	if !s.c.TCP {
		client, server = wstest.Pipe()
		return client, server, nil
	}
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return nil, nil, err
	}
	defer listener.Close()
	if client, err = (route.TCP{}).DialContext(ctx, "tcp", listener.Addr().String()); err != nil {
		return nil, nil, err
	}
	if server, err = listener.Accept(); err != nil {
		client.Close()
		return nil, nil, err
	}
	// Small buffers, so that a flood fills them soon.
	return client, server, errors.Join(server.(*net.TCPConn).SetReadBuffer(tcpBuffer), client.(*net.TCPConn).SetWriteBuffer(tcpBuffer))
}

// gather waits for the scripts and reads what the client has sent.
func (s *session) gather(o *Outcome, end time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	broken := func(format string, args ...any) { o.broken = append(o.broken, fmt.Sprintf(format, args...)) }
	for i, w := range s.wires {
		select {
		case <-w.script:
		case <-time.After(2 * patience):
			broken("the script of connection %d does not end", i+1)
			continue
		}
		if w.failed != nil {
			broken("connection %d: %v", i+1, w.failed)
		}
		if s.c.Closed != 0 && s.c.Closed != frame.StatusAbnormal {
			// RFC 6455 section 7.1.1: after Close frames the server closes first.
			w.CloseWrite()
		}
		if err := w.drain(2 * time.Second); err != nil {
			broken("connection %d: %v", i+1, err)
		}
		request, frames, err := split(w.got)
		if err != nil && (err != errHalf || !s.c.Unsent && w.lost == 0) {
			broken("connection %d: %v", i+1, err)
		}
		o.Request, o.Frames = append(o.Request, request), frames
		if at := w.decision(); !at.IsZero() {
			o.lag = end.Sub(at)
		}
	}
}

// end closes everything, also what gather gave up on.
func (s *session) end() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.closers {
		c()
	}
	for _, w := range s.wires {
		<-w.script
	}
}

// authority and certificate are made once for all cases.
var (
	authority = sync.OnceValue(func() *wstest.CA {
		ca, err := wstest.NewCA()
		if err != nil {
			panic(err)
		}
		return ca
	})
	certificate = sync.OnceValue(func() tls.Certificate {
		cert, err := authority().Issue("peer.test", "localhost", "127.0.0.1")
		if err != nil {
			panic(err)
		}
		return cert
	})
)
