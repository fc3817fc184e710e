package http1_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/fairlead-ws/fairlead/internal/http1"
)

// Rows of section A of the catalogue of hostile peers that the reading of a
// head decides.
func TestResponseAccepted(t *testing.T) {
	type fields = []http1.Field
	for _, tt := range []struct {
		name, wire string
		want       http1.Response
	}{
		{"A04 white space around a value", "HTTP/1.1 101 OK\r\nA:\t b c \t\r\nB:x\r\n\r\n", http1.Response{Major: 1, Minor: 1, Status: 101, Reason: "OK", Fields: fields{{"A", "b c"}, {"B", "x"}}}},
		{"A12 200", "HTTP/1.1 200 OK\r\n\r\n", http1.Response{Major: 1, Minor: 1, Status: 200, Reason: "OK"}},
		{"A13 101 without fields", "HTTP/1.1 101 Switching Protocols\r\n\r\n", http1.Response{Major: 1, Minor: 1, Status: 101, Reason: "Switching Protocols"}},
		{"A14 HTTP/1.2", "HTTP/1.2 101 x\r\n\r\n", http1.Response{Major: 1, Minor: 2, Status: 101, Reason: "x"}},
		{"A14 HTTP/1.0 is for the caller to refuse", "HTTP/1.0 101 x\r\n\r\n", http1.Response{Major: 1, Minor: 0, Status: 101, Reason: "x"}},
		{"F22 HTTP/1.0 200", "HTTP/1.0 200 Connection established\r\n\r\n", http1.Response{Major: 1, Minor: 0, Status: 200, Reason: "Connection established"}},
		{"A16 599", "HTTP/1.1 599 \r\n\r\n", http1.Response{Major: 1, Minor: 1, Status: 599}},
		{"A17 no reason phrase, with the space", "HTTP/1.1 101 \r\n\r\n", http1.Response{Major: 1, Minor: 1, Status: 101}},
		{"A17 no reason phrase, without the space", "HTTP/1.1 101\r\n\r\n", http1.Response{Major: 1, Minor: 1, Status: 101}},
		{"F01 407 without a reason phrase", "HTTP/1.1 407\r\n\r\n", http1.Response{Major: 1, Minor: 1, Status: 407}},
		{"A18 reason phrase with obs-text", "HTTP/1.1 403 \x80\xff\t\xc3\xa9\r\n\r\n", http1.Response{Major: 1, Minor: 1, Status: 403, Reason: "\x80\xff\t\xc3\xa9"}},
		{"A20 obs-text and tabs in a value", "HTTP/1.1 101 x\r\nA: a\t\x80\xffb\r\n\r\n", http1.Response{Major: 1, Minor: 1, Status: 101, Reason: "x", Fields: fields{{"A", "a\t\x80\xffb"}}}},
		{"A23 every token byte in a name", "HTTP/1.1 101 x\r\n!#$%&'*+-.^_`|~09azAZ: v\r\n\r\n", http1.Response{Major: 1, Minor: 1, Status: 101, Reason: "x", Fields: fields{{"!#$%&'*+-.^_`|~09azAZ", "v"}}}},
		{"empty value", "HTTP/1.1 101 x\r\nA:\r\nB: \t \r\n\r\n", http1.Response{Major: 1, Minor: 1, Status: 101, Reason: "x", Fields: fields{{"A", ""}, {"B", ""}}}},
		{"A29 interim responses before 101", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102\r\nX: y\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: z\r\n\r\nHTTP/1.1 101 S\r\nA: b\r\n\r\n", http1.Response{Major: 1, Minor: 1, Status: 101, Reason: "S", Fields: fields{{"A", "b"}}}},
		{"F11 interim response before 200", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\n", http1.Response{Major: 1, Minor: 1, Status: 200, Reason: "OK"}},
		{"A50 Retry-After", "HTTP/1.1 503 x\r\nRetry-After: -1\r\n\r\n", http1.Response{Major: 1, Minor: 1, Status: 503, Reason: "x", Fields: fields{{"Retry-After", "-1"}}}},
		{"A51 426 with versions", "HTTP/1.1 426 x\r\nSec-WebSocket-Version: 13, 8\r\nSec-WebSocket-Version: 7\r\n\r\n", http1.Response{Major: 1, Minor: 1, Status: 426, Reason: "x", Fields: fields{{"Sec-WebSocket-Version", "13, 8"}, {"Sec-WebSocket-Version", "7"}}}},
		{"A53 Set-Cookie", "HTTP/1.1 401 x\r\nSet-Cookie: a=b\r\nset-cookie: c=d\r\n\r\n", http1.Response{Major: 1, Minor: 1, Status: 401, Reason: "x", Fields: fields{{"Set-Cookie", "a=b"}, {"set-cookie", "c=d"}}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := response(tt.wire)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(&tt.want, got, cmpopts.EquateEmpty()); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestResponseRefused(t *testing.T) {
	const (
		status = "status line"
		field  = "header field"
		ok     = "HTTP/1.1 101 x\r\n"
	)
	for _, tt := range []struct{ name, wire, part, text string }{
		{"A14 HTTP/2.0", "HTTP/2.0 101 x\r\n\r\n", status, `not HTTP/1.x: it begins with "HTTP/2.0 101 x\r"`},
		{"A14 HTTP/0.9", "HTTP/0.9 200 x\r\n\r\n", status, "not HTTP/1.x"},
		{"A14 HTTP/2", "HTTP/2 101 x\r\n\r\n", status, "not HTTP/1.x"},
		{"A14 no space before the status", "HTTP/1.1101 x\r\n\r\n", status, "not HTTP/1.x"},
		{"A14 two digits", "HTTP/1.10 101 x\r\n\r\n", status, "not HTTP/1.x"},
		{"A14 no minor", "HTTP/1. 101 x\r\n\r\n", status, "not HTTP/1.x"},
		{"A14 lower case", "http/1.1 101 x\r\n\r\n", status, "not HTTP:"},
		{"A15 ICY", "ICY 200 OK\r\n\r\n", status, `not HTTP: it begins with "ICY 200 OK\r"`},
		{"A15 SSH", "SSH-2.0-OpenSSH_9.6\r\n", status, `not HTTP: it begins with "SSH-2.0-OpenSSH_9.6\r"`},
		{"A15 TLS alert", "\x15\x03\x01\x00\x02\x02\x46", status, `not HTTP but TLS: it begins with "\x15\x03\x01\x00\x02\x02F"`},
		{"A15 TLS handshake record", "\x16\x03\x03\x00\x7a\x02", status, `not HTTP but TLS`},
		{"A15 SMTP banner", "220 mail.example.com ESMTP Postfix ready\r\n", status, `it begins with "220 mail.example.com ESMTP Postf"`},
		{"A15 ESC and bidi in the quote", "\x1b]0;x\x07\u202e\r\n", status, `it begins with "\x1b]0;x\a\u202e\r"`},
		{"A15 the quote ends with the line", "X\r\nCookie: s3cret", status, `it begins with "X\r"`},
		{"A15 empty line first", "\r\nHTTP/1.1 101 x\r\n\r\n", status, `it begins with "\r"`},
		{"A54 WebSocket frame first", "\x81\x05hello", status, `not HTTP: it begins with "\x81\x05hello"`},
		{"A16 99", "HTTP/1.1 99 x\r\n\r\n", status, "three digits"},
		{"A16 099", "HTTP/1.1 099 x\r\n\r\n", status, "three digits"},
		{"A16 600", "HTTP/1.1 600 x\r\n\r\n", status, "three digits"},
		{"A16 1000", "HTTP/1.1 1000 x\r\n\r\n", status, "three digits"},
		{"A16 letter O", "HTTP/1.1 1O1 x\r\n\r\n", status, "three digits"},
		{"A16 negative", "HTTP/1.1 -101 x\r\n\r\n", status, "three digits"},
		{"A16 empty", "HTTP/1.1 \r\n\r\n", status, "three digits"},
		{"A16 absent", "HTTP/1.1\r\n\r\n", status, "not HTTP/1.x"},
		{"A16 two spaces", "HTTP/1.1  101 x\r\n\r\n", status, "three digits"},
		// The row would take ESC in a reason phrase; the grammar of RFC 9112
		// section 4 has no control characters there, and the RFC wins.
		{"A18 ESC in the reason phrase", "HTTP/1.1 101 \x1b[31m\r\n\r\n", status, "control character in the reason phrase"},
		{"A19 bare LF after the status line", "HTTP/1.1 101 x\nA: b\r\n\r\n", status, "LF without CR"},
		{"A19 bare LF after a field", ok + "A: b\nC: d\r\n\r\n", field, "LF without CR"},
		{"A19 bare LF at the end", ok + "A: b\r\n\n", field, "LF without CR"},
		{"A20 bare CR in the status line", "HTTP/1.1 101 x\ry\r\n\r\n", status, "control character in the reason phrase"},
		{"A20 bare CR after the status", "HTTP/1.1 101\rx\r\n\r\n", status, "control character in the reason phrase"},
		{"A20 bare CR in a value", ok + "A: b\rC: s3cret\r\n\r\n", field, "line 1: control character in the value of A"},
		{"A20 CR CR LF", ok + "A: b\r\r\n\r\n", field, "control character in the value of A"},
		{"A20 NUL in a value", ok + "A: s3cret\x00\r\n\r\n", field, "control character in the value of A"},
		{"A20 DEL in a value", ok + "A: s3cret\x7f\r\n\r\n", field, "control character in the value of A"},
		{"A20 NUL in a name", ok + "A\x00: s3cret\r\n\r\n", field, "line 1: the name is not a token"},
		{"A20 long name is clipped", ok + strings.Repeat("n", 100) + ": \x01\r\n\r\n", field, "the value of " + strings.Repeat("n", 32)},
		{"A21 folded line", ok + "A: b\r\n s3cret\r\n\r\n", field, "line 2: folded line"},
		{"A21 folded line with a tab", ok + "A: b\r\n\ts3cret\r\n\r\n", field, "line 2: folded line"},
		{"A21 folded first line", ok + " A: s3cret\r\n\r\n", field, "line 1: folded line"},
		{"A22 space before the colon", ok + "A : s3cret\r\n\r\n", field, "before the colon"},
		{"A22 tab before the colon", ok + "A\t: s3cret\r\n\r\n", field, "before the colon"},
		{"A23 no colon", ok + "s3cret\r\n\r\n", field, "line 1: no colon"},
		{"A23 empty name", ok + ": s3cret\r\n\r\n", field, "the name is empty"},
		{"A23 bracket in a name", ok + "A(b): s3cret\r\n\r\n", field, "the name is not a token"},
		{"A23 obs-text in a name", ok + "A\xe9: s3cret\r\n\r\n", field, "the name is not a token"},
		{"A23 name that begins with a non-token", ok + "@A: s3cret\r\n\r\n", field, "the name is not a token"},
		{"A29 malformed interim response", "HTTP/1.1 100 C\r\nA\r\n\r\nHTTP/1.1 101 x\r\n\r\n", field, "no colon"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			resp, err := response(tt.wire)
			wantError(t, err, tt.part, tt.text)
			if resp != nil {
				t.Errorf("a response came with the error: %v", resp)
			}
			if strings.Contains(err.Error(), "s3cret") {
				t.Errorf("the error repeats a value: %v", err)
			}
		})
	}
}

// What is not HTTP is refused by its first wrong byte; nothing waits for the
// end of a line.
func TestResponseRefusedEarly(t *testing.T) {
	const good = "HTTP/1.1 101 "
	for i := range len(good) {
		r := http1.NewReader(strings.NewReader(good[:i]+"\x00"), http1.Limits{})
		_, err := r.ReadResponse()
		wantError(t, err, "status line", "it begins with")
	}
}

func TestResponseErrorIsFinal(t *testing.T) {
	r := http1.NewReader(strings.NewReader("X\r\n\r\nHTTP/1.1 101 x\r\n\r\n"), http1.Limits{})
	_, first := r.ReadResponse()
	if _, again := r.ReadResponse(); again == nil || again != first {
		t.Errorf("second call: %v, want the first error again: %v", again, first)
	}
	if _, err := r.ReadRequest(); err == nil || err != first {
		t.Errorf("ReadRequest: %v, want the first error again: %v", err, first)
	}
	if _, _, err := r.ReadBody("GET", &http1.Response{Status: 200}, 10); err == nil || err != first {
		t.Errorf("ReadBody: %v, want the first error again: %v", err, first)
	}
}

// What follows the head is left for the next protocol.
func TestResponseBuffered(t *testing.T) {
	const head = "HTTP/1.1 101 x\r\nContent-Length: 5\r\n\r\n"
	for _, tt := range []struct{ name, wire, rest string }{
		{"A31 101 twice", head + head, head},
		{"A32 101 with Content-Length", head + "\x81\x03abc", "\x81\x03abc"},
		{"A34 frames with the 101", head + "\x81\x01a\x81\x01b\x88\x00", "\x81\x01a\x81\x01b\x88\x00"},
		{"F07 bytes of the tunnel with the 200", "HTTP/1.1 200 x\r\n\r\n\x16\x03", "\x16\x03"},
		{"nothing", head, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := http1.NewReader(strings.NewReader(tt.wire), http1.Limits{})
			resp, err := r.ReadResponse()
			if err != nil {
				t.Fatal(err)
			}
			if body, truncated, err := r.ReadBody("CONNECT", resp, 100); body != nil || truncated || err != nil {
				t.Errorf("body is %q, %v, %v; want none", body, truncated, err)
			}
			if got := string(r.Buffered()); got != tt.rest {
				t.Errorf("Buffered is %q, want %q", got, tt.rest)
			}
		})
	}
}

func TestFieldLookup(t *testing.T) {
	fields := []http1.Field{{"Set-Cookie", "a"}, {"X", "y"}, {"set-cookie", "b"}}
	resp, req := &http1.Response{Fields: fields}, &http1.Request{Fields: fields}
	for _, h := range []interface {
		Values(string) []string
		Get(string) (string, bool)
	}{resp, req} {
		if d := cmp.Diff([]string{"a", "b"}, h.Values("SET-COOKIE")); d != "" {
			t.Error(d)
		}
		if v := h.Values("None"); len(v) != 0 {
			t.Errorf("Values of an absent field: %q", v)
		}
		if v, ok := h.Get("SET-cookie"); v != "a" || !ok {
			t.Errorf("Get: %q, %v", v, ok)
		}
		if v, ok := h.Get("None"); v != "" || ok {
			t.Errorf("Get of an absent field: %q, %v", v, ok)
		}
	}
}
