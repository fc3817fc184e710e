package fairlead_test

import (
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"

	"github.com/fairlead-ws/fairlead"
)

// suffixes is a list of public suffixes with one of two labels.
type suffixes struct{}

func (suffixes) String() string { return "test" }
func (suffixes) PublicSuffix(domain string) string {
	if strings.HasSuffix(domain, "co.uk") {
		return "co.uk"
	}
	return domain[strings.LastIndexByte(domain, '.')+1:]
}

// TestCookiesStored: A53, E13-E15, L21, L55-L57: what a Set-Cookie leaves in the
// jar and makes the next dial send.
func TestCookiesStored(t *testing.T) {
	many := make([]string, 100)
	for i := range many {
		many[i] = fmt.Sprintf("Set-Cookie: c%03d=%s", i, strings.Repeat("x", 300))
	}
	for _, tt := range []struct {
		name   string
		cookie string // what stands behind Set-Cookie
		want   string // the Cookie of the next request to ws://a.example.co.uk/dir/
	}{
		{"plain", "a=b", "a=b"},
		{"quoted", `a="b"`, `a="b"`},
		{"HttpOnly, SameSite", "a=b; HttpOnly; SameSite=Strict", "a=b"},
		{"parent domain", "a=b; Domain=example.co.uk", "a=b"},
		{"leading dot", "a=b; Domain=.Example.Co.Uk", "a=b"},
		{"E13 other domain", "a=b; Domain=other.co.uk", ""},
		{"E13 tail match", "a=b; Domain=ample.co.uk", ""},
		{"E13 super-cookie", "a=b; Domain=co.uk", ""},
		{"E13 super-cookie in capitals", "a=b; Domain=Co.Uk", ""},
		{"E13 super-cookie with a dot", "a=b; Domain=co.uk.", ""},
		{"E13 top level", "a=b; Domain=uk", ""},
		{"E13 IP", "a=b; Domain=127.0.0.1", ""},
		{"E14 Secure on ws", "a=b; Secure", ""},
		{"E14 path", "a=b; Path=/dir", "a=b"},
		{"E14 other path", "a=b; Path=/other", ""},
		{"E14 expired", "a=b; Expires=Thu, 01 Jan 1970 00:00:00 GMT", ""},
		{"E14 Max-Age 0", "a=b; Max-Age=0", ""},
		{"E14 Max-Age -1", "a=b; Max-Age=-1", ""},
		{"E14 Max-Age huge", "a=b; Max-Age=99999999999", "a=b"},
		{"E14 Max-Age beyond 64 bits", "a=b; Max-Age=99999999999999999999999", "a=b"},
		{"E15 a long one", "a=" + strings.Repeat("x", 5000), ""},
		{"E15 __Host- on ws", "__Host-a=b; Secure; Path=/", ""},
		{"E15 __Secure- without Secure", "__Secure-a=b", ""},
		{"E15 __HOST- in capitals", "__HOST-a=b", ""},
		{"L57 tab", "a=b\tc", ""},
		{"not ASCII", "a=ü", ""},
		{"no name", "=b", ""},
		{"a bad name", "a b=c", ""},
		{"no =", "a", ""},
		{"empty", "", ""},
	} {
		for _, how := range []string{"101", "403", "401", "302"} {
			t.Run(tt.name+" "+how, func(t *testing.T) {
				n := newInternet(t)
				n.serve("a.example.co.uk:80", false, func(s seen) string {
					set := "Set-Cookie: " + tt.cookie
					switch {
					case s.Target != "/dir/set" || how == "101":
						return accepted(s, set)
					case how == "302":
						return status(302, location("/dir/next"), set)
					case how == "401":
						return status(401, set)
					}
					return status(403, set)
				})
				jar, _ := cookiejar.New(&cookiejar.Options{PublicSuffixList: suffixes{}})
				d := fairlead.Dialer{Route: n, Jar: jar, Redirects: 1}
				if c, err := d.Dial(t.Context(), "ws://a.example.co.uk/dir/set"); err == nil {
					c.CloseNow()
				}
				c, err := d.Dial(t.Context(), "ws://a.example.co.uk/dir/")
				if err != nil {
					t.Fatal(err)
				}
				c.CloseNow()
				got := n.requests()
				if v, _ := got[len(got)-1].Get("Cookie"); v != tt.want {
					t.Errorf("Cookie: %q, want %q", v, tt.want)
				}
			})
		}
	}
	t.Run("L21 a flood", func(t *testing.T) {
		n := newInternet(t)
		flood := many
		n.serve("a.example:80", false, func(s seen) string { return accepted(s, flood...) })
		jar, _ := cookiejar.New(nil)
		d := fairlead.Dialer{Route: n, Jar: jar}
		for range 5 {
			c, err := d.Dial(t.Context(), "ws://a.example/")
			if err != nil {
				t.Fatal(err)
			}
			c.CloseNow()
		}
		got := n.requests()
		v, _ := got[4].Get("Cookie")
		if len(v) > 8<<10 || len(v) < 7<<10 || !strings.HasPrefix(v, "c000=x") {
			t.Errorf("%d bytes of cookies", len(v))
		}
		flood = make([]string, 10_000)
		for i := range flood {
			flood[i] = fmt.Sprintf("Set-Cookie: d%d=x", i)
		}
		_, err := d.Dial(t.Context(), "ws://a.example/")
		handshakeError(t, err, fairlead.PhaseResponse)
		flood = nil
		c, err := d.Dial(t.Context(), "ws://a.example/")
		if err != nil {
			t.Fatal(err)
		}
		c.CloseNow()
	})
}

