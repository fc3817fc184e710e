package hostile_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"strings"

	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/auth"
	"github.com/fairlead-ws/fairlead/wstest"
)

// asking is a 401 that keeps the connection.
func asking(challenges ...string) wstest.Step {
	lines := []string{"HTTP/1.1 401 Unauthorized", "Content-Length: 0"}
	for _, c := range challenges {
		lines = append(lines, "WWW-Authenticate: "+c)
	}
	return answer(head(lines...))
}

// credentialCases are E17 to E20, E22 and E23.
func credentialCases() []Case {
	const realm = `Basic realm="r"`
	digest := func(more string) string { return `Digest realm="r", nonce="n", qop="auth"` + more }
	refuses := func(id string, creds auth.Credentials, is error, steps ...wstest.Step) Case {
		return Case{ID: id, Dialer: fairlead.Dialer{Auth: creds}, Peer: steps, Refused: fairlead.PhaseAuth, Status: 401, Is: []error{is}}
	}
	opens := func(id string, creds auth.Credentials, want string, steps ...wstest.Step) Case {
		c := opened(id, switching())
		c.Dialer.Auth, c.Peer = creds, append(steps, c.Peer...)
		c.Check = func(o *Outcome) error {
			if !bytes.Contains(o.Request[len(o.Request)-1], []byte("Authorization: "+want)) {
				return fmt.Errorf("%q has no %q", o.Request, want)
			}
			return nil
		}
		return c
	}
	anyOne := auth.Password{Username: "u", Password: "p"}
	md5 := auth.Digest{Username: "u", Password: "p"}
	many := make([]string, 100)
	for i := range many {
		many[i] = fmt.Sprintf("Scheme%d realm=\"r\"", i)
	}
	cases := []Case{
		opens("E17/empty-password", auth.Basic{Username: "u"}, "Basic dTo="),
		opens("E17/empty-user", auth.Basic{Password: "p"}, "Basic OnA="),
		opens("E17/not-ASCII", auth.Basic{Username: "ü", Password: "é"}, "Basic w7w6w6k="),
		opens("E17/colon-in-the-password", auth.Basic{Username: "u", Password: "a:b"}, "Basic dTphOmI="),
		{ID: "E17/colon-in-the-user", Dialer: fairlead.Dialer{Auth: auth.Basic{Username: "a:b"}}, Refused: fairlead.PhaseAuth, Says: "colon", Check: nothingDialled},
		{ID: "E17/colon-in-the-user-of-the-URL", URL: "ws://a%3Ab:c@peer.test/", Refused: fairlead.PhaseAuth, Says: "colon", Check: nothingDialled},
		{ID: "E17/control-character", Dialer: fairlead.Dialer{Auth: auth.Basic{Username: "a\x00b"}}, Refused: fairlead.PhaseAuth, Says: "control character", Check: nothingDialled},
		refuses("E18/Basic-again", auth.Basic{Username: "u"}, auth.ErrRefused, asking(realm)),
		refuses("E18/Basic-asked-and-again", anyOne, auth.ErrRefused, asking(realm), asking(realm)),
		refuses("E18/Digest-again", md5, auth.ErrRefused, asking(digest("")), asking(digest(""))),
		refuses("E18/no-challenge", anyOne, auth.ErrRefused, asking()),
		refuses("E18/Bearer-again", auth.Bearer{Token: "t", AllowCleartext: true}, auth.ErrRefused, asking(`Bearer error="invalid_token"`)),
		opens("E19/Digest", md5, "Digest ", asking(digest(""))),
		opens("E19/SHA-256-preferred", md5, "Digest ", asking(digest(", algorithm=MD5"), digest(", algorithm=SHA-256"))).checked(func(o *Outcome) error {
			if !bytes.Contains(o.Request[0], []byte("algorithm=SHA-256")) {
				return fmt.Errorf("%q", o.Request)
			}
			return nil
		}),
		opens("E19/stale-once", md5, "Digest ", asking(digest("")), asking(`Digest realm="r", nonce="m", qop="auth", stale=true`)),
		refuses("E19/stale-for-ever", md5, auth.ErrRefused, asking(digest("")), asking(`Digest realm="r", nonce="m", qop="auth", stale=true`), asking(`Digest realm="r", nonce="o", qop="auth", stale=true`)),
		refuses("E19/unknown-algorithm", md5, auth.ErrNotOffered, asking(digest(", algorithm=ROT13"))),
		refuses("E19/other-scheme", md5, auth.ErrNotOffered, asking("Negotiate")),
		refuses("E22/100-schemes", anyOne, auth.ErrNotOffered, asking(many...)),
	}
	for name, challenge := range map[string]string{
		"no-nonce": `Digest realm="r", qop="auth"`, "empty-nonce": `Digest realm="r", nonce="", qop="auth"`, "nonce-with-quote": `Digest realm="r", nonce="a\"b", qop="auth"`,
		"only-auth-int": `Digest realm="r", nonce="n", qop="auth-int"`, "huge-nonce": `Digest realm="r", qop="auth", nonce="` + times(30<<10, "n") + `"`,
		"two-nonces": `Digest realm="r", nonce="a", nonce="b", qop="auth"`, "MD5-sess": `Digest realm="r", nonce="n", qop="auth", algorithm=MD5-sess`, "no-qop": `Digest realm="r", nonce="n"`,
	} {
		// Each of these may be answered or refused, as package auth says; it never
		// hangs, repeats what the peer wrote or sends the password.
		c := Case{
			ID: "E19/" + name, Dialer: fairlead.Dialer{Auth: auth.Digest{Username: "u", Password: canary}}, Peer: peer(asking(challenge), answer("HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n")),
			Do: func(context.Context, *fairlead.Conn, *Outcome) error { return errors.New("opened") }, Says: "dial failed", Lag: -1,
			Check: func(o *Outcome) error {
				if bytes.Contains(o.Request[0], []byte(canary)) || strings.Contains(o.Err.Error(), times(100, "n")) {
					return fmt.Errorf("%q, %w", o.Request, o.Err)
				}
				return nil
			},
		}
		// A refusal leaves the second answer unsent: the peer waits for a request.
		c.Peer = peer(asking(challenge), maybeRequest("HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n"))
		cases = append(cases, c.teaches("L89"))
	}
	for name, challenge := range map[string]string{
		"unterminated-quote": `Basic realm="`, "backslashes": `Basic realm="` + times(30<<10, `\`), "commas": times(30<<10, ","), "equals": times(30<<10, "="), "spaces": "Basic" + times(30<<10, " "),
		"quotes": times(15<<10, `"`), "one-long-token": times(60<<10, "a"), "many-parameters": "Digest " + times(3000, "a=b, "), "control": "Basic realm=\"\x01\"", "not-ASCII": "Basic r=\"\xff\"",
	} {
		c := Case{
			ID: "E22/" + name, Dialer: fairlead.Dialer{Auth: auth.Digest{Username: "u", Password: canary}}, Peer: peer(answer(head("HTTP/1.1 401 No", "Content-Length: 0", "WWW-Authenticate: "+challenge))),
			Do: func(context.Context, *fairlead.Conn, *Outcome) error { return errors.New("opened") }, Says: "dial failed", Lag: defaultLag,
		}
		cases = append(cases, c.teaches("L90"))
	}
	nonces := opens("E20/next-origin", md5, "Digest ", asking(digest("")))
	nonces.Next = [][]wstest.Step{{asking(`Digest realm="r", nonce="other", qop="auth"`), answer(switching()), send(bye())}}
	nonces.Do = func(ctx context.Context, c *fairlead.Conn, o *Outcome) error {
		if err := readAll(ctx, c, o); err == nil {
			return errors.New("no end")
		}
		second, err := o.Redial(ctx)
		if err != nil {
			return err
		}
		defer second.CloseNow()
		return readAll(ctx, second, &Outcome{})
	}
	nonces.Check = func(o *Outcome) error {
		first, _, _ := bytes.Cut(o.Request[1], []byte("\r\n\r\n"))
		if bytes.Contains(first, []byte("Authorization")) || bytes.Contains(o.Request[1], []byte(`nonce="n"`)) {
			return fmt.Errorf("what one dial learnt went to the next: %q", o.Request[1])
		}
		return nil
	}
	cases = append(cases, nonces.teaches("L50", "L51"))
	for name, d := range map[string]fairlead.Dialer{
		"Auth-and-field": {Auth: anyOne, Header: http.Header{"Authorization": {"x"}}},
	} {
		cases = append(cases, Case{ID: "E23/" + name, Dialer: d, Refused: fairlead.PhaseURL, Says: "choose one", Check: nothingDialled})
	}
	return append(cases,
		Case{ID: "E23/userinfo-and-field", URL: "ws://u:p@peer.test/", Dialer: fairlead.Dialer{Header: http.Header{"authorization": {"x"}}}, Refused: fairlead.PhaseURL, Says: "choose one", Check: nothingDialled},
		Case{ID: "E23/userinfo-and-Auth", URL: "ws://u:p@peer.test/", Dialer: fairlead.Dialer{Auth: anyOne}, Refused: fairlead.PhaseURL, Says: "choose one", Check: nothingDialled},
	)
}

// maybeRequest answers the next request, if there is one.
func maybeRequest(text string) wstest.Step { return wstest.Send([]byte(text)) }

// clearCases are E21: a bearer token does not go where others can read it.
func clearCases() []Case {
	bearer := func(id, u string, allow bool) Case {
		return Case{ID: id, URL: u, Dialer: fairlead.Dialer{Auth: auth.Bearer{Token: canary, AllowCleartext: allow}}, Refused: fairlead.PhaseAuth, Says: "RFC 6750", Check: nothingDialled}
	}
	opens := func(c Case) Case {
		o := opened(c.ID, switching())
		o.URL, o.Dialer = c.URL, c.Dialer
		return o
	}
	secure := opens(bearer("E21/good: wss", "", false))
	secure.TLS = true
	return []Case{
		bearer("E21/ws", "ws://peer.test/", false), bearer("E21/http", "http://peer.test/", false), bearer("E21/looks-like-loopback", "ws://localhost.peer.test/", false),
		bearer("E21/looks-like-an-address", "ws://127.0.0.1.peer.test/", false), secure, opens(bearer("E21/good: allowed", "ws://peer.test/", true)), opens(bearer("E21/good: loopback", "ws://127.0.0.1/", false)),
		opens(bearer("E21/good: localhost", "ws://localhost/", false)), opens(bearer("E21/good: IPv6-loopback", "ws://[::1]/", false)),
	}
}

// suffixes is a list of public suffixes.
type suffixes struct{}

func (suffixes) String() string { return "hostile" }
func (suffixes) PublicSuffix(domain string) string {
	if strings.HasSuffix(domain, "co.test") {
		return "co.test"
	}
	return domain[strings.LastIndexByte(domain, '.')+1:]
}

// setCookieCases are E13 to E15: what a server's Set-Cookie makes the next dial send
// to ws://a.example.co.test/dir/.
func setCookieCases() []Case {
	var cases []Case
	for _, k := range []struct{ id, cookie, sent string }{
		{"E13/good: plain", "a=b", "a=b"}, {"E13/good: parent", "a=b; Domain=example.co.test", "a=b"}, {"E13/good: leading-dot", "a=b; Domain=.Example.Co.Test", "a=b"},
		{"E13/other", "a=b; Domain=other.co.test", ""}, {"E13/tail", "a=b; Domain=ample.co.test", ""}, {"E13/sub-domain", "a=b; Domain=x.a.example.co.test", ""}, {"E13/super-cookie", "a=b; Domain=co.test", ""},
		{"E13/super-cookie-capitals", "a=b; Domain=Co.Test", ""}, {"E13/super-cookie-dot", "a=b; Domain=co.test.", ""}, {"E13/top-level", "a=b; Domain=test", ""}, {"E13/IP", "a=b; Domain=127.0.0.1", ""}, {"E13/dots", "a=b; Domain=...", ""},
		{"E14/Secure", "a=b; Secure", ""}, {"E14/good: path", "a=b; Path=/dir", "a=b"}, {"E14/other-path", "a=b; Path=/other", ""}, {"E14/path-prefix", "a=b; Path=/di", ""}, {"E14/expired", "a=b; Expires=Thu, 01 Jan 1970 00:00:00 GMT", ""},
		{"E14/Max-Age-0", "a=b; Max-Age=0", ""}, {"E14/Max-Age-negative", "a=b; Max-Age=-1", ""}, {"E14/Max-Age-very-negative", "a=b; Max-Age=-" + times(30, "9"), ""}, {"E14/good: Max-Age-huge", "a=b; Max-Age=99999999999", "a=b"}, {"E14/good: Max-Age-beyond-64-bits", "a=b; Max-Age=" + times(30, "9"), "a=b"},
		{"E15/long", "a=" + times(5000, "x"), ""}, {"E15/Host-prefix", "__Host-a=b; Secure; Path=/", ""}, {"E15/Secure-prefix", "__Secure-a=b", ""}, {"E15/prefix-in-capitals", "__HOST-a=b", ""}, {"E15/tab", "a=b\tc", ""}, {"E15/DEL", "a=b\x7f", ""},
		{"E15/not-ASCII", "a=ü", ""}, {"E15/no-name", "=b", ""}, {"E15/bad-name", "a b=c", ""}, {"E15/no-equals", "a", ""}, {"E15/empty", "", ""}, {"E15/semicolons", times(1000, ";"), ""},
	} {
		for _, how := range []string{"101", "403", "302"} {
			c := opened(k.id+"-"+how, switching())
			last := c.Peer
			set := "Set-Cookie: " + k.cookie
			switch how {
			case "101":
				c.Peer = peer(answer(switching(set)), send(bye()))
			case "403":
				c.Peer = peer(answer(head("HTTP/1.1 403 No", set, "Content-Length: 0")))
			case "302":
				c.Peer = peer(answer(head("HTTP/1.1 302 Moved", set, "Location: /dir/", "Content-Length: 0")))
			}
			if strings.ContainsAny(k.cookie, "\x7f") { // no field of HTTP has it
				c.Next, c.Messages, c.Closed, c.Refused, c.Dialer.Redirects = nil, nil, 0, fairlead.PhaseResponse, 0
				cases = append(cases, c.teaches("L57"))
				continue
			}
			c.URL, c.Next = "ws://a.example.co.test/dir/", [][]wstest.Step{last}
			c.Dialer.Jar, _ = cookiejar.New(&cookiejar.Options{PublicSuffixList: suffixes{}})
			if how == "302" {
				c.Dialer.Redirects = 1
			} else {
				c.Do = func(ctx context.Context, first *fairlead.Conn, o *Outcome) error {
					_ = readAll(ctx, first, &Outcome{})
					second, err := o.Redial(ctx)
					if err != nil {
						return err
					}
					defer second.CloseNow()
					return readAll(ctx, second, o)
				}
			}
			if how == "403" { // no connection to redial from
				c.Peer, c.Next = peer(answer(head("HTTP/1.1 403 No", set, "Content-Length: 0"))), nil
				c.Refused, c.Status, c.Closed, c.Messages, c.Do = fairlead.PhaseVerify, 403, 0, nil, nil
				jar := c.Dialer.Jar
				c.Check = func(*Outcome) error {
					if got := cookiesOf(jar); got != k.sent {
						return fmt.Errorf("the jar has %q, want %q", got, k.sent)
					}
					return nil
				}
				cases = append(cases, c.teaches("L55", "L56", "L57"))
				continue
			}
			c.Check = func(o *Outcome) error {
				_, cookie, _ := bytes.Cut(o.Request[1], []byte("Cookie: "))
				cookie, _, _ = bytes.Cut(cookie, []byte("\r\n"))
				if string(cookie) != k.sent {
					return fmt.Errorf("Cookie: %q, want %q", cookie, k.sent)
				}
				return nil
			}
			cases = append(cases, c.teaches("L55", "L56", "L57"))
		}
	}
	return cases
}

// cookiesOf is what a jar sends to the URL of setCookieCases.
func cookiesOf(jar http.CookieJar) string {
	r, err := http.NewRequest(http.MethodGet, "http://a.example.co.test/dir/", nil)
	if err != nil {
		return err.Error()
	}
	for _, c := range jar.Cookies(r.URL) {
		r.AddCookie(c)
	}
	return r.Header.Get("Cookie")
}
