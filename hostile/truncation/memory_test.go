package truncation_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/route"
)

// patience bounds one session.
const patience = 20 * time.Second

// cutConn is a server in memory whose stream ends at an offset.
type cutConn struct {
	net.Conn
	session *session
	cut     int
	end     end
	piece   int  // bytes of one read at most; 0 means no limit
	joined  bool // the end comes together with the last bytes

	request  strings.Builder
	answered bool // set by the dial, before anybody else writes
	stream   []byte
	closed   atomic.Bool
}

func (c *cutConn) Read(p []byte) (int, error) {
	if c.closed.Load() {
		return 0, net.ErrClosed
	}
	if c.piece > 0 && len(p) > c.piece {
		p = p[:c.piece]
	}
	n := copy(p, c.stream)
	c.stream = c.stream[n:]
	if n == 0 || c.joined && len(c.stream) == 0 {
		return n, c.end.err()
	}
	return n, nil
}

func (c *cutConn) Write(p []byte) (int, error) {
	if c.closed.Load() {
		return 0, net.ErrClosed
	}
	if !c.answered {
		c.request.Write(p)
		if request := c.request.String(); strings.HasSuffix(request, "\r\n\r\n") {
			c.answered = true
			c.stream = c.session.stream(keyOf(request))[:c.cut]
		}
	}
	return len(p), nil
}

func (c *cutConn) Close() error                     { c.closed.Store(true); return nil }
func (c *cutConn) SetDeadline(time.Time) error      { return nil }
func (c *cutConn) SetReadDeadline(time.Time) error  { return nil }
func (c *cutConn) SetWriteDeadline(time.Time) error { return nil }

// via is a route to one connection.
func via(nc net.Conn) route.Dialer {
	return route.DialerFunc(func(context.Context, string, string) (net.Conn, error) { return nc, nil })
}

func (s *session) dialer() fairlead.Dialer {
	d := fairlead.Dialer{}
	if s.deflated != none {
		d.Compression = fairlead.CompressionTakeover
	}
	return d
}

// run opens the session with d, reads it with v and judges what came.
func (s *session) run(d fairlead.Dialer, url string, v verb, cut int, e end, atMost bool) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	c, err := d.Dial(ctx, url)
	if err != nil {
		return s.judgeDial(err, cut, e, atMost)
	}
	defer c.CloseNow()
	if cut < s.head() {
		return errors.New("half an answer has opened a session")
	}
	g := v.read(ctx, c)
	if err := judgeEnd(ctx, c, &g, e); err != nil {
		return err
	}
	return s.judge(g, cut, e, atMost)
}

func (s *session) judgeDial(err error, cut int, e end, atMost bool) error {
	if cut >= s.head() && !atMost {
		return fmt.Errorf("the whole answer opens nothing: %w", err)
	}
	he, ok := errors.AsType[*fairlead.HandshakeError](err)
	if !ok || he.Phase != fairlead.PhaseResponse && he.Phase != fairlead.PhaseTLS && he.Phase != fairlead.PhaseRequest {
		return fmt.Errorf("the dial has failed in a wrong way: %w", err)
	}
	if !e.matches(err, atMost) {
		return fmt.Errorf("the dial has failed with %w, want an error for %v", err, e)
	}
	return nil
}

// TestMemory: every read verb, EOF and a reset, reads whole and in pieces.
func TestMemory(t *testing.T) {
	for kind, deflated := range map[string]compression{"plain": none, "compressed": all} {
		s := newSession(deflated, largeSize)
		for _, v := range verbs {
			for _, e := range []end{eof, reset} {
				t.Run(fmt.Sprintf("%s/%s/%v", kind, v.name, e), func(t *testing.T) {
					walk(t, kind, s.offsets(149, 1), func(cut int) error {
						return s.inMemory(v, cut, e)
					})
				})
			}
		}
	}
}

// TestMemoryHuge: the same with a message of more than 64 KiB, whose length has 64
// bits and whose memory has to grow.
func TestMemoryHuge(t *testing.T) {
	for kind, deflated := range map[string]compression{"plain": none, "compressed": all} {
		s := newSession(deflated, 70000)
		for i, v := range verbs {
			t.Run(kind+"/"+v.name, func(t *testing.T) {
				walk(t, "+huge "+kind, s.offsets(4001, 61), func(cut int) error {
					return s.inMemory(v, cut, end((cut+i)%2))
				})
			})
		}
	}
}

func (s *session) inMemory(v verb, cut int, e end) error {
	nc := &cutConn{session: s, cut: cut, end: e, piece: [...]int{0, 0, 1000, 100, 13}[cut%5], joined: cut%3 == 0}
	d := s.dialer()
	d.Route = via(nc)
	err := s.run(d, "ws://server.example/", v, cut, e, false)
	if err == nil && !nc.closed.Load() {
		err = errors.New("the connection was not closed")
	}
	return err
}
