package deflate_test

import (
	"bytes"
	stdflate "compress/flate"
	"fmt"
	"io"
	"testing"

	"github.com/klauspost/compress/flate"

	"github.com/fairlead-ws/fairlead/deflate"
)

func BenchmarkInflate(b *testing.B) {
	for _, size := range []int{256, 4096, 65536} {
		for _, kind := range []string{"json", "text", "base64"} {
			p := corpus(size)[kind]
			wire := message(b, 6, p)
			buf := make([]byte, size+1)
			b.Run(fmt.Sprintf("%s/%d", kind, size), func(b *testing.B) {
				d := deflate.NewDecompressor(15, false)
				b.SetBytes(int64(size))
				b.ReportAllocs()
				for b.Loop() {
					if n, _, err := d.Inflate(buf, wire, true); err != io.EOF || n != size {
						b.Fatal(n, err)
					}
				}
			})
			whole := append(bytes.Clone(wire), 0, 0, 0xff, 0xff, 1, 0, 0, 0xff, 0xff)
			for name, r := range map[string]io.Reader{
				"klauspost": flate.NewReader(nil), "std": stdflate.NewReader(nil),
			} {
				b.Run(fmt.Sprintf("%s/%d/%s", kind, size, name), func(b *testing.B) {
					in := bytes.NewReader(whole)
					b.SetBytes(int64(size))
					b.ReportAllocs()
					for b.Loop() {
						in.Reset(whole)
						if err := r.(flate.Resetter).Reset(in, nil); err != nil {
							b.Fatal(err)
						}
						if n, err := io.ReadFull(r, buf); n != size {
							b.Fatal(n, err)
						}
					}
				})
			}
		}
	}
}
