package route_test

import (
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"syscall"
	"testing"

	"github.com/fairlead-ws/fairlead/route"
	"github.com/fairlead-ws/fairlead/wstest"
)

// newScripted returns a proxy that plays one script for each connection, in their order.
// After a script the proxy ends its direction, unless it holds.
func newScripted(t testing.TB, hold bool, scripts ...[]wstest.Step) *proxyDouble {
	t.Helper()
	next := make(chan []wstest.Step, len(scripts))
	for _, script := range scripts {
		next <- script
	}
	return newProxyDouble(t, func(conn net.Conn) {
		defer conn.Close()
		select {
		case script := <-next:
			err := wstest.Play(conn, script...)
			if _, hungUp := errors.AsType[syscall.Errno](err); err != nil && !hungUp && !errors.Is(err, net.ErrClosed) {
				t.Errorf("the proxy: %v", err)
			}
			if !hold {
				_ = conn.(*net.TCPConn).CloseWrite()
			}
		default:
			t.Error("the proxy: a connection too many")
		}
		_, _ = io.Copy(io.Discard, conn)
	})
}

// TestHTTPProxyRows plays each row twice: the answers whole, and in small pieces.
func TestHTTPProxyRows(t *testing.T) {
	members := map[string]int{}
	for _, row := range httpRows() {
		members[row.id]++
		t.Run(row.id+" "+row.name, func(t *testing.T) {
			t.Parallel()
			for _, size := range []int{1 << 20, 1} {
				if row.whole {
					size = 1 << 20
				} else if size == 1 && len(strings.Join(row.conns[0], "")) > 4096 {
					size = 1000
				}
				row.play(t, size)
			}
		})
	}
	t.Logf("rows: %v", members)
}

func (row *httpRow) play(t *testing.T, size int) {
	var scripts [][]wstest.Step
	for _, answers := range row.conns {
		var script []wstest.Step
		for _, a := range answers {
			script = append(script, wstest.Request(checkConnect))
			script = append(script, wstest.Chunks(size, []byte(a)))
		}
		scripts = append(scripts, script)
	}
	proxy := newScripted(t, row.hold, scripts...)
	dialer := route.Through(route.HTTPProxy(proxy.addr, &route.HTTPProxyOptions{Auth: row.auth}))
	conn, err := dialer.DialContext(deadline(t), "tcp", "server.example:443")
	if row.opens {
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		got, err := io.ReadAll(conn)
		if string(got) != row.tunnel || err != nil {
			t.Errorf("in the tunnel: %d bytes %.40q, %v", len(got), got, err)
		}
	} else {
		assertProxyError(t, conn, err, "http", proxy.addr, row.text, row.is)
		if failed, ok := errors.AsType[*route.ProxyError](err); ok && failed.Status != row.status {
			t.Errorf("status %d, want %d: %v", failed.Status, row.status, err)
		}
	}
	if int(proxy.dials.Load()) != len(row.conns) {
		t.Errorf("%d connections, want %d", proxy.dials.Load(), len(row.conns))
	}
}

func checkConnect(r *wstest.HTTPRequest) error {
	host, _ := r.Get("Host")
	if r.Method != "CONNECT" || r.Target != "server.example:443" || host != r.Target {
		return fmt.Errorf("%s %s, Host %s", r.Method, r.Target, host)
	}
	return nil
}

// assertProxyError holds an error against what every one of a proxy's is.
func assertProxyError(t testing.TB, conn net.Conn, err error, kind, addr, text string, is error) {
	t.Helper()
	if conn != nil {
		t.Errorf("a connection beside the error %v", err)
	}
	var routeErr *route.Error
	var failed *route.ProxyError
	switch {
	case !errors.As(err, &routeErr) || routeErr.Phase != route.PhaseProxy || routeErr.Addr != addr:
		t.Errorf("error = %#v, want a *route.Error of phase proxy", err)
	case !errors.As(err, &failed) || failed.Kind != kind || failed.Addr != addr || failed.Target == "":
		t.Errorf("error = %#v, want a *route.ProxyError", failed)
	case !strings.Contains(err.Error(), text) || is != nil && !errors.Is(err, is):
		t.Errorf("error = %v, want %q in it, matching %v", err, text, is)
	case strings.Contains(err.Error(), "canary"):
		t.Errorf("the error holds a secret: %v", err)
	case strings.ContainsFunc(err.Error(), func(r rune) bool { return r < ' ' || r > 0x7e }):
		t.Errorf("the error is not escaped: %q", err)
	case errors.Is(err, io.EOF):
		t.Errorf("the error matches io.EOF: %v", err)
	case len(err.Error()) > 500:
		t.Errorf("the error has %d bytes", len(err.Error()))
	}
}
