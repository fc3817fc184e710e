package conntest

import (
	"errors"
	"net"
	"os"
	"sync"
	"time"

	"github.com/fairlead-ws/fairlead/wstest"
)

var (
	errFault = errors.New("fault")
	timeout  = os.ErrDeadlineExceeded
)

// faulty is a connection with one method replaced.
type faulty struct {
	net.Conn
	read              func([]byte) (int, error)
	write             func([]byte) (int, error)
	setRead, setWrite func(time.Time) error
	close             func() error
}

func (c *faulty) Read(p []byte) (int, error) {
	if c.read != nil {
		return c.read(p)
	}
	return c.Conn.Read(p)
}

func (c *faulty) Write(p []byte) (int, error) {
	if c.write != nil {
		return c.write(p)
	}
	return c.Conn.Write(p)
}

func (c *faulty) SetDeadline(t time.Time) error {
	return errors.Join(c.SetReadDeadline(t), c.SetWriteDeadline(t))
}

func (c *faulty) SetReadDeadline(t time.Time) error {
	if c.setRead != nil {
		return c.setRead(t)
	}
	return c.Conn.SetReadDeadline(t)
}

func (c *faulty) SetWriteDeadline(t time.Time) error {
	if c.setWrite != nil {
		return c.setWrite(t)
	}
	return c.Conn.SetWriteDeadline(t)
}

func (c *faulty) Close() error {
	if c.close != nil {
		return c.close()
	}
	return c.Conn.Close()
}

func onRead(change func(int, error) (int, error)) func(*wstest.PipeConn) net.Conn {
	return func(c *wstest.PipeConn) net.Conn {
		return &faulty{Conn: c, read: func(p []byte) (int, error) { return change(c.Read(p)) }}
	}
}

func onWrite(change func([]byte, int, error) (int, error)) func(*wstest.PipeConn) net.Conn {
	return func(c *wstest.PipeConn) net.Conn {
		return &faulty{Conn: c, write: func(p []byte) (int, error) {
			n, err := c.Write(p)
			return change(p, n, err)
		}}
	}
}

type halfConn struct {
	net.Conn
	closeWrite func() error
}

func (c halfConn) CloseWrite() error { return c.closeWrite() }

type nilAddr struct{ net.Conn }

func (nilAddr) RemoteAddr() net.Addr { return nil }

type emptyAddr struct{ net.Conn }

func (emptyAddr) LocalAddr() net.Addr { return &net.UnixAddr{} }

// isTimeout matches and says nothing else.
type isTimeout struct{}

func (isTimeout) Error() string        { return "timeout" }
func (isTimeout) Is(target error) bool { return target == timeout }

type finalTimeout struct{ isTimeout }

func (finalTimeout) Timeout() bool   { return true }
func (finalTimeout) Temporary() bool { return false }

// sticky never reads again after an error, as TLS does over a connection whose
// timeouts are not Temporary.
type sticky struct {
	net.Conn
	err error
}

func (c *sticky) Read(p []byte) (int, error) {
	if c.err != nil {
		return 0, c.err
	}
	n, err := c.Conn.Read(p)
	c.err = err
	return n, err
}

// forgetful drops the first byte after a timeout.
type forgetful struct {
	net.Conn
	timedOut bool
}

func (c *forgetful) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if c.timedOut && n > 0 {
		n = copy(p, p[1:n])
	}
	c.timedOut = errors.Is(err, timeout)
	return n, err
}

// sneak copies what is not ours any more, so that the checks must find it and
// not the race detector.
//
//go:norace
func sneak(dst, src []byte) {
	for i := range src { //nolint:staticcheck // copy is watched all the same
		dst[i] = src[i]
	}
}

// naive makes read deadlines by leaving the read to itself, which is how it is
// done most often.
type naive struct {
	net.Conn
	mu       sync.Mutex
	deadline time.Time
}

func newNaive(c net.Conn) net.Conn { return &naive{Conn: c} }

func (c *naive) SetReadDeadline(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.deadline = t
	return nil
}

func (c *naive) Read(p []byte) (int, error) {
	c.mu.Lock()
	var expired <-chan time.Time
	if !c.deadline.IsZero() {
		expired = time.After(time.Until(c.deadline))
	}
	c.mu.Unlock()
	done := make(chan result, 1)
	go func() {
		late := make([]byte, len(p))
		n, err := c.Conn.Read(late)
		sneak(p, late[:n])
		done <- result{n: n, err: err}
	}()
	select {
	case r := <-done:
		return r.n, r.err
	case <-expired:
		return 0, timeout
	}
}

type changing struct{ net.Conn }

func (c *changing) Write(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	changed := append([]byte(nil), p...)
	changed[len(p)/2] ^= 1
	return c.Conn.Write(changed)
}

// hasty lets another goroutine write, later.
type hasty struct{ net.Conn }

func (c *hasty) Write(p []byte) (int, error) {
	go func() {
		time.Sleep(time.Millisecond)
		late := make([]byte, len(p))
		sneak(late, p)
		_, _ = c.Conn.Write(late)
	}()
	return len(p), nil
}

type nowhere struct{ net.Conn }

func (nowhere) Write(p []byte) (int, error) { return len(p), nil }
