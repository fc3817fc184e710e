package hostile_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/auth"
	"github.com/fairlead-ws/fairlead/wstest"
)

// originCases is section E: redirects, cookies, credentials, URLs. E12 and E23's
// environment are with TestEnvironment, E16 and E24 (files of cookies, netrc) are
// not built.
func originCases() []Case {
	return slices.Concat(
		redirectCases(), locationCases(), secretCases(), credentialCases(), clearCases(), setCookieCases(), urlCases(), injectionCases(), ownFieldCases(),
	)
}

const canary = "s3cr3t-canary-0123456789-0123456789"

var redirectCodes = []int{301, 302, 303, 307, 308}

// moved redirects.
func moved(code int, to string) []wstest.Step {
	return peer(answer(head(fmt.Sprintf("HTTP/1.1 %d Moved", code), "Location: "+to, "Content-Length: 0")))
}

// hopped is a dial that is redirected along hops and opens at the last one.
func hopped(id, from string, code int, hops ...string) Case {
	c := opened(id, switching())
	last := c.Peer
	c.URL, c.Dialer.Redirects, c.Peer = from, 10, moved(code, hops[0])
	for _, to := range hops[1:] {
		c.Next = append(c.Next, moved(code, to))
	}
	c.Next = append(c.Next, last)
	return c
}

// nothingDialled holds that no connection was made.
func nothingDialled(o *Outcome) error {
	if len(o.Request) > 0 {
		return fmt.Errorf("%d connections, the first got %q", len(o.Request), o.Request[0])
	}
	return nil
}

// redirectCases are E01 to E03, E08, E10 and E11.
func redirectCases() []Case {
	var cases []Case
	for _, code := range redirectCodes {
		cases = append(cases, Case{
			ID: fmt.Sprintf("E01/%d", code), Peer: moved(code, "ws://other.test/"), Refused: fairlead.PhaseVerify, Status: code, Says: "Dialer.Redirects",
			Check: func(o *Outcome) error {
				if he, _ := errors.AsType[*fairlead.HandshakeError](o.Err); he.Header.Get("Location") != "ws://other.test/" || len(o.Request) != 1 {
					return fmt.Errorf("%v, %d connections", he.Header, len(o.Request))
				}
				return nil
			},
		})
		clear := Case{ID: fmt.Sprintf("E03/%d", code), TLS: true, Dialer: fairlead.Dialer{Redirects: 5}, Peer: moved(code, "ws://peer.test/"), Refused: fairlead.PhaseRedirect, Status: code, Says: "from wss to ws"}
		scheme := clear
		scheme.ID, scheme.Peer = clear.ID+"-http", moved(code, "http://peer.test:443/")
		cases = append(cases, clear.teaches("L44"), scheme.teaches("L44"))
	}
	for _, n := range []int{1, 2, 9, 10, 11, 100} {
		for name, to := range map[string]func(i int) string{
			"self": func(int) string { return "ws://peer.test/" }, "pair": func(i int) string { return fmt.Sprintf("ws://%c.test/", 'a'+i%2) }, "others": func(i int) string { return fmt.Sprintf("ws://h%d.test/", i) },
		} {
			c := Case{ID: fmt.Sprintf("E02/%s-%d", name, n), Dialer: fairlead.Dialer{Redirects: n}, Peer: moved(302, to(0)), Refused: fairlead.PhaseRedirect, Status: 302}
			for i := range 12 {
				c.Next = append(c.Next, moved(302, to(i+1)))
			}
			c.Check = func(o *Outcome) error {
				if want := min(n, 10) + 1; len(o.Request) != want {
					return fmt.Errorf("%d connections, want %d", len(o.Request), want)
				}
				return nil
			}
			cases = append(cases, c)
		}
	}
	veto := errors.New("not there")
	vetoed := Case{ID: "E08/veto", Peer: moved(302, "http://169.254.169.254/latest/"), Refused: fairlead.PhaseRedirect, Status: 302, Is: []error{veto}}
	vetoed.Dialer = fairlead.Dialer{Redirects: 3, CheckRedirect: func(_ context.Context, next *url.URL, _ []*url.URL) error {
		if next.Hostname() == "169.254.169.254" {
			return veto
		}
		return nil
	}}
	big := hopped("E10/1-GiB-body", "ws://peer.test/", 302, "ws://peer.test/2")
	big.Peer = peer(answer(head("HTTP/1.1 302 Moved", "Location: /2", "Content-Length: 1073741824") + times(1000, "x")))
	keys := hopped("E11/new-key", "ws://peer.test/", 302, "/2", "/3", "/4")
	keys.Check = func(o *Outcome) error {
		seen := map[string]bool{}
		for _, r := range o.Request {
			_, after, _ := bytes.Cut(r, []byte("Sec-WebSocket-Key: "))
			key, _, _ := bytes.Cut(after, []byte("\r\n"))
			if seen[string(key)] || len(key) != 24 {
				return fmt.Errorf("the key %q comes twice or is none", key)
			}
			seen[string(key)] = true
		}
		return nil
	}
	return append(cases, vetoed, big.teaches("L98"), keys)
}

