package fairlead_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/auth"
	"github.com/fairlead-ws/fairlead/route"
	"github.com/fairlead-ws/fairlead/wstrace"
)

// TestInjection: E31, L32-L35, L57: no control character in anything that the
// caller says gets so far as to a dial, and none is quietly taken away.
func TestInjection(t *testing.T) {
	dials := 0
	never := route.DialerFunc(func(context.Context, string, string) (net.Conn, error) {
		dials++
		return nil, errors.New("dialled")
	})
	header := func(name, value string) (fairlead.Dialer, string) {
		return fairlead.Dialer{Header: http.Header{name: {value}}}, "ws://h/"
	}
	by := func(c auth.Credentials) (fairlead.Dialer, string) { return fairlead.Dialer{Auth: c}, "wss://h/" }
	in := func(u string) (fairlead.Dialer, string) { return fairlead.Dialer{}, u }
	jar := func(c http.Cookie) (fairlead.Dialer, string) { return fairlead.Dialer{Jar: badJar{&c}}, "ws://h/" }
	places := map[string]func(bad string) (fairlead.Dialer, string){
		"host":               func(s string) (fairlead.Dialer, string) { return in("ws://h" + s + "/") },
		"host, escaped":      func(s string) (fairlead.Dialer, string) { return in("ws://h" + percent(s) + "/") },
		"port":               func(s string) (fairlead.Dialer, string) { return in("ws://h:80" + s + "/") },
		"path":               func(s string) (fairlead.Dialer, string) { return in("ws://h/a" + s + "b") },
		"query":              func(s string) (fairlead.Dialer, string) { return in("ws://h/?a" + s + "b") },
		"user name":          func(s string) (fairlead.Dialer, string) { return in("ws://u" + s + ":p@h/") },
		"password":           func(s string) (fairlead.Dialer, string) { return in("ws://u:p" + s + "@h/") },
		"user name, escaped": func(s string) (fairlead.Dialer, string) { return in("ws://u" + percent(s) + ":p@h/") },
		"password, escaped":  func(s string) (fairlead.Dialer, string) { return in("ws://u:p" + percent(s) + "@h/") },
		"field name":         func(s string) (fairlead.Dialer, string) { return header("X-A"+s, "b") },
		"field value":        func(s string) (fairlead.Dialer, string) { return header("X-A", "b"+s+"c") },
		"Origin":             func(s string) (fairlead.Dialer, string) { return header("Origin", "https://o"+s+"c") },
		"Host":               func(s string) (fairlead.Dialer, string) { return header("Host", "h"+s+"c") },
		"Cookie":             func(s string) (fairlead.Dialer, string) { return header("Cookie", "a=b"+s+"c") },
		"Authorization":      func(s string) (fairlead.Dialer, string) { return header("Authorization", "Bearer b"+s+"c") },
		"subprotocol": func(s string) (fairlead.Dialer, string) {
			return fairlead.Dialer{Subprotocols: []string{"a" + s + "b"}}, "ws://h/"
		},
		"name of a cookie":     func(s string) (fairlead.Dialer, string) { return jar(http.Cookie{Name: "a" + s + "b", Value: "c"}) },
		"value of a cookie":    func(s string) (fairlead.Dialer, string) { return jar(http.Cookie{Name: "a", Value: "b" + s + "c"}) },
		"Basic user":           func(s string) (fairlead.Dialer, string) { return by(auth.Basic{Username: "a" + s + "b"}) },
		"Basic password":       func(s string) (fairlead.Dialer, string) { return by(auth.Basic{Password: "a" + s + "b"}) },
		"Bearer token":         func(s string) (fairlead.Dialer, string) { return by(auth.Bearer{Token: "a" + s + "b"}) },
		"Password user":        func(s string) (fairlead.Dialer, string) { return by(auth.Password{Username: "a" + s + "b"}) },
		"Password password":    func(s string) (fairlead.Dialer, string) { return by(auth.Password{Password: "a" + s + "b"}) },
		"Digest user":          func(s string) (fairlead.Dialer, string) { return by(auth.Digest{Username: "a" + s + "b"}) },
		"NTLM domain":          func(s string) (fairlead.Dialer, string) { return by(auth.NTLM{Username: "u", Domain: "a" + s + "b"}) },
		"field of credentials": func(s string) (fairlead.Dialer, string) { return by(scripted{words: []string{"a" + s + "b"}}) },
	}
	cases := 0
	for place, set := range places {
		for _, bad := range []string{"\r", "\n", "\r\n", "\x00", "\x01", "\x0b", "\x1b", "\x7f", "\r\nX-Injected: " + canary} {
			cases++
			d, u := set(bad)
			d.Route = never
			_, err := d.Dial(t.Context(), u)
			he, ok := errors.AsType[*fairlead.HandshakeError](err)
			switch {
			case !ok || he.Phase != fairlead.PhaseURL && he.Phase != fairlead.PhaseAuth:
				t.Errorf("%s with %q: %v", place, bad, err)
			case strings.ContainsAny(he.Error(), "\r\n\x00\x1b") || holdsCanary(he.Error()):
				t.Errorf("%s with %q: the error repeats it: %q", place, bad, err)
			}
			if dials > 0 {
				t.Fatalf("%s with %q: dialled", place, bad)
			}
		}
	}
	t.Logf("injection: %d cases (%d places), %d dials", cases, len(places), dials)
}

