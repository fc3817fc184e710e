package route

import (
	"context"
	"errors"
	"net"
	"os"
	"sync"
	"syscall"
	"time"
)

// Throttle limits the connections that pass it to up bytes per second sent and
// down bytes per second received, 0 or less for no limit. TLS with the server
// lies above, so what it adds counts too. See [ThrottleConn].
func Throttle(up, down int64) Layer {
	return func(next Dialer) Dialer {
		if next == nil {
			next = TCP{}
		}
		return DialerFunc(func(ctx context.Context, network, addr string) (net.Conn, error) {
			conn, err := next.DialContext(ctx, network, addr)
			if err != nil {
				return nil, err
			}
			return ThrottleConn(conn, up, down), nil
		})
	}
}

// ThrottleConn limits conn to up bytes per second sent and down bytes per second
// received, 0 or less for no limit; when both are, it returns conn itself.
//
// Bytes pass in pieces of what 10 ms allow, at most 64 KiB, so that what is sent
// after a long write, a Pong for instance, waits for one piece and not for the
// whole. After a pause 50 ms may be caught up. Deadlines and Close end a wait at
// once; a write that its deadline ends in the middle has sent the n bytes that
// it returns. Nothing is read ahead: what may not be read yet stays with the
// system, which slows down the peer. A nil conn makes a closed connection.
func ThrottleConn(conn net.Conn, up, down int64) net.Conn {
	if conn == nil {
		return WithDeadlines(nil)
	}
	if up <= 0 && down <= 0 {
		return conn
	}
	c := &throttledConn{
		Conn: conn, up: pacer{rate: up}, down: pacer{rate: down},
		turn: make(chan struct{}, 1), closed: make(chan struct{}),
	}
	c.readAlarm.init()
	c.writeAlarm.init()
	return c
}

type throttledConn struct {
	net.Conn
	up, down              pacer
	readAlarm, writeAlarm alarm
	turn                  chan struct{} // has a value while a Write is under way
	closed                chan struct{}
	closing               sync.Once
}

func (c *throttledConn) Read(p []byte) (int, error) {
	if err := c.pause("read", &c.down, &c.readAlarm); err != nil {
		return 0, err
	}
	n, err := c.Conn.Read(c.down.piece(p))
	c.down.charge(n)
	return n, err
}

func (c *throttledConn) tryRead(p []byte) (int, error) {
	if c.down.delay() > 0 {
		select {
		case <-c.closed:
			return 0, opError(c.Conn, "read", net.ErrClosed)
		default:
			return 0, os.ErrDeadlineExceeded
		}
	}
	n, err := TryRead(c.Conn, c.down.piece(p))
	c.down.charge(n)
	return n, err
}

// Write is one write to others: its pieces stay together.
func (c *throttledConn) Write(p []byte) (n int, err error) {
	select {
	case c.turn <- struct{}{}:
	case <-c.writeAlarm.rang():
		return 0, opError(c.Conn, "write", os.ErrDeadlineExceeded)
	case <-c.closed:
		return 0, opError(c.Conn, "write", net.ErrClosed)
	}
	defer func() { <-c.turn }()
	for {
		if err := c.pause("write", &c.up, &c.writeAlarm); err != nil {
			return n, err
		}
		m, err := c.Conn.Write(c.up.piece(p[n:]))
		c.up.charge(m)
		n += m
		if err != nil || n == len(p) {
			return n, err
		}
	}
}

// pause waits until the pacer lets a piece pass.
func (c *throttledConn) pause(op string, p *pacer, end *alarm) error {
	delay := p.delay()
	if delay <= 0 {
		return nil // conn knows deadlines and its end itself
	}
	timer := time.NewTimer(delay)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-end.rang():
		return opError(c.Conn, op, os.ErrDeadlineExceeded)
	case <-c.closed:
		return opError(c.Conn, op, net.ErrClosed)
	}
}

func (c *throttledConn) Close() error {
	c.closing.Do(func() {
		close(c.closed)
		c.readAlarm.set(time.Time{})
		c.writeAlarm.set(time.Time{})
	})
	return c.Conn.Close()
}

func (c *throttledConn) SetDeadline(t time.Time) error {
	return errors.Join(c.SetReadDeadline(t), c.SetWriteDeadline(t))
}

func (c *throttledConn) SetReadDeadline(t time.Time) error {
	c.readAlarm.set(t)
	return c.Conn.SetReadDeadline(t)
}

func (c *throttledConn) SetWriteDeadline(t time.Time) error {
	c.writeAlarm.set(t)
	return c.Conn.SetWriteDeadline(t)
}

// NetConn returns the connection that c wraps, as that of tls.Conn does.
func (c *throttledConn) NetConn() net.Conn { return c.Conn }

func (c *throttledConn) CloseWrite() error { return closeWrite(c.Conn) }

// SyscallConn is that of the connection below: what is read or written through
// it is not limited.
func (c *throttledConn) SyscallConn() (syscall.RawConn, error) { return syscallConn(c.Conn) }
