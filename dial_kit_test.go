package fairlead_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/fairlead-ws/fairlead/handshake"
	"github.com/fairlead-ws/fairlead/internal/http1"
	"github.com/fairlead-ws/fairlead/route"
	"github.com/fairlead-ws/fairlead/wstest"
)

// seen is a request as a server saw it.
type seen struct {
	*http1.Request
	host string              // of the server, by the name it has in the test
	conn int                 // number of its connection, from 0
	peer []*x509.Certificate // what the client proved by TLS
}

// internet is a number of servers on loopback that have names. Its Route is how
// they are reached; it counts the dials.
type internet struct {
	t      testing.TB
	ca     *wstest.CA
	wait   sync.WaitGroup
	mu     sync.Mutex
	addrs  map[string]string // "host:port" to that of the listener
	dials  []string
	got    []seen
	open   map[io.Closer]bool // listeners and connections
	closed bool
}

func newInternet(t testing.TB) *internet {
	ca, err := wstest.NewCA()
	if err != nil {
		t.Fatal(err)
	}
	n := &internet{t: t, ca: ca, addrs: map[string]string{}, open: map[io.Closer]bool{}}
	t.Cleanup(func() {
		n.mu.Lock()
		n.closed = true
		for c := range n.open {
			c.Close()
		}
		n.mu.Unlock()
		n.wait.Wait()
	})
	return n
}

// serve has a server at addr, "host:port", answer each request with the bytes
// that answer makes of it. It closes a connection after an answer that is empty,
// that says so or whose body has no length; a 101 is for accepted to make.
func (n *internet) serve(addr string, secure bool, answer func(seen) string) {
	host, _, _ := net.SplitHostPort(addr)
	cert, err := n.ca.Issue(host)
	if err != nil {
		n.t.Fatal(err)
	}
	cfg := &tls.Config{Certificates: []tls.Certificate{cert}, ClientAuth: tls.RequestClientCert}
	var conns atomic.Int64
	n.accept(addr, func(nc net.Conn) {
		conn := int(conns.Add(1)) - 1
		if secure {
			nc = tls.Server(nc, cfg)
			defer nc.Close()
		}
		n.talk(nc, addr, conn, answer)
	})
}

// accept has a server at addr that gives each connection to serve and then closes
// it.
func (n *internet) accept(addr string, serve func(net.Conn)) {
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		n.t.Fatal(err)
	}
	n.mu.Lock()
	n.addrs[addr] = listener.Addr().String()
	n.open[listener] = true
	n.mu.Unlock()
	n.wait.Go(func() {
		for {
			nc, err := listener.Accept()
			if err != nil {
				return
			}
			n.mu.Lock()
			n.open[nc] = true
			if n.closed {
				nc.Close()
			}
			n.mu.Unlock()
			n.wait.Go(func() {
				defer nc.Close()
				serve(nc)
			})
		}
	})
}

func (n *internet) talk(nc net.Conn, addr string, conn int, answer func(seen) string) {
	in := http1.NewReader(nc, http1.Limits{})
	for {
		req, err := in.ReadRequest()
		if err != nil {
			return
		}
		s := seen{Request: req, host: addr, conn: conn}
		if tc, ok := nc.(*tls.Conn); ok {
			s.peer = tc.ConnectionState().PeerCertificates
		}
		n.mu.Lock()
		n.got = append(n.got, s)
		n.mu.Unlock()
		a := answer(s)
		if _, err := io.WriteString(nc, a); err != nil || a == "" || strings.Contains(a, "Connection: close") || strings.Contains(a, " 101 ") {
			if strings.Contains(a, " 101 ") {
				_, _ = io.Copy(io.Discard, nc)
			}
			return
		}
	}
}

func (n *internet) DialContext(ctx context.Context, network, addr string) (net.Conn, error) {
	n.mu.Lock()
	to, ok := n.addrs[addr]
	n.dials = append(n.dials, addr)
	n.mu.Unlock()
	if !ok {
		return nil, fmt.Errorf("no such server: %s", addr)
	}
	return route.TCP{}.DialContext(ctx, network, to)
}

// requests returns what the servers have seen since the last call.
func (n *internet) requests() []seen {
	n.mu.Lock()
	defer n.mu.Unlock()
	got := n.got
	n.got, n.dials = nil, nil
	return got
}

// accepted is the 101 for s.
func accepted(s seen, fields ...string) string {
	key, _ := s.Get("Sec-WebSocket-Key")
	return "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" + lines(fields) +
		"Sec-WebSocket-Accept: " + handshake.AcceptKey(key) + "\r\n\r\n"
}

// status is an answer without a body that keeps the connection.
func status(code int, fields ...string) string {
	return fmt.Sprintf("HTTP/1.1 %d %s\r\nContent-Length: 0\r\n%s\r\n", code, http.StatusText(code), lines(fields))
}

func lines(fields []string) string {
	if len(fields) == 0 {
		return ""
	}
	return strings.Join(fields, "\r\n") + "\r\n"
}

// wantPrompt fails if what began then was not over at once.
func wantPrompt(t testing.TB, begin time.Time) {
	t.Helper()
	if took := time.Since(begin); took > 5*time.Second {
		t.Errorf("took %v", took)
	}
}

func clientTLS(n *internet) *tls.Config { return &tls.Config{RootCAs: n.ca.Pool()} }
