package route

import (
	"errors"
	"io"
	"net"
	"os"
	"time"
)

// SetDeadline sets both deadlines. The zero time means none; a time in the past
// ends blocked calls at once.
func (c *streamConn) SetDeadline(t time.Time) error {
	return errors.Join(c.SetReadDeadline(t), c.SetWriteDeadline(t))
}

// SetReadDeadline sets the deadline of reads, those under way too.
func (c *streamConn) SetReadDeadline(t time.Time) error { return c.setDeadline(&c.readDeadline, t) }

// SetWriteDeadline sets the deadline of writes, those under way too.
func (c *streamConn) SetWriteDeadline(t time.Time) error { return c.setDeadline(&c.writeDeadline, t) }

// streamDeadline is guarded by the mutex of its connection.
type streamDeadline struct {
	timer   *time.Timer // nil: none, or already expired
	expired bool
}

func (d *streamDeadline) stop() {
	if d.timer != nil {
		d.timer.Stop()
		d.timer = nil
	}
}

func (c *streamConn) setDeadline(d *streamDeadline, t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return c.opError("set", net.ErrClosed)
	}
	d.stop()
	d.expired = false
	if t.IsZero() {
		return nil
	}
	wait := time.Until(t)
	if wait <= 0 {
		d.expired = true
		c.changed.Broadcast()
		return nil
	}
	var timer *time.Timer
	timer = time.AfterFunc(wait, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		// A timer that fired while it was being replaced has no say any more.
		if d.timer == timer {
			d.expired = true
			c.changed.Broadcast()
		}
	})
	d.timer = timer
	return nil
}

// LocalAddr is never nil.
func (c *streamConn) LocalAddr() net.Addr {
	if s, ok := c.stream.(interface{ LocalAddr() net.Addr }); ok {
		if addr := s.LocalAddr(); addr != nil {
			return addr
		}
	}
	return streamAddr{}
}

// RemoteAddr is never nil.
func (c *streamConn) RemoteAddr() net.Addr {
	if s, ok := c.stream.(interface{ RemoteAddr() net.Addr }); ok {
		if addr := s.RemoteAddr(); addr != nil {
			return addr
		}
	}
	return streamAddr{}
}

type streamAddr struct{}

func (streamAddr) Network() string { return "stream" }
func (streamAddr) String() string  { return "stream" }

// opError dresses err as the net package does. io.EOF stays bare, as readers
// compare it directly.
func (c *streamConn) opError(op string, err error) error {
	if err == nil || errors.Is(err, io.EOF) {
		return err
	}
	return &net.OpError{Op: op, Net: "stream", Source: c.LocalAddr(), Addr: c.RemoteAddr(), Err: err}
}

var errBadCount = errors.New("the stream returned an impossible count")

// cutError is what every write returns after one that had to be left behind.
type cutError struct{}

func (cutError) Error() string {
	return "i/o timeout in the middle of a write: nothing more can be written to this stream"
}
func (cutError) Timeout() bool   { return true }
func (cutError) Temporary() bool { return false }
func (cutError) Unwrap() error   { return os.ErrDeadlineExceeded }
