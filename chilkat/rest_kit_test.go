package chilkat_test

import (
	"crypto/tls"
	"net"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// elsewhere is an address that does not say that it is loopback, and leads there.
const elsewhere = "0.0.0.0"

// missing skips t where the system lacks what it needs; in CI that is a failure.
func missing(t *testing.T, what error) {
	t.Helper()
	if os.Getenv("CI") != "" {
		t.Fatal(what)
	}
	t.Skip(what)
}

// listener is a server that keeps what one client sends and answers nothing.
type listener struct {
	port int
	l    net.Listener
	done chan struct{}

	mu  sync.Mutex
	got strings.Builder
}

// listenOn speaks TLS if it gets a certificate.
func listenOn(t *testing.T, address string, cert ...tls.Certificate) *listener {
	t.Helper()
	l, err := net.Listen("tcp", net.JoinHostPort(address, "0"))
	if err != nil {
		missing(t, err)
	}
	port := l.Addr().(*net.TCPAddr).Port
	if len(cert) > 0 {
		l = tls.NewListener(l, &tls.Config{Certificates: cert})
	}
	s := &listener{port: port, l: l, done: make(chan struct{})}
	t.Cleanup(func() { l.Close() })
	go s.serve()
	return s
}

func (s *listener) serve() {
	defer close(s.done)
	conn, err := s.l.Accept()
	if err != nil {
		return
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(limit))
	for buf := make([]byte, 1024); err == nil; {
		var n int
		n, err = conn.Read(buf)
		s.mu.Lock()
		s.got.Write(buf[:n])
		s.mu.Unlock()
		if strings.HasSuffix(s.got.String(), "\r\n\r\n") {
			return
		}
	}
}

// received waits for the end of the request's head.
func (s *listener) received() string {
	<-s.done
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.got.String()
}

// serveAt is an HTTP server at a port that was in use before. It answers each
// connection with okResponse.
func serveAt(t *testing.T, port int) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil {
		missing(t, err)
	}
	done := make(chan struct{})
	t.Cleanup(func() { l.Close(); <-done })
	go func() {
		defer close(done)
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			conn.SetDeadline(time.Now().Add(limit))
			buf := make([]byte, 4096)
			if _, err := conn.Read(buf); err == nil {
				conn.Write([]byte(okResponse))
			}
			conn.Close()
		}
	}()
	return l
}
