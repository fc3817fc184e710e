package route_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/fairlead-ws/fairlead/internal/fuzzlimit"
	"github.com/fairlead-ws/fairlead/route"
)

// parrot is a dialer whose connections say the same, whatever they hear, and
// then end.
type parrot []byte

func (p parrot) DialContext(context.Context, string, string) (net.Conn, error) {
	return &parrotConn{in: bytes.NewReader(p)}, nil
}

type parrotConn struct {
	in     *bytes.Reader
	closed bool
}

func (c *parrotConn) Read(p []byte) (int, error)       { return c.in.Read(p) }
func (c *parrotConn) Write(p []byte) (int, error)      { return len(p), nil }
func (c *parrotConn) Close() error                     { c.closed = true; return nil }
func (c *parrotConn) LocalAddr() net.Addr              { return &net.TCPAddr{} }
func (c *parrotConn) RemoteAddr() net.Addr             { return &net.TCPAddr{} }
func (c *parrotConn) SetDeadline(time.Time) error      { return nil }
func (c *parrotConn) SetReadDeadline(time.Time) error  { return nil }
func (c *parrotConn) SetWriteDeadline(time.Time) error { return nil }

// judge demands a documented end of a dial whose peer said wire.
func judge(t *testing.T, wire []byte, conn net.Conn, err error) {
	t.Helper()
	if err == nil {
		rest, readErr := io.ReadAll(conn)
		if readErr != nil || !bytes.HasSuffix(wire, rest) {
			t.Errorf("the tunnel is not the end of what was said: %q, %v", rest, readErr)
		}
		return
	}
	failed, ok := errors.AsType[*route.ProxyError](err)
	routeErr, is := errors.AsType[*route.Error](err)
	if !ok || !is || routeErr.Phase != route.PhaseProxy || conn != nil || len(failed.Body) > 64<<10 || len(err.Error()) > 1000 || errors.Is(err, io.EOF) {
		t.Errorf("%v, %v", conn, err)
	}
	if strings.ContainsFunc(err.Error(), func(r rune) bool { return r < ' ' || r == 0x7f }) || strings.Contains(err.Error(), "canary") && !bytes.Contains(wire, []byte("canary")) {
		t.Errorf("unsafe: %q", err)
	}
}

func FuzzConnectReply(f *testing.F) {
	for _, row := range httpRows() {
		if whole := strings.Join(row.conns[0], ""); len(whole) < 2048 && row.id != "F13" && row.id != "F12" && row.id != "F09" {
			f.Add([]byte(whole))
		}
	}
	layers := []route.Layer{
		route.HTTPProxy("p.example:1", nil), route.HTTPProxy("p.example:1", &route.HTTPProxyOptions{Auth: anyOne}),
		route.HTTPProxy("p.example:1", &route.HTTPProxyOptions{Auth: tireless{}}),
	}
	f.Fuzz(func(t *testing.T, wire []byte) {
		defer fuzzlimit.Input(t)()
		for _, layer := range layers {
			conn, err := layer(parrot(wire)).DialContext(t.Context(), "tcp", "h.example:443")
			judge(t, wire, conn, err)
		}
	})
}

func FuzzSocksReply(f *testing.F) {
	for _, row := range socksRows() {
		if row.id != "G13" && row.id != "G04" && row.id != "G08" {
			var wire []byte
			for _, turn := range row.turns {
				wire = append(wire, turn.send...)
			}
			f.Add(wire)
		}
	}
	layers := []route.Layer{
		route.Socks4("p.example:1", "canary"), route.Socks4a("p.example:1", ""), route.Socks5("p.example:1", nil),
		route.Socks5h("p.example:1", &route.SocksOptions{Username: "user", Password: "canary"}),
	}
	f.Fuzz(func(t *testing.T, wire []byte) {
		defer fuzzlimit.Input(t)()
		for _, layer := range layers {
			conn, err := layer(parrot(wire)).DialContext(t.Context(), "tcp", "127.0.0.1:443")
			judge(t, wire, conn, err)
		}
	})
}

func FuzzNoProxy(f *testing.F) {
	f.Add("*.example, 10.0.0.0/8 [::1]:443", "a.example:443", "http://user:pw@p.example:3128")
	f.Add("server.example:80", "[fe80::1%eth0]:80", "socks5h://u:p@[::1]")
	f.Add(".", "localhost.:1", "unix:///x")
	f.Add("*", "h:65535", "://")
	f.Fuzz(func(t *testing.T, list, addr, proxy string) {
		defer fuzzlimit.Input(t)()
		if strings.ContainsRune(list+addr+proxy, 0) {
			return // no variable holds it
		}
		t.Setenv("no_proxy", list)
		t.Setenv("wss_proxy", proxy)
		dialer, err := route.FromEnvironment(true, addr)
		if dialer != nil && err != nil {
			t.Errorf("%v and %v", dialer, err)
		}
		if err != nil && len(proxy) > 8 && strings.Contains(err.Error(), proxy) {
			t.Errorf("the error holds the URL: %v", err)
		}
		if strings.Contains(list, "*") && strings.TrimSpace(list) == "*" && dialer != nil {
			t.Error("* excepts all")
		}
		again, againErr := route.FromURLs(proxy)
		if again == nil && againErr == nil {
			t.Error("neither a dialer nor an error")
		}
	})
}
