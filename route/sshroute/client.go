package sshroute

import (
	"cmp"
	"context"
	"errors"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/fairlead-ws/fairlead/route"
)

const (
	defaultKeepAliveInterval = 15 * time.Second
	defaultKeepAliveCountMax = 3
)

// Client is one SSH connection that carries any number of connections. It is
// safe for concurrent use.
type Client struct {
	addr    string
	version string
	link    *guard
	conn    ssh.Conn

	abandoned atomic.Int32 // channels that nobody waits for any more, and the server has not answered

	done chan struct{} // closed when the connection has ended
	mu   sync.Mutex
	err  error // why it ends, or nil
}

// Dial connects to the SSH server at addr, "host:port", through next; the port
// may be left out and is 22 then. It returns when the server has accepted us.
// Ctx bounds it and has no effect later. Errors are as for [Hop].
func Dial(ctx context.Context, next route.Dialer, addr string, cfg *Config) (*Client, error) {
	addr = withPort(addr)
	if ctx == nil {
		return nil, &route.Error{Phase: route.PhaseSSH, Addr: addr, Err: errNilContext}
	}
	return connect(ctx, next, addr, cfg)
}

func newClient(addr string, link *guard, conn ssh.Conn, chans <-chan ssh.NewChannel, reqs <-chan *ssh.Request, cfg *Config) *Client {
	c := &Client{addr: addr, version: string(conn.ServerVersion()), link: link, conn: conn, done: make(chan struct{})}
	// It refuses what the server asks of us, one request after the other:
	// channels to us, forwardings, whatever.
	ssh.NewClient(conn, chans, reqs)
	go func() {
		err := conn.Wait()
		switch {
		case errors.Is(err, io.EOF):
			err = link.why() // EOF would be a proper end to readers
		case errors.Is(err, net.ErrClosed):
			err = cmp.Or(link.failed(), err) // what the connection was closed for
		}
		c.fail(err)
		close(c.done)
	}()
	if cfg.KeepAliveInterval >= 0 {
		go c.keepAlive(orDefault(cfg.KeepAliveInterval, defaultKeepAliveInterval), max(1, orDefault(cfg.KeepAliveCountMax, defaultKeepAliveCountMax)))
	}
	return c
}

func orDefault[T comparable](value, otherwise T) T {
	var zero T
	if value == zero {
		return otherwise
	}
	return value
}

// DialContext asks the server for a connection to addr; see [Hop] for addr and
// network, and for errors. Closing the connection leaves the Client open. When
// the SSH connection ends, all its connections fail with a *[LinkError].
func (c *Client) DialContext(ctx context.Context, network, addr string) (net.Conn, error) {
	return traced(ctx, c.addr, addr, func() (net.Conn, string, error) {
		conn, err := c.open(ctx, network, addr, nil)
		return conn, c.version, err
	})
}

// Close ends the SSH connection and with it all connections over it. It does not
// wait, and always returns nil.
func (c *Client) Close() error {
	c.fail(net.ErrClosed)
	return nil
}

// Done is closed when the SSH connection has ended.
func (c *Client) Done() <-chan struct{} { return c.done }

// Err is nil while the SSH connection lives. Afterwards it says why it ended: it
// is a *[LinkError], which matches [net.ErrClosed] after [Client.Close].
func (c *Client) Err() error {
	select {
	case <-c.done:
		return c.reason()
	default:
		return nil
	}
}

// ServerVersion is how the server introduced itself (RFC 4253 section 4.2),
// "SSH-2.0-OpenSSH_9.2p1" for instance, as it was sent: not escaped.
func (c *Client) ServerVersion() string { return c.version }

func (c *Client) reason() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return &LinkError{Addr: c.addr, Err: c.err}
}

// fail ends the SSH connection; the first reason counts.
func (c *Client) fail(err error) {
	c.mu.Lock()
	if c.err == nil {
		c.err = bounded(err)
	}
	c.mu.Unlock()
	_ = c.link.Close()
}

// keepAlive asks for a sign of life as OpenSSH does: whatever comes is one, also
// the refusal of the question.
func (c *Client) keepAlive(interval time.Duration, most int) {
	tick := time.NewTicker(interval)
	defer tick.Stop()
	answered := make(chan struct{}, 1)
	waiting := false
	heard, unanswered := c.link.received.Load(), 0
	for {
		select {
		case <-c.done:
			return
		case <-answered:
			waiting = false
			continue
		case <-tick.C:
		}
		if now := c.link.received.Load(); now != heard {
			heard, unanswered = now, 0
		} else if unanswered >= most {
			c.fail(errKeepAlive)
			return
		}
		unanswered++
		if waiting { // only one question may be out
			continue
		}
		waiting = true
		go func() {
			_, _, _ = c.conn.SendRequest("keepalive@openssh.com", true, nil)
			answered <- struct{}{}
		}()
	}
}
