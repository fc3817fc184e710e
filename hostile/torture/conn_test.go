package torture_test

import (
	"errors"
	"io"
	"net"
	"os"
	"runtime"
	"sync"
	"syscall"
	"time"

	"github.com/fairlead-ws/fairlead/wstest"
)

// conn is a connection of the client's whose calls may meet the fault.
type conn struct {
	net.Conn
	w *world
	// limbo is where a call that blocks waits: a connection on which nothing
	// comes and for which there is no room, with the same deadlines and the same
	// end.
	limbo net.Conn
	peer  net.Conn // keeps limbo's other end open
	once  sync.Once
}

func newConn(w *world, nc net.Conn) *conn {
	limbo, peer := wstest.PipeSize(1)
	_, _ = limbo.Write([]byte{0})
	return &conn{Conn: nc, w: w, limbo: limbo, peer: peer}
}

func (c *conn) Read(p []byte) (int, error) {
	if !c.w.strike(read) || len(p) == 0 {
		return c.Conn.Read(p)
	}
	switch c.w.kind {
	case fails:
		return 0, c.w.cause(read)
	case ends:
		return 0, io.EOF
	case blocks:
		return c.limbo.Read(p)
	case short:
		return c.Conn.Read(p[:1])
	case empty:
		return 0, nil
	case times:
		return 0, os.ErrDeadlineExceeded
	case late, cut:
		if c.w.kind == cut {
			p = p[:1]
		}
		n, err := c.Conn.Read(p)
		return n, errors.Join(err, c.w.cause(read))
	}
	return c.Conn.Read(p)
}

func (c *conn) Write(p []byte) (int, error) {
	if !c.w.strike(write) || len(p) == 0 {
		return c.Conn.Write(p)
	}
	half := p[:len(p)/2]
	switch c.w.kind {
	case fails:
		return 0, c.w.cause(write)
	case ends:
		return 0, syscall.EPIPE
	case blocks:
		return c.limbo.Write(p)
	case times:
		return 0, os.ErrDeadlineExceeded
	case late:
		n, err := c.Conn.Write(p)
		return n, errors.Join(err, c.w.cause(write))
	case short, cut:
		n, err := c.Conn.Write(half)
		c.w.mu.Lock()
		c.w.partial = true
		c.w.mu.Unlock()
		if c.w.kind == cut {
			err = errors.Join(err, c.w.cause(write))
		}
		return n, err
	}
	return c.Conn.Write(p)
}

func (c *conn) Close() error {
	var fault error
	if c.w.strike(closing) {
		switch c.w.kind {
		case fails:
			fault = c.w.cause(closing)
		case blocks:
			time.Sleep(pause)
		}
	}
	c.once.Do(func() {
		c.w.mu.Lock()
		delete(c.w.open, c)
		c.w.ended++
		c.w.mu.Unlock()
		c.limbo.Close()
		c.peer.Close()
	})
	return errors.Join(fault, c.Conn.Close())
}

func (c *conn) SetDeadline(t time.Time) error {
	return c.set(t, c.Conn.SetDeadline, c.limbo.SetDeadline)
}

func (c *conn) SetReadDeadline(t time.Time) error {
	return c.set(t, c.Conn.SetReadDeadline, c.limbo.SetReadDeadline)
}

func (c *conn) SetWriteDeadline(t time.Time) error {
	return c.set(t, c.Conn.SetWriteDeadline, c.limbo.SetWriteDeadline)
}

func (c *conn) set(t time.Time, setters ...func(time.Time) error) error {
	if c.w.strike(deadline) {
		switch c.w.kind {
		case fails:
			return c.w.cause(deadline)
		case blocks:
			// Not a sleep: the caller holds a mutex, and who waits for that keeps the
			// clock of a bubble from going on.
			for range 100 {
				runtime.Gosched()
			}
		}
	}
	var err error
	for _, set := range setters {
		err = errors.Join(err, set(t))
	}
	return err
}
