package auth_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/fairlead-ws/fairlead/auth"
	"github.com/fairlead-ws/fairlead/internal/fuzzlimit"
)

// all has one of each kind, with the canary in every secret.
func all() []auth.Credentials {
	return []auth.Credentials{
		auth.Basic{Username: "alice", Password: canary},
		auth.Bearer{Token: canary},
		auth.Bearer{Source: func(context.Context) (string, error) { return canary, nil }},
		auth.Digest{Username: "alice", Password: canary},
		auth.NTLM{Username: "alice", Password: canary},
		auth.Password{Username: "alice", Password: canary},
		auth.OAuth1{ConsumerKey: "k", ConsumerSecret: canary, Token: canary, TokenSecret: canary},
		auth.OAuth1{ConsumerKey: "k", ConsumerSecret: canary, Query: true},
		auth.AWS{AccessKeyID: "A", SecretAccessKey: canary, SessionToken: canary, Region: "r", Service: "s"},
		auth.AWS{AccessKeyID: "A", SecretAccessKey: canary, SessionToken: canary, Region: "r", Service: "s", Presign: true},
	}
}

// L41: whatever prints or logs credentials shows no secret.
func TestCredentialsPrintNoSecret(t *testing.T) {
	for _, c := range all() {
		config := struct{ Auth auth.Credentials }{c}
		var log bytes.Buffer
		slog.New(slog.NewTextHandler(&log, nil)).Info("x", "auth", c, "config", config)
		slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "auth", c, "config", config)
		text, err := json.Marshal(config)
		if err != nil {
			t.Error(err)
		}
		log.Write(text)
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
			fmt.Fprintf(&log, verb+verb, c, config)
		}
		harmless(t, strings.ReplaceAll(log.String(), "\n", " "))
		if name := fmt.Sprintf("%T(hidden)", c); strings.Count(log.String(), name) < 5 {
			t.Errorf("%s does not say what it is: %s", name, log.String())
		}
	}
}

// A caller that leaves out what a request must have gets an error.
func TestRequestWithoutParts(t *testing.T) {
	for _, c := range all() {
		for _, r := range []*auth.Request{
			nil, {}, {URL: &url.URL{}}, {Header: http.Header{}},
		} {
			fails(t, c.Begin().Authorize(t.Context(), r, nil), nil, "needs a URL and a Header")
		}
		// An empty URL and an empty method are the business of the caller.
		for _, challenges := range [][]string{nil, ask(`Digest realm="r", nonce="n", qop="auth"`, "NTLM")} {
			r := &auth.Request{URL: &url.URL{}, Header: http.Header{}, Private: true}
			if err := c.Begin().Authorize(t.Context(), r, challenges); err != nil && !errors.Is(err, auth.ErrNotOffered) {
				t.Errorf("%v: %v", c, err)
			}
		}
	}
}

// F02, F03, E18, E19: a peer that never has enough is left after three requests,
// and the error stays.
func TestEveryLoopEnds(t *testing.T) {
	info := unhex(t, nlmpInfo)
	for _, answer := range [][]string{
		nil,
		ask("Basic"), ask("Bearer"), ask("NTLM"), ask("OAuth"),
		ask(ntlmField(type2(t, ntlmFlags, info))),
		ask(`Digest realm="r", nonce="n", qop="auth", stale=true, Basic, NTLM`),
		ask("Negotiate"), ask(`Basic "`),
	} {
		for _, c := range all() {
			ex, sent := c.Begin(), 0
			var err error
			for range 10 {
				r := get(t, "wss://h/")
				if err = ex.Authorize(t.Context(), r, map[bool][]string{false: answer}[sent == 0]); err != nil {
					break
				}
				sent++
			}
			if sent > 3 {
				t.Errorf("%v sent %d requests to a peer that answers %q", c, sent, answer)
			}
			fails(t, err, kind(err))
			fails(t, ex.Authorize(t.Context(), get(t, "wss://h/"), answer), kind(err))
		}
	}
}

// kind is the sentinel that err matches, if any.
func kind(err error) error {
	for _, target := range []error{auth.ErrRefused, auth.ErrNotOffered} {
		if errors.Is(err, target) {
			return target
		}
	}
	return nil
}

// L50, L52: what belongs to the server stands in one field, what belongs to the
// proxy in another, also when one value serves both.
func TestServerAndProxyApart(t *testing.T) {
	for _, c := range all() {
		for _, challenges := range [][]string{nil, ask(`Digest realm="r", nonce="n", qop="auth", NTLM, Basic`)} {
			server, proxy := get(t, "wss://h/"), connect("h:443")
			proxy.Private = true
			for _, r := range []*auth.Request{server, proxy} {
				err := c.Begin().Authorize(t.Context(), r, challenges)
				if err != nil && !strings.Contains(err.Error(), "not to proxies") {
					t.Errorf("%v: %v", c, err)
				}
			}
			if server.Header.Get("Proxy-Authorization") != "" || proxy.Header.Get("Authorization") != "" {
				t.Errorf("%v: server %v, proxy %v", c, server.Header, proxy.Header)
			}
		}
	}
}

// FuzzExchange: whatever a peer asks, nothing panics, no error shows a secret or
// raw text, and every field that is set can be sent.
func FuzzExchange(f *testing.F) {
	for _, s := range []string{
		`Digest realm="r", nonce="n", qop="auth", algorithm=SHA-256-sess, charset=UTF-8, userhash=true`,
		`Basic realm="x`, "NTLM", "NTLM TlRMTVNTUAACAAAADAAMADAAAAABgoEAASNFZ4mrze8AAAAAAAAAACQAJAA8AAAAUwBlAHIAdgBlAHIAAgAMAEQAbwBtAGEAaQBuAAEADABTAGUAcgB2AGUAcgAAAAAA",
		`Digest realm="\\\"", nonce="` + "\xff" + `", qop="auth", opaque="", stale=true`,
	} {
		f.Add(s, s)
	}
	f.Fuzz(func(t *testing.T, first, second string) {
		defer fuzzlimit.Input(t)()
		if strings.Contains(first+second, "4n4r") {
			t.Skip("the peer knows the secret")
		}
		for _, c := range all() {
			ex, r := c.Begin(), get(t, "wss://h/")
			for _, challenges := range [][]string{nil, {first}, {second}, {first, second}} {
				if err := ex.Authorize(t.Context(), r, challenges); err != nil {
					harmless(t, err.Error())
					break
				}
				value := r.Header.Get("Authorization")
				if strings.ContainsFunc(value, func(c rune) bool { return c < ' ' && c != '\t' || c == 0x7f }) {
					t.Fatalf("cannot be sent: %q", value)
				}
			}
		}
	})
}