// percent escapes every byte.
func percent(s string) string {
	var b strings.Builder
	for i := range len(s) {
		fmt.Fprintf(&b, "%%%02x", s[i])
	}
	return b.String()
}

// TestCanary: L41: one secret in every place that can hold one, in dials that
// fail in every phase. No error, no field of one and no log ever holds it.
func TestCanary(t *testing.T) {
	n := newInternet(t)
	for path, answer := range map[string]string{
		"refused": status(403), "asked": status(401, `WWW-Authenticate: Basic realm="r"`), "digest": status(401, `WWW-Authenticate: Digest realm="r", nonce="n", qop="auth"`),
		"ntlm": status(401, "WWW-Authenticate: NTLM"), "moved": status(302, location("ws://other.example/")), "down": status(302, location("ws://h.example:81/")),
		"nowhere": status(302, location("file:///x")), "noise": "\x00\x01\x02", "half": "HTTP/1.1 10", "bad": "HTTP/1.1 101 x\r\n\r\n", "closed": "",
	} {
		n.serve(path+".example:80", false, func(seen) string {
			return answer + map[bool]string{true: "Connection: close"}[path == "noise" || path == "half"]
		})
		n.serve(path+".example:443", true, func(seen) string {
			return answer + map[bool]string{true: "Connection: close"}[path == "noise" || path == "half"]
		})
	}
	hosts := []string{"refused", "asked", "digest", "ntlm", "moved", "down", "nowhere", "noise", "half", "bad", "closed", "absent"}
	secrets := map[string]func(*fairlead.Dialer, *url.URL){
		"Basic":         func(d *fairlead.Dialer, _ *url.URL) { d.Auth = auth.Basic{Username: canary, Password: canary} },
		"Bearer":        func(d *fairlead.Dialer, _ *url.URL) { d.Auth = auth.Bearer{Token: canary} },
		"Password":      func(d *fairlead.Dialer, _ *url.URL) { d.Auth = auth.Password{Username: "u", Password: canary} },
		"bad Password":  func(d *fairlead.Dialer, _ *url.URL) { d.Auth = auth.Password{Username: "u", Password: canary + "\r\n"} },
		"Authorization": func(d *fairlead.Dialer, _ *url.URL) { d.Header.Set("Authorization", "Bearer "+canary) },
		"bad field":     func(d *fairlead.Dialer, _ *url.URL) { d.Header.Set("X-Token", canary+"\r\n") },
		"bad name":      func(d *fairlead.Dialer, _ *url.URL) { d.Header["X-Token: "+canary] = []string{"x"} },
		"Proxy":         func(d *fairlead.Dialer, _ *url.URL) { d.Header.Set("Proxy-Authorization", canary) },
		"API key":       func(d *fairlead.Dialer, _ *url.URL) { d.Header.Set("X-Api-Key", canary) },
		"Cookie":        func(d *fairlead.Dialer, _ *url.URL) { d.Header.Set("Cookie", "a="+canary) },
		"jar":           func(d *fairlead.Dialer, _ *url.URL) { d.Jar = badJar{{Name: "a", Value: canary}} },
		"bad jar":       func(d *fairlead.Dialer, _ *url.URL) { d.Jar = badJar{{Name: "a", Value: canary + "\n"}} },
		"subprotocol":   func(d *fairlead.Dialer, _ *url.URL) { d.Subprotocols = []string{canary} },
		"bad protocol":  func(d *fairlead.Dialer, _ *url.URL) { d.Subprotocols = []string{"a " + canary} },
		"userinfo":      func(_ *fairlead.Dialer, u *url.URL) { u.User = url.UserPassword("u", canary) },
		"query":         func(_ *fairlead.Dialer, u *url.URL) { u.RawQuery = "token=" + canary + "&t=" + escapedCanary },
		"two ways": func(d *fairlead.Dialer, u *url.URL) {
			d.Auth, u.User = auth.Basic{Password: canary}, url.UserPassword(canary, canary)
		},
		"fragment": func(_ *fairlead.Dialer, u *url.URL) { u.Fragment = canary },
		"bad host": func(_ *fairlead.Dialer, u *url.URL) { u.User, u.Host = url.User(canary), "["+canary },
	}
	var all bytes.Buffer
	dials := 0
	for _, scheme := range []string{"ws", "wss"} {
		for _, host := range hosts {
			for name, set := range secrets {
				dials++
				logger := slog.New(slog.NewTextHandler(&all, &slog.HandlerOptions{Level: slog.LevelDebug}))
				d := fairlead.Dialer{
					Route: n, Redirects: 1, Header: http.Header{}, TLS: &tls.Config{RootCAs: n.ca.Pool()},
					Trace: wstrace.Join(wstrace.Dump(&all), wstrace.Log(logger)), Timeout: 10 * time.Second,
				}
				u := &url.URL{Scheme: scheme, Host: host + ".example", Path: "/"}
				set(&d, u)
				_, err := d.Dial(t.Context(), u.String())
				he, ok := errors.AsType[*fairlead.HandshakeError](err)
				if !ok {
					t.Fatalf("%s, %s: %v", host, name, err)
				}
				for _, text := range []string{err.Error(), fmt.Sprintf("%v %+v %#v %q", err, err, err, err), fmt.Sprintf("%v %+v %#v %v", *he, *he, *he, d.Auth), all.String()} {
					if holdsCanary(text) {
						t.Errorf("%s, %s: the secret is in %s", host, name, text)
					}
				}
				if all.Len() == 0 && he.Phase != fairlead.PhaseURL && he.Phase != fairlead.PhaseAuth && host != "absent" {
					t.Errorf("%s, %s: no log to look at", host, name)
				}
				all.Reset()
			}
		}
	}
	t.Logf("canary: %d dials that failed, 0 texts with the secret", dials)
}

