package flood_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/cookiejar"
	"strings"
	"testing"
	"time"

	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/auth"
	"github.com/fairlead-ws/fairlead/route"
	"github.com/fairlead-ws/fairlead/route/sshroute"
)

// headLimit is the limit of a head, and of the body of a refusal.
const headLimit = 64 << 10

// peers is a route to servers that send what stream makes for each connection.
type peers struct {
	gauge  *gauge
	stream func(dial int) torrent
	conns  []*torrentConn
}

func (p *peers) DialContext(context.Context, string, string) (net.Conn, error) {
	nc := p.stream(len(p.conns)).on(p.gauge)
	p.conns = append(p.conns, nc)
	return nc, nil
}

// dialled is a flood that a dial meets.
type dialled struct {
	flood
	stream torrent
	dialer fairlead.Dialer
	phase  string
	status int
	// takes is how long the dial waits for more where that is right.
	takes time.Duration
}

func (f dialled) test(t *testing.T) {
	f.run = func(t *testing.T, g *gauge) {
		p := &peers{gauge: g, stream: func(int) torrent { return f.stream }}
		f.dialer.Route = p
		begin := time.Now()
		c, err := f.dialer.Dial(t.Context(), "ws://peer.test/")
		took := time.Since(begin)
		if c != nil {
			c.CloseNow()
		}
		he, ok := errors.AsType[*fairlead.HandshakeError](err)
		if !ok || he.Phase != f.phase || he.Status != f.status || len(he.Body) > headLimit {
			t.Fatalf("ended with %v, want phase %q and status %d", err, f.phase, f.status)
		}
		if n := p.conns[len(p.conns)-1].ahead(); n > spare || n < 0 {
			t.Errorf("the verdict came %d bytes behind the deciding one", n)
		}
		if took > f.takes+20*time.Second {
			t.Errorf("took %v", took)
		}
	}
	f.flood.test(t)
}

// TestHeads: L20, A18, A24 to A26: answers whose head does not end.
func TestHeads(t *testing.T) {
	const line101, early = "HTTP/1.1 101 Switching Protocols\r\n", "HTTP/1.1 103 Early Hints\r\n"
	wide := strings.Repeat("x", 2000)
	for name, s := range map[string]torrent{
		"fields":                    {start: line101, again: "A: b\r\n", decides: int64(len(line101)) + 129*6},
		"fields of 2 KiB":           {start: line101, again: "A: " + wide + "\r\n", decides: headLimit},
		"one field":                 {start: line101 + "A: ", again: "x", decides: headLimit},
		"one name":                  {start: line101, again: "x", decides: headLimit},
		"status line":               {start: "HTTP/1.1 101 ", again: "x", decides: 8 << 10},
		"zeros":                     {again: "\x00", decides: 1},
		"empty lines":               {again: "\r\n", decides: 2},
		"early hints":               {again: early + "\r\n", decides: 9 * int64(len(early)+2)},
		"early hints of 2 KiB":      {again: early + "Link: " + wide + "\r\n\r\n", decides: 9 * int64(len(early)+2000+10)},
		"early hints without end":   {start: early, again: "Link: " + wide + "\r\n", decides: headLimit},
		"cookies":                   {start: line101, again: "Set-Cookie: a=b\r\n", decides: int64(len(line101)) + 129*17},
		"cookies of 4 KiB":          {start: line101, again: "Set-Cookie: a=" + strings.Repeat("x", 4080) + "\r\n", decides: headLimit},
		"challenges":                {start: "HTTP/1.1 401 No\r\n", again: "WWW-Authenticate: Digest realm=r, nonce=n\r\n", decides: 16 + 129*43},
		"one field in single reads": {start: line101 + "A: ", again: "x", decides: headLimit, most: 1},
		"fields in single reads":    {start: line101, again: "A: " + wide + "\r\n", decides: headLimit, most: 1},
	} {
		dialled{flood: flood{name: name, limit: headLimit}, stream: s, phase: fairlead.PhaseResponse}.test(t)
	}
}