// locationCases are E07 and E09.
func locationCases() []Case {
	var cases []Case
	for _, l := range []struct{ name, location, host, target string }{
		{"absolute", "ws://b.test/x?y=z", "b.test", "/x?y=z"},
		{"http-is-ws", "HTTP://B.test:80", "b.test", "/"},
		{"relative", "c?d", "peer.test", "/dir/c?d"},
		{"up", "../../c", "peer.test", "/c"},
		{"absolute-path", "/c", "peer.test", "/c"},
		{"query-only", "?d", "peer.test", "/dir/file?d"},
		{"network-path", "//b.test/c", "b.test", "/c"},
		{"fragment", "ws://b.test/c#d", "b.test", "/c"},
		{"userinfo", "ws://u:pw@b.test/c", "b.test", "/c"},
		{"escaped-CRLF", "/%0d%0aX:y", "peer.test", "/%0d%0aX:y"},
		{"space", "/a b", "peer.test", "/a%20b"},
		{"not-ASCII", "/ü", "peer.test", "/%C3%BC"},
		{"other-port", "ws://b.test:81/", "b.test:81", "/"},
	} {
		c := hopped("E09/"+l.name, "ws://peer.test/dir/file", 302, l.location)
		c.Check = func(o *Outcome) error {
			if want := "GET " + l.target + " HTTP/1.1\r\nHost: " + l.host + "\r\n"; !bytes.HasPrefix(o.Request[1], []byte(want)) {
				return fmt.Errorf("%q, want %q", o.Request[1], want)
			}
			if bytes.Contains(o.Request[1], []byte("Authorization")) {
				return errors.New("userinfo of a Location was sent")
			}
			return nil
		}
		cases = append(cases, c.teaches("L36", "L58"))
	}
	for _, l := range []struct{ row, name, location string }{
		{"E07", "file", "file:///etc/passwd"},
		{"E07", "ftp", "ftp://b.test/"},
		{"E07", "data", "data:text/plain,x"},
		{"E07", "javascript", "javascript:alert(1)"},
		{"E07", "unix", "unix:///run/s"},
		{"E07", "ws-unix", "ws+unix:///run/s"},
		{"E07", "gopher", "gopher://b.test/"},
		{"E07", "about", "about:blank"},
		{"E09", "empty", ""},
		{"E09", "no-host", "ws:///c"},
		{"E09", "opaque", "ws:b.test"},
		{"E09", "port-0", "ws://b.test:0/"},
		{"E09", "port-65536", "ws://b.test:65536/"},
		{"E09", "colon", "ws://b.test:/"},
		{"E09", "bad-escape", "/%zz"},
		{"E09", "CRLF-in-the-host", "ws://b.test%0d%0a/"},
		{"E09", "NUL-in-the-host", "ws://b.test%00/"},
		{"E09", "IPv4-in-brackets", "ws://[1.2.3.4]/"},
		{"E09", "9-KiB", "/" + times(9<<10, "a")},
		{"E09", "IDN", "ws://bücher.test/"},
		{"E09", "escaped-host", "ws://%62.test/"},
	} {
		c := Case{ID: l.row + "/" + l.name, URL: "ws://peer.test/dir/file", Dialer: fairlead.Dialer{Redirects: 3}, Peer: moved(302, l.location), Refused: fairlead.PhaseRedirect, Status: 302}
		cases = append(cases, c.teaches("L36"))
	}
	absent := Case{ID: "E09/absent", Dialer: fairlead.Dialer{Redirects: 3}, Peer: peer(answer(head("HTTP/1.1 302 Moved", "Content-Length: 0"))), Refused: fairlead.PhaseRedirect, Status: 302}
	twice, cr, long := absent, absent, absent
	twice.ID, twice.Peer = "E09/twice", peer(answer(head("HTTP/1.1 302 Moved", "Location: /a", "Location: /b", "Content-Length: 0")))
	cr.ID, cr.Peer, cr.Refused, cr.Status = "E09/bare-CR", moved(302, "/a\rX: y"), fairlead.PhaseResponse, 0
	long.ID, long.Peer, long.Refused, long.Status = "E09/64-KiB", moved(302, "/"+times(64<<10, "a")), fairlead.PhaseResponse, 0
	return append(cases, absent, twice, cr, long)
}

