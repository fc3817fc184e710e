package hostile_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"

	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/auth"
	"github.com/fairlead-ws/fairlead/route"
)

// never is a Route that must not be asked.
func never(route.Dialer) route.Dialer {
	return route.DialerFunc(func(_ context.Context, _, addr string) (net.Conn, error) {
		return nil, fmt.Errorf("%s was dialled", addr)
	})
}

// urlCases are E25 to E30: one form of each host, or an error before anything is
// dialled or looked up.
func urlCases() []Case {
	var cases []Case
	for _, bad := range []struct{ id, url string }{
		{"E25/fragment", "ws://peer.test/#f"},
		{"E25/empty-fragment", "ws://peer.test/#"},
		{"E25/fragment-in-the-host", "ws://peer.test#@other.test/"},
		{"E26/none", "peer.test"},
		{"E26/no-slashes", "ws:peer.test"},
		{"E26/host-and-port", "peer.test:80"},
		{"E26/ftp", "ftp://peer.test/"},
		{"E26/wss-unix", "wss+unix:///run/s"},
		{"E26/file", "file:///etc/passwd"},
		{"E26/empty", ""},
		{"E26/relative", "//peer.test/"},
		{"E27/empty-host", "ws:///p"},
		{"E27/empty-host-with-port", "ws://:80/"},
		{"E27/escaped", "ws://%70eer.test/"},
		{"E27/escaped-digits", "ws://%31%32%37.0.0.1/"},
		{"E27/IPv4-in-brackets", "ws://[1.2.3.4]/"},
		{"E27/open-bracket", "ws://[::1"},
		{"E27/name-in-brackets", "ws://[peer.test]/"},
		{"E27/label-of-64", "ws://" + times(64, "a") + ".test/"},
		{"E27/label-of-256", "ws://" + times(256, "a") + ".test/"},
		{"E27/254-bytes", "ws://" + times(50, "abcd.") + "test/"},
		{"E27/two-dots", "ws://a..b/"},
		{"E27/only-a-dot", "ws://./"},
		{"E27/xn-to-ASCII", "ws://xn--a-/"},
		{"E27/xn-to-ASCII-in-a-name", "ws://xn--example-.test/"},
		{"E27/xn-of-nothing", "ws://xn--/"},
		{"E27/xn-of-a-control", "ws://xn--a/"},
		{"E27/XN-to-ASCII", "ws://XN--A-.test/"},
		{"E27/space", "ws://a b/"},
		{"E27/percent-20", "ws://a%20b/"},
		{"E27/backslash", `ws://peer.test\@other.test/`},
		{"E27/NUL", "ws://peer.test%00.other.test/"},
		{"E27/zone-without-address", "ws://[%25eth0]/"},
		{"E27/question-mark", "ws://?@other.test/"},
		{"E27/star", "ws://*.test/"},
		{"E27/comma", "ws://a,b.test/"},
		{"E28/0", "ws://peer.test:0/"},
		{"E28/65536", "ws://peer.test:65536/"},
		{"E28/negative", "ws://peer.test:-1/"},
		{"E28/plus", "ws://peer.test:+80/"},
		{"E28/letters", "ws://peer.test:80x/"},
		{"E28/empty", "ws://peer.test:/"},
		{"E28/service", "ws://peer.test:http/"},
		{"E28/huge", "ws://peer.test:" + times(40, "9") + "/"},
		{"E28/two", "ws://peer.test:80:81/"},
		{"E29/space", "ws://peer.test/a b"},
		{"E29/CRLF", "ws://peer.test/\r\nX: " + canary},
		{"E29/NUL", "ws://peer.test/\x00"},
		{"E29/DEL", "ws://peer.test/\x7f"},
		{"E29/bad-escape", "ws://peer.test/%zz"},
		{"E29/tab-in-query", "ws://peer.test/?a\tb"},
		{"E30/slash", "ws://u:p/w@other.test/"},
		{"E30/hash", "ws://u:p#w@other.test/"},
		{"E30/question-mark", "ws://u:p?w@other.test/"},
		{"E30/percent", "ws://u:%zz@other.test/"},
		{"E30/bracket", "ws://u:p[w@other.test/"},
	} {
		c := Case{ID: bad.id, URL: bad.url, Route: never, Refused: fairlead.PhaseURL, Check: nothingDialled}
		if bad.url == "" {
			c.URL = " "
		}
		cases = append(cases, c.teaches("L35", "L36"))
	}
	for _, good := range []struct{ id, url, addr, host string }{
		{"E26/WS", "WS://peer.test/", "peer.test:80", "peer.test"},
		{"E26/http", "http://peer.test/", "peer.test:80", "peer.test"},
		{"E27/capitals", "ws://PEER.Test/", "peer.test:80", "peer.test"},
		{"E27/trailing-dot", "ws://peer.test./", "peer.test.:80", "peer.test."},
		{"E27/IDN", "ws://bücher.test/", "xn--bcher-kva.test:80", "xn--bcher-kva.test"},
		{"E27/IDN-encoded", "ws://XN--bcher-KVA.test/", "xn--bcher-kva.test:80", "xn--bcher-kva.test"},
		{"E27/IDN-capitals", "ws://BÜCHER.test/", "xn--bcher-kva.test:80", "xn--bcher-kva.test"},
		{"E27/ideographic-stop", "ws://peer。test/", "peer.test:80", "peer.test"},
		{"E27/full-width", "ws://ｐeer.test/", "peer.test:80", "peer.test"},
		{"E27/hexadecimal-is-a-name", "ws://0x7f.1/", "0x7f.1:80", "0x7f.1"},
		{"E27/octal-is-a-name", "ws://0177.0.0.1/", "0177.0.0.1:80", "0177.0.0.1"},
		{"E27/IPv6", "ws://[::1]/", "[::1]:80", "[::1]"},
		{"E27/zone", "ws://[fe80::1%25eth0]/", "[fe80::1%eth0]:80", "[fe80::1]"},
		{"E27/underscore", "ws://a_b.test/", "a_b.test:80", "a_b.test"},
		{"E27/label-of-63", "ws://" + times(63, "a") + ".test/", times(63, "a") + ".test:80", times(63, "a") + ".test"},
		{"E28/leading-zero", "ws://peer.test:08/", "peer.test:8", "peer.test:8"},
		{"E28/default", "ws://peer.test:80/", "peer.test:80", "peer.test"},
		{"E28/65535", "ws://peer.test:65535/", "peer.test:65535", "peer.test:65535"},
		{"E30/at-sign", "ws://u:a@b@peer.test/", "peer.test:80", "peer.test"},
		{"E30/escaped", "ws://u%40h:p%3A%2F%3F%23%5B%5D%25@peer.test/", "peer.test:80", "peer.test"},
		{"E30/colon", "ws://u:a:b@peer.test/", "peer.test:80", "peer.test"},
	} {
		c := opened(good.id, switching())
		c.URL = good.url
		var dialled string
		c.Route = func(next route.Dialer) route.Dialer {
			return route.DialerFunc(func(ctx context.Context, network, addr string) (net.Conn, error) {
				dialled = addr
				return next.DialContext(ctx, network, addr)
			})
		}
		c.Check = func(o *Outcome) error {
			if !bytes.Contains(o.Request[0], []byte("\r\nHost: "+good.host+"\r\n")) || dialled != good.addr {
				return fmt.Errorf("dialled %q, sent %q", dialled, o.Request[0])
			}
			return nil
		}
		cases = append(cases, c.teaches("L36", "L59"))
	}
	for _, p := range []struct{ id, url, target string }{
		{"E29/escaped-CRLF", "ws://peer.test/%0d%0aX:y", "/%0d%0aX:y"}, {"E29/not-ASCII", "ws://peer.test/ü?ü", "/%C3%BC?%C3%BC"}, {"E29/double-slash", "ws://peer.test//a//b", "//a//b"}, {"E29/dots", "ws://peer.test/a/../b", "/a/../b"}, {"E29/no-path", "ws://peer.test", "/"}, {"E29/query-only", "ws://peer.test?a=b", "/?a=b"}, {"E29/empty-query", "ws://peer.test/?", "/?"}, {"E29/8-KiB", "ws://peer.test/" + times(7<<10, "a"), "/" + times(7<<10, "a")},
	} {
		c := opened("E29/good: "+p.id[4:], switching())
		c.URL = p.url
		c.Check = func(o *Outcome) error {
			if !bytes.HasPrefix(o.Request[0], []byte("GET "+p.target+" HTTP/1.1\r\n")) {
				return fmt.Errorf("sent %q", o.Request[0])
			}
			return nil
		}
		cases = append(cases, c)
	}
	return cases
}