// TestDialEndsInEachPhase: E-rows, L81-L83, K04: what hangs ends with the context.
func TestDialEndsInEachPhase(t *testing.T) {
	hang := make(chan struct{})
	n := newInternet(t)
	t.Cleanup(func() { close(hang) })
	wait := func(then string) func(seen) string {
		return func(s seen) string {
			if s.conn > 0 || s.Target == "/hang" {
				<-hang
			}
			return then
		}
	}
	n.serve("redirect.example:80", false, wait(status(302, location("/hang"))))
	n.serve("check.example:80", false, wait(status(302, location("/hang"))))
	n.serve("again.example:80", false, func(s seen) string {
		if _, ok := s.Get("Authorization"); ok {
			<-hang
		}
		return status(401, "WWW-Authenticate: X")
	})
	n.serve("body.example:80", false, wait("HTTP/1.1 401 x\r\nWWW-Authenticate: X\r\nContent-Length: 5\r\n\r\n"))
	slow := func(ctx context.Context) error {
		<-ctx.Done()
		return ctx.Err()
	}
	for name, d := range map[string]fairlead.Dialer{
		"redirect.example": {Redirects: 1},
		"again.example":    {Auth: scripted{words: []string{"", "a", "b"}}},
		"body.example":     {Auth: scripted{words: []string{"", "a", "b"}}},
		"Authorize":        {Auth: slowCredentials{slow}},
	} {
		d.Route = n
		host := name
		if name == "Authorize" {
			host = "redirect.example"
		}
		ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
		begin := time.Now()
		_, err := d.Dial(ctx, "ws://"+host+"/")
		cancel()
		wantErr(t, err, context.DeadlineExceeded)
		if took := time.Since(begin); took > 1500*time.Millisecond {
			t.Errorf("%s: took %v", name, took)
		}
	}
	d := fairlead.Dialer{Route: n, Redirects: 1, CheckRedirect: func(ctx context.Context, _ *url.URL, _ []*url.URL) error { return slow(ctx) }}
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	_, err := d.Dial(ctx, "ws://check.example/")
	wantErr(t, err, context.DeadlineExceeded)
	handshakeError(t, err, fairlead.PhaseRedirect)
}

type slowCredentials struct {
	wait func(context.Context) error
}

func (s slowCredentials) Begin() auth.Exchange { return s }
func (s slowCredentials) Authorize(ctx context.Context, _ *auth.Request, _ []string) error {
	return s.wait(ctx)
}
