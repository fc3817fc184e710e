package wstrace_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/fairlead-ws/fairlead/frame"
	"github.com/fairlead-ws/fairlead/wstrace"
)

// clock is the second column of a dump.
const clock = "15:04:05.000"

var errRefused = errors.New("refused\x1b[2J")

var dumpLines = []struct {
	name string
	fire func(*wstrace.Trace)
	want string // without the time
}{
	{"resolve", func(t *wstrace.Trace) { t.ResolveStart(wstrace.ResolveStart{Host: "a.example\x1b"}) }, `* resolve a.example\x1b`},
	{"resolved", func(t *wstrace.Trace) {
		t.ResolveDone(wstrace.ResolveDone{Host: "a.example", Addrs: []string{"192.0.2.1", "2001:db8::1"}, Duration: 1500 * time.Microsecond})
	}, `* resolved a.example: 192.0.2.1 2001:db8::1 (1.5ms)`},
	{"not resolved", func(t *wstrace.Trace) {
		t.ResolveDone(wstrace.ResolveDone{Host: "a.example", Duration: time.Second, Err: errRefused})
	}, `* cannot resolve a.example (1s): refused\x1b[2J`},
	{"connect", func(t *wstrace.Trace) {
		t.ConnectStart(wstrace.ConnectStart{Network: "tcp", Addr: "192.0.2.1:443"})
	}, `* connect tcp 192.0.2.1:443`},
	{"connected", func(t *wstrace.Trace) {
		t.ConnectDone(wstrace.ConnectDone{Network: "tcp", Addr: "192.0.2.1:443", LocalAddr: "192.0.2.7:5", Duration: 12 * time.Millisecond})
	}, `* connected 192.0.2.1:443 from 192.0.2.7:5 (12ms)`},
	{"not connected", func(t *wstrace.Trace) {
		t.ConnectDone(wstrace.ConnectDone{Network: "tcp", Addr: "192.0.2.1:443", Err: errRefused})
	}, `* cannot connect to 192.0.2.1:443 (0s): refused\x1b[2J`},
	{"hop", func(t *wstrace.Trace) {
		t.HopStart(wstrace.HopStart{Kind: "socks5h", Addr: "p:1080", Target: "a.example:443"})
	}, `* socks5h hop p:1080 to a.example:443`},
	{"hop passed", func(t *wstrace.Trace) {
		t.HopDone(wstrace.HopDone{Kind: "http", Addr: "p:3128", Target: "a.example:443", Detail: "HTTP/1.1 200 \x1b"})
	}, `* through http hop p:3128 to a.example:443 "HTTP/1.1 200 \x1b" (0s)`},
	{"hop refused", func(t *wstrace.Trace) {
		t.HopDone(wstrace.HopDone{Kind: "ssh", Addr: "p:22", Target: "a.example:443", Err: errRefused})
	}, `* cannot get through ssh hop p:22 to a.example:443 (0s): refused\x1b[2J`},
	{"tls", func(t *wstrace.Trace) { t.TLSStart(wstrace.TLSStart{ServerName: "a.example"}) }, `* tls handshake with a.example`},
	{"tls done", func(t *wstrace.Trace) {
		t.TLSDone(wstrace.TLSDone{
			ServerName: "a.example", Version: "TLS 1.3", CipherSuite: "TLS_AES_128_GCM_SHA256",
			ALPN: "http/1.1", PeerSubject: "CN=\u202e", Duration: time.Millisecond,
		})
	}, `* tls TLS 1.3 TLS_AES_128_GCM_SHA256 alpn="http/1.1" peer="CN=\u202e" (1ms)`},
	{"tls done, no ALPN", func(t *wstrace.Trace) {
		t.TLSDone(wstrace.TLSDone{Version: "TLS 1.2", CipherSuite: "X", PeerSubject: "CN=a"})
	}, `* tls TLS 1.2 X peer="CN=a" (0s)`},
	{"tls failed", func(t *wstrace.Trace) {
		t.TLSDone(wstrace.TLSDone{ServerName: "a.example", Err: errRefused})
	}, `* tls handshake with a.example failed (0s): refused\x1b[2J`},
	{"request", func(t *wstrace.Trace) {
		t.RequestStart(wstrace.RequestStart{Head: wstrace.NewRequestHead("GET", "/x?a=b", wstrace.Field{Name: "Host", Value: "a.example"}, wstrace.Field{Name: "Cookie", Value: "a=b"})})
	}, `→ request GET /x?a=*** HTTP/1.1 | Host: a.example | Cookie: ***`},
	{"request sent", func(t *wstrace.Trace) {
		t.RequestDone(wstrace.RequestDone{Bytes: 140, Duration: 8 * time.Microsecond})
	}, `* request sent, 140 bytes (8µs)`},
	{"request not sent", func(t *wstrace.Trace) {
		t.RequestDone(wstrace.RequestDone{Err: errRefused})
	}, `* cannot send the request (0s): refused\x1b[2J`},
	{"await response", func(t *wstrace.Trace) { t.ResponseStart(wstrace.ResponseStart{}) }, `* await response`},
	{"response", func(t *wstrace.Trace) {
		t.ResponseDone(wstrace.ResponseDone{
			Status: 101, Duration: time.Millisecond,
			Head: wstrace.NewResponseHead("HTTP/1.1 101 Switching\x1b", wstrace.Field{Name: "Upgrade", Value: "websocket\nx"}),
		})
	}, `← response HTTP/1.1 101 Switching\x1b | Upgrade: websocket\nx (1ms)`},
	{"response refused", func(t *wstrace.Trace) {
		t.ResponseDone(wstrace.ResponseDone{Status: 403, Head: wstrace.NewResponseHead("HTTP/1.1 403 Forbidden"), Err: errRefused})
	}, `← response HTTP/1.1 403 Forbidden (0s): refused\x1b[2J`},
	{"no response", func(t *wstrace.Trace) {
		t.ResponseDone(wstrace.ResponseDone{Duration: time.Second, Err: io.ErrUnexpectedEOF})
	}, `* no response (1s): unexpected EOF`},
	{"close here", func(t *wstrace.Trace) {
		t.CloseStart(wstrace.CloseStart{Code: 1000, Reason: `b"ye`})
	}, `* close begun here: 1000 normal closure "b\"ye"`},
	{"close by the peer", func(t *wstrace.Trace) {
		t.CloseStart(wstrace.CloseStart{Code: 4000, Reason: "\x9b", Remote: true})
	}, `* close begun by the peer: 4000 "\x9b"`},
	{"closed", func(t *wstrace.Trace) {
		t.CloseDone(wstrace.CloseDone{Code: 1000, Clean: true, Duration: time.Millisecond})
	}, `* closed: 1000 normal closure "" (1ms)`},
	{"closed uncleanly", func(t *wstrace.Trace) {
		t.CloseDone(wstrace.CloseDone{Code: 4001, Reason: "x", Err: errRefused})
	}, `* closed uncleanly: 4001 "x" (0s): refused\x1b[2J`},
}