// TestBodies: L24, L98, A49, A55: refusals with a body that does not end. It is read
// up to 64 KiB.
func TestBodies(t *testing.T) {
	const line = "HTTP/1.1 403 No\r\n"
	gib := line + "Content-Length: 1073741824\r\n\r\n"
	chunked := line + "Transfer-Encoding: chunked\r\n\r\n"
	for name, s := range map[string]torrent{
		"1 GiB":                 {start: gib, again: "x", decides: int64(len(gib)) + headLimit},
		"without a length":      {start: line + "\r\n", again: "x", decides: int64(len(line)) + 2 + headLimit},
		"chunks of one byte":    {start: chunked, again: "1\r\nx\r\n", decides: int64(len(chunked)) + 6*headLimit},
		"one chunk":             {start: chunked + "7fffffffffffffff\r\n", again: "x", decides: int64(len(chunked)) + 18 + headLimit},
		"chunk extensions":      {start: chunked, again: "1;xxxxxxxxxx=yyyyyyyyyy\r\nx\r\n", decides: int64(len(chunked)) + 8<<10},
		"one chunk extension":   {start: chunked + "1;", again: "x", decides: int64(len(chunked)) + 8<<10},
		"trailers":              {start: chunked + "0\r\n", again: "A: b\r\n", decides: int64(len(chunked)) + 3 + 129*6},
		"size of a chunk":       {start: chunked, again: "0", decides: int64(len(chunked)) + 17},
		"1 GiB in single reads": {start: gib, again: "x", decides: int64(len(gib)) + headLimit, most: 1},
		"bomb":                  {start: line + "Content-Encoding: gzip\r\nContent-Length: 1073741824\r\n\r\n\x1f\x8b\x08\x00", again: "\x00", decides: headLimit},
	} {
		dialled{flood: flood{name: name, limit: headLimit}, stream: s, phase: fairlead.PhaseVerify, status: 403}.test(t)
	}
}

// TestRedirectsForEver: E02, E10, L98: each server leads on, with a body of 1 GiB.
// Eleven are asked, no body is read.
func TestRedirectsForEver(t *testing.T) {
	flood{name: "chain", limit: headLimit, run: func(t *testing.T, g *gauge) {
		p := &peers{gauge: g, stream: func(dial int) torrent {
			return torrent{start: fmt.Sprintf("HTTP/1.1 302 Found\r\nContent-Length: 1073741824\r\nLocation: ws://peer%d.test/%s\r\n\r\n", dial, strings.Repeat("x", 4<<10)), again: "x"}
		}}
		d := fairlead.Dialer{Route: p, Redirects: 1 << 30}
		_, err := d.Dial(t.Context(), "ws://peer.test/")
		if he, ok := errors.AsType[*fairlead.HandshakeError](err); !ok || he.Phase != fairlead.PhaseRedirect || he.Redirects != 10 {
			t.Errorf("ended with %v", err)
		}
		checkConns(t, p, 11)
	}}.test(t)
}

// tireless are credentials that answer every challenge.
type tireless struct{}

func (tireless) Begin() auth.Exchange { return tireless{} }

func (tireless) Authorize(_ context.Context, r *auth.Request, _ []string) error {
	r.Header.Set("Authorization", "X y")
	return nil
}

// TestChallengesForEver: L88, E18, E19: a server that is never content gets four
// requests, whatever it says and however long its bodies are.
func TestChallengesForEver(t *testing.T) {
	for name, challenge := range map[string]string{
		"tireless": "X", "digest": `Digest realm="r", nonce="n", qop="auth", algorithm=SHA-256`, "stale": `Digest realm="r", nonce="n", stale=true, qop="auth"`,
		"long nonce": `Digest realm="r", qop="auth", nonce="` + strings.Repeat("n", 32<<10) + `"`, "many schemes": strings.Repeat("X a=b, ", 5000) + `Digest realm="r", nonce="n"`,
	} {
		for kind, rest := range map[string]string{"1 GiB": "Content-Length: 1073741824\r\n\r\n", "chunked": "Transfer-Encoding: chunked\r\n\r\n7fffffff\r\n", "closing": "Connection: close\r\n\r\n"} {
			flood{name: name + ", " + kind, limit: headLimit, run: func(t *testing.T, g *gauge) {
				p := &peers{gauge: g, stream: func(int) torrent {
					return torrent{start: "HTTP/1.1 401 No\r\nWWW-Authenticate: " + challenge + "\r\n" + rest, again: "x"}
				}}
				d := fairlead.Dialer{Route: p, Auth: auth.Digest{Username: "user", Password: "secret"}}
				if name == "tireless" {
					d.Auth = tireless{}
				}
				_, err := d.Dial(t.Context(), "ws://peer.test/")
				if he, ok := errors.AsType[*fairlead.HandshakeError](err); !ok || he.Phase != fairlead.PhaseAuth && he.Phase != fairlead.PhaseVerify {
					t.Errorf("ended with %v", err)
				}
				checkConns(t, p, 4)
			}}.test(t)
		}
	}
}

