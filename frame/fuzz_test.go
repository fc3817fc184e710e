package frame_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"testing"
	"unicode/utf8"

	"github.com/fairlead-ws/fairlead/frame"
	"github.com/fairlead-ws/fairlead/internal/fuzzlimit"
)

// FuzzHeader: what parses encodes to the very bytes it came from, what is
// encoded parses back, and nothing beyond the header matters.
func FuzzHeader(f *testing.F) {
	for _, tt := range headers {
		f.Add(unhex(f, tt.wire), uint8(0x81), int64(125))
	}
	f.Fuzz(func(t *testing.T, p []byte, first uint8, length int64) {
		defer fuzzlimit.Input(t)()
		h, n, err := frame.ParseHeader(p)
		switch {
		case err != nil:
			if !errors.Is(err, frame.ErrLengthMSB) && !errors.Is(err, frame.ErrLengthNotMinimal) {
				t.Fatalf("undocumented error: %v", err)
			}
			if n != 0 || h != (frame.Header{}) {
				t.Fatalf("%+v, %d with error %v", h, n, err)
			}
			// More bytes do not change the verdict.
			if _, _, again := frame.ParseHeader(append(bytes.Clone(p), 0, 0xFF)); !errors.Is(again, err) {
				t.Fatalf("%v became %v with more bytes", err, again)
			}
		case n == 0:
			if len(p) >= frame.MaxHeaderSize || h != (frame.Header{}) {
				t.Fatalf("more than %d bytes asked for, %+v", len(p), h)
			}
		default:
			if got := frame.AppendHeader(nil, h); !bytes.Equal(got, p[:n]) {
				t.Fatalf("%x encodes to %x", p[:n], got)
			}
			if again, m, err := frame.ParseHeader(p[:n:n]); again != h || m != n || err != nil {
				t.Fatalf("without what follows: %+v, %d, %v; want %+v, %d", again, m, err, h, n)
			}
			for cut := range n {
				if _, m, err := frame.ParseHeader(p[:cut]); m != 0 || err != nil {
					t.Fatalf("the first %d of %d bytes gave %d, %v", cut, n, m, err)
				}
			}
		}

		made := frame.Header{
			Fin:    first&0x80 != 0,
			RSV:    first >> 4 & 7,
			Opcode: frame.Opcode(first & 0xF),
			Length: max(length, 0),
		}
		if len(p) >= 4 {
			made.Masked, made.Mask = true, [4]byte(p)
		}
		wire := frame.AppendHeader(nil, made)
		if got, n, err := frame.ParseHeader(wire); got != made || n != len(wire) || err != nil {
			t.Fatalf("%x parses to %+v, %d, %v; want %+v", wire, got, n, err, made)
		}
	})
}

// FuzzUTF8: any split gives the verdict of unicode/utf8 on the whole, and each
// piece that of the text so far. Each byte of cuts is the length of a piece.
func FuzzUTF8(f *testing.F) {
	for _, tt := range utf8Vectors {
		f.Add(unhex(f, tt.hex), []byte{1, 2, 1})
	}
	f.Fuzz(func(t *testing.T, text, cuts []byte) {
		defer fuzzlimit.Input(t)()
		if len(text) > 512 || len(cuts) > 128 {
			t.Skip("the check starts over for each piece")
		}
		checkText(t, "whole", text)
		var pieces [][]byte
		rest := text
		for _, c := range cuts {
			n := min(int(c), len(rest))
			pieces = append(pieces, rest[:n])
			rest = rest[n:]
		}
		checkText(t, "cut", append(pieces, rest)...)
	})
}

// FuzzClose: ParseClose and AppendClose accept the same payloads and are
// inverse to each other.
func FuzzClose(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte("\x03\xe8bye"))
	f.Add([]byte("\x03"))
	f.Add([]byte("\x03\xed"))
	f.Add([]byte("\x0f\xa0\xe2\x82"))
	f.Fuzz(func(t *testing.T, p []byte) {
		defer fuzzlimit.Input(t)()
		code, reason, err := frame.ParseClose(p)
		switch {
		case err == nil:
			if !utf8.ValidString(reason) || code != frame.StatusNoStatus && !code.OnWire() {
				t.Fatalf("%x gave %d, %q", p, code, reason)
			}
			if got, err := frame.AppendClose(nil, code, reason); !bytes.Equal(got, p) || err != nil {
				t.Fatalf("%x encodes to %x, %v", p, got, err)
			}
		case reason != "":
			t.Fatalf("%x gave reason %q with %v", p, reason, err)
		case errors.Is(err, frame.ErrCloseLength), errors.Is(err, frame.ErrCloseCode), errors.Is(err, frame.ErrCloseUTF8):
		default:
			t.Fatalf("undocumented error: %v", err)
		}
		if len(p) < 2 || frame.StatusCode(binary.BigEndian.Uint16(p)) == frame.StatusNoStatus {
			return
		}
		got, appendErr := frame.AppendClose(nil, frame.StatusCode(binary.BigEndian.Uint16(p)), string(p[2:]))
		if (appendErr == nil) != (err == nil) || appendErr == nil && !bytes.Equal(got, p) {
			t.Fatalf("AppendClose of what %x says: %x, %v; ParseClose: %v", p, got, appendErr, err)
		}
	})
}