func TestDumpLines(t *testing.T) {
	for _, test := range dumpLines {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var b bytes.Buffer
				trace := wstrace.Dump(&b)
				time.Sleep(25*time.Hour + 3*time.Millisecond)
				test.fire(trace)
				column, text, _ := strings.Cut(test.want, " ")
				if want := column + " " + time.Now().Format(clock) + " " + text + "\n"; b.String() != want {
					t.Errorf("dumped:\n%swant:\n%s", b.String(), want)
				}
			})
		})
	}
}

var frameLines = []struct {
	header  frame.Header
	preview string
	want    string
}{
	{frame.Header{Fin: true, Opcode: frame.Text, Masked: true, Length: 5}, "Hello", `text fin len=5 mask "Hello"`},
	{frame.Header{Fin: true, Opcode: frame.Text}, "", `text fin len=0`},
	{frame.Header{Opcode: frame.Text, Length: 4}, "a\"\x1b\n", `text len=4 "a\"\x1b\n"`},
	{frame.Header{Opcode: frame.Text, Length: 1 << 40}, "a\xe2\x82", `text len=1099511627776 "a\xe2\x82"…`},
	{frame.Header{Fin: true, Opcode: frame.Text, Length: 300}, strings.Repeat("x", 200), `text fin len=300 "` + strings.Repeat("x", wstrace.PreviewBytes) + `"…`},
	{frame.Header{Fin: true, Opcode: frame.Binary, Length: 2}, "\xde\xad", `binary fin len=2 dead`},
	{frame.Header{Fin: true, Opcode: frame.Binary, Length: 2}, "ab", `binary fin len=2 6162`},
	{frame.Header{Fin: true, RSV: frame.RSV1, Opcode: frame.Text, Length: 2}, "ab", `text fin rsv1 len=2 6162`},
	{frame.Header{RSV: 7, Opcode: frame.Binary, Length: 1}, "a", `binary rsv1 rsv2 rsv3 len=1 61`},
	{frame.Header{Opcode: frame.Continuation, Length: 2}, "ab", `continuation len=2 "ab"`},
	{frame.Header{Opcode: frame.Continuation, Length: 2}, "\x80b", `continuation len=2 8062`},
	{frame.Header{Fin: true, Opcode: frame.Ping, Length: 2}, "hi", `ping fin len=2 "hi"`},
	{frame.Header{Fin: true, Opcode: frame.Pong, Length: 1}, "\xff", `pong fin len=1 ff`},
	{frame.Header{Fin: true, Opcode: frame.Close}, "", `close fin len=0`},
	{frame.Header{Fin: true, Opcode: frame.Close, Length: 5}, "\x03\xe8bye", `close fin len=5 1000 normal closure "bye"`},
	{frame.Header{Fin: true, Opcode: frame.Close, Length: 3}, "\x03\xe8\xff", `close fin len=3 03e8ff`},
	{frame.Header{Fin: true, Opcode: frame.Close, Length: 9}, "\x03\xe8b", `close fin len=9 03e862…`},
	{frame.Header{Fin: true, Opcode: 3, Length: 1}, "a", `reserved 0x3 fin len=1 "a"`},
}

