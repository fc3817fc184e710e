package route

import (
	"bytes"
	"errors"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// withLeftover returns conn with the bytes that were read from it already, or
// conn itself when there are none.
func withLeftover(conn net.Conn, left []byte) net.Conn {
	if len(left) == 0 {
		return conn
	}
	c := &leftoverConn{Conn: conn, left: bytes.Clone(left)}
	c.waiting.Store(true)
	return c
}

// leftoverConn gives the bytes that came with a proxy's answer before those of
// the connection. Once they are read it costs a read one load.
type leftoverConn struct {
	net.Conn
	waiting atomic.Bool // left is not empty

	mu       sync.Mutex
	left     []byte
	deadline time.Time // of reads
}

func (c *leftoverConn) Read(p []byte) (int, error) {
	if c.waiting.Load() {
		if n, err := c.take(p, true); n > 0 || err != nil {
			return n, err
		}
	}
	return c.Conn.Read(p)
}

func (c *leftoverConn) tryRead(p []byte) (int, error) {
	if c.waiting.Load() {
		if n, err := c.take(p, false); n > 0 || err != nil {
			return n, err
		}
	}
	return TryRead(c.Conn, p)
}

// take returns 0 and nil when the connection itself is to be read.
func (c *leftoverConn) take(p []byte, timed bool) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if timed && len(c.left) > 0 && !c.deadline.IsZero() && !time.Now().Before(c.deadline) {
		return 0, opError(c.Conn, "read", os.ErrDeadlineExceeded)
	}
	n := copy(p, c.left)
	c.left = c.left[n:]
	c.waiting.Store(len(c.left) > 0)
	return n, nil
}

// Close forgets what was not read: afterwards a read fails.
func (c *leftoverConn) Close() error {
	c.mu.Lock()
	c.left = nil
	c.waiting.Store(false)
	c.mu.Unlock()
	return c.Conn.Close()
}

func (c *leftoverConn) SetDeadline(t time.Time) error {
	c.setReadDeadline(t)
	return c.Conn.SetDeadline(t)
}

func (c *leftoverConn) SetReadDeadline(t time.Time) error {
	c.setReadDeadline(t)
	return c.Conn.SetReadDeadline(t)
}

func (c *leftoverConn) setReadDeadline(t time.Time) {
	c.mu.Lock()
	c.deadline = t
	c.mu.Unlock()
}

// NetConn returns the connection that c wraps, as that of tls.Conn does.
func (c *leftoverConn) NetConn() net.Conn { return c.Conn }

func (c *leftoverConn) CloseWrite() error { return closeWrite(c.Conn) }

// SyscallConn allows everything but to read past the bytes left over.
func (c *leftoverConn) SyscallConn() (syscall.RawConn, error) {
	raw, err := syscallConn(c.Conn)
	if err != nil {
		return nil, err
	}
	return leftoverRaw{raw, c}, nil
}

type leftoverRaw struct {
	syscall.RawConn
	conn *leftoverConn
}

var errLeftover = errors.New("bytes that came with the proxy's answer must be read from the connection first")

func (r leftoverRaw) Read(f func(fd uintptr) bool) error {
	if r.conn.waiting.Load() {
		return errLeftover
	}
	return r.RawConn.Read(f)
}
