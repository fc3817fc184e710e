package fairlead_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/auth"
	"github.com/fairlead-ws/fairlead/handshake"
	"github.com/fairlead-ws/fairlead/internal/fuzzlimit"
	"github.com/fairlead-ws/fairlead/internal/http1"
)

// oracle is a server in memory that gives each request the same answer, in which
// acceptHere stands for the right Sec-WebSocket-Accept. It is its own Route.
type oracle struct {
	answer   string
	requests []*http1.Request
}

const acceptHere = "{accept}"

func (o *oracle) DialContext(context.Context, string, string) (net.Conn, error) {
	return &oracleConn{oracle: o}, nil
}

type oracleConn struct {
	monologue
	oracle *oracle
}

func (c *oracleConn) Write(p []byte) (int, error) {
	req, err := http1.NewReader(bytes.NewReader(p), http1.Limits{}).ReadRequest()
	if err != nil {
		return c.monologue.Write(p) // frames, after the handshake
	}
	c.oracle.requests = append(c.oracle.requests, req)
	key, _ := req.Get("Sec-WebSocket-Key")
	c.mu.Lock()
	defer c.mu.Unlock()
	c.rest = append(c.rest, strings.ReplaceAll(c.oracle.answer, acceptHere, handshake.AcceptKey(key))...)
	c.piece = 1 << 16
	return len(p), nil
}

const switching = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " + acceptHere + "\r\n"

var phases = []string{fairlead.PhaseTLS, fairlead.PhaseRequest, fairlead.PhaseResponse, fairlead.PhaseVerify, fairlead.PhaseAuth, fairlead.PhaseRedirect}

// FuzzHandshake: a dial with all that may be asked for ends with a connection only
// if another reader finds a right answer too, and else with an error that names
// its phase and shows neither secrets nor raw text.
func FuzzHandshake(f *testing.F) {
	for _, answer := range []string{
		switching + "\r\n\x81\x01a", switching + "Sec-WebSocket-Protocol: chat\r\nSec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=\"10\"\r\n\r\n",
		"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + switching + "Set-Cookie: a=b\r\n\r\n", "HTTP/1.0 101\r\n\r\n",
		"HTTP/1.1 302 Found\r\nLocation: //b.example/x?y\r\n\r\n", "HTTP/1.1 307 \r\nLocation: wss://a.example\r\nContent-Length: 9\r\n\r\n",
		"HTTP/1.1 401 No\r\nWWW-Authenticate: Digest realm=\"r\", nonce=\"n\", qop=\"auth\", algorithm=SHA-256\r\nContent-Length: 2\r\n\r\nno",
		"HTTP/1.1 503 Busy\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n\x1f\x8b",
	} {
		f.Add(answer)
	}
	f.Fuzz(func(t *testing.T, answer string) {
		defer fuzzlimit.Input(t)()
		jar, _ := cookiejar.New(nil) // never fails
		o := &oracle{answer: answer}
		d := fairlead.Dialer{
			Route: o, Jar: jar, Redirects: 3, Subprotocols: []string{"chat", "v2.chat"}, Compression: fairlead.CompressionTakeover,
			Auth: auth.Digest{Username: "user", Password: "canary"}, Header: http.Header{"X-Secret": {"canary"}},
		}
		c, err := d.Dial(t.Context(), "ws://a.example/dir/file?q")
		if len(o.requests) > 16 { // 4 hops of 4 requests
			t.Errorf("%d requests", len(o.requests))
		}
		if err == nil {
			defer c.CloseNow()
			key, _ := o.requests[len(o.requests)-1].Get("Sec-WebSocket-Key")
			checkAccepted(t, strings.ReplaceAll(answer, acceptHere, handshake.AcceptKey(key)), handshake.AcceptKey(key), c.Subprotocol())
			return
		}
		he, ok := errors.AsType[*fairlead.HandshakeError](err)
		if !ok || !slices.Contains(phases, he.Phase) || c != nil || len(he.Body) > 64<<10 || len(err.Error()) > 1000 {
			t.Fatalf("%v, %v", c, err)
		}
		if strings.ContainsFunc(err.Error(), func(r rune) bool { return r < ' ' || r == 0x7f }) || strings.Contains(err.Error(), "canary") && !strings.Contains(answer, "canary") {
			t.Errorf("unsafe: %q", err)
		}
	})
}

