package auth_test

import (
	"strings"
	"testing"

	"github.com/fairlead-ws/fairlead/auth"
)

func TestPassword(t *testing.T) {
	p := auth.Password{Username: "alice", Password: canary, Domain: "D"}
	const (
		sha   = `Digest realm="r", nonce="s", algorithm=SHA-256, qop="auth"`
		md    = `Digest realm="r", nonce="m", qop="auth"`
		basic = `Basic realm="r, Digest", charset="UTF-8"`
	)
	for _, c := range []struct {
		row   string
		asks  []string
		takes string
	}{
		{"weakest first, four fields", ask(basic, "NTLM", md, sha), "Digest SHA-256"},
		{"weakest first, one field", ask(basic + ", NTLM, " + md + " , " + sha), "Digest SHA-256"},
		{"MD5 before NTLM", ask(basic, "NTLM", md), "Digest"},
		{"NTLM before Basic", ask(basic + ",Negotiate , NTLM"), "NTLM "},
		{"Basic", ask("Negotiate", basic), "Basic "},
		{"an unusable Digest is passed over", ask(`Digest realm="r", nonce="x", qop="auth-int", ` + basic), "Basic "},
		{"E22 what is before a fault counts", ask(basic + `, Digest realm="r`), "Basic "},
		{"E22 a fault in another field", ask(`Foo realm="r`, basic), "Basic "},
	} {
		t.Run(c.row, func(t *testing.T) {
			for _, r := range []*auth.Request{get(t, "ws://h/"), connect("h:443")} {
				sent, err := play(p, r, c.asks)
				if err != nil || len(sent) != 2 || sent[0] != "" {
					t.Fatalf("got %q, %v", sent, err)
				}
				scheme, algorithm, _ := strings.Cut(c.takes, " ")
				if !strings.HasPrefix(sent[1], scheme+" ") {
					t.Errorf("took %q", sent[1])
				}
				if scheme == "Digest" && params(t, sent[1], scheme)["algorithm"] != algorithm {
					t.Errorf("took %q", sent[1])
				}
			}
		})
	}
}

func TestPasswordNTLM(t *testing.T) {
	p := auth.Password{Username: "User", Password: nlmpPassword, Domain: "Domain"}
	sent, err := play(p, connect("h:1"), ask("NTLM"), ask(ntlmField(type2(t, ntlmFlags, unhex(t, nlmpInfo)))))
	if err != nil || len(sent) != 3 {
		t.Fatalf("got %q, %v", sent, err)
	}
	ntlmMessage(t, sent[1], 1)
	response := payload(t, ntlmMessage(t, sent[2], 3), 20)
	if string(response[:16]) != string(hmacMD5(unhex(t, nlmpV2Hash), unhex(t, nlmpChallenge), response[16:])) {
		t.Error("the proof is wrong")
	}
}

// A dial that learns of the challenge before it begins an exchange may begin
// with it.
func TestFirstAuthorizeWithChallenge(t *testing.T) {
	for _, c := range []auth.Credentials{
		auth.Password{Username: "a", Password: canary},
		auth.Basic{Username: "a", Password: canary},
		auth.Digest{Username: "a", Password: canary},
		auth.NTLM{Username: "a", Password: canary},
	} {
		r := get(t, "wss://h/")
		if err := c.Begin().Authorize(t.Context(), r, ask(`Digest realm="r", nonce="n", qop="auth", Basic realm="r", NTLM`)); err != nil || r.Header.Get("Authorization") == "" {
			t.Errorf("%v: %v, %v", c, r.Header, err)
		}
	}
}

func TestPasswordErrors(t *testing.T) {
	p := auth.Password{Username: "alice", Password: canary}
	many := strings.Repeat("Foo, ", 1000)
	for _, c := range []struct {
		row     string
		answers [][]string
		target  error
		says    string
		sent    int
	}{
		{"F06 no field", [][]string{nil}, auth.ErrNotOffered, "names no scheme", 1},
		{"F06 unknown schemes", [][]string{ask("Negotiate", "Kerberos x=y")}, auth.ErrNotOffered, "negotiate, kerberos", 1},
		{"names are cut", [][]string{ask(strings.Repeat("x", 5000) + ", a, b, c, d, e, f, g")}, auth.ErrNotOffered, strings.Repeat("x", 32) + ", a, b, c, d, e, ...,", 1},
		{"E18 F02 Basic", [][]string{ask("Basic"), ask("Basic")}, auth.ErrRefused, "Basic", 2},
		{"no weaker one after a refusal", [][]string{ask(`Digest realm="r", nonce="n", qop="auth", Basic`), ask("Basic")}, auth.ErrRefused, "Digest", 2},
		{"NTLM refused", [][]string{ask("NTLM, Basic"), ask("NTLM, Basic")}, auth.ErrRefused, "connection", 2},
		{"Digest that cannot be answered", [][]string{ask(`Digest realm="r", qop="auth"`)}, auth.ErrNotOffered, "nonce", 1},
		{"E22 1,000 schemes", [][]string{ask(many + "Basic")}, auth.ErrNotOffered, "64 challenges", 1},
		{"E22 1,000 fields", [][]string{append(strings.Split(many, ", "), "Basic")}, auth.ErrNotOffered, "64 challenges", 1},
		{"E22 more than 64 KiB", [][]string{ask("Basic realm=\"" + strings.Repeat("x", 64<<10) + "\"")}, auth.ErrNotOffered, "65536 bytes", 1},
		{"E22 unterminated quote", [][]string{ask(`Basic realm="` + strings.Repeat("x", 60<<10))}, auth.ErrNotOffered, "no end", 1},
		{"E22 text of the peer", [][]string{ask("Basic realm=\"\x1b[2J\xff"+canary+"\"", "\x1b[2J", canary+" \x00")}, auth.ErrNotOffered, "malformed", 1},
	} {
		t.Run(c.row, func(t *testing.T) {
			for _, r := range []*auth.Request{get(t, "wss://h/"), connect("h:443")} {
				sent, err := play(p, r, c.answers...)
				fails(t, err, c.target, c.says)
				if len(sent) != c.sent {
					t.Errorf("%d requests were sent, want %d", len(sent), c.sent)
				}
			}
		})
	}
	for _, p := range []auth.Password{
		{Username: "a\r", Password: canary}, {Username: "a", Password: canary + "\n"}, {Password: canary, Domain: "\x00"},
	} {
		_, err := play(p, get(t, "wss://h/")) // L32
		fails(t, err, nil, "control character")
	}
	_, err := play(auth.Password{Username: "a:b", Password: canary}, get(t, "wss://h/"), ask("Basic"))
	fails(t, err, nil, "colon")
}
