package hostile_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/auth"
	"github.com/fairlead-ws/fairlead/route"
	"github.com/fairlead-ws/fairlead/wstest"
)

// hopCases are sections F to H: proxies and SSH servers on the way. What is TLS
// inside the tunnel (F08, F17, F18) and what looks at the environment (F23) is with
// package route, and SSH beyond its first words with package sshroute: they need a
// server that speaks the protocol, and have one.
func hopCases() []Case {
	return slices.Concat(connectCases(), statusOfProxyCases(), connectLimitCases(), proxySecretCases(), socksCases(), socksCodeCases(), socksLimitCases(), stalledHopCases(), sshHelloCases())
}

const (
	granted   = "HTTP/1.1 200 Connection established\r\n\r\n"
	wantBasic = "Proxy-Authenticate: Basic realm=\"r\"\r\n"
	empty     = "Content-Length: 0\r\n"
)

var (
	proxyBasic = auth.Basic{Username: "user", Password: canary}
	proxyAny   = auth.Password{Username: "user", Password: canary}
)

// throughHTTP is the way through an HTTP proxy.
func throughHTTP(creds auth.Credentials) func(route.Dialer) route.Dialer {
	return func(peer route.Dialer) route.Dialer {
		return route.HTTPProxy("proxy.test:3128", &route.HTTPProxyOptions{Auth: creds})(peer)
	}
}

// connect reads a CONNECT and answers it.
func connect(text string) wstest.Step {
	return wstest.Answer(func(r *wstest.HTTPRequest) []byte {
		if r.Method != http.MethodConnect || r.Target != "peer.test:80" {
			return []byte("HTTP/1.1 599 not a CONNECT\r\n\r\n")
		}
		return []byte(text)
	})
}

// tunnelled opens the WebSocket through a proxy that answers each CONNECT with the
// next of answers.
func tunnelled(id string, creds auth.Credentials, answers ...string) Case {
	c := opened(id, switching())
	var steps []wstest.Step
	for _, a := range answers {
		steps = append(steps, connect(a))
	}
	c.Route, c.Peer = throughHTTP(creds), append(steps, c.Peer...)
	return c
}

// again opens it over a connection of its own after the answer.
func again(id, answerText string) Case {
	c := tunnelled(id, proxyAny, granted)
	c.Next = [][]wstest.Step{c.Peer}
	c.Peer = peer(connect(answerText))
	return c
}

// noTunnel is a proxy that gives none.
func noTunnel(id string, creds auth.Credentials, status int, says string, is error, answers ...string) Case {
	c := tunnelled(id, creds, answers...)
	c.Peer = append(c.Peer[:len(answers)], wstest.Shut())
	c.Messages, c.Closed, c.Refused, c.Says = nil, 0, route.PhaseProxy, says
	if is != nil {
		c.Is = []error{is}
	}
	c.Check = func(o *Outcome) error {
		pe, ok := errors.AsType[*route.ProxyError](o.Err)
		if !ok || pe.Status != status || strings.Contains(o.Err.Error(), canary) {
			return fmt.Errorf("want a *route.ProxyError with status %d and no secret: %w", status, o.Err)
		}
		if bytes.Contains(o.Request[0], []byte("GET ")) {
			return errors.New("the proxy got the opening handshake")
		}
		return nil
	}
	return c
}

