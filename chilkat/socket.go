package chilkat

import (
	"context"
	"sync"

	"github.com/fairlead-ws/fairlead/chilkat/internal/lasterr"
)

// Socket opens connections that a [Rest] cannot open by itself: through an HTTP
// proxy, a SOCKS proxy or an SSH tunnel, throttled, with a client certificate,
// pinned keys or socket options. It is the client's side only.
//
// Set what the way needs, call Connect, then Rest.UseConnection; the Rest and
// the [WebSocket] go on from there. For SSH there are SshOpenTunnel,
// SshAuthenticatePw or SshAuthenticatePk, and SshOpenChannel, which gives a
// Socket that is connected through the tunnel.
//
// While a Rest or a WebSocket uses the connection, the Socket still tells of it:
// IsConnected, the addresses, the statistics and the session log.
//
// Settings count from the next connection on, except MaxReadIdleMs,
// MaxSendIdleMs and those of the session log, which count at once. Proxies of the
// environment are not heeded. The server's certificate is verified by default;
// see RequireSslCertVerify. The zero value is ready.
type Socket struct {
	object
	events

	// working is held by the one call that opens or closes.
	working sync.Mutex
	live    liveSettings

	// Guarded by object.mu.
	settings   socketSettings
	wire       *wire // the last connection
	lent       bool  // wire belongs to a Rest
	tunnel     *tunnel
	failReason int
}

// socketSettings are the properties that a connection is opened with.
type socketSettings struct {
	http    httpProxySettings
	socks   socksSettings
	ssh     sshSettings
	options socketOptionSettings
	tls     tlsSettings
}

// NewSocket makes a Socket that is not connected.
func NewSocket() *Socket { return &Socket{} }

// DisposeSocket ends the object's life. It closes its connection, unless a Rest
// has got that by UseConnection, and its SSH tunnel when the last connection
// through it is closed. It may be called twice.
func (s *Socket) DisposeSocket() {
	s.base().dispose("DisposeSocket", func() {
		s.mu.Lock()
		w, lent, tunnel := s.wire, s.lent, s.tunnel
		s.tunnel = nil
		s.mu.Unlock()
		if w != nil && !lent {
			_ = w.Close()
		}
		tunnel.letGo()
	})
}

// during runs the work of a call that opens or closes, with a context that ends
// when the call is aborted.
func (s *Socket) during(ctx context.Context, l *lasterr.Log, work func(ctx context.Context) error) error {
	if err := s.reserve(); err != nil {
		return err
	}
	defer s.working.Unlock()
	s.mu.Lock()
	e := s.events
	s.mu.Unlock()
	e.heartbeatMs.value = e.heartbeatMs.or(defaultHeartbeatMs)
	ctx, stop := e.open(ctx, l)
	defer stop()
	return work(ctx)
}

// reserve makes the caller the one that opens and closes. It never waits.
func (s *Socket) reserve() error {
	if !s.working.TryLock() {
		return fail("another call is using this Socket", "Wait until it has returned, or use a second Socket.")
	}
	return nil
}

// current is the open connection, nil if there is none.
func (s *Socket) current() *wire {
	if s.wire == nil || s.wire.closed.Load() || s.wire.lost.Load() {
		return nil
	}
	return s.wire
}

// openWire is current for who does not hold s.mu.
func (s *Socket) openWire() *wire {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.current()
}