func checkConns(t *testing.T, p *peers, most int) {
	t.Helper()
	if len(p.conns) > most || len(p.conns) == 0 {
		t.Errorf("%d connections", len(p.conns))
	}
	checkClosed(t, p)
	for _, nc := range p.conns {
		if nc.given > 2*headLimit+spare {
			t.Errorf("%d bytes of an answer were read", nc.given)
		}
	}
}

// TestCookiesForEver: L21, E15: every answer sets a hundred more. The next request
// stays one that any server takes.
func TestCookiesForEver(t *testing.T) {
	dials := times(20, 60)
	flood{name: "new ones", limit: int64(dials) * headLimit, cpu: time.Duration(dials) * 50 * time.Millisecond, run: func(t *testing.T, g *gauge) {
		p := &peers{gauge: g, stream: func(dial int) torrent {
			s := switching
			for i := range 100 {
				s += fmt.Sprintf("Set-Cookie: c%dx%d=%s\r\n", dial, i, strings.Repeat("v", 500))
			}
			return torrent{start: s + "\r\n", end: bye}
		}}
		jar, err := cookiejar.New(nil)
		if err != nil {
			t.Fatal(err)
		}
		d := fairlead.Dialer{Route: p, Jar: jar, Header: http.Header{"Cookie": {"own=1"}}}
		for range dials {
			c, err := d.Dial(t.Context(), "ws://peer.test/")
			if err != nil {
				t.Fatal(err)
			}
			c.CloseNow()
		}
		for i, nc := range p.conns {
			if nc.request > 10<<10 || i > 0 && nc.request < 8<<10 {
				t.Errorf("request %d has %d bytes", i, nc.request)
			}
		}
	}}.test(t)
}

