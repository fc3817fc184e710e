package fairlead

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"time"

	"github.com/fairlead-ws/fairlead/frame"
)

// AsNetConn returns c as a stream: a Read takes bytes of the messages that come,
// of either type and without regard to their ends, and a Write sends one message
// of type typ. Read gives io.EOF after a Close frame with status 1000 or 1001.
// Close is that of c with frame.StatusNormal.
//
// Deadlines work as with any net.Conn: a Read that one ends loses nothing, while
// a Write that one ends in the middle of a message ends the connection. Nothing
// else may read from c meanwhile.
func (c *Conn) AsNetConn(typ MessageType) net.Conn {
	s := &netConn{Conn: c.orLost(), typ: typ}
	s.reads.set(time.Time{})
	s.writes.set(time.Time{})
	return s
}

type netConn struct {
	*Conn
	typ           MessageType
	reads, writes deadline

	mu  sync.Mutex // one Read at a time
	msg *MessageReader
}

func (s *netConn) Read(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(p) == 0 {
		return 0, nil
	}
	for {
		ctx := s.reads.context()
		if s.msg == nil || s.msg.ctx.Err() != nil {
			msg, err := s.Conn.Reader(ctx)
			if err != nil {
				return 0, streamError(ctx, err)
			}
			s.msg = msg
		}
		n, err := s.msg.Read(p)
		switch {
		case errors.Is(err, io.EOF):
			s.msg = nil
		case err != nil:
			return n, streamError(ctx, err)
		}
		if n > 0 {
			return n, nil
		}
	}
}

func (s *netConn) Write(p []byte) (int, error) {
	ctx := s.writes.context()
	if err := s.Conn.Write(ctx, s.typ, p); err != nil {
		return 0, streamError(ctx, err)
	}
	return len(p), nil
}

// streamError is err as a user of net.Conn expects it.
func streamError(ctx context.Context, err error) error {
	if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		return os.ErrDeadlineExceeded
	}
	if ce, ok := errors.AsType[*CloseError](err); ok && (ce.Code == frame.StatusNormal || ce.Code == frame.StatusGoingAway) {
		return io.EOF
	}
	return err
}

func (s *netConn) Close() error {
	return s.Conn.Close(context.Background(), frame.StatusNormal, "")
}

func (s *netConn) LocalAddr() net.Addr  { return s.nc.LocalAddr() }
func (s *netConn) RemoteAddr() net.Addr { return s.nc.RemoteAddr() }

func (s *netConn) SetDeadline(t time.Time) error {
	s.reads.set(t)
	s.writes.set(t)
	return nil
}

func (s *netConn) SetReadDeadline(t time.Time) error {
	s.reads.set(t)
	return nil
}

func (s *netConn) SetWriteDeadline(t time.Time) error {
	s.writes.set(t)
	return nil
}

// deadline is a time limit that may be moved, as a context. The context is the
// same until it has ended, so that a call under way follows the move.
type deadline struct {
	mu    sync.Mutex
	ctx   context.Context
	end   context.CancelFunc
	timer *time.Timer
}

func (d *deadline) context() context.Context {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.ctx
}

func (d *deadline) set(t time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.timer != nil {
		d.timer.Stop()
		d.timer = nil
	}
	if d.ctx == nil || d.ctx.Err() != nil {
		d.ctx, d.end = context.WithCancel(context.Background())
	}
	if t.IsZero() {
		return
	}
	if left := time.Until(t); left > 0 {
		d.timer = time.AfterFunc(left, d.end)
	} else {
		d.end()
	}
}
