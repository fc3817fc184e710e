package deflate_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/fairlead-ws/fairlead/deflate"
)

// C19, A47: for each window, no distance in what is sent is longer, within a
// message and over messages.
func TestC19Window(t *testing.T) {
	for bits := deflate.MinWindowBits; bits <= deflate.MaxWindowBits; bits++ {
		for _, takeover := range []bool{false, true} {
			t.Run(fmt.Sprint(bits, takeover), func(t *testing.T) {
				c := deflate.NewCompressor(bits, takeover)
				var history []byte
				farthest := 0
				for _, size := range []int{1, 40, 300, 5000, 70000, 200000, 1000} {
					for kind, p := range corpus(size) {
						wire := c.Append(nil, p, true)
						out, far, err := puff(history, withTail(wire))
						if err != nil || !bytes.Equal(out, p) {
							t.Fatalf("%s, %d bytes: %v, %d bytes came back", kind, size, err, len(out))
						}
						farthest = max(farthest, far)
						if takeover {
							history = append(history, p...)
							history = history[max(0, len(history)-1<<15):]
						}
					}
				}
				if farthest > 1<<bits {
					t.Errorf("a distance of %d, the window is %d", farthest, 1<<bits)
				}
				if farthest < 1<<bits/2 {
					t.Errorf("no distance above %d: the window of %d is not used", farthest, 1<<bits)
				}
			})
		}
	}
}

// What another implementation compresses comes back, whatever the pieces.
func TestInflate(t *testing.T) {
	size := 120_000
	if testing.Short() {
		size = 50_000
	}
	for kind, p := range corpus(size) {
		for _, level := range []int{-2, 0, 1, 6, 9} {
			wire := message(t, level, p)
			for _, pieces := range [][2]int{{1 << 20, 1 << 20}, {1, 1}, {7, 3}, {100, 300}, {5000, 70000}, {3, 70000}} {
				got, err := inflate(deflate.NewDecompressor(15, false), wire, pieces[0], pieces[1])
				if err != nil || !bytes.Equal(got, p) {
					t.Fatalf("%s, level %d, pieces %v: %v, %d of %d bytes", kind, level, pieces, err, len(got), len(p))
				}
			}
		}
	}
}

func withTail(wire []byte) []byte { return append(bytes.Clone(wire), 0, 0, 0xff, 0xff) }

// Each piece of a message can be inflated as far as it goes.
func TestCompressorPieces(t *testing.T) {
	for _, takeover := range []bool{false, true} {
		c := deflate.NewCompressor(15, takeover)
		d := deflate.NewDecompressor(15, takeover)
		r := rand.New(rand.NewPCG(1, 2))
		for range 20 {
			p := jsonLike(r, r.IntN(3000))
			var got []byte
			for rest := p; ; {
				n := min(1+r.IntN(500), len(rest))
				wire := c.Append(nil, rest[:n], false)
				var err error
				if got, err = d.Append(got, wire, false, 1<<20); err != nil {
					t.Fatal(err)
				}
				rest = rest[n:]
				if sent := p[:len(p)-len(rest)]; !bytes.Equal(got, sent) {
					t.Fatalf("%d of %d bytes could be inflated", len(got), len(sent))
				}
				if len(rest) == 0 {
					break
				}
			}
			last := c.Append(nil, nil, true)
			if len(last) == 0 {
				t.Error("the last fragment has no header of the block whose tail was taken off")
			}
			got, err := d.Append(got, last, true, 1<<20)
			if err != nil || !bytes.Equal(got, p) {
				t.Fatalf("%v, %d of %d bytes", err, len(got), len(p))
			}
		}
	}
}

// With takeover a message that came before makes the next one small, without it
// the same message gives the same bytes; after Reset too.
func TestTakeover(t *testing.T) {
	p := wordsLike(rand.New(rand.NewPCG(3, 4)), 2000)
	for _, takeover := range []bool{false, true} {
		c := deflate.NewCompressor(15, takeover)
		first := c.Append(nil, p, true)
		second := c.Append(nil, p, true)
		if small := len(second) < len(first)/10; small != takeover {
			t.Errorf("takeover %v: %d bytes, then %d", takeover, len(first), len(second))
		}
		c.Reset()
		if third := c.Append(nil, p, true); len(third) < len(first)/2 {
			t.Errorf("takeover %v: %d bytes after Reset, %d at first", takeover, len(third), len(first))
		}
	}
}

func TestWorthwhile(t *testing.T) {
	for _, size := range []int{128, 511, 512, 513, 1000, 65536} {
		for kind, p := range corpus(size) {
			if got, want := deflate.Worthwhile(p, false), kind != "random" || size < 512; got != want {
				t.Errorf("%s, %d bytes: %v", kind, size, got)
			}
		}
		packed := message(t, 9, corpus(20 * size)["text"])
		if len(packed) > 512 && deflate.Worthwhile(packed, false) {
			t.Errorf("%d bytes of compressed text: worthwhile", len(packed))
		}
	}
	for takeover, least := range map[bool]int{false: deflate.MinSize, true: deflate.MinSizeTakeover} {
		if deflate.Worthwhile(make([]byte, least-1), takeover) || !deflate.Worthwhile(make([]byte, least), takeover) {
			t.Errorf("takeover %v: the least size is not %d", takeover, least)
		}
	}
}
