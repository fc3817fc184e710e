package fairlead_test

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/auth"
)

// scripted are credentials that answer each challenge with the next of words and
// note what they were shown.
type scripted struct {
	words []string
	saw   *[]auth.Request
	asked *[][]string
}

func (s scripted) Begin() auth.Exchange { return &s }

func (s *scripted) Authorize(_ context.Context, r *auth.Request, challenges []string) error {
	if s.saw != nil {
		*s.saw = append(*s.saw, *r)
		*s.asked = append(*s.asked, challenges)
	}
	if len(s.words) == 0 {
		return fmt.Errorf("%w: nothing left to say", auth.ErrRefused)
	}
	if word := s.words[0]; word != "" {
		r.Header.Set("Authorization", word)
	}
	s.words = s.words[1:]
	return nil
}

const chunked401 = "HTTP/1.1 401 No\r\nWWW-Authenticate: X\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nnope!\r\n0\r\n\r\n"

func TestAuthLegs(t *testing.T) {
	no := status(401, "WWW-Authenticate: X realm=\"a\"", "WWW-Authenticate: Y")
	for _, tt := range []struct {
		name   string
		words  []string
		answer func(seen) string // to what does not say "yes"
		conns  []int             // the connection of each request
		phase  string            // of the error, "" for success
		is     error
	}{
		{"first request", []string{"yes"}, nil, []int{0}, "", nil},
		{"one leg, kept", []string{"", "yes"}, func(seen) string { return no }, []int{0, 0}, "", nil},
		{"three legs, kept", []string{"", "a", "b", "yes"}, func(seen) string { return no }, []int{0, 0, 0, 0}, "", nil},
		{"chunked body, kept", []string{"", "yes"}, func(seen) string { return chunked401 }, []int{0, 0}, "", nil},
		{"Connection: close", []string{"", "yes"}, func(seen) string { return status(401, "WWW-Authenticate: X", "Connection: close") }, []int{0, 1}, "", nil},
		{"body of no length", []string{"", "yes"}, func(seen) string {
			return "HTTP/1.1 401 No\r\nWWW-Authenticate: X\r\nConnection: close\r\n\r\nbody"
		}, []int{0, 1}, "", nil},
		{"HTTP/1.0", []string{"", "yes"}, func(seen) string {
			return "HTTP/1.0 401 No\r\nWWW-Authenticate: X\r\nContent-Length: 0\r\n\r\n"
		}, []int{0, 1}, "", nil},
		{"A49 a body of 1 GiB", []string{"", "yes"}, func(seen) string {
			return "HTTP/1.1 401 No\r\nWWW-Authenticate: X\r\nContent-Length: 1073741824\r\n\r\n" + strings.Repeat("x", 100<<10)
		}, []int{0, 1}, "", nil},
		{"A55 a bad chunk", []string{"", "yes"}, func(seen) string {
			return "HTTP/1.1 401 No\r\nWWW-Authenticate: X\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"
		}, []int{0, 1}, "", nil},
		{"bytes behind the body", []string{"", "yes"}, func(seen) string { return no + "HTTP/1.1 200 " }, []int{0, 1}, "", nil},
		{"E18 refused again", []string{"a"}, func(seen) string { return no }, []int{0}, fairlead.PhaseAuth, auth.ErrRefused},
		{"E18 a loop", []string{"a", "b", "c", "d", "e", "f"}, func(seen) string { return no }, []int{0, 0, 0, 0}, fairlead.PhaseAuth, auth.ErrRefused},
		{"401 without a challenge", []string{"a", "b"}, func(seen) string { return status(401) }, []int{0}, fairlead.PhaseAuth, auth.ErrRefused},
		{"403", []string{"a", "b"}, func(seen) string { return status(403) }, []int{0}, fairlead.PhaseVerify, nil},
		{"another answer", []string{"", "b"}, func(s seen) string {
			if _, ok := s.Get("Authorization"); ok {
				return "SSH-2.0-x\r\n"
			}
			return no
		}, []int{0, 0}, fairlead.PhaseResponse, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			n := newInternet(t)
			n.serve("h.example:80", false, func(s seen) string {
				if v, _ := s.Get("Authorization"); v == "yes" {
					return accepted(s)
				}
				return tt.answer(s)
			})
			var saw []auth.Request
			var asked [][]string
			d := fairlead.Dialer{Route: n, Auth: scripted{tt.words, &saw, &asked}, Header: http.Header{"X-A": {"b"}}}
			begin := time.Now()
			c, err := d.Dial(t.Context(), "ws://h.example/p?q=1")
			wantPrompt(t, begin)
			if tt.phase == "" {
				if err != nil {
					t.Fatal(err)
				}
				c.CloseNow()
			} else {
				he := handshakeError(t, err, tt.phase)
				if tt.is != nil && (!errors.Is(err, tt.is) || he.Status != 401 || he.Header == nil) {
					t.Errorf("%v, status %d, %v", err, he.Status, he.Header)
				}
			}
			got := n.requests()
			var conns []int
			keys := map[string]bool{}
			for i, s := range got {
				conns = append(conns, s.conn)
				key, _ := s.Get("Sec-WebSocket-Key")
				keys[key] = true
				if v, _ := s.Get("Authorization"); v != tt.words[i] {
					t.Errorf("request %d has %q, want %q", i, v, tt.words[i])
				}
			}
			if !slices.Equal(conns, tt.conns) || len(keys) != len(got) {
				t.Errorf("connections %v, want %v; %d keys of %d requests", conns, tt.conns, len(keys), len(got))
			}
			if r := saw[0]; asked[0] != nil || r.Method != "GET" || r.URL.String() != "ws://h.example/p?q=1" || r.Proxy || r.Private || r.Header.Get("X-A") != "b" {
				t.Errorf("the credentials saw %+v, %v", r, asked)
			}
			if tt.name == "three legs, kept" && !slices.Equal(asked[1], []string{`X realm="a"`, "Y"}) {
				t.Errorf("challenges %q", asked)
			}
		})
	}
}