// injectionCases are E31: nothing with a control character goes so far as to a dial,
// nothing is quietly taken away, and the error does not repeat it.
func injectionCases() []Case {
	field := func(name, value string) Case {
		return Case{Dialer: fairlead.Dialer{Header: http.Header{name: {value}}}}
	}
	by := func(c auth.Credentials) Case { return Case{URL: "wss://peer.test/", Dialer: fairlead.Dialer{Auth: c}} }
	in := func(u string) Case { return Case{URL: u} }
	percent := func(s string) string {
		var b strings.Builder
		for i := range len(s) {
			fmt.Fprintf(&b, "%%%02x", s[i])
		}
		return b.String()
	}
	places := []struct {
		name string
		set  func(bad string) Case
	}{
		{"host", func(s string) Case { return in("ws://h" + s + "/") }},
		{"host-escaped", func(s string) Case { return in("ws://h" + percent(s) + "/") }},
		{"port", func(s string) Case { return in("ws://h:80" + s + "/") }},
		{"path", func(s string) Case { return in("ws://h/a" + s + "b") }},
		{"query", func(s string) Case { return in("ws://h/?a" + s + "b") }},
		{"user", func(s string) Case { return in("ws://u" + s + ":p@h/") }},
		{"password", func(s string) Case { return in("ws://u:p" + s + "@h/") }},
		{"user-escaped", func(s string) Case { return in("ws://u" + percent(s) + ":p@h/") }},
		{"password-escaped", func(s string) Case { return in("ws://u:p" + percent(s) + "@h/") }},
		{"field-name", func(s string) Case { return field("X-A"+s, "b") }},
		{"field-value", func(s string) Case { return field("X-A", "b"+s+"c") }},
		{"Origin", func(s string) Case { return field("Origin", "https://o"+s+"c") }},
		{"Host", func(s string) Case { return field("Host", "h"+s+"c") }},
		{"Cookie", func(s string) Case { return field("Cookie", "a=b"+s+"c") }},
		{"Authorization", func(s string) Case { return field("Authorization", "Bearer b"+s+"c") }},
		{"subprotocol", func(s string) Case { return Case{Dialer: fairlead.Dialer{Subprotocols: []string{"a" + s + "b"}}} }},
		{"cookie-name", func(s string) Case {
			return Case{Dialer: fairlead.Dialer{Jar: fixedJar{{Name: "a" + s + "b", Value: "c"}}}}
		}},
		{"cookie-value", func(s string) Case {
			return Case{Dialer: fairlead.Dialer{Jar: fixedJar{{Name: "a", Value: "b" + s + "c"}}}}
		}},
		{"Basic-user", func(s string) Case { return by(auth.Basic{Username: "a" + s + "b"}) }},
		{"Basic-password", func(s string) Case { return by(auth.Basic{Password: "a" + s + "b"}) }},
		{"Bearer", func(s string) Case { return by(auth.Bearer{Token: "a" + s + "b"}) }},
		{"Password-user", func(s string) Case { return by(auth.Password{Username: "a" + s + "b"}) }},
		{"Digest-password", func(s string) Case { return by(auth.Digest{Username: "u", Password: "a" + s + "b"}) }},
		{"NTLM-domain", func(s string) Case { return by(auth.NTLM{Username: "u", Domain: "a" + s + "b"}) }},
	}
	var cases []Case
	for _, p := range places {
		for _, b := range []struct{ name, bytes string }{
			{"CR", "\r"}, {"LF", "\n"}, {"CRLF", "\r\n"}, {"NUL", "\x00"}, {"SOH", "\x01"}, {"VT", "\x0b"}, {"ESC", "\x1b"}, {"DEL", "\x7f"}, {"field", "\r\nX-Injected: " + canary},
		} {
			c := p.set(b.bytes)
			c.ID, c.Route, c.Says = "E31/"+p.name+"-"+b.name, never, "dial failed in phase"
			c.Check = func(o *Outcome) error {
				he, ok := errors.AsType[*fairlead.HandshakeError](o.Err)
				if !ok || he.Phase != fairlead.PhaseURL && he.Phase != fairlead.PhaseAuth || strings.Contains(o.Err.Error(), canary) {
					return fmt.Errorf("not refused at once, or repeated: %w", o.Err)
				}
				return nothingDialled(o)
			}
			cases = append(cases, c.teaches("L32", "L33", "L34", "L35", "L57"))
		}
	}
	return cases
}

