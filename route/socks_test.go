package route_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"testing"

	"github.com/fairlead-ws/fairlead/route"
	"github.com/fairlead-ws/fairlead/wstest"
)

// TestSocksRows plays each row twice: the answers whole, and byte by byte.
func TestSocksRows(t *testing.T) {
	members := map[string]int{}
	for _, row := range socksRows() {
		members[row.id]++
		t.Run(row.id+" "+row.name, func(t *testing.T) {
			t.Parallel()
			row.play(t, 1<<10)
			row.play(t, 1)
		})
	}
	t.Logf("rows: %v", members)
}

func (r *socksRow) play(t *testing.T, size int) {
	var script []wstest.Step
	for _, turn := range r.turns {
		script = append(script, wstest.Expect([]byte(turn.want)), wstest.Chunks(size, []byte(turn.send)))
	}
	proxy := newScripted(t, r.hold, script)
	target := r.target
	if target == "" {
		target = "server.example:443"
	}
	conn, err := r.layer(proxy.addr)(route.TCP{Resolver: deadResolver()}).DialContext(deadline(t), "tcp", target)
	if r.opens {
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		if got, err := io.ReadAll(conn); string(got) != r.tunnel || err != nil {
			t.Errorf("in the tunnel: %q, %v", got, err)
		}
		return
	}
	kind := r.kind
	if kind == "" {
		kind = "socks5h"
	}
	text := r.text
	if size == 1 && strings.Contains(text, "answers") || strings.Contains(text, "speaks") || strings.Contains(text, "begins") {
		text = "the answer is not SOCKS" // the hint needs more than has come
	}
	assertProxyError(t, conn, err, kind, proxy.addr, text, r.is)
	if failed, ok := errors.AsType[*route.ProxyError](err); ok && failed.Code != r.code {
		t.Errorf("code %d, want %d: %v", failed.Code, r.code, err)
	}
}

// TestSocksResolves: G11, who looks up the name.
func TestSocksResolves(t *testing.T) {
	for _, test := range []struct {
		kind string
		want string // looked up, and what the proxy is asked for
	}{
		{"socks4", "resolve server.example: \x04\x01\x01\xbb\x7f\x00\x00\x02user\x00"},
		{"socks4a", ": " + ask4a},
		{"socks5", "resolve server.example: \x05\x01\x00\x01\x7f\x00\x00\x02\x01\xbb"},
		{"socks5h", ": " + ask},
	} {
		t.Run(test.kind, func(t *testing.T) {
			row := socksRow{kind: test.kind, user: "user"}
			_, want, _ := strings.Cut(test.want, ": ")
			script := []wstest.Step{wstest.Expect([]byte(helloPw)), wstest.Send([]byte("\x05\x00")), wstest.Expect([]byte(want)), wstest.Send([]byte(granted))}
			if strings.HasPrefix(test.kind, "socks4") {
				script = []wstest.Step{wstest.Expect([]byte(want)), wstest.Send([]byte(granted4))}
			}
			proxy := newScripted(t, false, script)
			var mu sync.Mutex
			looked := ""
			resolver := answeringResolver("127.0.0.2")
			dial := resolver.Dial
			resolver.Dial = func(ctx context.Context, network, addr string) (net.Conn, error) {
				mu.Lock()
				defer mu.Unlock()
				looked = "resolve server.example"
				return dial(ctx, network, addr)
			}
			conn, err := row.layer(proxy.addr)(route.TCP{Resolver: resolver}).DialContext(deadline(t), "tcp", "server.example:443")
			if err != nil {
				t.Fatal(err)
			}
			_ = conn.Close()
			mu.Lock()
			defer mu.Unlock()
			if before, _, _ := strings.Cut(test.want, ": "); looked != before {
				t.Errorf("looked up: %q, want %q", looked, before)
			}
		})
	}
}

