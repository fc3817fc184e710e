package auth_test

import (
	"context"
	"crypto/md5"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/fairlead-ws/fairlead/auth"
)

// verify computes what a server that knows the password expects (RFC 7616
// section 3.4.1), from the fields that it got.
func verify(t *testing.T, value, method, uri, user, realm, password string) map[string]string {
	t.Helper()
	p := params(t, value, "Digest")
	h := func(parts ...string) string {
		h := md5.New()
		if strings.HasPrefix(p["algorithm"], "SHA-256") {
			h = sha256.New()
		}
		h.Write([]byte(strings.Join(parts, ":")))
		return hex.EncodeToString(h.Sum(nil))
	}
	a1 := h(user, realm, password)
	if strings.HasSuffix(p["algorithm"], "-sess") {
		a1 = h(a1, p["nonce"], p["cnonce"])
	}
	want := h(a1, p["nonce"], p["nc"], p["cnonce"], "auth", h(method, uri))
	if p["response"] != want || p["uri"] != uri || p["realm"] != realm || p["qop"] != "auth" {
		t.Errorf("response %s wanted, got %q", want, value)
	}
	if len(p["cnonce"]) < 16 {
		t.Errorf("short cnonce in %q", value)
	}
	return p
}

func TestDigest(t *testing.T) {
	d := auth.Digest{Username: "alice", Password: canary}
	for _, c := range []struct {
		row        string
		challenges []string
		algorithm  string
		nonce      string
	}{
		{"no algorithm, as squid", ask(`Digest realm="r", nonce="n", qop="auth", stale=false`), "", "n"},
		{"MD5", ask(`Digest realm="r", nonce="n", algorithm=MD5, qop="auth"`), "MD5", "n"},
		{"E19 MD5-sess", ask(`Digest realm="r", nonce="n", algorithm=MD5-sess, qop="auth"`), "MD5-sess", "n"},
		{"SHA-256", ask(`digest REALM="r",NONCE="n",Algorithm="sha-256",qop=auth`), "SHA-256", "n"},
		{"SHA-256-sess", ask(`Digest realm="r", nonce="n", algorithm=SHA-256-sess, qop="auth-int, auth"`), "SHA-256-sess", "n"},
		{"E19 SHA-256 is preferred, two fields", ask(`Digest realm="r", nonce="1", algorithm=MD5, qop="auth"`, `Digest realm="r", nonce="2", algorithm=SHA-256, qop="auth"`), "SHA-256", "2"},
		{"E19 SHA-256 is preferred, one field", ask(`Digest realm="r", nonce="1", qop="auth", Digest realm="r", nonce="2", algorithm=SHA-256, qop="auth", Basic realm="r"`), "SHA-256", "2"},
		{"E19 an unusable one is passed over", ask(`Digest realm="r", nonce="1", algorithm=SHA-256, qop="auth-int"`, `Digest realm="r", nonce="2", algorithm=MD5, qop="auth"`), "MD5", "2"},
		{"E19 nonce with quotes", ask(`Digest realm="r", nonce="a\"b\\c", algorithm=MD5, qop="auth"`), "MD5", `a"b\c`},
		{"E19 long nonce", ask(`Digest realm="r", algorithm=MD5, qop="auth", nonce="` + strings.Repeat("n", 4096) + `"`), "MD5", strings.Repeat("n", 4096)},
	} {
		t.Run(c.row, func(t *testing.T) {
			for _, r := range []*auth.Request{get(t, "ws://h/a%20b?c=d"), connect("h:443")} {
				uri := "/a%20b?c=d"
				if r.Proxy {
					uri = "h:443"
				}
				sent, err := play(d, r, c.challenges)
				if err != nil || len(sent) != 2 || sent[0] != "" {
					t.Fatalf("got %q, %v", sent, err)
				}
				p := verify(t, sent[1], r.Method, uri, "alice", "r", canary)
				if p["algorithm"] != c.algorithm || p["nonce"] != c.nonce || p["nc"] != "00000001" || p["username"] != "alice" {
					t.Errorf("got %q", sent[1])
				}
				if strings.Contains(sent[1], canary) {
					t.Error("the password was sent")
				}
			}
		})
	}
}

