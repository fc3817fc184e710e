package fairlead_test

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/auth"
)

var redirects = []int{301, 302, 303, 307, 308}

func location(to string) string { return "Location: " + to }

// TestRedirectOff: E01.
func TestRedirectOff(t *testing.T) {
	for _, code := range redirects {
		n := newInternet(t)
		n.serve("h.example:80", false, func(seen) string { return status(code, location("ws://other.example/")) })
		_, err := (&fairlead.Dialer{Route: n}).Dial(t.Context(), "ws://h.example/")
		he := handshakeError(t, err, fairlead.PhaseVerify)
		if he.Status != code || he.Header.Get("Location") != "ws://other.example/" || !strings.Contains(he.Error(), "Dialer.Redirects") || len(n.dials) != 1 {
			t.Errorf("%d: %v, %v, dialled %v", code, err, he.Header, n.dials)
		}
	}
}

// TestRedirectLocations: E07, E09, E10, E29: what is resolved and what is refused.
func TestRedirectLocations(t *testing.T) {
	const refused = ""
	for _, tt := range []struct {
		name   string
		fields []string
		want   string // host and target of the second request
	}{
		{"absolute", []string{location("ws://b.example/x?y=z")}, "b.example:80 /x?y=z"},
		{"http is ws", []string{location("HTTP://B.example:80")}, "b.example:80 /"},
		{"https is wss", []string{location("https://s.example/")}, "s.example:443 /"},
		{"relative", []string{location("c?d")}, "a.example:80 /dir/c?d"},
		{"up", []string{location("../../c")}, "a.example:80 /c"},
		{"absolute path", []string{location("/c")}, "a.example:80 /c"},
		{"query only", []string{location("?d")}, "a.example:80 /dir/file?d"},
		{"//host", []string{location("//b.example/c")}, "b.example:80 /c"},
		{"///path", []string{location("///c")}, "a.example:80 ///c"},
		{"fragment", []string{location("ws://b.example/c#d")}, "b.example:80 /c"},
		{"userinfo", []string{location("ws://u:pw@b.example/c")}, "b.example:80 /c"},
		{"escaped CRLF stays escaped", []string{location("/%0d%0aX:y")}, "a.example:80 /%0d%0aX:y"},
		{"a space", []string{location("/a b")}, "a.example:80 /a%20b"},
		{"not ASCII", []string{location("/ü?ü")}, "a.example:80 /%C3%BC?%C3%BC"},
		{"IDN", []string{location("ws://bücher.example/")}, refused}, // a URI is ASCII
		{"IDN as it must be", []string{location("ws://xn--bcher-kva.example/")}, "xn--bcher-kva.example:80 /"},
		{"none", nil, refused},
		{"empty", []string{location("")}, refused},
		{"two", []string{location("/a"), location("/a")}, refused},
		{"file", []string{location("file:///etc/passwd")}, refused},
		{"ftp", []string{location("ftp://b.example/")}, refused},
		{"data", []string{location("data:text/plain,x")}, refused},
		{"javascript", []string{location("javascript:alert(1)")}, refused},
		{"unix", []string{location("unix:///run/s")}, refused},
		{"ws+unix", []string{location("ws+unix:///run/s")}, refused},
		{"no host", []string{location("ws:///c")}, refused},
		{"opaque", []string{location("ws:b.example")}, refused},
		{"port 0", []string{location("ws://b.example:0/")}, refused},
		{"port 65536", []string{location("ws://b.example:65536/")}, refused},
		{"colon", []string{location("ws://b.example:/")}, refused},
		{"bad escape", []string{location("/%zz")}, refused},
		{"CRLF in the host", []string{location("ws://b.example%0d%0a/")}, refused},
		{"NUL in the host", []string{location("ws://b.example%00/")}, refused},
		{"IPv4 in brackets", []string{location("ws://[1.2.3.4]/")}, refused},
		{"a bare CR", []string{location("/a\rb")}, refused},
		{"9 KiB", []string{location("/" + strings.Repeat("a", 9<<10))}, refused},
		{"64 KiB", []string{location("/" + strings.Repeat("a", 64<<10))}, refused},
	} {
		t.Run("E09 "+tt.name, func(t *testing.T) {
			n := newInternet(t)
			answer := func(s seen) string {
				if s.Target == "/dir/file" {
					// E10: the body is promised and does not come.
					return "HTTP/1.1 302 x\r\nContent-Length: 1073741824\r\n" + lines(tt.fields) + "\r\n"
				}
				return accepted(s)
			}
			n.serve("a.example:80", false, answer)
			n.serve("b.example:80", false, answer)
			n.serve("xn--bcher-kva.example:80", false, answer)
			n.serve("s.example:443", true, answer)
			d := fairlead.Dialer{Route: n, Redirects: 1, TLS: &tls.Config{RootCAs: n.ca.Pool()}}
			begin := time.Now()
			c, err := d.Dial(t.Context(), "ws://a.example/dir/file")
			wantPrompt(t, begin)
			if tt.want == refused {
				he, ok := errors.AsType[*fairlead.HandshakeError](err)
				if !ok || he.Phase != fairlead.PhaseRedirect && he.Phase != fairlead.PhaseResponse || len(n.dials) != 1 {
					t.Errorf("%v, dialled %v", err, n.dials)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			c.CloseNow()
			got := n.requests()
			if s := got[len(got)-1]; s.host+" "+s.Target != tt.want || len(got) != 2 {
				t.Errorf("%d requests, the last %s %s", len(got), s.host, s.Target)
			}
			if v, ok := got[1].Get("Authorization"); ok {
				t.Errorf("Authorization: %s", v)
			}
			first, _ := got[0].Get("Sec-WebSocket-Key")
			if second, _ := got[1].Get("Sec-WebSocket-Key"); first == second { // E11
				t.Error("two hops, one key")
			}
		})
	}
}

// TestRedirectLoops: E02.
func TestRedirectLoops(t *testing.T) {
	n := newInternet(t)
	hops := 0
	n.serve("a.example:80", false, func(s seen) string {
		if hops++; hops == 11 && s.Target == "/ten" {
			return accepted(s)
		}
		if s.Target == "/ping" {
			return status(302, location("ws://b.example/pong"))
		}
		return status(302, location(s.Target))
	})
	n.serve("b.example:80", false, func(seen) string { return status(302, location("ws://a.example/ping")) })
	for _, tt := range []struct {
		path         string
		allow, dials int
	}{
		{"/self", 1, 2}, {"/self", 3, 4}, {"/self", 10, 11}, {"/self", 11, 11}, {"/self", 1 << 30, 11}, {"/ping", 10, 11}, {"/self", -1, 1},
	} {
		hops = -100
		_, err := (&fairlead.Dialer{Route: n, Redirects: tt.allow}).Dial(t.Context(), "ws://a.example"+tt.path)
		he, _ := errors.AsType[*fairlead.HandshakeError](err)
		if got := len(n.requests()); he == nil || he.Status != 302 || got != tt.dials || he.Redirects != tt.dials-1 {
			t.Errorf("%s, %d allowed: %d requests, %v", tt.path, tt.allow, got, err)
		}
	}
	hops = 0
	c, err := (&fairlead.Dialer{Route: n, Redirects: 10}).Dial(t.Context(), "ws://a.example/ten")
	if err != nil {
		t.Fatalf("ten redirects: %v", err)
	}
	c.CloseNow()
}

// TestRedirectNeverToClearText: E03.
func TestRedirectNeverToClearText(t *testing.T) {
	for _, to := range []string{"ws://a.example/", "http://a.example/", "ws://a.example:443/", "ws://b.example/"} {
		n := newInternet(t)
		n.serve("a.example:443", true, func(seen) string { return status(307, location(to)) })
		d := fairlead.Dialer{Route: n, Redirects: 5, TLS: &tls.Config{RootCAs: n.ca.Pool()}}
		_, err := d.Dial(t.Context(), "wss://a.example/")
		he := handshakeError(t, err, fairlead.PhaseRedirect)
		if len(n.dials) != 1 || he.Status != 307 || !strings.Contains(he.Error(), "from wss to ws") {
			t.Errorf("%s: %v, dialled %v", to, err, n.dials)
		}
	}
}

// TestCheckRedirect: E08.
func TestCheckRedirect(t *testing.T) {
	n := newInternet(t)
	n.serve("a.example:80", false, func(s seen) string {
		if s.Target == "/one?x" {
			return status(302, location("ws://u:pw@a.example/two"))
		}
		return status(302, location("http://169.254.169.254/latest/"))
	})
	veto := errors.New("not there")
	var asked []string
	d := fairlead.Dialer{Route: n, Redirects: 10, CheckRedirect: func(ctx context.Context, next *url.URL, via []*url.URL) error {
		asked = append(asked, fmt.Sprint(next, via))
		if _, bounded := ctx.Deadline(); !bounded {
			t.Error("a context without a deadline")
		}
		if next.Hostname() == "169.254.169.254" {
			return veto
		}
		next.Host = "changed.example" // of no effect
		return nil
	}}
	_, err := d.Dial(t.Context(), "ws://a.example/one?x")
	handshakeError(t, err, fairlead.PhaseRedirect)
	wantErr(t, err, veto)
	want := []string{"ws://a.example/two [ws://a.example/one?x]", "ws://169.254.169.254/latest/ [ws://a.example/one?x ws://a.example/two]"}
	if !slices.Equal(asked, want) || len(n.dials) != 2 {
		t.Errorf("asked %q, dialled %v", asked, n.dials)
	}
}

const canary = "s3cr3t-canary-0123456789-0123456789"

// spills returns where a request holds the canary, in whatever form.
func spills(s seen) []string {
	var all []string
	for _, f := range s.Fields {
		if holdsCanary(f.Value) {
			all = append(all, f.Name)
		}
	}
	if holdsCanary(s.Target) {
		all = append(all, "target")
	}
	if len(s.peer) > 0 {
		all = append(all, "client certificate")
	}
	return all
}

// TestRedirectMatrix: L43-L48, L53, E04-E06: 11 ways to leave an origin, 9 kinds of
// secret, 5 status codes. Each secret arrives at the origin of the URL and, but
// for what a cookie jar says, nowhere after the first step out of it.
func TestRedirectMatrix(t *testing.T) {
	changes := []struct {
		name, from string
		hops       []string // each redirects to the next one
		jar        []int    // of the hops, those that the cookie is for by RFC 6265
	}{
		{"other port", "ws://a.example/0", []string{"ws://a.example:81/1"}, []int{0}},
		{"other host", "ws://a.example/0", []string{"ws://b.test/1"}, nil},
		{"sub-domain", "ws://a.example/0", []string{"ws://sub.a.example/1"}, nil},
		{"parent", "ws://a.example/0", []string{"ws://example/1"}, nil},
		{"scheme", "ws://a.example:85/0", []string{"wss://a.example:85/1"}, []int{0}}, // another server than that of ws
		{"IP of the host", "ws://localhost/0", []string{"ws://127.0.0.1/1"}, nil},
		{"trailing dot", "ws://a.example/0", []string{"ws://a.example./1"}, []int{0}},
		{"a, b, a", "ws://a.example/0", []string{"ws://b.test/1", "ws://a.example/2"}, []int{1}},
		{"a, b, b", "ws://a.example/0", []string{"ws://b.test/1", "ws://b.test/2"}, nil},
		{"wss: a, b, a", "wss://c.example/0", []string{"wss://d.test/1", "wss://c.example/2"}, []int{1}},
		{"wss: other port", "wss://c.example/0", []string{"wss://c.example:444/1"}, []int{0}},
	}
	kinds := []struct {
		name string
		set  func(t *testing.T, n *internet, d *fairlead.Dialer, from *string)
	}{
		{"Auth", func(_ *testing.T, _ *internet, d *fairlead.Dialer, _ *string) {
			d.Auth = auth.Basic{Username: "u", Password: canary}
		}},
		{"userinfo", func(_ *testing.T, _ *internet, _ *fairlead.Dialer, from *string) {
			*from = strings.Replace(*from, "://", "://u:"+canary+"@", 1)
		}},
		{"Authorization", func(_ *testing.T, _ *internet, d *fairlead.Dialer, _ *string) {
			d.Header = http.Header{"authorization": {"Bearer " + canary}}
		}},
		{"Proxy-Authorization", func(_ *testing.T, _ *internet, d *fairlead.Dialer, _ *string) {
			d.Header = http.Header{"Proxy-Authorization": {"Bearer " + canary}}
		}},
		{"X-Api-Key", func(_ *testing.T, _ *internet, d *fairlead.Dialer, _ *string) {
			d.Header = http.Header{"X-Api-Key": {canary}, "User-Agent": {"test"}}
		}},
		{"Cookie", func(_ *testing.T, _ *internet, d *fairlead.Dialer, _ *string) {
			d.Header = http.Header{"Cookie": {"session=" + canary}}
		}},
		{"jar", func(t *testing.T, _ *internet, d *fairlead.Dialer, from *string) {
			d.Jar = jarWith(t, *from, canary)
		}},
		{"client certificate", func(t *testing.T, n *internet, d *fairlead.Dialer, _ *string) {
			cert, err := n.ca.Issue("client")
			if err != nil {
				t.Fatal(err)
			}
			d.TLS.Certificates = []tls.Certificate{cert}
			d.TLS.ClientSessionCache = tls.NewLRUClientSessionCache(0)
		}},
		{"subprotocol", func(_ *testing.T, _ *internet, d *fairlead.Dialer, _ *string) {
			d.Subprotocols = []string{"chat", canary}
		}},
	}
	n := newInternet(t)
	var code int
	var hops []string
	answer := func(s seen) string {
		at := int(s.Target[1] - '0')
		if at == len(hops) {
			return accepted(s)
		}
		return status(code, location(hops[at]))
	}
	for _, addr := range []string{
		"a.example:80", "a.example:81", "a.example.:80", "b.test:80", "sub.a.example:80", "example:80", "localhost:80", "127.0.0.1:80",
	} {
		n.serve(addr, false, answer)
	}
	for _, addr := range []string{"c.example:443", "c.example:444", "d.test:443"} {
		n.serve(addr, true, answer)
	}
	cells := 0
	for _, change := range changes {
		for _, kind := range kinds {
			for _, code = range redirects {
				cells++
				name := fmt.Sprintf("%s, %s, %d", change.name, kind.name, code)
				hops = change.hops
				if change.name == "scheme" { // one port, two servers: the first is gone when the second is asked for
					n.serve("a.example:85", false, answer)
				}
				d := fairlead.Dialer{Route: n, Redirects: 10, TLS: &tls.Config{RootCAs: n.ca.Pool()}}
				from := change.from
				kind.set(t, n, &d, &from)
				d.CheckRedirect = func(_ context.Context, next *url.URL, _ []*url.URL) error {
					if next.Port() == "85" {
						n.serve("a.example:85", true, answer)
					}
					return nil
				}
				c, err := d.Dial(t.Context(), from)
				if err != nil {
					t.Fatalf("%s: %v", name, err)
				}
				c.CloseNow()
				got := n.requests()
				if len(got) != 1+len(hops) {
					t.Fatalf("%s: %d requests", name, len(got))
				}
				canHave := kind.name != "client certificate" || got[0].peer != nil || strings.HasPrefix(from, "wss")
				if len(spills(got[0])) == 0 && canHave {
					t.Errorf("%s: it did not reach the origin of the URL", name)
				}
				for i, s := range got[1:] {
					belongs := kind.name == "jar" && slices.Contains(change.jar, i)
					if spilt := spills(s); (len(spilt) > 0) != belongs {
						t.Errorf("%s: hop %d (%s) got %q", name, i+1, s.host, spilt)
					}
					if v, _ := s.Get("User-Agent"); kind.name == "X-Api-Key" && v != "test" {
						t.Errorf("%s: User-Agent %q", name, v)
					}
					if v, _ := s.Get("Sec-WebSocket-Protocol"); kind.name == "subprotocol" && v != "chat" {
						t.Errorf("%s: subprotocols %q", name, v)
					}
				}
			}
		}
	}
	t.Logf("redirect matrix: %d cells (%d changes of origin, %d kinds of secret, %d status codes)", cells, len(changes), len(kinds), len(redirects))
}

// TestRedirectKeepsSecretsAtHome: the other half of the matrix: they follow where
// the origin stays the same, also written another way.
func TestRedirectKeepsSecretsAtHome(t *testing.T) {
	for _, to := range []string{"/b", "ws://a.example/b", "WS://A.EXAMPLE:80/b", "http://a.example:080/b", "ws://x:y@a.example/b"} {
		for _, code := range redirects {
			n := newInternet(t)
			n.serve("a.example:80", false, func(s seen) string {
				if s.Target == "/a" {
					return status(code, location(to), "Set-Cookie: at=redirect")
				}
				return accepted(s, "Set-Cookie: at=101")
			})
			jar, _ := cookiejar.New(nil)
			d := fairlead.Dialer{
				Route: n, Redirects: 1, Auth: auth.Basic{Username: "u", Password: canary}, Jar: jar,
				Header: http.Header{"Cookie": {"own=" + canary}, "X-Api-Key": {canary}}, Subprotocols: []string{canary},
			}
			c, err := d.Dial(t.Context(), "ws://a.example/a")
			if err != nil {
				t.Fatal(err)
			}
			c.CloseNow()
			second := n.requests()[1]
			if got := spills(second); !slices.Equal(got, []string{"Sec-WebSocket-Protocol", "Authorization", "Cookie", "X-Api-Key"}) {
				t.Errorf("%s, %d: %q", to, code, got)
			}
			if v, _ := second.Get("Cookie"); v != "own="+canary+"; at=redirect" {
				t.Errorf("%s, %d: Cookie: %s", to, code, v)
			}
			u, _ := url.Parse("http://a.example/")
			if all := jar.Cookies(u); len(all) != 1 || all[0].Value != "101" {
				t.Errorf("%s, %d: the jar has %v", to, code, all)
			}
		}
	}
}

// TestRedirectServerName: the name that TLS asks for is that of the first URL
// only.
func TestRedirectServerName(t *testing.T) {
	n := newInternet(t)
	n.serve("a.example:443", true, func(seen) string { return status(302, location("wss://b.example/")) })
	n.serve("b.example:443", true, func(s seen) string { return accepted(s) })
	d := fairlead.Dialer{Route: n, Redirects: 1, TLS: &tls.Config{RootCAs: n.ca.Pool(), ServerName: "a.example"}}
	c, err := d.Dial(t.Context(), "wss://a.example/")
	if err != nil {
		t.Fatal(err)
	}
	c.CloseNow()
	if d.TLS.ServerName != "a.example" {
		t.Error("the caller's configuration was changed")
	}
}

// TestRedirectErrorNamesItsHop: a failure behind a redirect says so.
func TestRedirectErrorNamesItsHop(t *testing.T) {
	n := newInternet(t)
	n.serve("a.example:80", false, func(seen) string { return status(302, location("ws://b.example/")) })
	n.serve("b.example:80", false, func(seen) string { return status(401, "WWW-Authenticate: Basic") })
	_, err := (&fairlead.Dialer{Route: n, Redirects: 1}).Dial(t.Context(), "ws://u:p@a.example/")
	he := handshakeError(t, err, fairlead.PhaseVerify)
	if he.Redirects != 1 || he.Status != 401 || !strings.Contains(he.Error(), "after 1 redirects") || !strings.Contains(he.Error(), "do not follow a redirect") {
		t.Errorf("%v", err)
	}
}
