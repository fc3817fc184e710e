package route

import (
	"crypto/tls"
	"errors"
	"net"
	"os"
	"sync/atomic"
	"syscall"
	"time"
)

// TryRead reads what has arrived on conn already, up to len(p) bytes, and does
// not wait for more. When nothing has, it returns 0 and an error that matches
// [os.ErrDeadlineExceeded]; the connection is unharmed and a later read gets
// every byte. A proper end of the stream is [io.EOF]. A TryRead must not run
// beside another read of the same connection.
//
// How it does so depends on conn:
//
//   - A *[net.TCPConn] or *[net.UnixConn] is read without blocking, on systems
//     that can. Its deadlines have no effect and are not changed.
//   - A *[crypto/tls.Conn] made by [TLS] takes from the connection under it, in
//     one of these ways, what is there. Of a record that has not come whole
//     the part that has is kept for the next read. While another goroutine is
//     blocked in a write, a server's request to change keys waits for it.
//   - What a proxy of this package or [ThrottleConn] returned is read the way of
//     the connection under it; what came with the proxy's answer is first, and
//     where a limit allows no byte yet, nothing is there.
//   - Any other connection gets a read deadline of 1 ms, which is cleared
//     afterwards: a read deadline that the caller has set is lost.
func TryRead(conn net.Conn, p []byte) (int, error) {
	switch c := conn.(type) {
	case nil:
		return 0, net.ErrClosed
	case *tls.Conn:
		if under, ok := c.NetConn().(*pollConn); ok {
			under.poll.Store(true)
			defer under.poll.Store(false)
			n, err := c.Read(p)
			if n > 0 && errors.Is(err, os.ErrDeadlineExceeded) {
				err = nil
			}
			return n, err
		}
	case *net.TCPConn:
		return tryReadSocket(c, p)
	case *net.UnixConn:
		return tryReadSocket(c, p)
	case interface{ tryRead(p []byte) (int, error) }:
		return c.tryRead(p)
	}
	return tryReadDeadline(conn, p)
}

// tryReadTimeout bounds the wait where there is no way to read without one.
const tryReadTimeout = time.Millisecond

func tryReadDeadline(conn net.Conn, p []byte) (n int, err error) {
	if err := conn.SetReadDeadline(time.Now().Add(tryReadTimeout)); err != nil {
		return 0, err
	}
	defer func() {
		if clearErr := conn.SetReadDeadline(time.Time{}); err == nil {
			err = clearErr
		}
	}()
	n, err = conn.Read(p)
	if timeout, ok := errors.AsType[net.Error](err); ok && timeout.Timeout() {
		if n > 0 {
			return n, nil
		}
		// Not every connection's error matches it or is Temporary, by which
		// crypto/tls tells that the connection goes on.
		return 0, os.ErrDeadlineExceeded
	}
	return n, err
}

// pollConn is the connection under a tls.Conn. While poll is set, its Read does
// not wait; crypto/tls keeps what it has of a record when Read fails with an
// error that is Temporary. In everything else it is the connection it wraps.
type pollConn struct {
	net.Conn
	poll atomic.Bool
}

func (c *pollConn) Read(p []byte) (int, error) {
	if c.poll.Load() {
		return TryRead(c.Conn, p)
	}
	return c.Conn.Read(p)
}

// Write is here because crypto/tls does not look at the number of bytes.
func (c *pollConn) Write(p []byte) (int, error) { return writeAll(c.Conn, p) }

// NetConn returns the connection that c wraps, as that of tls.Conn does.
func (c *pollConn) NetConn() net.Conn { return c.Conn }

func (c *pollConn) CloseWrite() error { return closeWrite(c.Conn) }

func (c *pollConn) SyscallConn() (syscall.RawConn, error) { return syscallConn(c.Conn) }
