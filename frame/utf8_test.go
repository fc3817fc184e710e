package frame_test

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/fairlead-ws/fairlead/frame"
)

// beginsValid is the definition of failing fast: whether some continuation
// of p, perhaps none, is valid UTF-8.
func beginsValid(p []byte) bool {
	for len(p) > 0 && utf8.FullRune(p) {
		r, n := utf8.DecodeRune(p)
		if r == utf8.RuneError && n == 1 {
			return false
		}
		p = p[n:]
	}
	return true
}

// checkText writes the pieces of a text and compares the answers with
// unicode/utf8.
func checkText(t *testing.T, id string, pieces ...[]byte) {
	t.Helper()
	var v frame.UTF8Validator
	var text []byte
	for _, p := range pieces {
		text = append(text, p...)
		if got, want := v.Write(p), beginsValid(text); got != want {
			t.Fatalf("%s: Write(%x) after %x = %v, want %v", id, p, text[:len(text)-len(p)], got, want)
		}
		if got, want := v.Complete(), utf8.Valid(text); got != want {
			t.Fatalf("%s: Complete() after %x = %v, want %v", id, text, got, want)
		}
	}
}

// The vectors stand alone and behind and before ASCII of every length modulo
// the word, so that the fast path meets each of them at every offset.
func TestUTF8Vectors(t *testing.T) {
	for _, tt := range utf8Vectors {
		p := unhex(t, tt.hex)
		var v frame.UTF8Validator
		if got := v.Write(p) && v.Complete(); got != tt.valid {
			t.Errorf("%s: whole: valid = %v", tt.id, got)
		}
		v.Reset()
		failedAt := -1
		for i := range p {
			if !v.Write(p[i : i+1]) {
				failedAt = i
				break
			}
		}
		if failedAt != tt.failAt {
			t.Errorf("%s: byte by byte: failed at %d, want %d", tt.id, failedAt, tt.failAt)
		}
		for cut := range len(p) + 1 {
			v.Reset()
			first := v.Write(p[:cut])
			if want := tt.failAt < 0 || cut <= tt.failAt; first != want {
				t.Errorf("%s: cut at %d: first piece gave %v, want %v", tt.id, cut, first, want)
			}
			second := v.Write(p[cut:])
			if got := second && v.Complete(); got != tt.valid {
				t.Errorf("%s: cut at %d: valid = %v", tt.id, cut, got)
			}
		}
		for shift := range 41 {
			text := []byte(strings.Repeat("a", shift) + string(p) + strings.Repeat("z", 40-shift))
			checkText(t, tt.id, text)
			checkText(t, tt.id, text[:shift+len(p)])
		}
	}
}

func TestUTF8FailsAtTheFirstImpossibleByte(t *testing.T) {
	for _, s := range []string{
		"80", "bf", "c0", "c1", "f5", "f8", "fc", "fe", "ff",
		"c200", "c27f", "c2c0", "df20", "dfff",
		"e080", "e09f", "e0c0", "e120", "eda0", "edbf", "ed7f", "ee7f", "efc0",
		"e0a07f", "e180c0", "ed9f20", "ef8000",
		"f080", "f08f", "f0c0", "f17f", "f490", "f4bf", "f3c0",
		"f0907f", "f18020", "f48fc0", "f0908000", "f48f80ff",
	} {
		p := unhex(t, s)
		last := len(p) - 1
		var v frame.UTF8Validator
		if !v.Write(p[:last]) {
			t.Errorf("%s: failed before its last byte", s)
		}
		if v.Write(p[last:]) {
			t.Errorf("%s: its last byte was taken", s)
		}
		v.Reset()
		if v.Write(p) {
			t.Errorf("%s: taken in one piece", s)
		}
	}
}

// Every code point that UTF-8 can hold, cut at every offset, and every byte
// pair.
func TestUTF8Exhaustive(t *testing.T) {
	var buf [utf8.UTFMax]byte
	for r := rune(0); r <= utf8.MaxRune; r++ {
		if !utf8.ValidRune(r) {
			continue
		}
		p := buf[:utf8.EncodeRune(buf[:], r)]
		var v frame.UTF8Validator
		for i := range p {
			if !v.Write(p[i:i+1]) || v.Complete() != (i == len(p)-1) {
				t.Fatalf("U+%04X: byte %d was not judged right", r, i)
			}
		}
	}
	for pair := range 1 << 16 {
		p := []byte{byte(pair >> 8), byte(pair)}
		var v frame.UTF8Validator
		if got, want := v.Write(p), beginsValid(p); got != want {
			t.Errorf("Write(%x) = %v, want %v", p, got, want)
		}
		if got, want := v.Complete(), utf8.Valid(p); got != want {
			t.Errorf("Complete() after %x = %v, want %v", p, got, want)
		}
	}
}

func TestUTF8FailureStays(t *testing.T) {
	var v frame.UTF8Validator
	if v.Write([]byte("ok\xff")) {
		t.Fatal("0xFF was taken")
	}
	for _, p := range []string{"", "a", "eight or more bytes of ASCII", "水水水水水水"} {
		if v.Write([]byte(p)) || v.Complete() {
			t.Errorf("after a failure Write(%q) was taken", p)
		}
	}
	v.Reset()
	if !v.Write([]byte("水")) || !v.Complete() {
		t.Error("after Reset valid text was refused")
	}
}

func TestUTF8ResetInsideCodePoint(t *testing.T) {
	var v frame.UTF8Validator
	v.Write([]byte("\xe6\xb0"))
	v.Reset()
	if !v.Complete() || !v.Write([]byte("a")) {
		t.Error("Reset kept the open code point")
	}
}

// A long run of ASCII is checked in blocks: every length of it, with a byte anywhere
// in it that is none, alone and as the beginning of a code point.
func TestUTF8InLongASCII(t *testing.T) {
	for n := range 201 {
		text := []byte(strings.Repeat("a", n))
		checkText(t, "ASCII", text)
		for i := range n {
			bad := slices.Clone(text)
			bad[i] = 0x80
			checkText(t, "a byte too many", bad)
			checkText(t, "two-byte code point", slices.Concat(text[:i], []byte("é"), text[i:]))
		}
	}
}
