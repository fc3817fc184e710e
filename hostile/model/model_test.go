package model

import (
	"bytes"
	"compress/flate"
	"io"
	"math/rand/v2"
	"testing"
	"unicode/utf8"
)

// The model is judged by the standard library, where that has the same.

func TestText(t *testing.T) {
	for i := range 1 << 24 {
		p := []byte{byte(i >> 16), byte(i >> 8), byte(i)}
		if isText(p) != utf8.Valid(p) {
			t.Fatalf("%x", p)
		}
	}
	for i := range 1 << 16 { // the fourth byte is like the third
		for _, last := range []byte{0x7F, 0x80, 0xBF, 0xC0} {
			p := []byte{0xF0 | byte(i>>8)&15, byte(i), 0x80 | byte(i>>12), last}
			if isText(p) != utf8.Valid(p) {
				t.Fatalf("%x", p)
			}
		}
	}
}

func TestInflate(t *testing.T) {
	chance := rand.New(rand.NewPCG(1951, 0))
	good := 0
	for range 600 {
		plain := make([]byte, chance.IntN(3000))
		for i := range plain {
			plain[i] = "abcdefgh"[chance.IntN(1+chance.IntN(8))]
		}
		var b bytes.Buffer
		w, err := flate.NewWriter(&b, chance.IntN(12)-2)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = w.Write(plain)
		_ = w.Flush()
		wire := bytes.TrimSuffix(b.Bytes(), []byte{0, 0, 0xFF, 0xFF})
		broken := chance.IntN(2) == 0
		if broken {
			wire[chance.IntN(len(wire))] ^= 1 << chance.IntN(8)
		}
		got, failed := inflate(nil, wire, 32<<10, true)
		// A final block lets the standard library end without an error.
		r := flate.NewReader(io.MultiReader(bytes.NewReader(wire), bytes.NewReader([]byte{0, 0, 0xFF, 0xFF, 1, 0, 0, 0xFF, 0xFF})))
		want, err := io.ReadAll(r)
		if !broken && (failed != none || !bytes.Equal(got, plain)) {
			t.Fatalf("%x: %q, %v; want %q", wire, got, failed, plain)
		}
		if err == nil && failed == none {
			good++
			if !bytes.Equal(got, want) {
				t.Fatalf("%x: %q, the standard library says %q", wire, got, want)
			}
		}
	}
	t.Logf("%d of 600 inflated", good)
}
