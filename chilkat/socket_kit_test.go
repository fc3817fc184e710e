package chilkat_test

import (
	"crypto/tls"
	"testing"

	"github.com/fairlead-ws/fairlead/chilkat"
	"github.com/fairlead-ws/fairlead/wstest"
)

const enough = 10000 // maxWaitMs

// client is a Socket that the test disposes of.
func client(t *testing.T) *chilkat.Socket {
	s := chilkat.NewSocket()
	t.Cleanup(s.DisposeSocket)
	return s
}

// connected is a Socket with a connection to a server of wstest.
func connected(t *testing.T, server *wstest.Server, prepare ...func(*chilkat.Socket)) *chilkat.Socket {
	t.Helper()
	s := client(t)
	for _, p := range prepare {
		p(s)
	}
	host, port := hostPort(t, server.URL())
	must(t, s.Connect(host, port, isTLS(s, server), enough), s)
	return s
}

// isTLS makes s trust a server that speaks TLS.
func isTLS(s *chilkat.Socket, server *wstest.Server) bool {
	pool := server.CertPool()
	if pool != nil {
		s.SetTLSConfig(&tls.Config{RootCAs: pool})
	}
	return pool != nil
}

func tlsServer(t *testing.T) *wstest.Server {
	t.Helper()
	server := wstest.NewTLSServer()
	t.Cleanup(server.Close)
	if err := server.Err(); err != nil {
		t.Fatal(err)
	}
	return server
}

// over opens a WebSocket session on the connection of s.
func over(t *testing.T, s *chilkat.Socket) *chilkat.WebSocket {
	t.Helper()
	rest, ws := newRest(t), newSocket(t)
	must(t, rest.UseConnection(s, false), rest)
	openOn(t, ws, rest, "/")
	return ws
}

// echoes demands that a session works.
func echoes(t *testing.T, ws *chilkat.WebSocket) {
	t.Helper()
	must(t, ws.SendFrame("ship ahoy", true), ws)
	read(t, ws, "Text")
	wantData(t, ws, "ship ahoy")
}
