package route_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/fairlead-ws/fairlead/auth"
	"github.com/fairlead-ws/fairlead/route"
)

// TestInjection: L34, L35, F20, F21: what could end a line or a string of the
// protocol is refused before anything is dialed, and the error does not repeat
// the value.
func TestInjection(t *testing.T) {
	const secret = "canary"
	header := func(name, value string) *route.HTTPProxyOptions {
		return &route.HTTPProxyOptions{Header: http.Header{name: {value}}}
	}
	password := func(user, password string) *route.HTTPProxyOptions {
		return &route.HTTPProxyOptions{Auth: auth.Basic{Username: user, Password: password}}
	}
	fields := []struct {
		name   string
		layer  func(bad string) route.Layer
		target func(bad string) string
	}{
		{name: "host, http", target: func(bad string) string { return "h" + bad + ":443" }, layer: func(string) route.Layer { return route.HTTPProxy("p:1", nil) }},
		{name: "port, http", target: func(bad string) string { return "h:443" + bad }, layer: func(string) route.Layer { return route.HTTPProxy("p:1", nil) }},
		{name: "host, socks4", target: func(bad string) string { return "h" + bad + ":443" }, layer: func(string) route.Layer { return route.Socks4("p:1", "") }},
		{name: "host, socks4a", target: func(bad string) string { return "h" + bad + ":443" }, layer: func(string) route.Layer { return route.Socks4a("p:1", "") }},
		{name: "host, socks5", target: func(bad string) string { return "h" + bad + ":443" }, layer: func(string) route.Layer { return route.Socks5("p:1", nil) }},
		{name: "host, socks5h", target: func(bad string) string { return "h" + bad + ":443" }, layer: func(string) route.Layer { return route.Socks5h("p:1", nil) }},
		{name: "proxy's host, http", layer: func(bad string) route.Layer { return route.HTTPProxy("p"+bad+":1", nil) }},
		{name: "proxy's port, http", layer: func(bad string) route.Layer { return route.HTTPProxy("p:1"+bad, nil) }},
		{name: "proxy's host, socks", layer: func(bad string) route.Layer { return route.Socks5h("p"+bad+":1", nil) }},
		{name: "header name", layer: func(bad string) route.Layer { return route.HTTPProxy("p:1", header("X"+bad, "v")) }},
		{name: "header value", layer: func(bad string) route.Layer { return route.HTTPProxy("p:1", header("X", secret+bad)) }},
		{name: "user", layer: func(bad string) route.Layer { return route.HTTPProxy("p:1", password(secret+bad, "p")) }},
		{name: "password", layer: func(bad string) route.Layer { return route.HTTPProxy("p:1", password("u", secret+bad)) }},
		{name: "SOCKS4 user", layer: func(bad string) route.Layer { return route.Socks4a("p:1", secret+bad) }},
		{name: "SOCKS5 user", layer: func(bad string) route.Layer {
			return route.Socks5h("p:1", &route.SocksOptions{Username: secret + bad, Password: "p"})
		}},
		{name: "SOCKS5 password", layer: func(bad string) route.Layer {
			return route.Socks5h("p:1", &route.SocksOptions{Username: "u", Password: secret + bad})
		}},
	}
	bad := []string{"\r", "\n", "\r\nX: y", "\x00", "\x01", "\x1b", "\x7f"}
	hostOnly := []string{" ", "@h", "/", "\\", "?", "#", "%0a", "[", "]", ":", "é", "\u3002", "\xff", "<", "\""}
	count := 0
	for _, f := range fields {
		list := bad
		if strings.Contains(f.name, "host") {
			list = append(append([]string{}, bad...), hostOnly...)
		}
		for _, b := range list {
			count++
			target := "h:443"
			if f.target != nil {
				target = f.target(b)
			}
			dialer := &countingDialer{}
			conn, err := f.layer(b)(dialer).DialContext(deadline(t), "tcp", target)
			if err == nil || conn != nil || dialer.count.Load() != 0 {
				t.Errorf("%s %q: %d dials, %v", f.name, b, dialer.count.Load(), err)
				continue
			}
			var routeErr *route.Error
			if !errors.As(err, &routeErr) || strings.Contains(err.Error(), secret) || strings.ContainsAny(err.Error(), "\r\n\x00\x1b") {
				t.Errorf("%s %q: %v", f.name, b, err)
			}
		}
	}
	for _, name := range []string{"Host", "host", "Proxy-Connection", "CONTENT-LENGTH", "Transfer-Encoding", "", "a b", "a:"} {
		count++
		dialer := &countingDialer{}
		if _, err := route.HTTPProxy("p:1", header(name, "v"))(dialer).DialContext(deadline(t), "tcp", "h:443"); err == nil || dialer.count.Load() != 0 {
			t.Errorf("field %q: %v", name, err)
		}
	}
	for _, scheme := range []string{"http", "https", "socks4", "socks4a", "socks5", "socks5h"} {
		for _, b := range bad {
			escaped := url.PathEscape(b)
			for _, raw := range []string{
				scheme + "://" + secret + escaped + ":p@p:1", scheme + "://u:" + secret + escaped + "@p:1",
				scheme + "://u:" + secret + b + "@p:1", scheme + "://u:" + secret + "@p" + b + ":1", scheme + "://u:" + secret + "@p" + escaped + ":1",
			} {
				count++
				dialer, err := route.FromURLs(raw)
				if err == nil || dialer != nil || strings.Contains(err.Error(), secret) {
					t.Errorf("%q: %v", raw, err)
				}
			}
		}
	}
	t.Logf("%d injections, 0 dials", count)
}

// TestConnectTarget: F21, the one form of each address.
func TestConnectTarget(t *testing.T) {
	for _, test := range []struct{ addr, want string }{
		{"server.example:443", "server.example:443"},
		{"Server.Example.:08080", "Server.Example.:8080"},
		{"xn--bcher-kva.example:80", "xn--bcher-kva.example:80"},
		{"under_score:80", "under_score:80"},
		{"127.0.0.1:80", "127.0.0.1:80"},
		{"[::1]:80", "[::1]:80"},
		{strings.Repeat("n", 255) + ":80", strings.Repeat("n", 255) + ":80"},
		{strings.Repeat("n", 256) + ":80", ""},
		{"[::1%25eth0]:80", ""},
		{"[server.example]:80", ""},
		{"[127.0.0.1]:80", ""},
		{"::1:80", ""},
		{"server.example", ""},
		{":80", ""},
		{"", ""},
		{"h:", ""},
		{"h:0", ""},
		{"h:65536", ""},
		{"h:-1", ""},
		{"h:80x", ""},
		{"h:http", ""},
		{"bücher.example:80", ""},
	} {
		proxy := &captured{}
		_, err := route.HTTPProxy("p:1", nil)(proxy).DialContext(deadline(t), "tcp", test.addr)
		want := ""
		if test.want != "" {
			want = fmt.Sprintf("CONNECT %s HTTP/1.1\r\nHost: %[1]s\r\n\r\n", test.want)
		}
		if got := proxy.String(); err == nil || got != want {
			t.Errorf("%.40s: sent %q, want %q; %v", test.addr, got, want, err)
		}
	}
	if _, err := route.HTTPProxy("p:1", nil)(&countingDialer{}).DialContext(deadline(t), "udp", "h:1"); err == nil {
		t.Error("network udp is dialed")
	}
}
