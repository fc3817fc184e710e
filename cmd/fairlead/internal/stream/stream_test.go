package stream

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
)

// all returns the messages of in; one that is streamed is put together.
func all(r *Reader) (messages []string, err error) {
	for range 10000 {
		p, rest, err := r.Next()
		if errors.Is(err, io.EOF) && p == nil {
			return messages, nil
		}
		if err != nil {
			return messages, err
		}
		if rest != nil {
			more, err := io.ReadAll(rest)
			if err != nil {
				return messages, err
			}
			p = append(slices.Clone(p), more...)
		}
		messages = append(messages, string(p))
	}
	return nil, errors.New("no end")
}

func TestReader(t *testing.T) {
	for _, tt := range []struct {
		f     Framing
		delim string
		keep  bool
		in    string
		want  []string
	}{
		{Lines, "", false, "a\nb\n", []string{"a", "b"}},
		{Lines, "", false, "a\n\nb", []string{"a", "", "b"}},
		{Lines, "", false, "", nil},
		{Lines, "", true, "a\nb", []string{"a\n", "b"}},
		{Lines, "--", false, "a-b---c--", []string{"a-b", "-c"}},
		{Lines, "\r\n", false, "a\nb\r\nc", []string{"a\nb", "c"}},
		{Null, "", false, "a\nb\x00c\x00", []string{"a\nb", "c"}},
		{Length4, "", false, "\x00\x00\x00\x02ab\x00\x00\x00\x00\x00\x00\x00\x01c", []string{"ab", "", "c"}},
		{Raw, "", false, "a\nb\x00", []string{"a\nb\x00"}},
		{Raw, "", false, "", nil},
	} {
		// Every size that is held, every way to be cut: the same messages.
		for hold := 1; hold < 8; hold++ {
			for _, one := range []bool{false, true} {
				var in io.Reader = strings.NewReader(tt.in)
				if one {
					in = iotest.OneByteReader(in)
				}
				r := NewReader(in, tt.f, []byte(tt.delim), tt.keep)
				r.hold = hold
				if got, err := all(r); err != nil || !slices.Equal(got, tt.want) {
					t.Errorf("%s %q, hold %d: %q, %v; want %q", tt.f, tt.in, hold, got, err, tt.want)
				}
			}
		}
	}
}

func TestReaderErrors(t *testing.T) {
	for _, in := range []string{"\x00", "\x00\x00\x00\x05abc", "\xff\xff\xff\xffabc"} {
		r := NewReader(strings.NewReader(in), Length4, nil, false)
		r.hold = 2
		if got, err := all(r); !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("%q: %q, %v", in, got, err)
		}
	}
	r := NewReader(iotest.ErrReader(errors.New("disk on fire")), Lines, nil, false)
	if _, _, err := r.Next(); err == nil || err.Error() != "disk on fire" {
		t.Errorf("%v", err)
	}
}

// TestLongLine: longer than every buffer, and than what is held.
func TestLongLine(t *testing.T) {
	long := bytes.Repeat([]byte("0123456789abcdef"), 1<<20)
	r := NewReader(io.MultiReader(bytes.NewReader(long), strings.NewReader("\nnext\n")), Lines, nil, false)
	r.hold = 1 << 20
	got, err := all(r)
	if err != nil || len(got) != 2 || got[0] != string(long) || got[1] != "next" {
		t.Errorf("%d messages, %v", len(got), err)
	}
}

// TestRoundTrip: what Append writes, Reader reads.
func TestRoundTrip(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, f := range []Framing{Lines, Null, Length4} {
		var wire []byte
		var want []string
		for i := range 100 {
			m := fmt.Sprintf("%d %s", i, strings.Repeat("x", rng.IntN(300)))
			var err error
			if wire, err = Append(wire, f, nil, []byte(m)); err != nil {
				t.Fatal(err)
			}
			want = append(want, m)
		}
		if got, err := all(NewReader(bytes.NewReader(wire), f, nil, false)); err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: %v", f, err)
		}
	}
}