// checkAccepted demands of an answer that was taken for right what net/http, where
// it can read it, says about it.
func checkAccepted(t *testing.T, answer, accept, subprotocol string) {
	t.Helper()
	in := bufio.NewReader(strings.NewReader(answer))
	resp, err := http.ReadResponse(in, nil)
	for err == nil && resp.StatusCode < 200 && resp.StatusCode != 101 {
		resp, err = http.ReadResponse(in, nil)
	}
	if err != nil {
		return
	}
	has := func(field, token string) bool {
		return http1.HasToken(resp.Header.Values(field), token)
	}
	if resp.StatusCode != 101 || !resp.ProtoAtLeast(1, 1) || !has("Upgrade", "websocket") || !has("Connection", "upgrade") || !slices.Equal(resp.Header.Values("Sec-Websocket-Accept"), []string{accept}) {
		t.Errorf("taken for right: %q", answer)
	}
	if got := resp.Header.Get("Sec-Websocket-Protocol"); got != subprotocol || got != "" && got != "chat" && got != "v2.chat" {
		t.Errorf("subprotocol %q of %q", subprotocol, got)
	}
}

// FuzzSetCookie: whatever a server sets, the next request can be sent, is of
// bounded size, and carries no cookie that breaks the promise of its name.
func FuzzSetCookie(f *testing.F) {
	for _, s := range []string{
		"a=b", `a="b c"; Path=/; Domain=example.com; Max-Age=99999999999; Secure; HttpOnly; SameSite=None`, "__Host-a=b; Secure; Path=/", "__SECURE-a=b",
		"a=" + strings.Repeat("x", 5000), "=x", "a", "a=b; Expires=Thu, 01 Jan 1970 00:00:00 GMT", "a=\x7f;b=\u00fc",
	} {
		f.Add(s, "c=d", uint8(1))
		f.Add("c=d; Domain=com", s, uint8(250))
	}
	f.Fuzz(func(t *testing.T, first, second string, times uint8) {
		defer fuzzlimit.Input(t)()
		if strings.ContainsAny(first+second, "\r\n") {
			return // the head is no longer what it is about
		}
		jar := &lastSet{}
		jar.Jar, _ = cookiejar.New(nil) // never fails
		set := "Set-Cookie:" + first + "\r\n" + strings.Repeat("Set-Cookie:"+second+"\r\n", int(times)%100)
		o := &oracle{answer: switching + set + "\r\n"}
		d := fairlead.Dialer{Route: o, Jar: jar, Header: http.Header{"Cookie": {"own=1"}}}
		c, err := d.Dial(t.Context(), "ws://www.example.com/")
		if err != nil {
			if _, ok := errors.AsType[*fairlead.HandshakeError](err); !ok {
				t.Fatal(err)
			}
			return
		}
		c.CloseNow()
		for _, c := range jar.cookies {
			if name := strings.ToLower(c.Name); strings.HasPrefix(name, "__host-") || strings.HasPrefix(name, "__secure-") {
				t.Errorf("over ws, %v was set", c)
			}
			if len(c.Name)+len(c.Value) > 4<<10 || c.MaxAge > int((400*24*time.Hour).Seconds()) {
				t.Errorf("set: %v", c)
			}
		}
		o.answer, o.requests = switching+"\r\n", nil
		if c, err = d.Dial(t.Context(), "ws://www.example.com/"); err != nil {
			t.Fatalf("after %q: %v", set, err)
		}
		c.CloseNow()
		field := o.requests[0].Values("Cookie")
		if len(field) != 1 || !strings.HasPrefix(field[0], "own=1") || len(field[0]) > 8<<10+len("own=1; ") || strings.Count(field[0], ";") > 180 {
			t.Errorf("Cookie: %q", field)
		}
		for pair := range strings.SplitSeq(field[0], "; ") {
			if name, _, ok := strings.Cut(pair, "="); !ok || !http1.ValidFieldName(name) {
				t.Errorf("%q in Cookie: %q", pair, field)
			}
		}
	})
}

// lastSet is a jar that remembers what it was given.
type lastSet struct {
	*cookiejar.Jar
	cookies []*http.Cookie
}

func (j *lastSet) SetCookies(u *url.URL, cookies []*http.Cookie) {
	j.cookies = append(j.cookies, cookies...)
	j.Jar.SetCookies(u, cookies)
}
