package route_test

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"sync/atomic"
	"testing"
	"time"

	"github.com/fairlead-ws/fairlead/route"
)

// limit bounds whatever a test waits for.
const limit = 10 * time.Second

func deadline(t testing.TB) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	t.Cleanup(cancel)
	return ctx
}

// listen returns the address of a listener on loopback; each connection it
// accepts is given to handle, on a goroutine that the test waits for.
func listen(t testing.TB, network, addr string, handle func(net.Conn)) string {
	t.Helper()
	l, err := net.Listen(network, addr)
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			_ = conn.SetDeadline(time.Now().Add(limit))
			handle(conn)
		}
	}()
	t.Cleanup(func() {
		_ = l.Close()
		<-done
	})
	return l.Addr().String()
}

// pair returns the ends of a connection over loopback.
func pair(t testing.TB, network, addr string) (client, server net.Conn) {
	t.Helper()
	accepted := make(chan net.Conn, 1)
	addr = listen(t, network, addr, func(conn net.Conn) { accepted <- conn })
	client, err := net.Dial(network, addr)
	if err != nil {
		t.Fatal(err)
	}
	server = <-accepted
	_ = client.SetDeadline(time.Now().Add(limit))
	t.Cleanup(func() {
		_ = client.Close()
		_ = server.Close()
	})
	return client, server
}

func tcpPair(t testing.TB) (client, server net.Conn) {
	t.Helper()
	return pair(t, "tcp", "127.0.0.1:0")
}

// serverEnd is how a handshake ended for the server.
type serverEnd struct {
	conn *tls.Conn
	err  error
}

// serveTLS starts the server's side of a handshake on conn.
func serveTLS(t testing.TB, conn net.Conn, cfg *tls.Config) <-chan serverEnd {
	t.Helper()
	end := make(chan serverEnd, 1)
	done := make(chan struct{})
	go func() {
		defer close(done)
		server := tls.Server(conn, cfg)
		end <- serverEnd{server, server.HandshakeContext(deadline(t))}
	}()
	t.Cleanup(func() {
		_ = conn.Close()
		<-done
	})
	return end
}

// dialTLS performs a handshake between route.TLS and a server with the given
// configuration over TCP.
func dialTLS(t testing.TB, cfg *tls.Config, name string, server *tls.Config) (*tls.Conn, serverEnd, error) {
	t.Helper()
	client, peer := tcpPair(t)
	end := serveTLS(t, peer, server)
	recorder := &closeRecorder{Conn: client}
	conn, err := route.TLS(deadline(t), recorder, cfg, name)
	if err != nil {
		assertTLSError(t, conn, recorder, err)
	}
	return conn, <-end, err
}

func assertTLSError(t testing.TB, conn *tls.Conn, recorder *closeRecorder, err error) {
	t.Helper()
	if conn != nil {
		t.Errorf("a connection beside the error %v", err)
	}
	if !recorder.closed.Load() {
		t.Errorf("the connection is open after %v", err)
	}
	var routeErr *route.Error
	if !errors.As(err, &routeErr) || routeErr.Phase != route.PhaseTLS {
		t.Errorf("error = %#v, want a *route.Error of phase tls", err)
	}
}

type closeRecorder struct {
	net.Conn
	closed atomic.Bool
}

func (c *closeRecorder) Close() error {
	c.closed.Store(true)
	return c.Conn.Close()
}