// TestProxies: L24, F15, G13, H07: hops that talk for ever before they let through.
func TestProxies(t *testing.T) {
	const ok, wide = "HTTP/1.1 200 OK\r\n", "Via: " // a field
	http10 := "HTTP/1.1 407 No\r\nProxy-Authenticate: Basic realm=r\r\nContent-Length: 1073741824\r\n\r\n"
	proxy := route.HTTPProxy("proxy.test:1", &route.HTTPProxyOptions{Auth: auth.Basic{Username: "user", Password: "secret"}})
	socks := route.Socks5h("proxy.test:1", &route.SocksOptions{Username: "user", Password: "secret"})
	ssh := sshroute.Hop("ssh.test:22", &sshroute.Config{User: "user", Password: "secret", InsecureIgnoreHostKey: true})
	const sshLimit = 256 << 10
	for _, f := range []struct {
		name   string
		limit  int64
		layer  route.Layer
		stream torrent
	}{
		{"CONNECT, fields", headLimit, proxy, torrent{start: ok, again: wide + "x\r\n", decides: int64(len(ok)) + 129*8}},
		{"CONNECT, one field", headLimit, proxy, torrent{start: ok + wide, again: "x", decides: headLimit}},
		{"CONNECT, status line", headLimit, proxy, torrent{start: "HTTP/1.1 200 ", again: "x", decides: 8 << 10}},
		{"CONNECT, zeros", headLimit, proxy, torrent{again: "\x00", decides: 1}},
		{"CONNECT, interim", headLimit, proxy, torrent{again: "HTTP/1.1 100 Continue\r\n\r\n", decides: 9 * 25}},
		{"CONNECT, 407 for ever", headLimit, proxy, torrent{start: http10, again: "x"}},
		{"CONNECT, body", headLimit, proxy, torrent{start: "HTTP/1.1 502 Bad\r\n\r\n", again: "x", decides: 20 + headLimit}},
		{"SOCKS, zeros", headLimit, socks, torrent{again: "\x00", decides: 2}},
		{"SOCKS, fives", headLimit, socks, torrent{again: "\x05", decides: 2}},
		{"SSH, version line", sshLimit, ssh, torrent{start: "SSH-2.0-", again: "x", decides: 255}},
		{"SSH, lines before it", sshLimit, ssh, torrent{again: "welcome to this server\r\n", decides: sshLimit}},
		{"SSH, zeros", sshLimit, ssh, torrent{again: "\x00", decides: sshLimit}},
		{"SSH, ignored packets", sshLimit, ssh, torrent{start: "SSH-2.0-x\r\n", again: "\x00\x00\x00\x0c\x0a\x02aaaaaaaaaa", decides: sshLimit}},
		{"SSH, packet of 4 GiB", sshLimit, ssh, torrent{start: "SSH-2.0-x\r\n\xff\xff\xff\xff", again: "x", decides: 15}},
		{"SSH, packet of 200 KiB", sshLimit, ssh, torrent{start: "SSH-2.0-x\r\n\x00\x03\x20\x00\x04", again: "x", decides: sshLimit}},
	} {
		flood{name: f.name, limit: f.limit, run: func(t *testing.T, g *gauge) {
			p := &peers{gauge: g, stream: func(int) torrent { return f.stream }}
			nc, err := f.layer(p).DialContext(t.Context(), "tcp", "server.test:443")
			if re, ok := errors.AsType[*route.Error](err); !ok || nc != nil || len(re.Error()) > 2000 {
				t.Fatalf("ended with %v", err)
			}
			last := p.conns[len(p.conns)-1]
			if n := last.ahead(); f.stream.decides > 0 && n > spare {
				t.Errorf("the verdict came %d bytes behind the deciding one", n)
			}
			checkClosed(t, p)
		}}.test(t)
	}
}

// TestRecords: L79, D28: a TLS server that never gets to its certificate.
func TestRecords(t *testing.T) {
	hello := "\x02\xff\xff\xff" // of 16 MiB
	for name, s := range map[string]torrent{
		"server hello of 16 MiB": {again: "\x16\x03\x03\x40\x00" + hello + strings.Repeat("x", 1<<14-4), decides: 1 << 14},
		"empty records":          {again: "\x16\x03\x03\x00\x00", decides: 40 * 5},
		"warnings":               {again: "\x15\x03\x03\x00\x02\x01\x5a", decides: 40 * 7},
		"change cipher spec":     {again: "\x14\x03\x03\x00\x01\x01", decides: 40 * 6},
		"records of one byte":    {start: "\x16\x03\x03\x00\x04\x02\x00\xff\xff", again: "\x16\x03\x03\x00\x01x", decides: 6 * (1<<16 + 16)},
		"plain HTTP":             {again: "HTTP/1.1 400 Bad Request\r\n\r\n", decides: 5},
		"certificates of 16 MiB": {start: "\x16\x03\x03\x00\x04\x0b\xff\xff\xff", again: "\x16\x03\x03\x40\x00" + strings.Repeat("x", 1<<14), decides: 9},
	} {
		flood{name: name, limit: 64 << 10, cpu: time.Second, run: func(t *testing.T, g *gauge) {
			p := &peers{gauge: g, stream: func(int) torrent { return s }}
			d := fairlead.Dialer{Route: p}
			_, err := d.Dial(t.Context(), "wss://peer.test/")
			if he, ok := errors.AsType[*fairlead.HandshakeError](err); !ok || he.Phase != fairlead.PhaseTLS {
				t.Fatalf("ended with %v", err)
			}
			if n := p.conns[0].ahead(); n > spare {
				t.Errorf("the verdict came %d bytes behind the deciding one", n)
			}
			checkClosed(t, p)
		}}.test(t)
	}
}

func checkClosed(t *testing.T, p *peers) {
	t.Helper()
	for _, nc := range p.conns {
		select {
		case <-nc.ended:
		default:
			t.Error("a connection was left open")
		}
	}
}
