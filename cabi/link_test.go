package main

import (
	"context"
	"encoding/json"
	"net"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/wstest"
)

func endpoint(t *testing.T, server *wstest.Server) (host string, port int) {
	t.Helper()
	u, err := url.Parse(server.URL())
	if err != nil {
		t.Fatal(err)
	}
	port, err = strconv.Atoi(u.Port())
	if err != nil {
		t.Fatal(err)
	}
	return u.Hostname(), port
}

// open opens a link and wants that to be a success.
func open(t *testing.T, o options) *link {
	t.Helper()
	text, err := json.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	out := openFor(nil, text)
	if out.n == 0 {
		t.Fatalf("%s", out.data)
	}
	h := uint64(out.n)
	l := argument[*link](h)
	t.Cleanup(func() {
		l.drop()
		release(h)
	})
	return l
}

// receive waits as recv.c does, but in Go.
func (l *link) receive(t *testing.T, p []byte) int64 {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(time.Millisecond) {
		if n, _ := l.take(p, 0); n != notYet {
			return n
		}
	}
	t.Fatal("nothing came")
	return 0
}

func TestLink(t *testing.T) {
	server := wstest.NewServer()
	t.Cleanup(func() { server.Close() })
	l := open(t, options{URL: server.URL(), Proxies: []string{}})
	if n, socket := l.take(nil, 0); n != notYet || socket != -1 {
		t.Fatalf("%d, %d before anything came", n, socket)
	}
	if n, socket := l.take(nil, time.Millisecond); n != notYet || socket < 0 {
		t.Fatalf("%d, %d: no socket to wait for", n, socket)
	}
	p := make([]byte, 64)
	if n := l.send(fairlead.Text, []byte("hello"), 0); n != 0 {
		t.Fatalf("send: %d", n)
	}
	if n := l.receive(t, p); n != 5<<1|1 || string(p[:5]) != "hello" {
		t.Fatalf("%d %q", n, p)
	}
	// Too small a buffer loses nothing.
	big := strings.Repeat("b", 1000)
	if n := l.send(fairlead.Binary, []byte(big), -1); n != 0 {
		t.Fatalf("send: %d", n)
	}
	if n := l.receive(t, p); n != -1000 {
		t.Fatalf("%d, want -1000", n)
	}
	if n, _ := l.take(p[:3], 0); n != -1000 {
		t.Fatalf("%d, want -1000 again", n)
	}
	p = make([]byte, 1000)
	if n, _ := l.take(p, 0); n != 2000 || string(p) != big {
		t.Fatalf("%d %q", n, p)
	}
	// The number of a short message is none of the codes.
	l.send(fairlead.Text, []byte("x"), 0)
	if n := l.receive(t, nil); n != -smallestLength {
		t.Fatalf("%d, want %d", n, -smallestLength)
	}
	if n, _ := l.take(p, 0); n != 3 {
		t.Fatalf("%d, want 3", n)
	}
	if n := l.send(7, nil, 0); n != wentBad || !strings.Contains(l.lastFailure(ofOthers).Error(), "neither Text nor Binary") {
		t.Fatalf("%d, %v", n, l.lastFailure(ofOthers))
	}
	// ping and end read while nobody does.
	if n := l.ping(t.Context()); n < 1 {
		t.Fatalf("ping: %d, %v", n, l.lastFailure(ofOthers))
	}
	if n := l.end(1<<40, ""); n != wentBad {
		t.Fatalf("end with an odd code: %d", n)
	}
	if n := l.end(1000, "done"); n != 1 {
		t.Fatalf("end: %d, %v", n, l.lastFailure(ofOthers))
	}
	if n, _ := l.take(p, 0); n != wentBad {
		t.Fatalf("%d after the end", n)
	}
	var f failure
	if err := json.Unmarshal(describe(l.lastFailure(ofReceive)), &f); err != nil || f.Kind != "closed" {
		t.Fatalf("%+v, %v", f, err)
	}
}

// TestLinkThatIsStuffed sends to somebody who reads nothing: the call goes on, and
// ends with the connection.
func TestLinkThatIsStuffed(t *testing.T) {
	client, server := net.Pipe()
	defer server.Close()
	l := newLink(fairlead.NewConn(client, fairlead.ConnConfig{}))
	n := l.send(fairlead.Binary, []byte("nobody takes it"), time.Millisecond)
	if n <= firstCall {
		t.Fatalf("send: %d", n)
	}
	l.drop()
	if out := await(uint64(n), 10_000); out.n != wentBad {
		t.Fatalf("%v", out)
	}
}

// TestLinkWithoutSocket waits in Go where there is no socket to wait for.
func TestLinkWithoutSocket(t *testing.T) {
	client, server := net.Pipe()
	defer server.Close()
	l := newLink(fairlead.NewConn(client, fairlead.ConnConfig{}))
	defer l.drop()
	p := make([]byte, 10)
	if n, socket := l.take(p, 5*time.Millisecond); n != notYet || socket != -1 {
		t.Fatalf("%d, %d", n, socket)
	}
	written := make(chan error, 1)
	go func() {
		_, err := server.Write([]byte{0x82, 2, 'o', 'k'})
		written <- err
	}()
	if n, _ := l.take(p, 10*time.Second); n != 4 || string(p[:2]) != "ok" {
		t.Fatalf("%d %q", n, p)
	}
	if err := <-written; err != nil {
		t.Fatal(err)
	}
}

func TestOpenFails(t *testing.T) {
	for text, kind := range map[string]string{
		`{`:                                        "argument",
		`{"url":"ftp://x"}`:                        "argument",
		`{"url":"ws://x","compression":"zip"}`:     "argument",
		`{"url":"ws://x","cafile":"/no/such"}`:     "argument",
		`{"url":"ws://x","proxies":["x://y"]}`:     "argument",
		`{"url":"ws://127.0.0.1:1/","proxies":[]}`: "handshake",
		`{"url":"ws://127.0.0.1:1/","proxies":[],"headers":[["Sec-WebSocket-Version","1"]]}`: "argument",
	} {
		out := openFor(nil, []byte(text))
		var f failure
		if err := json.Unmarshal(out.data, &f); err != nil || out.n != 0 || f.Kind != kind || f.Text == "" {
			t.Errorf("%s: %d, %+v, %v", text, out.n, f, err)
		}
	}
}

func TestOpenIsCanceled(t *testing.T) {
	deaf, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer deaf.Close()
	cell := uint64(1)
	if out := openFor(&cell, []byte(`{"url":"ws://`+deaf.Addr().String()+`/","proxies":[]}`)); out.n != pending {
		t.Fatalf("%v", out)
	}
	cancel(cell)
	out := await(cell, 10_000)
	var f failure
	if err := json.Unmarshal(out.data, &f); err != nil || f.Kind != "canceled" {
		t.Fatalf("%s, %v", out.data, err)
	}
}

func TestDescribe(t *testing.T) {
	for kind, err := range map[string]error{
		"other": nil, "concurrent": fairlead.ErrConcurrentRead, "closed": net.ErrClosed,
		"canceled": context.Canceled, "timeout": context.DeadlineExceeded,
	} {
		var f failure
		if json.Unmarshal(describe(err), &f) != nil || f.Kind != kind {
			t.Errorf("%v: %+v", err, f)
		}
	}
}
