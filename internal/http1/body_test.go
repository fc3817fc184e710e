package http1_test

import (
	"errors"
	"io"
	"os"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/fairlead-ws/fairlead/internal/http1"
)

// readBody reads a response and its body, patiently.
func readBody(r *http1.Reader, method string, limit int64) (string, bool, error) {
	resp, err := patient(r.ReadResponse)
	if err != nil {
		return "", false, err
	}
	var truncated bool
	body, err := patient(func() (p []byte, err error) {
		p, truncated, err = r.ReadBody(method, resp, limit)
		return p, err
	})
	return string(body), truncated, err
}

func wantBody(t *testing.T, src io.Reader, method, want string, wantTruncated bool) {
	t.Helper()
	body, truncated, err := readBody(http1.NewReader(src, http1.Limits{}), method, 16)
	if err != nil || body != want || truncated != wantTruncated {
		t.Errorf("body is %q, %v, %v; want %q, %v", body, truncated, err, want, wantTruncated)
	}
}

var bodies = []struct {
	name, wire, method, body string
	truncated                bool
}{
	{"Content-Length", "HTTP/1.1 401 x\r\nContent-Length: 5\r\n\r\nhello", "GET", "hello", false},
	{"Content-Length 0", "HTTP/1.1 200 x\r\ncontent-length: 0\r\n\r\n", "GET", "", false},
	{"Content-Length with leading zeros", "HTTP/1.1 200 x\r\nContent-Length: 0005\r\n\r\nhello", "GET", "hello", false},
	{"Content-Length at the limit", "HTTP/1.1 200 x\r\nContent-Length: 16\r\n\r\n0123456789abcdef", "GET", "0123456789abcdef", false},
	{"A49 Content-Length of 1 GiB", "HTTP/1.1 500 x\r\nContent-Length: 1073741824\r\n\r\n0123456789abcdef", "GET", "0123456789abcdef", true},
	{"A49 Content-Length of 2^63-1", "HTTP/1.1 500 x\r\nContent-Length: 9223372036854775807\r\n\r\n0123456789abcdef", "GET", "0123456789abcdef", true},
	{"until the end", "HTTP/1.0 403 x\r\n\r\nhello", "GET", "hello", false},
	{"until the end, empty", "HTTP/1.0 403 x\r\n\r\n", "GET", "", false},
	{"until the end, at the limit", "HTTP/1.1 403 x\r\n\r\n0123456789abcdef", "GET", "0123456789abcdef", false},
	{"A49 until the end, past the limit", "HTTP/1.1 403 x\r\n\r\n0123456789abcdefg", "GET", "0123456789abcdef", true},
	{"A49 Content-Encoding is not decoded", "HTTP/1.1 500 x\r\nContent-Encoding: gzip, gzip\r\nContent-Length: 4\r\n\r\n\x1f\x8b\x08\x00", "GET", "\x1f\x8b\x08\x00", false},
	{"chunked", "HTTP/1.1 200 x\r\nTransfer-Encoding: Chunked\r\n\r\n5\r\nhello\r\n00a\r\n, worldwid\r\n0\r\n\r\n", "GET", "hello, worldwid", false},
	{"chunked, at the limit, with trailers", "HTTP/1.1 200 x\r\nTransfer-Encoding: chunked\r\n\r\n10 ; a=\"b\"\r\n0123456789abcdef\r\n0;x\r\nA: b\r\nC: d\r\n\r\n", "GET", "0123456789abcdef", false},
	{"A49 chunked, past the limit", "HTTP/1.1 200 x\r\nTransfer-Encoding: chunked\r\n\r\nF\r\n0123456789abcde\r\n2\r\nfg\r\n0\r\n\r\n", "GET", "0123456789abcdef", true},
	{"A49 chunk of 2^63-1", "HTTP/1.1 200 x\r\nTransfer-Encoding: chunked\r\n\r\n7fffffffffffffff\r\n0123456789abcdef", "GET", "0123456789abcdef", true},
	{"HEAD", "HTTP/1.1 200 x\r\nContent-Length: 5\r\n\r\n", "HEAD", "", false},
	{"204", "HTTP/1.1 204 x\r\nContent-Length: 5\r\n\r\n", "GET", "", false},
	{"304", "HTTP/1.1 304 x\r\nTransfer-Encoding: chunked\r\n\r\n", "GET", "", false},
	{"A32 101", "HTTP/1.1 101 x\r\nContent-Length: 5\r\n\r\n", "GET", "", false},
	{"F09 F10 2xx to CONNECT", "HTTP/1.1 201 x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", "CONNECT", "", false},
	{"F12 300 to CONNECT", "HTTP/1.1 300 x\r\nContent-Length: 5\r\n\r\nhello", "CONNECT", "hello", false},
	{"F04 407 to CONNECT", "HTTP/1.1 407 x\r\nContent-Length: 5\r\n\r\nhello", "CONNECT", "hello", false},
}

