package deflate_test

import (
	"fmt"

	"github.com/fairlead-ws/fairlead/deflate"
)

// Two messages of one connection on which the window is kept.
func Example() {
	c := deflate.NewCompressor(15, true)
	d := deflate.NewDecompressor(15, true)
	for range 2 {
		wire := c.Append(nil, []byte("a message like the one before, a message like the one before"), true)
		p, err := d.Append(nil, wire, true, 1<<20)
		fmt.Println(len(p), len(wire) < len(p), err)
	}
	// Output:
	// 60 true <nil>
	// 60 true <nil>
}