// TestAuthServerClosesWhatItKept has a server that keeps the connection by its
// word and closes it in fact: the request is sent again, with another key.
func TestAuthServerClosesWhatItKept(t *testing.T) {
	n := newInternet(t)
	n.serve("h.example:80", false, func(s seen) string {
		v, _ := s.Get("Authorization")
		switch {
		case v == "":
			return status(401, "WWW-Authenticate: X")
		case s.conn == 0:
			return ""
		}
		return accepted(s)
	})
	c, err := (&fairlead.Dialer{Route: n, Auth: scripted{words: []string{"", "yes"}}}).Dial(t.Context(), "ws://h.example/")
	if err != nil {
		t.Fatal(err)
	}
	c.CloseNow()
	got := n.requests()
	if len(got) != 3 || got[2].conn != 1 {
		t.Fatalf("%d requests", len(got))
	}
	a, _ := got[1].Get("Sec-WebSocket-Key")
	if b, _ := got[2].Get("Sec-WebSocket-Key"); a == b {
		t.Error("two connections, one key")
	}
}

// TestUserinfo: E30, L59: it is split where RFC 3986 says, and goes nowhere but
// into Authorization.
func TestUserinfo(t *testing.T) {
	for _, tt := range []struct{ userinfo, want string }{
		{"user:pw", "user:pw"}, {"user", "user:"}, {":pw", ":pw"}, {"u:", "u:"}, {"u:a:b", "u:a:b"},
		{"u:p%40ss%3A%2F%3F%23%25%5B%5D", "u:p@ss:/?#%[]"}, {"u:p@ss", "u:p@ss"}, {"%C3%BC:%E2%82%AC", "ü:€"},
		{"", ""}, {"u:+", "u:+"},
	} {
		n := newInternet(t)
		n.serve("h.example:80", false, func(s seen) string { return accepted(s) })
		c, err := (&fairlead.Dialer{Route: n}).Dial(t.Context(), "ws://"+tt.userinfo+"@h.example/")
		if err != nil {
			t.Errorf("%q: %v", tt.userinfo, err)
			continue
		}
		c.CloseNow()
		got := n.requests()[0]
		v, ok := got.Get("Authorization")
		raw, _ := base64.StdEncoding.DecodeString(strings.TrimPrefix(v, "Basic "))
		if string(raw) != tt.want || ok != (tt.userinfo != "") {
			t.Errorf("%q: %q", tt.userinfo, raw)
		}
		if host, _ := got.Get("Host"); host != "h.example" || got.Target != "/" {
			t.Errorf("%q: Host %q, target %q", tt.userinfo, host, got.Target)
		}
	}
	// What is not escaped where it must be never becomes a host.
	n := newInternet(t)
	for _, userinfo := range []string{"u:canary/x", "u:canary?x", "u:canary#x", "u:canary[x", "u:canary]x", "u:canary%zz", "u:ca\rnary", "u%3Ax:canary", "u:canary%00"} {
		_, err := (&fairlead.Dialer{Route: n}).Dial(t.Context(), "ws://"+userinfo+"@h.example/")
		if err == nil || strings.Contains(err.Error(), "canary") || len(n.dials) != 0 {
			t.Errorf("%q: %v, dialled %q", userinfo, err, n.dials)
		}
	}
}