// TestSocksTriesAddresses: each over a connection of its own, until one works.
func TestSocksTriesAddresses(t *testing.T) {
	request := func(last byte) []byte { return []byte{5, 1, 0, 1, 127, 0, 0, last, 1, 0xbb} }
	script := func(last byte, reply string) []wstest.Step {
		return []wstest.Step{wstest.Expect([]byte(hello)), wstest.Send([]byte("\x05\x00")), wstest.Expect(request(last)), wstest.Send([]byte(reply))}
	}
	tcp := route.TCP{Resolver: answeringResolver("127.0.0.1", "127.0.0.2", "127.0.0.3")}

	proxy := newScripted(t, false, script(1, "\x05\x05"), script(2, ""), script(3, granted))
	conn, err := route.Socks5(proxy.addr, nil)(tcp).DialContext(deadline(t), "tcp", "server.example:443")
	if err != nil {
		t.Fatal(err)
	}
	_ = conn.Close()

	proxy = newScripted(t, false, script(1, "\x05\x05"), script(2, "\x05\x03"), script(3, "\x05\x04"))
	conn, err = route.Socks5(proxy.addr, nil)(tcp).DialContext(deadline(t), "tcp", "server.example:443")
	if conn != nil || err == nil || strings.Count(err.Error(), "answered") != 3 {
		t.Errorf("%v, %v", conn, err)
	}

	// The proxy itself refuses: the other addresses would fare no better.
	proxy = newScripted(t, false, []wstest.Step{wstest.Expect([]byte(hello)), wstest.Send([]byte("\x05\xff"))})
	if _, err = route.Socks5(proxy.addr, nil)(tcp).DialContext(deadline(t), "tcp", "server.example:443"); err == nil {
		t.Error("no error")
	}

	_, err = route.Socks5(proxy.addr, nil)(route.TCP{Resolver: deadResolver()}).DialContext(deadline(t), "tcp", "server.example:443")
	var routeErr *route.Error
	if !errors.As(err, &routeErr) || routeErr.Phase != route.PhaseResolve || routeErr.Addr != "server.example:443" {
		t.Errorf("name unknown: %v", err)
	}
}

// TestSocksRefusesBeforeTheDial: G09, G10, G13, what no request has room for.
func TestSocksRefusesBeforeTheDial(t *testing.T) {
	long := func(n int) string { return strings.Repeat("x", n) }
	for _, test := range []struct {
		name   string
		layer  route.Layer
		target string
		text   string // "" : it is dialed
	}{
		{"G09 255 bytes", route.Socks5h("p:1", &route.SocksOptions{Username: long(255), Password: long(255)}), "h:1", ""},
		{"G09 user of 256 bytes", route.Socks5h("p:1", &route.SocksOptions{Username: long(256), Password: "x"}), "h:1", "longer than 255"},
		{"G09 password of 256 bytes", route.Socks5h("p:1", &route.SocksOptions{Username: "x", Password: long(256)}), "h:1", "longer than 255"},
		{"G09 no user", route.Socks5h("p:1", &route.SocksOptions{Password: "x"}), "h:1", "needs both"},
		{"G09 no password", route.Socks5("p:1", &route.SocksOptions{Username: "x"}), "h:1", "needs both"},
		{"G10 name of 256 bytes", route.Socks5h("p:1", nil), long(256) + ":1", "longer than 255"},
		{"G10 name of 256 bytes, SOCKS4a", route.Socks4a("p:1", ""), long(256) + ":1", "longer than 255"},
		{"G10 name of 256 bytes, looked up", route.Socks5("p:1", nil), long(256) + ":1", "longer than 255"},
		{"G13 user id with NUL", route.Socks4("p:1", "a\x00b"), "127.0.0.1:1", "control character"},
		{"G13 IPv6", route.Socks4("p:1", ""), "[::1]:1", "IPv6"},
		{"G13 IPv6, SOCKS4a", route.Socks4a("p:1", ""), "[::1]:1", "IPv6"},
		{"G13 IPv4 in IPv6", route.Socks4("p:1", ""), "[::ffff:127.0.0.1]:1", ""},
		{"zone", route.Socks5h("p:1", nil), "[fe80::1%25eth0]:1", "zone"},
	} {
		dialer := &countingDialer{}
		_, err := test.layer(dialer).DialContext(deadline(t), "tcp", test.target)
		dialed := test.text == ""
		if err == nil || !strings.Contains(err.Error(), test.text) || dialer.count.Load() != map[bool]int64{true: 1}[dialed] {
			t.Errorf("%s: %d dials, %v", test.name, dialer.count.Load(), err)
		}
	}
	if err := fmt.Sprint(route.Socks5("p:1", &route.SocksOptions{Username: "canary", Password: long(256)})(nil).DialContext(deadline(t), "tcp", "h:1")); strings.Contains(err, "canary") {
		t.Errorf("a secret in %v", err)
	}
}
