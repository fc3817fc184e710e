package frame_test

import (
	"bytes"
	"testing"

	"github.com/fairlead-ws/fairlead/frame"
)

func TestMaskLiteral(t *testing.T) {
	// RFC 6455 section 5.7: a masked "Hello".
	got := make([]byte, 5)
	next := frame.Mask(got, []byte("Hello"), [4]byte{0x37, 0xfa, 0x21, 0x3d}, 0)
	if want := unhex(t, "7f9f4d5158"); !bytes.Equal(got, want) || next != 1 {
		t.Errorf("Mask = %x, next %d; want %x, 1", got, next, want)
	}
}

// pattern returns n bytes of which neighbours differ.
func pattern(n int) []byte {
	p := make([]byte, n)
	for i := range p {
		p[i] = byte(i*7 + 3)
	}
	return p
}

// Every length over several blocks of the implementation, every position and
// every alignment of both sides, against the definition.
func TestMaskDefinition(t *testing.T) {
	const guard = 0xEE
	key := [4]byte{0x01, 0x20, 0x48, 0xF3}
	backing := pattern(8 + 200)
	memory := make([]byte, 16+200)
	for n := range 201 {
		for align := range 8 {
			src := backing[align : align+n]
			for _, pos := range []int{0, 1, 2, 3, 4, 7, 1<<31 - 1, -1, -2} {
				for i := range memory {
					memory[i] = guard
				}
				// Not the alignment of src, so that they differ too.
				start := (align*3 + 1) & 7
				dst := memory[start : start+n]
				next := frame.Mask(dst, src, key, pos)
				if want := (pos + n) & 3; next != want {
					t.Fatalf("n=%d pos=%d: next position %d, want %d", n, pos, next, want)
				}
				for i := range dst {
					if want := src[i] ^ key[(pos+i)&3]; dst[i] != want {
						t.Fatalf("n=%d align=%d pos=%d: byte %d is %#x, want %#x", n, align, pos, i, dst[i], want)
					}
				}
				for i, b := range memory {
					if (i < start || i >= start+n) && b != guard {
						t.Fatalf("n=%d align=%d pos=%d: byte %d outside dst was written", n, align, pos, i-start)
					}
				}
			}
		}
	}
	if !bytes.Equal(backing, pattern(len(backing))) {
		t.Error("src was changed")
	}
}

func TestMaskInPlace(t *testing.T) {
	key := [4]byte{0xFF, 0x00, 0x55, 0xA0}
	for n := range 201 {
		for pos := range 4 {
			want := make([]byte, n)
			frame.Mask(want, pattern(n), key, pos)
			got := pattern(n)
			frame.Mask(got, got, key, pos)
			if !bytes.Equal(got, want) {
				t.Fatalf("n=%d pos=%d: in place %x, into other memory %x", n, pos, got, want)
			}
			frame.Mask(got, got, key, pos)
			if !bytes.Equal(got, pattern(n)) {
				t.Fatalf("n=%d pos=%d: masking twice is not the identity", n, pos)
			}
		}
	}
}

func TestMaskInPieces(t *testing.T) {
	key := [4]byte{1, 2, 3, 4}
	src := pattern(150)
	want := make([]byte, len(src))
	frame.Mask(want, src, key, 2)
	for first := range len(src) + 1 {
		for _, second := range []int{0, 1, 5, 64, len(src)} {
			cut := min(first+second, len(src))
			got := make([]byte, len(src))
			pos := frame.Mask(got[:first], src[:first], key, 2)
			pos = frame.Mask(got[first:cut], src[first:cut], key, pos)
			frame.Mask(got[cut:], src[cut:], key, pos)
			if !bytes.Equal(got, want) {
				t.Fatalf("cut at %d and %d: %x, want %x", first, cut, got, want)
			}
		}
	}
}

func TestMaskIntoShorterMemory(t *testing.T) {
	memory := make([]byte, 100)
	if next := frame.Mask(memory[:70], pattern(100), [4]byte{1, 2, 3, 4}, 0); next != 2 {
		t.Errorf("next position %d, want 2: that of the first byte not masked", next)
	}
	if !bytes.Equal(memory[70:], make([]byte, 30)) {
		t.Error("memory beyond the end of dst was written")
	}
	if next := frame.Mask(memory, pattern(5), [4]byte{1, 2, 3, 4}, 0); next != 1 {
		t.Errorf("next position %d, want 1", next)
	}
	if next := frame.Mask(nil, nil, [4]byte{1, 2, 3, 4}, 7); next != 3 {
		t.Errorf("next position %d, want 3", next)
	}
}
