package route_test

import (
	"context"
	"errors"
	"io"
	"net"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/fairlead-ws/fairlead/route"
)

func TestTCP(t *testing.T) {
	addr := listen(t, "tcp", "127.0.0.1:0", func(conn net.Conn) {
		_, _ = io.Copy(conn, conn)
		_ = conn.Close()
	})
	for _, network := range []string{"tcp", "tcp4"} {
		ctx, cancel := context.WithCancel(deadline(t))
		conn, err := route.TCP{}.DialContext(ctx, network, addr)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		cancel() // of no effect any more
		if _, err := io.WriteString(conn, "hello"); err != nil {
			t.Fatal(err)
		}
		_ = conn.(*net.TCPConn).CloseWrite()
		if got, err := io.ReadAll(conn); string(got) != "hello" || err != nil {
			t.Errorf("%s: read %q, %v", network, got, err)
		}
	}
}

// refusedAddr is the address of a listener that is closed.
func refusedAddr(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = l.Close()
	return l.Addr().String()
}

func TestTCPRefused(t *testing.T) {
	addr := refusedAddr(t)
	conn, err := route.TCP{}.DialContext(deadline(t), "tcp", addr)
	if conn != nil {
		t.Errorf("a connection: %v", conn)
	}
	var routeErr *route.Error
	if !errors.As(err, &routeErr) || routeErr.Phase != route.PhaseConnect || routeErr.Addr != addr || routeErr.Timeout() {
		t.Errorf("error = %#v", err)
	}
	var opErr *net.OpError
	if !errors.As(err, &opErr) || !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("%v does not keep its cause", err)
	}
}

func TestTCPBadArguments(t *testing.T) {
	const secret = "s3cret"
	for _, test := range []struct{ name, network, addr, say string }{
		{"no network", "", "127.0.0.1:1", "unknown network"},
		{"UDP", "udp", "127.0.0.1:1", "unknown network udp"},
		{"Unix", "unix", "/tmp/socket", "unknown network unix"},
		{"no port", "tcp", "a.example", "missing port"},
		{"empty", "tcp", "", "missing address"},
		{"port 70000", "tcp", "127.0.0.1:70000", "invalid port"},
		{"port -1", "tcp", "127.0.0.1:-1", "invalid port"},
		{"two colons", "tcp", "::1:80", "too many colons"},
		{"userinfo", "tcp", "user:" + secret + "@a.example:80", `not "host:port"`},
		{"URL", "tcp", "ws://a.example:80/?" + secret, `not "host:port"`},
		{"NUL", "tcp", "a.example\x00" + secret + ":80", `not "host:port"`},
		{"line end", "tcp", "a.example:80\r\nX: " + secret, `not "host:port"`},
		{"space", "tcp", "a.example " + secret + ":80", `not "host:port"`},
		{"DEL", "tcp", "a.example\x7f" + secret + ":80", `not "host:port"`},
	} {
		t.Run(test.name, func(t *testing.T) {
			conn, err := route.TCP{Resolver: deadResolver()}.DialContext(deadline(t), test.network, test.addr)
			var routeErr *route.Error
			if conn != nil || !errors.As(err, &routeErr) {
				t.Fatalf("DialContext = %v, %v", conn, err)
			}
			if text := err.Error(); !strings.Contains(text, test.say) || strings.Contains(text, secret) {
				t.Errorf("error = %v, want one that says %q", err, test.say)
			}
		})
	}
}

func TestDialNilContext(t *testing.T) {
	var none context.Context
	for _, dialer := range []route.Dialer{route.TCP{}, route.Unix{Path: "/nowhere"}} {
		if conn, err := dialer.DialContext(none, "tcp", "127.0.0.1:1"); conn != nil || err == nil {
			t.Errorf("%T: %v, %v", dialer, conn, err)
		}
	}
}

func TestUnix(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	listen(t, "unix", path, func(conn net.Conn) {
		_, _ = io.WriteString(conn, "hello")
		_ = conn.Close()
	})
	conn, err := route.Unix{Path: path}.DialContext(deadline(t), "tcp", "a.example:443")
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if got, err := io.ReadAll(conn); string(got) != "hello" || err != nil {
		t.Errorf("read %q, %v", got, err)
	}
}

func TestUnixFails(t *testing.T) {
	for name, path := range map[string]string{
		"absent":   filepath.Join(t.TempDir(), "absent"),
		"empty":    "",
		"too long": "/" + strings.Repeat("x", 200),
		"NUL":      "/tmp/a\x00b",
	} {
		conn, err := route.Unix{Path: path}.DialContext(deadline(t), "tcp", "a.example:443")
		var routeErr *route.Error
		if conn != nil || !errors.As(err, &routeErr) || routeErr.Phase != route.PhaseConnect || routeErr.Addr != path {
			t.Errorf("%s: %v, %#v", name, conn, err)
		}
		var opErr *net.OpError
		if !errors.As(err, &opErr) {
			t.Errorf("%s: %v does not keep its cause", name, err)
		}
	}
	_, err := route.Unix{Path: filepath.Join(t.TempDir(), "absent")}.DialContext(deadline(t), "", "")
	if !errors.Is(err, syscall.ENOENT) {
		t.Errorf("absent: %v", err)
	}
}