// connectCases are F01 to F08, F10, F11, F22, F25 and F26.
func connectCases() []Case {
	stale := func(n int) string {
		return fmt.Sprintf("HTTP/1.1 407 x\r\n"+empty+"Proxy-Authenticate: Digest realm=\"r\", nonce=\"%d\", qop=\"auth\", stale=true\r\n\r\n", n)
	}
	asks := func(more, body string) string { return "HTTP/1.1 407 x\r\n" + wantBasic + more + "\r\n" + body }
	glued := tunnelled("F07/frames-with-the-200", nil, granted)
	glued.Peer = peer(connect(granted), answer(switching()+string(text("hello"))+string(bye())))
	cases := []Case{
		noTunnel("F01/cut-after-its-line", nil, 0, "", io.ErrUnexpectedEOF, "HTTP/1.1 407\r\n").teaches("L89"),
		noTunnel("F01/no-reason", nil, 407, "no Proxy-Authenticate", nil, "HTTP/1.1 407\r\n\r\n").teaches("L89"),
		tunnelled("F01/no-reason-then-200", proxyAny, "HTTP/1.1 407\r\n"+empty+wantBasic+"\r\n", granted).teaches("L89"),
		noTunnel("F02/407-twice", proxyAny, 407, "check user name and password", auth.ErrRefused, asks(empty, ""), asks(empty, "")),
		noTunnel("F02/407-to-what-was-sent-unasked", proxyBasic, 407, "check user name and password", auth.ErrRefused, asks(empty, "")),
		noTunnel("F03/stale-for-ever", proxyAny, 407, "", auth.ErrRefused, stale(1), stale(2), stale(3)),
		tunnelled("F04/body-with-a-length", proxyAny, asks("Content-Length: 5\r\n", "hello"), granted),
		tunnelled("F04/body-in-chunks", proxyAny, asks("Transfer-Encoding: chunked\r\n", "5\r\nhello\r\n0\r\n\r\n"), granted),
		tunnelled("F04/body-of-60-KiB", proxyAny, asks("Content-Length: 61440\r\n", times(61440, "x")), granted),
		again("F04/body-of-70-KiB", asks("Content-Length: 70000\r\n", times(70000, "x"))),
		again("F04/body-of-1-GiB", asks("Content-Length: 1073741824\r\n", times(70000, "x"))).teaches("L98"),
		again("F04/endless-chunk", asks("Transfer-Encoding: chunked\r\n", "7fffffffffffffff\r\n"+times(70000, "x"))).teaches("L98"),
		again("F04/body-until-the-end", asks("", "hello")),
		again("F04/two-lengths", asks("Content-Length: 5\r\nContent-Length: 6\r\n", "hello!")),
		again("F04/bad-chunk", asks("Transfer-Encoding: chunked\r\n", "zz\r\n")),
		again("F05/Connection-close", asks(empty+"Connection: close\r\n", "")),
		again("F05/Proxy-Connection-close", asks(empty+"Proxy-Connection: Close\r\n", "")),
		again("F05/HTTP-1.0", "HTTP/1.0 407 x\r\n"+empty+wantBasic+"\r\n"),
		noTunnel("F06/nothing-asked-for", proxyAny, 407, "no Proxy-Authenticate", nil, "HTTP/1.1 407 x\r\n"+empty+"\r\n"),
		noTunnel("F06/for-the-origin", proxyAny, 407, "no Proxy-Authenticate", nil, "HTTP/1.1 407 x\r\n"+empty+"WWW-Authenticate: Basic realm=\"r\"\r\n\r\n").teaches("L52"),
		noTunnel("F06/unknown-scheme", proxyAny, 407, "", auth.ErrNotOffered, "HTTP/1.1 407 x\r\n"+empty+"Proxy-Authenticate: Negotiate\r\n\r\n"),
		noTunnel("F06/broken", proxyAny, 407, "407", nil, "HTTP/1.1 407 x\r\n"+empty+"Proxy-Authenticate: ,,=\"\r\n\r\n"),
		noTunnel("F06/no-credentials", nil, 407, "(Basic)", auth.ErrNotOffered, asks(empty, "")),
		glued,
		Case{ID: "F07/HTTP-with-the-200", Route: throughHTTP(nil), Peer: peer(connect(granted + granted)), Refused: fairlead.PhaseVerify, Status: 200}.mute(),
		tunnelled("F10/Content-Length", nil, "HTTP/1.1 200 x\r\nContent-Length: 5\r\n\r\n"),
		tunnelled("F10/Transfer-Encoding", nil, "HTTP/1.1 200 x\r\nTransfer-Encoding: chunked\r\n\r\n"),
		tunnelled("F10/both-and-close", nil, "HTTP/1.1 200 x\r\nTransfer-Encoding: gzip\r\nContent-Length: -1\r\nConnection: close\r\n\r\n"),
		noTunnel("F11/101", nil, 101, "101", nil, "HTTP/1.1 101 x\r\nUpgrade: websocket\r\n\r\n"),
		tunnelled("F22/HTTP-1.0", nil, "HTTP/1.0 200 Connection established\r\n\r\n"),
		Case{ID: "F25/closes-after-the-200", Route: throughHTTP(nil), Peer: peer(connect(granted), wstest.Shut()), Refused: fairlead.PhaseResponse, Is: []error{io.ErrUnexpectedEOF}}.mute(),
		Case{ID: "F26/page", Route: throughHTTP(nil), Peer: peer(connect(granted + "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\n\x1f\x8b")), Refused: fairlead.PhaseVerify, Status: 200}.mute().teaches("L24"),
		Case{ID: "F26/HTML", Route: throughHTTP(nil), Peer: peer(connect(granted + "<html>")), Refused: fairlead.PhaseResponse, Says: "not HTTP"}.mute(),
		Case{ID: "F26/frames", Route: throughHTTP(nil), Peer: peer(connect(granted + string(text("hello")))), Refused: fairlead.PhaseResponse, Says: "not HTTP"}.mute(),
	}
	for n := 1; n <= 9; n++ {
		answers := times(n, "HTTP/1.1 100 Continue\r\n\r\n") + granted
		if id := fmt.Sprintf("F11/%d-interim", n); n < 9 {
			cases = append(cases, tunnelled(id, nil, answers))
		} else {
			cases = append(cases, noTunnel(id, nil, 0, "more than 8 interim", nil, answers))
		}
	}
	return cases
}

