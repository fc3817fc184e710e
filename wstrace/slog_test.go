package wstrace_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/slogtest"
	"time"

	"github.com/fairlead-ws/fairlead/frame"
	"github.com/fairlead-ws/fairlead/wstrace"
)

func everyEvent(t *wstrace.Trace, err error) {
	wstrace.Call(t.ResolveDone, wstrace.ResolveDone{Host: "h", Addrs: []string{"127.0.0.1"}, Duration: time.Second, Err: err})
	wstrace.Call(t.ConnectDone, wstrace.ConnectDone{Network: "tcp", Addr: "127.0.0.1:1", Err: err})
	wstrace.Call(t.HopDone, wstrace.HopDone{Kind: "socks5", Addr: "p:1080", Target: "h:443", Err: err})
	wstrace.Call(t.TLSDone, wstrace.TLSDone{ServerName: "h", Version: "TLS 1.3", CipherSuite: "TLS_AES_128_GCM_SHA256", PeerSubject: "CN=h", Err: err})
	wstrace.Call(t.RequestDone, wstrace.RequestDone{Bytes: 10, Err: err})
	head := wstrace.NewResponseHead("HTTP/1.1 101 Hi", wstrace.Field{Name: "Set-Cookie", Value: "canary"}, wstrace.Field{Name: "Upgrade", Value: "websocket"})
	wstrace.Call(t.ResponseDone, wstrace.ResponseDone{Status: 101, Head: head, Err: err})
	wstrace.Call(t.FrameSent, wstrace.Frame{Header: frame.Header{Fin: true, Opcode: frame.Text, Length: 6}, Preview: []byte("canary")})
	wstrace.Call(t.FrameReceived, wstrace.Frame{Header: frame.Header{Opcode: frame.Binary, RSV: 4, Length: 6}, Preview: []byte("canary")})
	wstrace.Call(t.CloseDone, wstrace.CloseDone{Code: 1000, Reason: "bye", Clean: err == nil, Err: err})
}

func records(t *testing.T, b *bytes.Buffer) (all []map[string]any) {
	t.Helper()
	for line := range strings.Lines(b.String()) {
		var r map[string]any
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			t.Fatal(err)
		}
		all = append(all, r)
	}
	return all
}

func TestLog(t *testing.T) {
	var out bytes.Buffer
	logger := slog.New(slog.NewJSONHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug}))
	everyEvent(wstrace.Log(logger), nil)
	got := records(t, &out)
	var steps []string
	for _, r := range got {
		steps = append(steps, r["level"].(string)+" "+r["msg"].(string))
	}
	want := "INFO resolve,INFO connect,INFO hop,INFO tls,INFO request,INFO response,DEBUG frame sent,DEBUG frame received,INFO close"
	if s := strings.Join(steps, ","); s != want {
		t.Errorf("logged %s", s)
	}
	if strings.Contains(out.String(), "canary") {
		t.Errorf("the log holds a secret or a payload:\n%s", out.String())
	}
	if r := got[5]; r["status"] != 101.0 || r["header"].(map[string]any)["Upgrade"] != "websocket" {
		t.Errorf("response: %v", r)
	}
	if r := got[7]; r["opcode"] != "binary" || r["fin"] != false || r["rsv"] != 4.0 || r["length"] != 6.0 {
		t.Errorf("frame: %v", r)
	}

	out.Reset()
	everyEvent(wstrace.Log(slog.New(slog.NewJSONHandler(&out, nil))), errors.New("why"))
	for _, r := range records(t, &out) {
		if r["level"] != "ERROR" || r["error"] != "why" {
			t.Errorf("%v", r)
		}
	}
	if n := len(records(t, &out)); n != 7 {
		t.Errorf("%d records without Debug", n)
	}
	everyEvent(wstrace.Log(nil), nil)
}

// TestLogKeepsTheRulesOfHandlers gives the records of Log to a handler that
// slogtest has found right, by way of attributes and groups of the caller's.
func TestLogKeepsTheRulesOfHandlers(t *testing.T) {
	var out bytes.Buffer
	handler := slog.NewJSONHandler(&out, nil)
	if err := slogtest.TestHandler(handler, func() []map[string]any { return records(t, &out) }); err != nil {
		t.Fatal(err)
	}
	out.Reset()
	everyEvent(wstrace.Log(slog.New(handler).With("app", "x").WithGroup("ws")), nil)
	for _, r := range records(t, &out) {
		if r["time"] == nil || r["app"] != "x" {
			t.Errorf("%v", r)
		}
		if _, ok := r["ws"].(map[string]any)["duration"]; !ok {
			t.Errorf("not in the caller's group: %v", r)
		}
	}
}