// fixedJar has the same cookies for every URL.
type fixedJar []*http.Cookie

func (j fixedJar) Cookies(*url.URL) []*http.Cookie   { return j }
func (fixedJar) SetCookies(*url.URL, []*http.Cookie) {}

// ownFieldCases are E32 and E33: fields that belong to the handshake are the
// library's, and one that stands once stands once.
func ownFieldCases() []Case {
	var cases []Case
	for _, name := range []string{"Sec-WebSocket-Key", "Sec-WebSocket-Version", "Sec-WebSocket-Accept", "Sec-WebSocket-Protocol", "Sec-WebSocket-Extensions", "sec-websocket-key", "Connection", "connection", "Upgrade", "Content-Length", "Transfer-Encoding", "TRANSFER-ENCODING"} {
		cases = append(cases, Case{ID: "E32/" + name, Route: never, Dialer: fairlead.Dialer{Header: http.Header{name: {canary}}}, Refused: fairlead.PhaseURL, Says: name, Check: nothingDialled})
	}
	for name, h := range map[string]http.Header{
		"two-Hosts": {"Host": {"a", "b"}}, "Host-twice": {"Host": {"a"}, "host": {"a"}}, "mixed-case": {"X-A": {"a"}, "x-a": {"b"}}, "mixed-case-cookie": {"Cookie": {"a=b"}, "cookie": {"c=d"}},
	} {
		cases = append(cases, Case{ID: "E33/" + name, Route: never, Dialer: fairlead.Dialer{Header: h}, Refused: fairlead.PhaseURL, Check: nothingDialled})
	}
	own := opened("E33/good: Host", switching())
	own.Dialer.Header = http.Header{"host": {"virtual.test"}}
	own.Check = func(o *Outcome) error {
		if bytes.Count(bytes.ToLower(o.Request[0]), []byte("\r\nhost:")) != 1 || !bytes.Contains(o.Request[0], []byte("Host: virtual.test\r\n")) {
			return fmt.Errorf("sent %q", o.Request[0])
		}
		return nil
	}
	return append(cases, own)
}
