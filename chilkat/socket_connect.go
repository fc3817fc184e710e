package chilkat

import (
	"context"
	"net"

	"github.com/fairlead-ws/fairlead/chilkat/internal/lasterr"
)

// Connect opens a connection to a server. hostname is a name or an address, not
// a URL; an IPv6 address may stand in brackets. The whole may take maxWaitMs
// milliseconds, proxies and TLS included; 0 means no limit. A connection before
// is closed, unless a Rest uses it, but only when the arguments are right.
// ConnectFailReason tells why Connect failed.
//
// The way there is what the properties say: through a proxy, through the SSH
// tunnel of this Socket when SshAuthenticatePw or SshAuthenticatePk has opened
// one, directly otherwise.
func (s *Socket) Connect(hostname string, port int, tls bool, maxWaitMs int) bool {
	return s.connect(context.Background(), hostname, port, tls, maxWaitMs).status()
}

// ConnectAsync makes a task that calls Connect.
func (s *Socket) ConnectAsync(hostname string, port int, tls bool, maxWaitMs int) *Task {
	return newTask(s, "Connect", func(ctx context.Context) result {
		return s.connect(ctx, hostname, port, tls, maxWaitMs)
	})
}

func (s *Socket) connect(ctx context.Context, hostname string, port int, tls bool, maxWaitMs int) result {
	return s.base().call("Connect", func(l *lasterr.Log) error {
		return s.during(ctx, l, func(ctx context.Context) error {
			t, err := s.target(l, hostname, port, tls, maxWaitMs)
			if err != nil {
				return err
			}
			s.hangUp()
			_, err = s.open(ctx, t, maxWaitMs)
			return err
		})
	})
}

// target judges the arguments of a method that connects.
func (s *Socket) target(l *lasterr.Log, hostname string, port int, tls bool, maxWaitMs int) (target, error) {
	l.Value("port", port)
	l.Value("tls", tls)
	l.Value("maxWaitMs", maxWaitMs)
	t, reason, err := newTarget(hostname, port, tls, false)
	if err == nil {
		err = checkMaxWait(maxWaitMs)
		reason = connectRefused
	}
	if err != nil {
		s.setFailReason(reason)
		return t, err
	}
	l.Value("hostname", t.host)
	return t, nil
}

func checkMaxWait(ms int) error {
	if ms < 0 {
		return fail("the argument maxWaitMs is negative", "Pass milliseconds, or 0 for no limit.")
	}
	return nil
}

// open opens the connection to t and makes it that of s. The caller has reserved
// s.
func (s *Socket) open(ctx context.Context, t target, limitMs int) (*wire, error) {
	s.mu.Lock()
	settings, tunnel := s.settings, s.tunnel
	s.mu.Unlock()
	way, reason, err := settings.way(t, tunnel)
	if err != nil {
		s.setFailReason(reason)
		return nil, err
	}
	nc, reason, err := way.open(ctx, limitMs)
	if err != nil {
		s.setFailReason(reason)
		return nil, err
	}
	tunnel.hold()
	w := newWire(nc, way.target, &s.live, tunnel.letGo)
	w.paced = settings.options.throttleUp
	s.mu.Lock()
	disposed := s.disposed
	if !disposed {
		s.wire, s.lent, s.failReason = w, false, connectOK
	}
	s.mu.Unlock()
	if disposed {
		_ = w.Close()
		return nil, errDisposed
	}
	return w, nil
}

// openAgain opens the connection of s to t for the Rest that had it.
func (s *Socket) openAgain(ctx context.Context, t target, limitMs int) (nc net.Conn, reason int, err error) {
	if err := s.reserve(); err != nil {
		return nil, connectSettings, err
	}
	defer s.working.Unlock()
	s.mu.Lock()
	disposed := s.disposed
	s.mu.Unlock()
	if disposed {
		return nil, connectSettings, fail("the Socket that opened the connection was disposed", "Call UseConnection with another one, or Connect.")
	}
	w, err := s.open(ctx, t, limitMs)
	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil {
		return nil, s.failReason, err
	}
	s.lent = true
	return w, connectOK, nil
}

// lend gives the connection to a Rest.
func (s *Socket) lend() (*wire, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	w := s.current()
	switch {
	case w == nil:
		return nil, errSocketNotConnected
	case s.lent:
		return nil, fail("a Rest uses the connection of the Socket already", "Call Connect of the Socket for another connection.")
	case w.target.relayed && s.settings.http.hostname != "" && !s.settings.http.forHTTP:
		return nil, fail("HttpProxyForHttp of the Socket is false, so its connection through an HTTP proxy is not for a Rest", "Call SetHttpProxyForHttp of the Socket with true.")
	}
	s.lent = true
	return w, nil
}

// hangUp closes the connection unless it belongs to a Rest.
func (s *Socket) hangUp() {
	s.mu.Lock()
	w, lent := s.wire, s.lent
	s.mu.Unlock()
	if w != nil && !lent {
		_ = w.Close()
	}
}

// Close closes the connection, also one that a Rest or a WebSocket uses: their
// calls under way fail. Over TLS the server is told, which may take maxWaitMs
// milliseconds; 0 does not tell it. It fails when there is no connection. An SSH
// tunnel stays open.
func (s *Socket) Close(maxWaitMs int) bool {
	return s.base().call("Close", func(l *lasterr.Log) error {
		l.Value("maxWaitMs", maxWaitMs)
		if maxWaitMs < 0 {
			return fail("the argument maxWaitMs is negative", "Pass milliseconds, or 0 to close the connection at once.")
		}
		w := s.openWire()
		if w == nil {
			return errSocketNotConnected
		}
		closeWithin(w, milliseconds(maxWaitMs))
		return nil
	}).status()
}

var errSocketNotConnected = fail("the Socket is not connected", "Call Connect first.")

// IsConnected is the last known state: true from a successful Connect until the
// connection is closed on this side, or a read or a write has found it lost.
func (s *Socket) IsConnected() bool {
	return get(s.base(), "IsConnected", func() bool { return s.current() != nil })
}

// ConnectFailReason tells why the last attempt to connect failed, that of the SSH
// methods too: 0 it did not, 1 the host name is empty, 2 it was not found, 3 the
// name servers did not answer in time, 4 aborted, 5 settings that cannot be used
// together or at all, 6 no connection within the time allowed, 7 refused by the
// server, a proxy or an SSH server, or anything else. About TLS: 100 settings
// that cannot be used, 103 the handshake broke off, 106 the server's certificate
// was not verified, 107 no common version, 108 the server's key is not in
// TlsPinSet or the cipher suite not in SslAllowedCiphers, 109 the handshake
// failed, 110 the server wants another client certificate.
//
// When the host name is that of a proxy or of an SSH server, or the refusal is
// theirs, LastErrorText says so.
func (s *Socket) ConnectFailReason() int {
	return get(s.base(), "ConnectFailReason", func() int { return s.failReason })
}

func (s *Socket) setFailReason(reason int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failReason = reason
}