func TestBody(t *testing.T) {
	for _, tt := range bodies {
		t.Run(tt.name, func(t *testing.T) {
			wantBody(t, strings.NewReader(tt.wire), tt.method, tt.body, tt.truncated)
			wantBody(t, iotest.DataErrReader(strings.NewReader(tt.wire)), tt.method, tt.body, tt.truncated)
			wantBody(t, iotest.OneByteReader(strings.NewReader(tt.wire)), tt.method, tt.body, tt.truncated)
			wantBody(t, each(tt.wire), tt.method, tt.body, tt.truncated)
			for i := range len(tt.wire) {
				wantBody(t, cut(tt.wire, i), tt.method, tt.body, tt.truncated)
			}
		})
	}
}

func TestBodyRefused(t *testing.T) {
	const cl, te = "Content-Length: ", "Transfer-Encoding: "
	for _, tt := range []struct{ name, fields, text string }{
		{"two lengths", cl + "5\r\n" + cl + "5\r\n", "more than one Content-Length"},
		{"list of lengths", cl + "5, 5\r\n", "not a number"},
		{"negative length", cl + "-5\r\n", "not a number"},
		{"signed length", cl + "+5\r\n", "not a number"},
		{"hexadecimal length", cl + "0x5\r\n", "not a number"},
		{"underscore in the length", cl + "1_0\r\n", "not a number"},
		{"empty length", cl + "\r\n", "not a number"},
		{"length of 2^63", cl + "9223372036854775808\r\n", "not a number"},
		{"length of 2^64", cl + "18446744073709551616\r\n", "not a number"},
		{"chunked and a length", te + "chunked\r\n" + cl + "5\r\n", "both Transfer-Encoding and Content-Length"},
		{"chunked twice", te + "chunked\r\n" + te + "chunked\r\n", "other than chunked"},
		{"gzip, chunked", te + "gzip, chunked\r\n", "other than chunked"},
		{"identity", te + "identity\r\n", "other than chunked"},
		{"Kelvin sign", te + "chun\u212aed\r\n", "other than chunked"},
		{"empty coding", te + "\r\n", "other than chunked"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := http1.NewReader(strings.NewReader("HTTP/1.1 500 x\r\n"+tt.fields+"\r\nhello"), http1.Limits{})
			_, _, err := readBody(r, "GET", 16)
			wantError(t, err, "body", tt.text)
			if _, again := r.ReadResponse(); again != err {
				t.Errorf("the reader goes on after it: %v", again)
			}
		})
	}
	_, _, err := readBody(http1.NewReader(strings.NewReader("HTTP/1.0 500 x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), http1.Limits{}), "GET", 16)
	wantError(t, err, "body", "HTTP/1.0")
}

// With an error there is what had arrived; an end too early is not an end.
func TestBodyCutOff(t *testing.T) {
	for _, tt := range bodies {
		head := strings.Index(tt.wire, "\r\n\r\n") + 4
		if tt.truncated || tt.body == "" || !strings.Contains(tt.wire, "Content-Length") && !strings.Contains(tt.wire, "chunked") {
			continue
		}
		for i := head; i < len(tt.wire); i++ {
			r := http1.NewReader(strings.NewReader(tt.wire[:i]), http1.Limits{})
			body, truncated, err := readBody(r, "GET", 16)
			if !errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) || truncated {
				t.Errorf("%s: after %d bytes: %v, %v; want io.ErrUnexpectedEOF", tt.name, i, truncated, err)
			}
			if !strings.HasPrefix(tt.body, body) {
				t.Errorf("%s: after %d bytes the body is %q", tt.name, i, body)
			}
		}
	}
	r := http1.NewReader(cut("HTTP/1.1 500 x\r\nContent-Length: 9\r\n\r\nhello you", 42), http1.Limits{})
	resp, err := r.ReadResponse()
	if err != nil {
		t.Fatal(err)
	}
	body, _, err := r.ReadBody("GET", resp, 16)
	if string(body) != "hello" || !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("at the timeout: %q, %v", body, err)
	}
}