func TestDigestNames(t *testing.T) {
	const user = "Jäsøn Doe" // as in RFC 7616 section 3.9.2
	for _, c := range []struct{ name, challenge, field, want string }{
		{"username*", `Digest realm="r", nonce="n", algorithm=SHA-256, qop="auth", charset=UTF-8`, "username*", "UTF-8''J%C3%A4s%C3%B8n%20Doe"},
		{"no charset", `Digest realm="r", nonce="n", qop="auth"`, "username", user},
		{"userhash", `Digest realm="r", nonce="n", algorithm=SHA-256, qop="auth", charset=UTF-8, userhash=true`, "username", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			sent, err := play(auth.Digest{Username: user, Password: canary}, get(t, "ws://h/"), ask(c.challenge))
			if err != nil {
				t.Fatal(err)
			}
			p := verify(t, sent[1], "GET", "/", user, "r", canary)
			if c.want == "" {
				sum := sha256.Sum256([]byte(user + ":r"))
				c.want = hex.EncodeToString(sum[:])
				if p["userhash"] != "true" {
					t.Error("userhash is missing")
				}
			}
			_, name := p["username"]
			_, extended := p["username*"]
			if p[c.field] != c.want || name == extended {
				t.Errorf("got %q", sent[1])
			}
		})
	}
	sent, err := play(auth.Digest{Username: `a"b\c`, Password: canary}, get(t, "ws://h/"), ask(`Digest realm="q\"", nonce="n", qop="auth", opaque=""`))
	if err != nil {
		t.Fatal(err)
	}
	verify(t, sent[1], "GET", "/", `a"b\c`, `q"`, canary)
	if !strings.Contains(sent[1], `username="a\"b\\c", realm="q\"", `) || !strings.HasSuffix(sent[1], `, opaque=""`) {
		t.Errorf("got %q", sent[1])
	}
}

func TestDigestErrors(t *testing.T) {
	const (
		ok    = `Digest realm="r", nonce="n1", qop="auth"`
		stale = `Digest realm="r", nonce="n2", qop="auth", stale=TRUE`
	)
	long := strings.Repeat("x", 4097)
	for _, c := range []struct {
		row     string
		answers [][]string
		target  error
		says    string
		sent    int
	}{
		{"E19 no nonce", [][]string{ask(`Digest realm="r", qop="auth"`)}, auth.ErrNotOffered, "no nonce", 1},
		{"E19 no qop", [][]string{ask(`Digest realm="r", nonce="n"`)}, auth.ErrNotOffered, "no qop", 1},
		{"E19 auth-int", [][]string{ask(`Digest realm="r", nonce="n", qop="auth-int"`)}, auth.ErrNotOffered, "auth-int", 1},
		{"E19 unknown algorithm", [][]string{ask(`Digest realm="r", nonce="n", qop="auth", algorithm=` + canary)}, auth.ErrNotOffered, "algorithm", 1},
		{"E19 only -sess", [][]string{ask(`Digest realm="r", nonce="n", qop="auth", algorithm=-sess`)}, auth.ErrNotOffered, "algorithm", 1},
		{"E19 huge nonce", [][]string{ask(`Digest realm="r", qop="auth", nonce="` + long + `"`)}, auth.ErrNotOffered, "4096", 1},
		{"E19 huge opaque", [][]string{ask(`Digest realm="r", qop="auth", nonce="n", opaque="` + long + `"`)}, auth.ErrNotOffered, "4096", 1},
		{"E19 huge realm", [][]string{ask(`Digest qop="auth", nonce="n", realm="` + long + `"`)}, auth.ErrNotOffered, "4096", 1},
		{"E19 F03 stale for ever", [][]string{ask(ok), ask(stale), ask(stale), ask(stale)}, auth.ErrRefused, "stale", 3},
		{"stale at first is only a challenge", [][]string{ask(stale), ask(stale), ask(stale)}, auth.ErrRefused, "stale", 3},
		{"E18 F02 wrong password", [][]string{ask(ok), ask(ok)}, auth.ErrRefused, "after it got Digest", 2},
		{"a new nonce is no stale", [][]string{ask(ok), ask(`Digest realm="r", nonce="n2", qop="auth", stale=false`)}, auth.ErrRefused, "Digest", 2},
		{"refused without a field, as tinyproxy", [][]string{ask(ok), nil}, auth.ErrRefused, "Digest", 2},
		{"F06 no field", [][]string{nil}, auth.ErrNotOffered, "no scheme", 1},
		{"F06 unknown scheme", [][]string{ask(`Kerberos foo`)}, auth.ErrNotOffered, "asks for kerberos", 1},
		{"E22 unterminated quote", [][]string{ask(`Digest realm="r, nonce="n"`)}, auth.ErrNotOffered, "malformed", 1},
	} {
		t.Run(c.row, func(t *testing.T) {
			for _, r := range []*auth.Request{get(t, "wss://h/"), connect("h:443")} {
				sent, err := play(auth.Digest{Username: "alice", Password: canary}, r, c.answers...)
				fails(t, err, c.target, c.says)
				if len(sent) != c.sent {
					t.Errorf("%d requests were sent, want %d", len(sent), c.sent)
				}
			}
		})
	}
	for _, d := range []auth.Digest{{Username: "a\nb", Password: canary}, {Password: canary + "\r"}} {
		_, err := play(d, get(t, "wss://h/"))
		fails(t, err, nil, "control character") // L32
	}
}