// mute leaves out what the runner cannot see of a request that went into a tunnel
// which was none.
func (c Case) mute() Case {
	c.Unsent = true
	return c
}

// statusOfProxyCases are F09, F12 and F13: every status that there is.
func statusOfProxyCases() []Case {
	var cases []Case
	for status := 200; status < 300; status++ {
		cases = append(cases, tunnelled(fmt.Sprintf("F09/%d", status), nil, fmt.Sprintf("HTTP/1.1 %d x\r\n\r\n", status)))
	}
	for status := 300; status < 600; status++ {
		row, says := "F13", fmt.Sprint(status)
		if status < 400 {
			row, says = "F12", "never followed"
		}
		cases = append(cases, noTunnel(fmt.Sprintf("%s/%d", row, status), nil, status, says, nil, fmt.Sprintf("HTTP/1.1 %d x\r\n"+empty+"Location: http://127.0.0.1:1/\r\n\r\n", status)))
	}
	return append(cases,
		noTunnel("F13/page", nil, 403, "does not allow", nil, "HTTP/1.1 403 x\r\nContent-Length: 13\r\n\r\n<html></html>"),
		noTunnel("F13/page-that-does-not-end", nil, 503, "could not reach", nil, "HTTP/1.1 503 x\r\nContent-Length: 100\r\n\r\n<html>").lag(500*time.Millisecond),
		noTunnel("F13/401-to-a-wrong-password", proxyBasic, 401, "user name or password are wrong", nil, "HTTP/1.0 401 x\r\nConnection: close\r\n\r\n"),
	)
}

func (c Case) lag(d time.Duration) Case {
	c.Lag = d
	return c
}