func TestAuthExcludesOthers(t *testing.T) {
	n := newInternet(t)
	for name, tt := range map[string]struct {
		d   fairlead.Dialer
		url string
	}{
		"E23 Auth and userinfo":  {fairlead.Dialer{Auth: auth.Basic{Username: "canary"}}, "ws://u:canary@h/"},
		"E23 Auth and field":     {fairlead.Dialer{Auth: auth.Basic{}, Header: http.Header{"authorization": {"canary"}}}, "ws://h/"},
		"E23 userinfo and field": {fairlead.Dialer{Header: http.Header{"Authorization": {"canary"}}}, "ws://canary@h/"},
		"all three":              {fairlead.Dialer{Auth: auth.Basic{}, Header: http.Header{"Authorization": {"canary"}}}, "ws://canary@h/"},
	} {
		tt.d.Route = n
		_, err := tt.d.Dial(t.Context(), tt.url)
		he := handshakeError(t, err, fairlead.PhaseURL)
		if !strings.Contains(he.Error(), "choose one") || strings.Contains(he.Error(), "canary") || len(n.dials) > 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestAuthPrivate: E21 is decided by what Private says.
func TestAuthPrivate(t *testing.T) {
	for url, want := range map[string]bool{
		"ws://h.example/": false, "wss://h.example/": true, "ws://localhost/": true, "ws://a.localhost./": true, "ws://127.9.9.9/": true,
		"ws://[::1]/": true, "ws://10.0.0.1/": false, "ws://localhost.example/": false, "ws://127.0.0.1.example/": false,
	} {
		var saw []auth.Request
		var asked [][]string
		_, err := (&fairlead.Dialer{Route: newInternet(t), Auth: scripted{[]string{"a"}, &saw, &asked}}).Dial(t.Context(), url)
		handshakeError(t, err, fairlead.PhaseConnect)
		if len(saw) != 1 || saw[0].Private != want {
			t.Errorf("%s: %+v", url, saw)
		}
	}
	n := newInternet(t)
	_, err := (&fairlead.Dialer{Route: n, Auth: auth.Bearer{Token: "canary"}}).Dial(t.Context(), "ws://h.example/")
	he := handshakeError(t, err, fairlead.PhaseAuth)
	if strings.Contains(he.Error(), "canary") || len(n.dials) > 0 {
		t.Errorf("E21: %v", err)
	}
}

type queryCredentials struct{}

func (q queryCredentials) Begin() auth.Exchange { return q }
func (queryCredentials) Authorize(_ context.Context, r *auth.Request, _ []string) error {
	r.URL.RawQuery += "&sig=ü"
	r.URL.Path, r.URL.Host = "/elsewhere", "elsewhere"
	r.Header = nil
	return nil
}

type noExchange struct{}

func (noExchange) Begin() auth.Exchange { return nil }

func TestAuthQueryAndMisuse(t *testing.T) {
	n := newInternet(t)
	n.serve("h.example:80", false, func(s seen) string { return accepted(s) })
	c, err := (&fairlead.Dialer{Route: n, Auth: queryCredentials{}}).Dial(t.Context(), "ws://h.example/a%2Fb?c=d")
	if err != nil {
		t.Fatal(err)
	}
	c.CloseNow()
	if got := n.requests()[0]; got.Target != "/a%2Fb?c=d&sig=%C3%BC" {
		t.Errorf("target %q", got.Target)
	}
	_, err = (&fairlead.Dialer{Route: n, Auth: noExchange{}}).Dial(t.Context(), "ws://h.example/")
	handshakeError(t, err, fairlead.PhaseAuth)
	_, err = (&fairlead.Dialer{Route: n, Auth: scripted{words: []string{"a\r\nb"}}}).Dial(t.Context(), "ws://h.example/")
	handshakeError(t, err, fairlead.PhaseURL)
}

// TestAuthRealSchemes are those that take several legs, or none.
func TestAuthRealSchemes(t *testing.T) {
	n := newInternet(t)
	n.serve("h.example:80", false, func(s seen) string {
		switch v, _ := s.Get("Authorization"); {
		case strings.HasPrefix(v, "Digest ") && strings.Contains(v, `nonce="fresh"`) && strings.Contains(v, `uri="/x?y"`):
			return accepted(s)
		case strings.HasPrefix(v, "Digest "):
			return status(401, `WWW-Authenticate: Digest realm="r", qop="auth", algorithm=SHA-256, nonce="fresh", stale=true`)
		}
		return status(401, `WWW-Authenticate: Digest realm="r", qop="auth", algorithm=SHA-256, nonce="old"`, `WWW-Authenticate: Basic realm="r"`)
	})
	c, err := (&fairlead.Dialer{Route: n, Auth: auth.Password{Username: "u", Password: "p"}}).Dial(t.Context(), "ws://h.example/x?y")
	if err != nil {
		t.Fatal(err)
	}
	c.CloseNow()
	if got := n.requests(); len(got) != 3 || got[2].conn != 0 {
		t.Errorf("%d requests", len(got))
	}
	_, err = (&fairlead.Dialer{Route: n}).Dial(t.Context(), "ws://u:p@h.example/x?y")
	if he := handshakeError(t, err, fairlead.PhaseAuth); !errors.Is(he, auth.ErrRefused) || he.Status != 401 {
		t.Errorf("%v", err)
	}
	_, err = (&fairlead.Dialer{Route: n}).Dial(t.Context(), "ws://h.example/x?y")
	if he := handshakeError(t, err, fairlead.PhaseVerify); !strings.Contains(he.Error(), "Dialer.Auth") {
		t.Errorf("%v", err)
	}
}
