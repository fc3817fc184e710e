package http1_test

import (
	"io"
	"strings"
	"testing"

	"github.com/fairlead-ws/fairlead/internal/http1"
)

const chunkedHead = "HTTP/1.1 500 x\r\nTransfer-Encoding: chunked\r\n\r\n"

// A55: malformed chunked bodies.
func TestA55Refused(t *testing.T) {
	for _, tt := range []struct{ name, wire, part, text string }{
		{"no size", "\r\n", "chunk", "not a hexadecimal number"},
		{"not a number", "xyz\r\n", "chunk", "not a hexadecimal number"},
		{"negative", "-1\r\n", "chunk", "not a hexadecimal number"},
		{"signed", "+1\r\na\r\n", "chunk", "not a hexadecimal number"},
		{"0x", "0x1\r\na\r\n", "chunk", "malformed chunk extension"},
		{"underscore", "1_0\r\n", "chunk", "malformed chunk extension"},
		{"space before", " 1\r\na\r\n", "chunk", "not a hexadecimal number"},
		{"space after", "1 \r\na\r\n", "chunk", "malformed chunk extension"},
		{"2^63", "8000000000000000\r\n", "chunk", "not a hexadecimal number"},
		{"2^64-1", "ffffffffffffffff\r\n", "chunk", "not a hexadecimal number"},
		{"2^64", "10000000000000000\r\n", "chunk", "not a hexadecimal number"},
		{"17 digits", "00000000000000001\r\na\r\n", "chunk", "not a hexadecimal number"},
		{"only an extension", ";a=b\r\n", "chunk", "not a hexadecimal number"},
		{"extension without semicolon", "1 a=b\r\na\r\n", "chunk", "malformed chunk extension"},
		{"control character in an extension", "1;a=\x00\r\na\r\n", "chunk", "malformed chunk extension"},
		{"bare CR in an extension", "1;a\rb\r\na\r\n", "chunk", "malformed chunk extension"},
		{"bare LF after the size", "1\na\r\n0\r\n\r\n", "chunk", "LF without CR"},
		{"bare LF in an extension", "1;a\n0\r\n\r\n", "chunk", "LF without CR"},
		{"bare LF after the data", "1\r\na\n0\r\n\r\n", "chunk", "LF without CR"},
		{"no line end after the data", "1\r\nab\r\n", "chunk", "what should be the CRLF after the data is longer than 2 bytes"},
		{"data too long", "1\r\nabcd", "chunk", "what should be the CRLF after the data is longer than 2 bytes"},
		{"missing end", "1\r\na\r\n", "chunk", "unexpected EOF"},
		{"missing empty line", "0\r\n", "trailer", "unexpected EOF"},
		{"missing LF", "0\r\n\r", "trailer", "unexpected EOF"},
		{"bad trailer", "0\r\nA b\r\n\r\n", "trailer", "before the colon"},
		{"folded trailer", "0\r\nA: b\r\n c\r\n\r\n", "trailer", "folded"},
		{"bare LF after a trailer", "0\r\nA: b\n\r\n", "trailer", "LF without CR"},
		{"long extension", "1;" + strings.Repeat("x", 9<<10), "chunk", "size line with its extensions longer than"},
		{"long size", strings.Repeat("0", 9<<10), "chunk", "size line with its extensions longer than"},
		{"extension flood", strings.Repeat("1;xxxxxxxx\r\na\r\n", 1000), "chunk", "size line with its extensions longer than"},
		{"extensions use up what trailers may have", "0;" + strings.Repeat("x", 8<<10) + "\r\nA: b\r\n\r\n", "trailer", "rest of the extensions and trailers longer than"},
		{"long trailer", "0\r\nA: " + strings.Repeat("x", 8<<10) + "\r\n\r\n", "trailer", "rest of the extensions and trailers longer than"},
		{"trailer flood", "0\r\n" + strings.Repeat("A:\r\n", 129) + "\r\n", "trailer", "more than 128 fields"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for name, src := range map[string]io.Reader{
				"whole":     strings.NewReader(chunkedHead + tt.wire),
				"piecemeal": each(chunkedHead + tt.wire),
			} {
				r := http1.NewReader(src, http1.Limits{})
				_, _, err := readBody(r, "GET", 1<<20)
				if err == nil {
					t.Fatalf("%s: accepted", name)
				}
				wantError(t, err, tt.part, tt.text)
			}
		})
	}
}

func TestA55EndlessExtension(t *testing.T) {
	src := &endless{s: "1;xxxxxxxx\r\na\r\n"}
	_, _, err := readBody(http1.NewReader(io.MultiReader(strings.NewReader(chunkedHead), src), http1.Limits{}), "GET", 1<<30)
	wantError(t, err, "chunk", "longer than")
	if src.given > 64<<10 {
		t.Errorf("%d bytes were read", src.given)
	}
}

// An error in the middle of a body is final, and what had arrived stays.
func TestChunkErrorIsFinal(t *testing.T) {
	r := http1.NewReader(strings.NewReader(chunkedHead+"5\r\nhello\r\n!\r\n"), http1.Limits{})
	resp, err := r.ReadResponse()
	if err != nil {
		t.Fatal(err)
	}
	_, _, first := r.ReadBody("GET", resp, 16)
	body, truncated, again := r.ReadBody("GET", resp, 16)
	if string(body) != "hello" || truncated || again == nil || again != first {
		t.Errorf("again: %q, %v, %v; want %v", body, truncated, again, first)
	}
}

// Extensions and trailers share one budget, to the byte.
func TestA55Budget(t *testing.T) {
	fill := func(n int) string { return strings.Repeat("x", n) }
	const digits = "0000000000000001"
	for _, tt := range []struct{ name, wire, part string }{
		{"one extension", digits + ";" + fill(8<<10-1) + "\r\na\r\n0\r\n\r\n", ""},
		{"one extension too long", digits + ";" + fill(8<<10) + "\r\na\r\n0\r\n\r\n", "chunk"},
		{"extension and trailers", "1;" + fill(4<<10-1) + "\r\na\r\n0\r\nA:" + fill(2<<10-4) + "\r\nA:" + fill(2<<10-4) + "\r\n\r\n", ""},
		{"extension and trailers too long", "1;" + fill(4<<10-1) + "\r\na\r\n0\r\nA:" + fill(2<<10-4) + "\r\nA:" + fill(2<<10-3) + "\r\n\r\n", "trailer"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			body, _, err := readBody(http1.NewReader(strings.NewReader(chunkedHead+tt.wire), http1.Limits{}), "GET", 16)
			if tt.part != "" {
				wantError(t, err, tt.part, "longer than")
			} else if body != "a" || err != nil {
				t.Errorf("body is %q, %v", body, err)
			}
		})
	}
}
