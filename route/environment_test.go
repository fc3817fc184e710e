package route_test

import (
	"os"
	"strings"
	"testing"

	"github.com/fairlead-ws/fairlead/route"
)

// setEnvironment takes away every variable that counts and sets these.
func setEnvironment(t *testing.T, set map[string]string) {
	t.Helper()
	for _, name := range []string{"ws_proxy", "wss_proxy", "http_proxy", "https_proxy", "all_proxy", "no_proxy", "REQUEST_METHOD"} {
		for _, name := range []string{name, strings.ToUpper(name)} {
			t.Setenv(name, "") // so that it is restored
			_ = os.Unsetenv(name)
		}
	}
	for name, value := range set {
		t.Setenv(name, value)
	}
}

// proxyOf is the proxy that a dialer of FromEnvironment leads to.
func proxyOf(t *testing.T, secure bool, addr string) string {
	t.Helper()
	dialer, err := route.FromEnvironment(secure, addr)
	if err != nil {
		return "error: " + err.Error()
	}
	if dialer == nil {
		return ""
	}
	return route.ProxyOf(dialer)
}

// TestEnvironmentVariables: F23.
func TestEnvironmentVariables(t *testing.T) {
	type env = map[string]string
	for _, test := range []struct {
		name    string
		env     env
		ws, wss string
	}{
		{"none", nil, "", ""},
		{"http_proxy is for ws", env{"http_proxy": "http://a:1"}, "http a:1", ""},
		{"https_proxy is for wss", env{"https_proxy": "http://a:1"}, "", "http a:1"},
		{"all_proxy is for both", env{"all_proxy": "socks5h://a"}, "socks5h a:1080", "socks5h a:1080"},
		{"their own before the general", env{"all_proxy": "http://all:1", "http_proxy": "http://h:1", "https_proxy": "http://s:1"}, "http h:1", "http s:1"},
		{"ws_proxy before http_proxy", env{"http_proxy": "http://h:1", "https_proxy": "http://s:1", "ws_proxy": "http://w:1", "wss_proxy": "http://ws:1"}, "http w:1", "http ws:1"},
		{"lower case first", env{"http_proxy": "http://low:1", "HTTP_PROXY": "http://up:1", "HTTPS_PROXY": "http://up:2"}, "http low:1", "http up:2"},
		{"upper case", env{"HTTP_PROXY": "http://up:1", "ALL_PROXY": "http://all:1"}, "http up:1", "http all:1"},
		{"empty is not set", env{"http_proxy": "", "HTTP_PROXY": " ", "all_proxy": "http://all:1"}, "http all:1", "http all:1"},
		{"CGI, upper case", env{"REQUEST_METHOD": "GET", "HTTP_PROXY": "http://evil:1", "HTTPS_PROXY": "http://up:1"}, "", "http up:1"},
		{"CGI, empty method", env{"REQUEST_METHOD": "", "HTTP_PROXY": "http://evil:1"}, "", ""},
		{"CGI, lower case", env{"REQUEST_METHOD": "GET", "http_proxy": "http://good:1", "HTTP_PROXY": "http://evil:1"}, "http good:1", ""},
		{"CGI, all_proxy", env{"REQUEST_METHOD": "GET", "HTTP_PROXY": "http://evil:1", "ALL_PROXY": "http://good:1"}, "http good:1", "http good:1"},
		{"no scheme", env{"all_proxy": "a:3128"}, "http a:3128", "http a:3128"},
		{"no scheme, with a user", env{"all_proxy": "user:pw@a:3128"}, "http a:3128", "http a:3128"},
		{"no port", env{"all_proxy": "https://a"}, "https a:443", "https a:443"},
		{"IPv6", env{"all_proxy": "http://[::1]:3128"}, "http [::1]:3128", "http [::1]:3128"},
		{"white space around", env{"all_proxy": " http://a:1\n"}, "http a:1", "http a:1"},
		{"excepted", env{"all_proxy": "http://a:1", "no_proxy": "server.example"}, "", ""},
		{"excepted in upper case", env{"all_proxy": "http://a:1", "NO_PROXY": "*"}, "", ""},
		{"lower case of no_proxy first", env{"all_proxy": "http://a:1", "no_proxy": "other.example", "NO_PROXY": "*"}, "http a:1", "http a:1"},
	} {
		t.Run(test.name, func(t *testing.T) {
			setEnvironment(t, test.env)
			if got := proxyOf(t, false, "server.example:80"); got != test.ws {
				t.Errorf("ws: %q, want %q", got, test.ws)
			}
			if got := proxyOf(t, true, "server.example:443"); got != test.wss {
				t.Errorf("wss: %q, want %q", got, test.wss)
			}
		})
	}
}

func TestEnvironmentErrors(t *testing.T) {
	for _, bad := range []string{
		"http://canary:pw@h:99999", "ftp://canary:pw@h", "http://canary:p%zzw@h:1", "http://canary:pw@h:1/path", "://canary", "canary:pw@:1",
		"ssh://canary:pw@h", "socks4://u:canary@h:1", "canary pw@h", "unix://canary/x", "http://", "[::1]:canary",
	} {
		setEnvironment(t, map[string]string{"HTTPS_PROXY": bad})
		dialer, err := route.FromEnvironment(true, "server.example:443")
		if dialer != nil || err == nil || strings.Contains(err.Error(), "canary") || !strings.Contains(err.Error(), "variable HTTPS_PROXY") {
			t.Errorf("%q: %v, %v", bad, dialer, err)
		}
	}
	for _, addr := range []string{"", "server.example", "server.example:0", "user:canary@server.example:443", "a b:1"} {
		if dialer, err := route.FromEnvironment(true, addr); dialer != nil || err == nil || strings.Contains(err.Error(), "canary") {
			t.Errorf("address %q: %v, %v", addr, dialer, err)
		}
	}
}

