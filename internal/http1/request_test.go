package http1_test

import (
	"errors"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/fairlead-ws/fairlead/internal/http1"
)

const requestWire = "GET /chat?a=b HTTP/1.1\r\nHost: example.com\r\nX-Empty: \r\nX: y\tz\xff\r\n\r\n"

var requestParsed = &http1.Request{
	Method: "GET", Target: "/chat?a=b", Major: 1, Minor: 1,
	Fields: []http1.Field{{"Host", "example.com"}, {"X-Empty", ""}, {"X", "y\tz\xff"}},
}

func TestAppendRequest(t *testing.T) {
	got, err := http1.AppendRequest([]byte("before"), "GET", "/chat?a=b", requestParsed.Fields)
	if err != nil || string(got) != "before"+requestWire {
		t.Errorf("got %q, %v", got, err)
	}
	got, err = http1.AppendRequest(nil, "CONNECT", "[::1]:443", nil)
	if err != nil || string(got) != "CONNECT [::1]:443 HTTP/1.1\r\n\r\n" {
		t.Errorf("got %q, %v", got, err)
	}
}

// L32, L34, E31: no byte of the caller can end a line or a part of one, and
// the error names the part without repeating what it holds.
func TestAppendRequestRefused(t *testing.T) {
	type field = http1.Field
	check := func(t *testing.T, part, text, method, target string, fields ...field) {
		t.Helper()
		dst, err := http1.AppendRequest([]byte("before"), method, target, fields)
		wantError(t, err, part, text)
		if string(dst) != "before" {
			t.Errorf("dst is now %q", dst)
		}
		if strings.Contains(err.Error(), "s3cret") {
			t.Errorf("the error repeats a value: %v", err)
		}
	}
	const line = "request line"
	for _, c := range []string{"\r", "\n", "\r\n", "\x00", "\x01", "\x1b", "\x7f"} {
		for _, s := range []string{c + "s3cret", "s3cret" + c, "s3" + c + "cret"} {
			check(t, line, "method", s, "/")
			check(t, line, "target", "GET", "/"+s)
			check(t, "header field", `the name of field 2 ("X...") is not a token`, "GET", "/", field{"A", "b"}, field{"X" + c + "s3cret", "y"})
			check(t, "header field", "control character in the value of X-Key", "GET", "/", field{"X-Key", s})
		}
	}
	check(t, line, "method", "", "/")
	check(t, line, "method", "GET ", "/")
	check(t, line, "method", "G\xc3\x89T", "/")
	check(t, line, "target", "GET", "")
	check(t, line, "target", "GET", "/a b")
	check(t, line, "target", "GET", "/a\tb")
	check(t, line, "target", "GET", "/a#b")
	check(t, line, "target", "GET", "/\xc3\xa9")
	check(t, "header field", `the name of field 1 ("...")`, "GET", "/", field{"", "s3cret"})
	check(t, "header field", `("Authorization...")`, "GET", "/", field{"Authorization: s3cret", ""})
	check(t, "header field", `("`+strings.Repeat("n", 32)+`...")`, "GET", "/", field{strings.Repeat("n", 40) + " ", ""})
}

func TestReadRequest(t *testing.T) {
	for i := range len(requestWire) {
		r := http1.NewReader(cut(requestWire+"rest", i), http1.Limits{})
		got, err := patient(r.ReadRequest)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(requestParsed, got); d != "" {
			t.Error(d)
		}
		_, err = http1.NewReader(strings.NewReader(requestWire[:i]), http1.Limits{}).ReadRequest()
		if !errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
			t.Errorf("after %d bytes: %v, want io.ErrUnexpectedEOF", i, err)
		}
	}
	r := http1.NewReader(strings.NewReader("OPTIONS * HTTP/1.0\r\n\r\n"+requestWire+"rest"), http1.Limits{})
	got, err := r.ReadRequest()
	if d := cmp.Diff(&http1.Request{Method: "OPTIONS", Target: "*", Major: 1}, got); d != "" || err != nil {
		t.Error(d, err)
	}
	if _, err = r.ReadRequest(); err != nil || string(r.Buffered()) != "rest" {
		t.Errorf("second request: %v, then %q", err, r.Buffered())
	}
}

func TestReadRequestRefused(t *testing.T) {
	for _, tt := range []struct{ name, wire, part, text string }{
		{"TLS", "\x16\x03\x01\x00\xf4", "request line", `not HTTP but TLS: it begins with "\x16"`},
		{"space first", " GET / HTTP/1.1\r\n", "request line", `it begins with " "`},
		{"empty line first", "\r\nGET / HTTP/1.1\r\n", "request line", `it begins with "\r"`},
		{"only a method", "GET\r\n", "request line", `it begins with "GET\r"`},
		{"bad method", "GE(T /s3cret HTTP/1.1\r\n", "request line", `it begins with "GE("`},
		{"bad method after 32 bytes", strings.Repeat("A", 40) + "( /s3cret HTTP/1.1\r\n", "request line", "the method is not a token"},
		{"long method", strings.Repeat("A", 9<<10), "request line", "line longer than 8192 bytes"},
		{"no target", "GET  HTTP/1.1\r\n\r\n", "request line", "the target is empty"},
		{"fragment", "GET /s3cret#x HTTP/1.1\r\n\r\n", "request line", "the target is empty or has a byte"},
		{"non-ASCII target", "GET /s3cret\xe9 HTTP/1.1\r\n\r\n", "request line", "the target is empty or has a byte"},
		{"no version", "GET /s3cret\r\n\r\n", "request line", "the version is not HTTP/1.x"},
		{"HTTP/2.0", "PRI * HTTP/2.0\r\n\r\n", "request line", "the version is not HTTP/1.x"},
		{"HTTP/1.x", "GET / HTTP/1.x\r\n\r\n", "request line", "the version is not HTTP/1.x"},
		{"version too long", "GET / HTTP/1.11\r\n\r\n", "request line", "the version is not HTTP/1.x"},
		{"space in the target", "GET /a s3cret HTTP/1.1\r\n\r\n", "request line", "the version is not HTTP/1.x"},
		{"space at the end", "GET / HTTP/1.1 \r\n\r\n", "request line", "the version is not HTTP/1.x"},
		{"bare LF", "GET / HTTP/1.1\n\n", "request line", "LF without CR"},
		{"bad field", "GET / HTTP/1.1\r\nA : s3cret\r\n\r\n", "header field", "before the colon"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := http1.NewReader(strings.NewReader(tt.wire), http1.Limits{}).ReadRequest()
			wantError(t, err, tt.part, tt.text)
			if strings.Contains(err.Error(), "s3cret") {
				t.Errorf("the error repeats a value: %v", err)
			}
		})
	}
}

func TestErrorText(t *testing.T) {
	for want, e := range map[string]*http1.Error{
		"http1: body: why":                 {Part: "body", Text: "why"},
		"http1: body: i/o timeout":         {Part: "body", Err: os.ErrDeadlineExceeded},
		"http1: body: why: unexpected EOF": {Part: "body", Text: "why", Err: io.ErrUnexpectedEOF},
	} {
		if e.Error() != want || errors.Unwrap(e) != e.Err {
			t.Errorf("%q, %v; want %q, %v", e, errors.Unwrap(e), want, e.Err)
		}
	}
}