func TestDigestStale(t *testing.T) {
	const same = `Digest realm="r", nonce="n1", qop="auth", stale=true`
	for _, c := range []struct{ challenge, nonce, count string }{
		{`Digest realm="r", nonce="n2", qop="auth", stale=true`, "n2", "00000001"},
		{same, "n1", "00000002"},
	} {
		sent, err := play(auth.Digest{Username: "a", Password: canary}, get(t, "ws://h/"), ask(`Digest realm="r", nonce="n1", qop="auth"`), ask(c.challenge))
		if err != nil {
			t.Fatal(err)
		}
		p := verify(t, sent[2], "GET", "/", "a", "r", canary)
		if p["nonce"] != c.nonce || p["nc"] != c.count {
			t.Errorf("got %q", sent[2])
		}
		if params(t, sent[1], "Digest")["cnonce"] == p["cnonce"] {
			t.Error("a cnonce came twice")
		}
	}
}

// L50, L51, E20: one value for many dials, each with a state of its own.
func TestDigestExchangesShareNothing(t *testing.T) {
	d := auth.Digest{Username: "a", Password: canary}
	const dials = 32
	values := make([]string, dials)
	var wg sync.WaitGroup
	for i := range dials {
		wg.Go(func() {
			r := &auth.Request{Method: http.MethodConnect, URL: get(t, "ws://h:1/").URL, Header: http.Header{}}
			ex := d.Begin()
			for _, challenges := range [][]string{nil, ask(`Digest realm="r", nonce="same", qop="auth"`)} {
				if err := ex.Authorize(context.Background(), r, challenges); err != nil {
					t.Error(err)
				}
			}
			values[i] = r.Header.Get("Authorization")
		})
	}
	wg.Wait()
	cnonces := map[string]bool{}
	for _, value := range values {
		p := params(t, value, "Digest")
		cnonces[p["cnonce"]] = true
		if p["nc"] != "00000001" {
			t.Errorf("a count went over: %q", value)
		}
	}
	if len(cnonces) != dials {
		t.Errorf("%d dials used %d cnonces", dials, len(cnonces))
	}
	// A stale nonce of one dial allows no second retry, and forbids none, in another.
	for range 2 {
		if _, err := play(d, get(t, "ws://h/"), ask(`Digest realm="r", nonce="1", qop="auth"`), ask(`Digest realm="r", nonce="2", qop="auth", stale=true`)); err != nil {
			t.Error(err)
		}
	}
}
