package deflate_test

import (
	"bytes"
	stdflate "compress/flate"
	"errors"
	"io"
	"testing"

	"github.com/fairlead-ws/fairlead/deflate"
	"github.com/fairlead-ws/fairlead/internal/fuzzlimit"
)

// FuzzInflate: whatever comes, in whatever pieces, there is no panic, no other
// error than the documented ones, no more output than the limit, and the verdict
// does not depend on the pieces. What the standard library inflates, we do alike.
func FuzzInflate(f *testing.F) {
	for _, row := range rows {
		f.Add(row.wire[0], uint8(row.bits), uint8(3), uint8(5))
	}
	for _, p := range corpus(600) {
		f.Add(message(f, 6, p), uint8(15), uint8(20), uint8(200))
	}
	f.Fuzz(func(t *testing.T, wire []byte, bits, in, out uint8) {
		defer fuzzlimit.Input(t)()
		const limit = 1 << 18
		if len(wire) > 1<<14 {
			return
		}
		whole, err := deflate.NewDecompressor(int(bits), false).Append(nil, wire, true, limit)
		if err != nil && !errors.Is(err, deflate.ErrCorrupt) && !errors.Is(err, deflate.ErrTooLarge) {
			t.Fatal(err)
		}
		if len(whole) > limit {
			t.Fatalf("%d bytes", len(whole))
		}
		if errors.Is(err, deflate.ErrTooLarge) {
			return
		}
		pieces, perr := inflate(deflate.NewDecompressor(int(bits), false), wire, 1+int(in), 1+int(out))
		if !bytes.Equal(whole, pieces) || err != perr { //nolint:errorlint // the same variable
			t.Fatalf("whole: %d bytes, %v; in pieces: %d bytes, %v", len(whole), err, len(pieces), perr)
		}
		if bits != 15 || err != nil {
			return
		}
		r := stdflate.NewReader(io.MultiReader(bytes.NewReader(wire), bytes.NewReader([]byte{0, 0, 0xff, 0xff, 1, 0, 0, 0xff, 0xff})))
		want := make([]byte, len(whole)+1)
		n, serr := io.ReadFull(r, want)
		if final := n < len(whole) && errors.Is(serr, io.ErrUnexpectedEOF); !final && !bytes.HasPrefix(want[:n], whole) {
			t.Fatalf("inflated %d bytes, the standard library %d: %v", len(whole), n, serr)
		}
	})
}

// FuzzRoundTrip: what is compressed comes back, however it is cut, with each
// window and over messages.
func FuzzRoundTrip(f *testing.F) {
	for _, p := range corpus(700) {
		f.Add(p, uint8(8), uint8(100), uint8(7), true)
	}
	f.Add([]byte(nil), uint8(15), uint8(0), uint8(0), false)
	f.Fuzz(func(t *testing.T, p []byte, bits, cut, piece uint8, takeover bool) {
		defer fuzzlimit.Input(t)()
		c := deflate.NewCompressor(int(bits), takeover)
		defer c.Reset()
		d := deflate.NewDecompressor(int(bits), takeover)
		for range 2 {
			at := min(int(cut), len(p))
			wire := c.Append(nil, p[:at], false)
			wire = c.Append(wire, p[at:], true)
			got, err := inflate(d, wire, 1+int(piece), 1+int(cut))
			if err != nil || !bytes.Equal(got, p) {
				t.Fatalf("%v, %d of %d bytes", err, len(got), len(p))
			}
		}
	})
}