// badJar returns the same cookies for each URL.
type badJar []*http.Cookie

func (j badJar) Cookies(*url.URL) []*http.Cookie   { return j }
func (badJar) SetCookies(*url.URL, []*http.Cookie) {}

func TestCookiesSent(t *testing.T) {
	tiny := make(badJar, 1000)
	for i := range tiny {
		tiny[i] = &http.Cookie{Name: "a", Value: "b"}
	}
	jar := badJar{{Name: "a", Value: "b"}, {Name: "c", Value: "d e", Quoted: true}}
	for _, tt := range []struct {
		name string
		own  http.Header
		jar  http.CookieJar
		want string
	}{
		{"jar", nil, jar, `a=b; c="d e"`},
		{"own and jar", http.Header{"Cookie": {"x=y"}}, jar, `x=y; a=b; c="d e"`},
		{"own in small letters", http.Header{"cookie": {"x=y"}}, jar, `x=y; a=b; c="d e"`},
		{"own, empty", http.Header{"Cookie": {""}}, jar, `a=b; c="d e"`},
		{"own and an empty jar", http.Header{"Cookie": {"x=y"}}, badJar{}, `x=y`},
		{"nothing", nil, badJar{}, ``},
		{"1000 of them", nil, tiny, strings.TrimSuffix(strings.Repeat("a=b; ", 180), "; ")},
		{"one too long", nil, badJar{{Name: "a", Value: strings.Repeat("x", 9000)}, {Name: "c", Value: "d"}}, "c=d"},
	} {
		n := newInternet(t)
		n.serve("a.example:80", false, func(s seen) string { return accepted(s) })
		c, err := (&fairlead.Dialer{Route: n, Jar: tt.jar, Header: tt.own}).Dial(t.Context(), "ws://a.example/")
		if err != nil {
			t.Fatalf("%s: %v", tt.name, err)
		}
		c.CloseNow()
		if v := n.requests()[0].Values("Cookie"); strings.Join(v, "|") != tt.want {
			t.Errorf("%s: %q", tt.name, v)
		}
	}
	n := newInternet(t)
	for _, header := range []http.Header{{"Cookie": {"a=b", "c=d"}}, {"Cookie": {"a=b"}, "cookie": {"c=d"}}} {
		_, err := (&fairlead.Dialer{Route: n, Jar: jar, Header: header}).Dial(t.Context(), "ws://a.example/")
		handshakeError(t, err, fairlead.PhaseURL)
	}
}

// TestCookiesLiveFourHundredDays looks at what the jar is given.
func TestCookiesLiveFourHundredDays(t *testing.T) {
	n := newInternet(t)
	n.serve("a.example:443", true, func(s seen) string {
		return accepted(s, "Set-Cookie: a=b; Max-Age=99999999999", "Set-Cookie: __Host-c=d; Secure; Path=/", "Set-Cookie: __Secure-e=f; Secure",
			"Set-Cookie: g=h; max-age="+strings.Repeat("9", 30), "Set-Cookie: i=j; Max-Age=-"+strings.Repeat("9", 30))
	})
	jar := &noteJar{}
	c, err := (&fairlead.Dialer{Route: n, Jar: jar, TLS: clientTLS(n)}).Dial(t.Context(), "wss://a.example/x")
	if err != nil {
		t.Fatal(err)
	}
	c.CloseNow()
	const longest = 400 * 24 * 60 * 60
	if len(jar.set) != 5 || jar.set[0].MaxAge != longest || jar.set[3].MaxAge != longest || jar.set[4].MaxAge >= 0 || jar.url != "https://a.example/x" {
		t.Errorf("%s: %v", jar.url, jar.set)
	}
}

type noteJar struct {
	url string
	set []*http.Cookie
}

func (*noteJar) Cookies(*url.URL) []*http.Cookie { return nil }
func (j *noteJar) SetCookies(u *url.URL, all []*http.Cookie) {
	j.url, j.set = u.String(), append(j.set, all...)
}