// connectLimitCases are F14, F15 and the proxy's part of D29.
func connectLimitCases() []Case {
	var cases []Case
	for i, line := range []string{
		"", "\r\n", "HTTP", "HTTP/1.1", "HTTP/1.1 ", "HTTP/1.1 20", "HTTP/1.1 2000 x\r\n\r\n", "HTTP/1.1 2x0 x\r\n\r\n", "HTTP/1.1 099 x\r\n\r\n", "HTTP/1.1 600 x\r\n\r\n",
		"HTTP/1.1 -20 x\r\n\r\n", "HTTP/2.0 200 x\r\n\r\n", "HTTP/1.1\t200 x\r\n\r\n", "HTTP/1.1  200 x\r\n\r\n", "http/1.1 200 x\r\n\r\n", "ICY 200 OK\r\n\r\n", "HTTP/1.1 200 x\n\n",
		"HTTP/1.1 200 x\r\nA\r\n\r\n", "HTTP/1.1 200 x\r\n: b\r\n\r\n", "HTTP/1.1 200 x\r\nA : b\r\n\r\n", "HTTP/1.1 200 x\r\nA: b\r\n c\r\n\r\n", "HTTP/1.1 200 x\r\nA: \x00\r\n\r\n", "<html>\r\n\r\n", "\x00\x00\x00\x00",
	} {
		cases = append(cases, noTunnel(fmt.Sprintf("F14/line-%d", i), nil, 0, "answer", nil, line).lag(500*time.Millisecond))
	}
	whole := "HTTP/1.1 200 OK\r\nVia: x\r\n\r\n"
	for n := range whole {
		cases = append(cases, noTunnel(fmt.Sprintf("F14/cut-after-%d-bytes", n), nil, 0, "", io.ErrUnexpectedEOF, whole[:n]))
	}
	for _, l := range []struct{ name, says, text string }{
		{"129-fields", "more than 128 fields", "HTTP/1.1 200 x\r\n" + times(129, "A: b\r\n") + "\r\n"},
		{"endless-line", "longer than 8192 bytes", "HTTP/1.1 200 " + times(9000, "x")},
		{"endless-field", "longer than", "HTTP/1.1 200 x\r\nA: " + times(66000, "x")},
		{"head-over-64-KiB", "longer than", "HTTP/1.1 200 x\r\n" + times(66, "A: "+times(1000, "x")+"\r\n")},
	} {
		c := noTunnel("F15/"+l.name, nil, 0, l.says, nil, l.text)
		c.Peer = c.Peer[:1]
		cases = append(cases, c.allocating(1<<20).teaches("L20"))
	}
	for _, p := range []struct{ name, says, text string }{
		{"TLS", "the port speaks TLS", "\x15\x03\x01\x00\x02\x02\x46"},
		{"SSH", "an SSH server answers", "SSH-2.0-OpenSSH_9.2\r\n"},
		{"SOCKS5", "a SOCKS5 proxy answers", "\x05\xff"},
		{"SOCKS4", "a SOCKS4 proxy answers", "\x00\x5b\x00\x00\x00\x00\x00\x00"},
		{"terminal-codes", `begins with "\x1b`, "\x1b]0;owned\x07" + times(100, "x")},
		{"nothing", "https://", ""},
	} {
		cases = append(cases, noTunnel("D29/proxy-"+p.name, nil, 0, p.says, nil, p.text).lag(500*time.Millisecond).teaches("L40"))
	}
	return append(cases, tunnelled("F15/128-fields", nil, "HTTP/1.1 200 x\r\n"+times(128, "A: b\r\n")+"\r\n"))
}

// proxySecretCases are F19, F21 and F24: who sees what. F20 is about URLs of proxies,
// which dial by themselves: it is with package route.
func proxySecretCases() []Case {
	const inner = "1nner-canary"
	apart := tunnelled("F19/captured", proxyBasic, granted)
	apart.Dialer.Header = http.Header{"Cookie": {"a=" + inner}, "X-Api-Key": {inner}, "Authorization": {inner}}
	apart.Check = func(o *Outcome) error {
		outer, request, ok := bytes.Cut(o.Request[0], []byte("\r\n\r\n"))
		if !ok || bytes.Contains(outer, []byte(inner)) || !bytes.Contains(outer, []byte("Proxy-Authorization: Basic ")) {
			return fmt.Errorf("the proxy saw %q", outer)
		}
		if bytes.Contains(request, []byte("Proxy-Authorization")) || bytes.Count(request, []byte(inner)) != 3 {
			return fmt.Errorf("the server saw %q", request)
		}
		return nil
	}
	cases := []Case{apart.teaches("L52")}
	for _, h := range []struct{ name, url, target string }{
		{"IPv6", "ws://[::1]:81/", "[::1]:81"}, {"IDN", "ws://bücher.test/", "xn--bcher-kva.test:80"}, {"capitals", "ws://PEER.test/", "peer.test:80"}, {"default-port", "ws://peer.test/", "peer.test:80"}, {"zone", "ws://[fe80::1%25eth0]:81/", ""},
	} {
		c := tunnelled("F21/"+h.name, nil, granted)
		c.URL = h.url
		c.Peer = append(peer(wstest.Answer(func(r *wstest.HTTPRequest) []byte {
			if host, _ := r.Get("Host"); r.Target != h.target || host != h.target {
				return []byte("HTTP/1.1 599 wrong target\r\n\r\n")
			}
			return []byte(granted)
		})), c.Peer[1:]...)
		if h.target == "" {
			c.Peer, c.Messages, c.Closed, c.Refused, c.Says = nil, nil, 0, route.PhaseProxy, "zone"
		}
		cases = append(cases, c.teaches("L34"))
	}
	state := tunnelled("F24/next-dial", auth.Digest{Username: "user", Password: canary}, "HTTP/1.1 407 x\r\n"+empty+"Proxy-Authenticate: Digest realm=\"r\", nonce=\"n\", qop=\"auth\"\r\n\r\n", granted)
	state.Next = [][]wstest.Step{{connect(granted), answer(switching()), send(bye())}}
	state.Do = func(ctx context.Context, c *fairlead.Conn, o *Outcome) error {
		err := readAll(ctx, c, o)
		second, dialErr := o.Redial(ctx)
		if dialErr != nil {
			return dialErr
		}
		defer second.CloseNow()
		if end := readAll(ctx, second, &Outcome{}); end == nil {
			return errors.New("no end")
		}
		return err
	}
	state.Check = func(o *Outcome) error {
		if bytes.Contains(o.Request[1], []byte("Proxy-Authorization")) {
			return fmt.Errorf("what one dial learnt went to the next: %q", o.Request[1])
		}
		return nil
	}
	return append(cases, state.teaches("L50", "L51"))
}

