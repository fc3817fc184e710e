package route_test

import (
	"crypto/tls"
	"io"
	"net"
	"path/filepath"
	"testing"

	"github.com/fairlead-ws/fairlead/route"
	"github.com/fairlead-ws/fairlead/wstest"
	"github.com/fairlead-ws/fairlead/wstest/conntest"
)

// duplex is a stream without deadlines, made of two pipes.
type duplex struct {
	*io.PipeReader
	*io.PipeWriter
}

func (d duplex) Close() error {
	_ = d.PipeReader.Close()
	return d.PipeWriter.Close()
}

func duplexPair() (client, server duplex) {
	upOut, upIn := io.Pipe()
	downOut, downIn := io.Pipe()
	return duplex{downOut, upIn}, duplex{upOut, downIn}
}

// TestConns holds whatever a route returns against the rules for connections.
func TestConns(t *testing.T) {
	dir := t.TempDir()
	ca := newAuthority(t, authority{})
	cert := ca.issue(t)
	over := func(open conntest.Open, version uint16) conntest.Open {
		return func() (client, server net.Conn, stop func(), err error) {
			inner, outer, stop, err := open()
			if err != nil {
				return nil, nil, nil, err
			}
			tlsServer := tls.Server(outer, &tls.Config{Certificates: []tls.Certificate{cert}})
			shaken := make(chan error, 1)
			go func() { shaken <- tlsServer.Handshake() }()
			cfg := &tls.Config{RootCAs: ca.pool(), MaxVersion: version}
			client, err = route.TLS(deadline(t), inner, cfg, host)
			if err != nil {
				_ = outer.Close()
				return nil, nil, nil, err
			}
			return client, tlsServer, stop, <-shaken
		}
	}
	tcp := func() conntest.Open {
		return dialed(t, "tcp", "127.0.0.1:0", func(addr string) (net.Conn, error) {
			return route.TCP{}.DialContext(deadline(t), "tcp", addr)
		})
	}
	streams := func() (client, server net.Conn, stop func(), err error) {
		a, b := duplexPair()
		client, server = route.WithDeadlines(a), route.WithDeadlines(b)
		return client, server, nil, nil
	}
	// With buffers: the last words of TLS wait for nobody.
	buffered := func() (client, server net.Conn, stop func(), err error) {
		a, b := wstest.Pipe()
		client = route.WithDeadlines(struct{ io.ReadWriteCloser }{a})
		server = route.WithDeadlines(struct{ io.ReadWriteCloser }{b})
		return client, server, nil, nil
	}
	throttled := func(open conntest.Open) conntest.Open {
		return func() (client, server net.Conn, stop func(), err error) {
			client, server, stop, err = open()
			if err == nil {
				client = route.ThrottleConn(client, 64<<20, 64<<20)
			}
			return client, server, stop, err
		}
	}
	for name, open := range map[string]conntest.Open{
		"TCP": tcp(),
		"Unix": dialed(t, "unix", filepath.Join(dir, "s"), func(addr string) (net.Conn, error) {
			return route.Unix{Path: addr}.DialContext(deadline(t), "tcp", "a.example:80")
		}),
		"TLS 1.2":       over(tcp(), tls.VersionTLS12),
		"TLS 1.3":       over(tcp(), tls.VersionTLS13),
		"WithDeadlines": streams,
		"throttled Unix": throttled(dialed(t, "unix", filepath.Join(dir, "t"), func(addr string) (net.Conn, error) {
			return route.Unix{Path: addr}.DialContext(deadline(t), "tcp", "a.example:80")
		})),
		"TLS 1.3 over a limit":       over(throttled(tcp()), tls.VersionTLS13),
		"a limit over TLS 1.3":       throttled(over(tcp(), tls.VersionTLS13)),
		"TLS 1.3 over WithDeadlines": over(buffered, tls.VersionTLS13),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			conntest.TestConn(t, open)
		})
	}
}

// dialed opens connections to a listener of its own, one at a time.
func dialed(t *testing.T, network, addr string, dial func(addr string) (net.Conn, error)) conntest.Open {
	t.Helper()
	l, err := net.Listen(network, addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return func() (client, server net.Conn, stop func(), err error) {
		accepted := make(chan net.Conn, 1)
		go func() {
			conn, _ := l.Accept()
			accepted <- conn
		}()
		client, err = dial(l.Addr().String())
		if err != nil {
			return nil, nil, nil, err
		}
		return client, <-accepted, nil, nil
	}
}