// TestNoProxy: L60.
func TestNoProxy(t *testing.T) {
	const proxied, direct = "http a:1", ""
	for _, test := range []struct{ list, addr, want string }{
		{"", "server.example:443", proxied},
		{"*", "server.example:443", direct},
		{"*", "192.0.2.1:443", direct},
		{"other.example,*", "server.example:443", direct},
		{"server.example", "server.example:443", direct},
		{"SERVER.example", "server.EXAMPLE:443", direct},
		{"server.example.", "server.example:443", direct},
		{"server.example", "server.example.:443", direct},
		{"example", "server.example:443", direct},
		{"server.example", "a.server.example:443", direct},
		{"server.example", "aserver.example:443", proxied},
		{"server.example", "server.example.org:443", proxied},
		{"erver.example", "server.example:443", proxied},
		{".server.example", "a.server.example:443", direct},
		{".server.example", "a.b.server.example:443", direct},
		{".server.example", "server.example:443", proxied},
		{"*.server.example", "a.server.example:443", direct},
		{"*.server.example", "server.example:443", proxied},
		{".", "server.example:443", proxied},
		{"*.", "server.example:443", proxied},
		{"other.example, server.example", "server.example:443", direct},
		{"other.example server.example", "server.example:443", direct},
		{"other.example,\tserver.example\n", "server.example:443", direct},
		{",,,server.example,,", "server.example:443", direct},
		{"server.example:443", "server.example:443", direct},
		{"server.example:443", "server.example:80", proxied},
		{"server.example:443", "a.server.example:443", direct},
		{"server.example:https", "server.example:443", proxied},
		{"server.example:", "server.example:443", proxied},
		{"192.0.2.1", "192.0.2.1:443", direct},
		{"192.0.2.1", "192.0.2.11:443", proxied},
		{"192.0.2.1:443", "192.0.2.1:443", direct},
		{"192.0.2.1:443", "192.0.2.1:80", proxied},
		{"192.0.2.0/24", "192.0.2.255:443", direct},
		{"192.0.2.0/24", "192.0.3.0:443", proxied},
		{"192.0.2.7/24", "192.0.2.1:443", direct},
		{"192.0.2.0/33", "192.0.2.0:443", proxied},
		{"192.0.2.0/", "192.0.2.0:443", proxied},
		{"0.0.0.0/0", "192.0.2.1:443", direct},
		{"0.0.0.0/0", "[2001:db8::1]:443", proxied},
		{"192.0.2.0/24", "server.example:443", proxied},
		{".1", "192.0.2.1:443", proxied},
		{"192.0.2.1", "[::ffff:192.0.2.1]:443", direct},
		{"2001:db8::1", "[2001:db8::1]:443", direct},
		{"[2001:db8::1]", "[2001:db8::1]:443", direct},
		{"[2001:db8::1]:443", "[2001:db8::1]:443", direct},
		{"[2001:db8::1]:443", "[2001:db8::1]:80", proxied},
		{"2001:DB8:0::1", "[2001:db8::1]:443", direct},
		{"2001:db8::/32", "[2001:db8:1::1]:443", direct},
		{"2001:db8::/32", "[2001:db9::1]:443", proxied},
		{"fe80::1", "[fe80::1%eth0]:443", direct},
		{"fe80::/10", "[fe80::1%eth0]:443", direct},
		// CVE-2025-22870: a zone that looks like a domain.
		{"*.example.com", "[2001:db8::1%25.example.com]:443", proxied},
		{".example.com", "[2001:db8::1%.example.com]:443", proxied},
		{"example.com", "[2001:db8::1%example.com]:443", proxied},
		// Loopback needs no entry.
		{"", "localhost:443", direct},
		{"", "LocalHost.:443", direct},
		{"", "a.localhost:443", direct},
		{"", "notlocalhost:443", proxied},
		{"", "127.0.0.1:443", direct},
		{"", "127.255.0.9:443", direct},
		{"", "[::1]:443", direct},
		{"", "[::ffff:127.0.0.1]:443", direct},
		{"", "0.0.0.0:443", proxied},
	} {
		setEnvironment(t, map[string]string{"all_proxy": "http://a:1", "no_proxy": test.list})
		if got := proxyOf(t, true, test.addr); got != test.want {
			t.Errorf("no_proxy=%q, %s: %q, want %q", test.list, test.addr, got, test.want)
		}
	}
}

// TestLayers: the pieces that routes of one's own are made of.
func TestLayers(t *testing.T) {
	setEnvironment(t, map[string]string{"http_proxy": "http://a:1", "no_proxy": "b.example"})
	layer, err := route.LayerFromEnvironment(false, "c.example:80")
	if err != nil || layer == nil || route.ProxyOf(route.Through(layer)) != "http a:1" {
		t.Errorf("from the environment: %v", err)
	}
	if layer, err := route.LayerFromEnvironment(false, "b.example:80"); layer != nil || err != nil {
		t.Errorf("an exception: %v", err)
	}
	if layer, err = route.LayerFromURL("socks5h://p"); err != nil || route.ProxyOf(route.Through(layer)) != "socks5h p:1080" {
		t.Errorf("from a URL: %v", err)
	}
	if _, err := route.LayerFromURL("ftp://opensesame@p"); err == nil || strings.Contains(err.Error(), "opensesame") {
		t.Errorf("another scheme: %v", err)
	}
	if !route.NoProxy("10.0.0.0/8,*.x", "10.1.2.3:80") || route.NoProxy("10.0.0.0/8", "11.1.2.3:80") || route.NoProxy("*", "nonsense") {
		t.Error("NoProxy is wrong")
	}
}
