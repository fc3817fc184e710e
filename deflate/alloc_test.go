//go:build !race

package deflate_test

import (
	"math/rand/v2"
	"testing"

	"github.com/fairlead-ws/fairlead/deflate"
)

// The race detector makes pools forget.
func TestCompressorSteadyState(t *testing.T) {
	p := jsonLike(rand.New(rand.NewPCG(5, 6)), 4000)
	wire, out := make([]byte, 0, 8000), make([]byte, 0, 8000)
	for _, bits := range []int{0, 9, 15} {
		for _, takeover := range []bool{false, true} {
			c, d := deflate.NewCompressor(bits, takeover), deflate.NewDecompressor(bits, takeover)
			if n := testing.AllocsPerRun(100, func() {
				w := c.Append(wire, p, true)
				if got, err := d.Append(out, w, true, 4000); err != nil || len(got) != len(p) {
					t.Fatal(len(got), err)
				}
			}); n >= 1 { // pools may be emptied now and then
				t.Errorf("%d bits, takeover %v: %v allocations a message", bits, takeover, n)
			}
		}
	}
}
