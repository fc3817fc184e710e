package chilkat

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"time"

	"github.com/fairlead-ws/fairlead/route"
	"github.com/fairlead-ws/fairlead/route/sshroute"
	"github.com/fairlead-ws/fairlead/wstrace"
)

// tunnel is the SSH connection of a Socket. It ends when the Socket and every
// connection through it have let go. A nil *tunnel is none.
type tunnel struct {
	addr string
	next route.Dialer // reaches the SSH server

	mu      sync.Mutex
	waiting net.Conn // connected to the server, which does not know us yet
	client  *sshroute.Client
	owners  int
	closed  bool
}

// reach connects to the SSH server and waits until it has introduced itself.
func (t *tunnel) reach(ctx context.Context) (version string, err error) {
	conn, err := t.next.DialContext(ctx, "tcp", t.addr)
	if err != nil {
		return "", err
	}
	said, err := greeting(ctx, conn)
	if err != nil {
		_ = conn.Close()
		return "", &route.Error{Phase: route.PhaseSSH, Addr: t.addr, Err: err}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed {
		_ = conn.Close()
		return "", errTunnelClosed
	}
	t.waiting = &greeted{conn, io.MultiReader(strings.NewReader(said), conn)}
	version = strings.TrimRight(said, "\r\n")
	return version[strings.LastIndex(version, "\n")+1:], nil
}

// authenticate makes the SSH connection whole. One attempt ends the connection to
// the server when it fails: the next one makes another.
func (t *tunnel) authenticate(ctx context.Context, cfg *sshroute.Config) error {
	t.mu.Lock()
	conn := t.waiting
	t.waiting = nil
	t.mu.Unlock()
	used := conn == nil
	next := route.DialerFunc(func(ctx context.Context, network, addr string) (net.Conn, error) {
		if !used {
			used = true
			return conn, nil
		}
		return t.next.DialContext(ctx, network, addr)
	})
	client, err := shakeHands(ctx, next, t.addr, cfg)
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case t.closed:
		if !used {
			_ = conn.Close()
		}
		if err == nil {
			_ = client.Close()
		}
		return errTunnelClosed
	case err != nil:
		if !used {
			t.waiting = conn // as when there is no known_hosts file
		}
		return err
	}
	t.client = client
	return nil
}

// shakeHands is sshroute.Dial that the trace of ctx hears of.
func shakeHands(ctx context.Context, next route.Dialer, addr string, cfg *sshroute.Config) (*sshroute.Client, error) {
	trace := wstrace.FromContext(ctx)
	wstrace.Call(trace.HopStart, wstrace.HopStart{Kind: "ssh", Addr: addr})
	begin := time.Now()
	client, err := sshroute.Dial(ctx, next, addr, cfg)
	done := wstrace.HopDone{Kind: "ssh", Addr: addr, Duration: time.Since(begin), Err: err}
	if err == nil {
		done.Detail = wstrace.Escape(client.ServerVersion())
	}
	wstrace.Call(trace.HopDone, done)
	return client, err
}

// ready reports whether the server has accepted us.
func (t *tunnel) ready() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.client != nil
}

// dialer opens connections through the tunnel.
func (t *tunnel) dialer() (route.Dialer, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case t.closed:
		return nil, errTunnelClosed
	case t.client == nil:
		return nil, fail("the SSH server does not know who asks yet", "Call SshAuthenticatePw or SshAuthenticatePk after SshOpenTunnel.")
	case t.client.Err() != nil:
		return nil, failFor(t.client.Err(), "the SSH connection has ended", "Call SshOpenTunnel again.")
	}
	return t.client, nil
}

var errTunnelClosed = fail("the SSH tunnel was closed", "Call SshOpenTunnel again.")

func (t *tunnel) hold() {
	if t != nil {
		t.mu.Lock()
		defer t.mu.Unlock()
		t.owners++
	}
}

func (t *tunnel) letGo() {
	if t == nil {
		return
	}
	t.mu.Lock()
	t.owners--
	last := t.owners <= 0
	t.mu.Unlock()
	if last {
		t.close()
	}
}

// close ends the SSH connection and all that goes through it.
func (t *tunnel) close() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.closed = true
	if t.waiting != nil {
		_ = t.waiting.Close()
		t.waiting = nil
	}
	if t.client != nil {
		_ = t.client.Close()
	}
}

// greeted is a connection whose first bytes were read already.
type greeted struct {
	net.Conn
	r io.Reader
}

func (g *greeted) Read(p []byte) (int, error) { return g.r.Read(p) }

// What an SSH server may say before the version it speaks (RFC 4253 section 4.2),
// in bytes.
const maxGreeting = 8 << 10

var errNotSSH = errors.New("no SSH server answers there")

// greeting reads up to the end of the line by which an SSH server introduces
// itself, and not a byte more: the rest belongs to who speaks with it.
func greeting(ctx context.Context, conn net.Conn) (string, error) {
	release := onEnd(ctx, func() { _ = conn.SetReadDeadline(longAgo) })
	defer func() {
		if !release() {
			_ = conn.SetReadDeadline(time.Time{}) // a closed connection shows later
		}
	}()
	var said []byte
	one, line := make([]byte, 1), 0
	for len(said) < maxGreeting {
		n, err := conn.Read(one)
		switch {
		case ctx.Err() != nil:
			return "", ctx.Err()
		case n == 0 && errors.Is(err, io.EOF):
			return "", fmt.Errorf("%w: the connection was closed without a word", errNotSSH)
		case n == 0 && err != nil:
			return "", err
		}
		said = append(said, one[:n]...)
		if n == 0 || one[0] != '\n' {
			continue
		}
		if strings.HasPrefix(string(said[line:]), "SSH-") {
			return string(said), nil
		}
		line = len(said)
		if strings.HasPrefix(string(said), "HTTP/") {
			break
		}
	}
	return "", fmt.Errorf("%w: it says %q", errNotSSH, said[:min(len(said), 32)])
}