func TestDumpFrames(t *testing.T) {
	for _, test := range frameLines {
		var b bytes.Buffer
		trace := wstrace.Dump(&b)
		trace.FrameSent(wstrace.Frame{Header: test.header, Preview: []byte(test.preview)})
		trace.FrameReceived(wstrace.Frame{Header: test.header, Preview: []byte(test.preview)})
		lines := strings.SplitAfter(b.String(), "\n")
		if len(lines) != 3 {
			t.Fatalf("%+v: dumped %q, want two lines", test.header, b.String())
		}
		for i, column := range []string{"→ ", "← "} {
			rest, found := strings.CutPrefix(lines[i], column)
			if got := rest[min(len(rest), len(clock)+1):]; !found || got != test.want+"\n" {
				t.Errorf("dumped:\n%swant:\n%s%s %s", lines[i], column, clock, test.want)
			}
		}
	}
}

func TestDumpNothing(t *testing.T) {
	fire(wstrace.Dump(nil)) // every hook that is set would write to nil
}

// lineWriter demands that every Write is one whole line, and alone.
type lineWriter struct {
	mu  sync.Mutex
	bad []string
	n   int
}

func (w *lineWriter) Write(p []byte) (int, error) {
	if !w.mu.TryLock() {
		return 0, errors.New("two Writes at once")
	}
	defer w.mu.Unlock()
	w.n++
	line, found := strings.CutSuffix(string(p), "\n")
	if !found || !harmless(line) {
		w.bad = append(w.bad, line)
	}
	return 0, errors.New("ignored")
}

func TestDumpFromManyGoroutines(t *testing.T) {
	const goroutines, each = 8, 200
	var w lineWriter
	trace := wstrace.Dump(&w)
	var wg sync.WaitGroup
	for range goroutines {
		wg.Go(func() {
			for i := range each {
				trace.FrameSent(wstrace.Frame{Header: frame.Header{Opcode: frame.Text, Length: int64(i)}})
			}
		})
	}
	wg.Wait()
	if w.n != goroutines*each || len(w.bad) > 0 {
		t.Errorf("%d lines, want %d; bad ones: %q", w.n, goroutines*each, w.bad)
	}
}

// TestDumpAnything gives every event any text from the peer: one harmless line.
func TestDumpAnything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := func() string {
			return rapid.OneOf(rapid.StringN(-1, 40, -1), rapid.Map(rapid.SliceOfN(rapid.Byte(), 0, 200), func(p []byte) string { return string(p) })).Draw(t, "text")
		}
		var w lineWriter
		trace := wstrace.Dump(&w)
		err := fmt.Errorf("%s", text())
		head := wstrace.NewResponseHead(text(), wstrace.Field{Name: text(), Value: text()})
		trace.ResolveStart(wstrace.ResolveStart{Host: text()})
		trace.ResolveDone(wstrace.ResolveDone{Host: text(), Addrs: []string{text()}})
		trace.ConnectStart(wstrace.ConnectStart{Network: text(), Addr: text()})
		trace.ConnectDone(wstrace.ConnectDone{Addr: text(), LocalAddr: text(), Err: err})
		trace.HopStart(wstrace.HopStart{Kind: text(), Addr: text(), Target: text()})
		trace.HopDone(wstrace.HopDone{Kind: text(), Addr: text(), Target: text(), Detail: text()})
		trace.TLSStart(wstrace.TLSStart{ServerName: text()})
		trace.TLSDone(wstrace.TLSDone{ServerName: text(), ALPN: text(), PeerSubject: text()})
		trace.RequestStart(wstrace.RequestStart{Head: wstrace.NewRequestHead(text(), text(), wstrace.Field{Name: text(), Value: text()})})
		trace.RequestDone(wstrace.RequestDone{Err: err})
		trace.ResponseStart(wstrace.ResponseStart{})
		trace.ResponseDone(wstrace.ResponseDone{Status: 101, Head: head, Err: err})
		header := frame.Header{
			Fin: true, RSV: uint8(rapid.IntRange(0, 7).Draw(t, "rsv")),
			Opcode: frame.Opcode(rapid.Byte().Draw(t, "opcode")), Length: rapid.Int64Range(0, 200).Draw(t, "length"),
		}
		trace.FrameReceived(wstrace.Frame{Header: header, Preview: []byte(text())})
		trace.FrameSent(wstrace.Frame{Header: header, Preview: []byte(text())})
		code := frame.StatusCode(rapid.Uint16().Draw(t, "code"))
		trace.CloseStart(wstrace.CloseStart{Code: code, Reason: text()})
		trace.CloseDone(wstrace.CloseDone{Code: code, Reason: text(), Err: err})
		if w.n != 16 || len(w.bad) > 0 {
			t.Fatalf("%d writes, want 16; bad ones: %q", w.n, w.bad)
		}
	})
}
