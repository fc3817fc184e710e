package route_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/fairlead-ws/fairlead/route"
)

func TestFromURLs(t *testing.T) {
	for _, test := range []struct{ url, want string }{
		{"http://p.example", "http p.example:80"},
		{"HTTP://p.example/", "http p.example:80"},
		{"http://p.example:3128", "http p.example:3128"},
		{"https://p.example", "https p.example:443"},
		{"https://user:pw@[2001:db8::1]:8443", "https [2001:db8::1]:8443"},
		{"socks4://id@p.example", "socks4 p.example:1080"},
		{"socks4a://p.example:1", "socks4a p.example:1"},
		{"socks5://p.example", "socks5 p.example:1080"},
		{"socks5h://user:pw@p.example", "socks5h p.example:1080"},
		{"unix:///run/proxy.sock", "unix /run/proxy.sock"},
		{"unix:///run/a%20b", "unix /run/a b"},
	} {
		dialer, err := route.FromURLs(test.url)
		if err != nil || route.ProxyOf(dialer) != test.want {
			t.Errorf("%s: %v, %v; want %s", test.url, dialer, err, test.want)
		}
	}
	if dialer, err := route.FromURLs(); dialer != (route.TCP{}) || err != nil {
		t.Errorf("no URLs: %v, %v", dialer, err)
	}
}

func TestFromURLsRefuses(t *testing.T) {
	for _, test := range []struct{ url, text string }{
		{"", "not a URL"},
		{"p.example:3128", "not a URL"},
		{"//p.example", "not a URL"},
		{"http:p.example", "not a URL"},
		{"ftp://canary@p.example", "scheme is unknown"},
		{"ssh://canary@p.example", `import _ "github.com/fairlead-ws/fairlead/route/sshroute"`},
		{"http://", "host is empty"},
		{"http://canary:canary@:80", "host is empty"},
		{"http://p.example:", "port"},
		{"http://p.example:0", "port"},
		{"http://canary@p.example:65536", "port"},
		{"http://canary@p.example/path", "only user, password"},
		{"http://canary@p.example?q", "only user, password"},
		{"http://canary@p.example?", "only user, password"},
		{"http://canary@p.example#f", "only user, password"},
		{"http://canary@b%C3%BCcher.example", "character"},
		{"socks5://canary@p.example", "needs both"},
		{"socks4://canary:canary@p.example", "no passwords"},
		{"socks5h://canary:" + strings.Repeat("x", 256) + "@p.example", "longer than 255"},
		{"unix://host/path", "unix:///path"},
		{"unix://", "unix:///path"},
	} {
		dialer, err := route.FromURLs("http://first.example", test.url)
		if dialer != nil || err == nil || !strings.Contains(err.Error(), test.text) || !strings.Contains(err.Error(), "URL 2") || strings.Contains(err.Error(), "canary") {
			t.Errorf("%s: %v, %v; want %q", test.url, dialer, err, test.text)
		}
	}
}

// runs makes schemes of their own for each run of the test.
var runs atomic.Int64

func TestRegisterScheme(t *testing.T) {
	own := func(name string) string { return fmt.Sprintf("test-%s-%d", name, runs.Add(1)) }
	first, none, empty, twice := own("One"), own("none"), own("empty"), own("twice")
	seen := ""
	parse := func(u *url.URL) (route.Layer, error) {
		seen = u.Host
		if u.Host == "bad" {
			return nil, errors.New("no such thing")
		}
		return route.OverUnix("/x"), nil
	}
	route.RegisterScheme(first, parse)
	if dialer, err := route.FromURLs(strings.ToUpper(first) + "://a"); err != nil || route.ProxyOf(dialer) != "unix /x" || seen != "a" {
		t.Errorf("%v, %v, %q", dialer, err, seen)
	}
	if _, err := route.FromURLs(first + "://bad"); err == nil || !strings.Contains(err.Error(), "): no such thing") {
		t.Errorf("an error of the parser: %v", err)
	}
	route.RegisterScheme(none, func(*url.URL) (route.Layer, error) { return nil, nil })
	route.RegisterScheme(empty, nil)
	route.RegisterScheme(twice, parse)
	route.RegisterScheme(twice, parse)
	for _, name := range []string{none, empty, twice, "http+test"} {
		if _, err := route.FromURLs(name + "://a"); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// TestOverUnix: a proxy behind a Unix socket, and a socket that cannot be first.
func TestOverUnix(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	listen(t, "unix", path, func(conn net.Conn) {
		go serveConnect(conn, "")
	})
	target := listen(t, "tcp", "127.0.0.1:0", func(conn net.Conn) {
		_, _ = io.WriteString(conn, "hello")
		_ = conn.Close()
	})
	dialer, err := route.FromURLs("unix://"+path, "http://proxy.invalid")
	if err != nil {
		t.Fatal(err)
	}
	conn, err := dialer.DialContext(deadline(t), "tcp", target)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if all, err := io.ReadAll(conn); string(all) != "hello" || err != nil {
		t.Errorf("read %q, %v", all, err)
	}
	_, err = route.Through(route.Socks5h("127.0.0.1:1", nil), route.OverUnix(path)).DialContext(context.Background(), "tcp", target)
	var routeErr *route.Error
	if !errors.As(err, &routeErr) || !strings.Contains(err.Error(), "must be the first hop") {
		t.Errorf("behind a proxy: %v", err)
	}
}
