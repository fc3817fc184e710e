package truncation_test

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// server cuts sessions on loopback. The target of each request says how:
// "/?cut=OFFSET&end=END".
type server struct {
	session *session
	addr    string
	tls     bool
}

// listen starts a server that ends with the test.
func (s *session) listen(t *testing.T, secure bool) *server {
	t.Helper()
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	srv := &server{session: s, addr: l.Addr().String(), tls: secure}
	var all sync.WaitGroup
	all.Go(func() {
		for {
			nc, err := l.Accept()
			if err != nil {
				return
			}
			all.Go(func() {
				defer nc.Close()
				_ = nc.SetDeadline(time.Now().Add(patience))
				srv.serve(nc.(*net.TCPConn))
			})
		}
	})
	t.Cleanup(func() {
		l.Close()
		all.Wait()
	})
	return srv
}

func (srv *server) serve(raw *net.TCPConn) {
	nc := net.Conn(raw)
	if srv.tls {
		nc = tls.Server(raw, authority().server)
	}
	request, err := readRequest(nc)
	if err != nil {
		return
	}
	cut, e, err := target(request)
	if err != nil {
		return
	}
	_, _ = nc.Write(srv.session.stream(keyOf(request))[:cut])
	if e == reset {
		_ = raw.SetLinger(0)
		return
	}
	if tc, ok := nc.(*tls.Conn); ok && e == notify {
		_ = tc.CloseWrite()
	}
	_ = raw.CloseWrite()
	_, _ = io.Copy(io.Discard, raw)
}

// path is the target that asks for a cut.
func path(cut int, e end) string { return fmt.Sprintf("/?cut=%d&end=%d", cut, e) }

func target(request string) (cut int, e end, err error) {
	fields := strings.Fields(request)
	if len(fields) < 2 {
		return 0, 0, errors.New("no target")
	}
	u, err := url.Parse(fields[1])
	if err != nil {
		return 0, 0, err
	}
	cut, err1 := strconv.Atoi(u.Query().Get("cut"))
	how, err2 := strconv.Atoi(u.Query().Get("end"))
	return cut, end(how), errors.Join(err1, err2)
}
