package auth_test

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"github.com/fairlead-ws/fairlead/auth"
)

// canary is in every secret of this suite, and in no error.
const canary = "c4n4ry"

// fails checks an error that the suite produces: that it is there, matches
// target, says what it must, and shows neither a secret nor raw text of a peer.
func fails(t *testing.T, err, target error, says ...string) {
	t.Helper()
	if err == nil {
		t.Fatal("no error")
	}
	text := err.Error()
	if target != nil && !errors.Is(err, target) {
		t.Errorf("the error does not match %q: %s", target, text)
	}
	if target == nil && (errors.Is(err, auth.ErrRefused) || errors.Is(err, auth.ErrNotOffered)) {
		t.Errorf("the error blames the peer: %s", text)
	}
	for _, s := range says {
		if !strings.Contains(text, s) {
			t.Errorf("the error does not say %q: %s", s, text)
		}
	}
	harmless(t, text)
}

func harmless(t *testing.T, text string) {
	t.Helper()
	for _, secret := range []string{
		canary, hex.EncodeToString([]byte(canary)),
		// The middle of the Base64 of the canary at each of its three phases.
		base64.RawStdEncoding.EncodeToString([]byte(canary)),
		base64.RawStdEncoding.EncodeToString([]byte("4n4ry"))[:6],
		base64.RawStdEncoding.EncodeToString([]byte("n4ry"))[:5],
	} {
		if strings.Contains(text, secret) {
			t.Errorf("a secret is in %q", text)
		}
	}
	if strings.ContainsFunc(text, func(r rune) bool { return unicode.IsControl(r) || r == unicode.ReplacementChar }) {
		t.Errorf("raw text is in %q", text)
	}
}

func get(t *testing.T, raw string) *auth.Request {
	t.Helper()
	u, err := url.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	return &auth.Request{Method: http.MethodGet, URL: u, Header: http.Header{}, Private: u.Scheme == "wss"}
}

func connect(host string) *auth.Request {
	return &auth.Request{Method: http.MethodConnect, URL: &url.URL{Host: host}, Header: http.Header{}, Proxy: true}
}

// play sends r as a dial does, to a peer that answers each request with the next
// of the challenges. sent has the field that each request carried.
func play(c auth.Credentials, r *auth.Request, answers ...[]string) (sent []string, err error) {
	field := "Authorization"
	if r.Proxy {
		field = "Proxy-Authorization"
	}
	ex := c.Begin()
	err = ex.Authorize(context.Background(), r, nil)
	for _, challenges := range answers {
		if err != nil {
			return sent, err
		}
		sent = append(sent, r.Header.Get(field))
		err = ex.Authorize(context.Background(), r, challenges)
	}
	if err == nil {
		sent = append(sent, r.Header.Get(field))
	}
	return sent, err
}

func ask(fields ...string) []string { return fields }

var param = regexp.MustCompile(`([\w*-]+)=(?:"((?:[^"\\]|\\.)*)"|([^, "]+))`)

// params reads the parameters of an Authorization field.
func params(t *testing.T, value, scheme string) map[string]string {
	t.Helper()
	rest, ok := strings.CutPrefix(value, scheme+" ")
	if !ok {
		t.Fatalf("expected %s, got %q", scheme, value)
	}
	m := map[string]string{}
	for _, p := range param.FindAllStringSubmatch(rest, -1) {
		if _, twice := m[p[1]]; twice {
			t.Errorf("%s occurs twice in %q", p[1], value)
		}
		m[p[1]] = regexp.MustCompile(`\\(.)`).ReplaceAllString(p[2], "$1") + p[3]
	}
	return m
}