// stalledHopCases are F16, G14 and H08: a hop that stops at any step is given up
// with the dial.
func stalledHopCases() []Case {
	var cases []Case
	for _, s := range []struct {
		id    string
		route func(route.Dialer) route.Dialer
		phase string
		steps []wstest.Step
	}{
		{"F16/after-TCP", throughHTTP(nil), route.PhaseProxy, nil},
		{"F16/after-CONNECT", throughHTTP(nil), route.PhaseProxy, peer(connect(""))},
		{"F16/in-the-reply", throughHTTP(nil), route.PhaseProxy, peer(connect("HTTP/1.1 200 Conn"))},
		{"F16/before-the-blank-line", throughHTTP(nil), route.PhaseProxy, peer(connect("HTTP/1.1 200 OK\r\nVia: x\r\n"))},
		{"F16/after-the-200", throughHTTP(nil), fairlead.PhaseResponse, peer(connect(granted))},
		{"F16/after-407", throughHTTP(proxyAny), route.PhaseProxy, peer(connect("HTTP/1.1 407 x\r\n" + empty + wantBasic + "\r\n"))},
		{"G14/after-TCP", throughSocks("socks5h", ""), route.PhaseProxy, nil},
		{"G14/half-a-greeting", throughSocks("socks5h", ""), route.PhaseProxy, peer(wstest.Expect([]byte(socksHello)), send([]byte("\x05")))},
		{"G14/after-the-greeting", throughSocks("socks5h", ""), route.PhaseProxy, peer(wstest.Expect([]byte(socksHello)), send([]byte("\x05\x00")))},
		{"G14/after-the-password", throughSocks("socks5h", "user"), route.PhaseProxy, peer(wstest.Expect([]byte(socksHelloPassword)), send([]byte("\x05\x02")))},
		{"G14/in-the-reply", throughSocks("socks5h", ""), route.PhaseProxy, peer(wstest.Expect([]byte(socksHello)), send([]byte("\x05\x00")), wstest.Expect([]byte(socksAsk)), send([]byte("\x05\x00\x00\x03\x10")))},
		{"G14/SOCKS4", throughSocks("socks4a", "user"), route.PhaseProxy, nil},
		{"G14/in-the-reply-of-SOCKS4", throughSocks("socks4a", "user"), route.PhaseProxy, peer(wstest.Expect([]byte(socksAsk4)), send([]byte("\x00\x5a\x00")))},
		{"H08/after-TCP", throughSSH, route.PhaseSSH, nil},
		{"H08/in-the-version", throughSSH, route.PhaseSSH, peer(send([]byte("SSH-2.0-Open")))},
		{"H08/after-the-version", throughSSH, route.PhaseSSH, peer(send([]byte("SSH-2.0-OpenSSH_9.6\r\n")))},
		{"H08/in-kexinit", throughSSH, route.PhaseSSH, peer(send([]byte("SSH-2.0-OpenSSH_9.6\r\n\x00\x00\x01\x00\x04\x14")))},
	} {
		cases = append(cases, Case{ID: s.id, Virtual: true, Route: s.route, Peer: s.steps, Refused: s.phase, Is: []error{context.DeadlineExceeded}, Takes: 30 * time.Second, Unsent: true}.teaches("L81", "L82"))
	}
	return cases
}