// secretCases are E05 and E06 over clear text; those that change the scheme, the
// jar and client certificates are with TestRedirectMatrix. A secret arrives where
// the URL says, and nowhere after the first step out of its origin.
func secretCases() []Case {
	changes := []struct {
		name string
		hops []string
	}{
		{"other-port", []string{"ws://peer.test:81/"}},
		{"other-host", []string{"ws://other.test/"}},
		{"sub-domain", []string{"ws://sub.peer.test/"}},
		{"parent", []string{"ws://test/"}},
		{"address", []string{"ws://127.0.0.1/"}},
		{"trailing-dot", []string{"ws://peer.test./"}},
		{"a-b-a", []string{"ws://other.test/", "ws://peer.test/"}},
		{"a-b-b", []string{"ws://other.test/", "ws://other.test/2"}},
	}
	kinds := []struct {
		name string
		set  func(c *Case)
	}{
		{"Auth", func(c *Case) { c.Dialer.Auth = auth.Bearer{Token: canary, AllowCleartext: true} }},
		{"userinfo", func(c *Case) { c.URL = "ws://" + canary + ":x@peer.test/" }},
		{"Authorization", func(c *Case) { c.Dialer.Header = http.Header{"authorization": {"Bearer " + canary}} }},
		{"Proxy-Authorization", func(c *Case) { c.Dialer.Header = http.Header{"Proxy-Authorization": {"Bearer " + canary}} }},
		{"X-Api-Key", func(c *Case) { c.Dialer.Header = http.Header{"X-Api-Key": {canary}} }},
		{"Cookie", func(c *Case) { c.Dialer.Header = http.Header{"Cookie": {"session=" + canary}} }},
		{"subprotocol", func(c *Case) { c.Dialer.Subprotocols = []string{"chat", canary} }},
	}
	basic := func(request []byte) bool { return bytes.Contains(request, []byte("Authorization: Basic ")) }
	holds := func(request []byte) bool { return bytes.Contains(request, []byte(canary)) || basic(request) }
	var cases []Case
	for _, change := range changes {
		for _, kind := range kinds {
			for _, code := range redirectCodes {
				row := "E05"
				if strings.HasPrefix(change.name, "a-b") {
					row = "E06"
				}
				c := hopped(fmt.Sprintf("%s/%s-%s-%d", row, change.name, kind.name, code), "ws://peer.test/", code, change.hops...)
				kind.set(&c)
				c.Check = func(o *Outcome) error {
					for i, request := range o.Request {
						if holds(request) != (i == 0) {
							return fmt.Errorf("connection %d got %q", i+1, request)
						}
					}
					return nil
				}
				cases = append(cases, c.teaches("L43", "L44", "L45", "L46", "L47", "L48", "L53"))
			}
		}
	}
	for _, kind := range kinds {
		for name, to := range map[string]string{"path": "/b", "same": "ws://peer.test/b", "capitals": "WS://PEER.TEST:80/b", "http": "http://peer.test:080/b"} {
			c := hopped(fmt.Sprintf("E05/good: %s-%s", name, kind.name), "ws://peer.test/", 302, to)
			kind.set(&c)
			c.Check = func(o *Outcome) error {
				if !holds(o.Request[1]) {
					return errors.New("it did not follow within its origin")
				}
				return nil
			}
			cases = append(cases, c)
		}
	}
	return cases
}