// A connection carries the next response when the body of the last was read.
func TestBodyThenNext(t *testing.T) {
	const wire = "HTTP/1.1 407 x\r\nContent-Length: 5\r\n\r\nfirst" +
		"HTTP/1.1 407 y\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nsecond\r\n0\r\n\r\n" +
		"HTTP/1.1 200 z\r\n\r\nthird"
	r := http1.NewReader(strings.NewReader(wire), http1.Limits{})
	for _, want := range []string{"first", "second", "third"} {
		resp, err := r.ReadResponse()
		if err != nil {
			t.Fatal(err)
		}
		for range 2 { // the second call has the same to say
			if body, truncated, err := r.ReadBody("GET", resp, 16); string(body) != want || truncated || err != nil {
				t.Errorf("body is %q, %v, %v; want %q", body, truncated, err, want)
			}
		}
	}
	r = http1.NewReader(strings.NewReader(wire), http1.Limits{})
	resp, err := r.ReadResponse()
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if body, truncated, err := r.ReadBody("GET", resp, 3); string(body) != "fir" || !truncated || err != nil {
			t.Errorf("body is %q, %v, %v; want it cut", body, truncated, err)
		}
	}
	_, err = r.ReadResponse()
	wantError(t, err, "body", "nothing can follow")
}

// A limit of zero or less keeps nothing and waits for nothing.
func TestBodyLimitZero(t *testing.T) {
	for _, limit := range []int64{0, -1} {
		src := io.MultiReader(strings.NewReader("HTTP/1.1 500 x\r\nContent-Length: 5\r\n\r\n"), iotest.ErrReader(errors.New("must not be read")))
		body, truncated, err := readBody(http1.NewReader(src, http1.Limits{}), "GET", limit)
		if body != "" || !truncated || err != nil {
			t.Errorf("limit %d: %q, %v, %v", limit, body, truncated, err)
		}
	}
}

// A49: a huge body is neither read nor kept beyond the limit.
func TestA49Huge(t *testing.T) {
	for name, start := range map[string]string{
		"Content-Length": "HTTP/1.1 500 x\r\nContent-Length: 1073741824\r\n\r\n",
		"until the end":  "HTTP/1.1 500 x\r\n\r\n",
		"one chunk":      "HTTP/1.1 500 x\r\nTransfer-Encoding: chunked\r\n\r\n40000000\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			src := &endless{s: "x"}
			r := http1.NewReader(io.MultiReader(strings.NewReader(start), src), http1.Limits{})
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			body, truncated, err := readBody(r, "GET", 64<<10)
			runtime.ReadMemStats(&after)
			if len(body) != 64<<10 || !truncated || err != nil {
				t.Errorf("body of %d bytes, %v, %v", len(body), truncated, err)
			}
			if grown := after.TotalAlloc - before.TotalAlloc; grown > 1<<20 || src.given > 128<<10 {
				t.Errorf("%d bytes allocated, %d read", grown, src.given)
			}
		})
	}
	// A length that is only declared allocates nothing.
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, _, err := readBody(http1.NewReader(strings.NewReader("HTTP/1.1 500 x\r\nContent-Length: 1073741824\r\n\r\nabc"), http1.Limits{}), "GET", 1<<30)
	runtime.ReadMemStats(&after)
	wantError(t, err, "body", "unexpected EOF")
	if grown := after.TotalAlloc - before.TotalAlloc; grown > 64<<10 {
		t.Errorf("%d bytes allocated for a body of 3", grown)
	}
}
