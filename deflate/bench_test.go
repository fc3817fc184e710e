package deflate_test

import (
	"bytes"
	stdflate "compress/flate"
	"fmt"
	"io"
	"runtime"
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

// BenchmarkCompress is one message after the other.
func BenchmarkCompress(b *testing.B) {
	for _, kind := range []string{"json", "random"} {
		for _, size := range []int{64, 128, 256, 512, 1024, 4096, 65536} {
			for _, bits := range []int{15, 9} {
				for _, takeover := range []bool{false, true} {
					all := corpus(10 * size)[kind]
					b.Run(fmt.Sprintf("%s/%d/bits=%d/takeover=%v", kind, size, bits, takeover), func(b *testing.B) {
						c := deflate.NewCompressor(bits, takeover)
						b.SetBytes(int64(size))
						b.ReportAllocs()
						var wire []byte
						i, sum := 0, 0
						for b.Loop() {
							wire = c.Append(wire[:0], all[i%10*size:][:size], true)
							sum += len(wire)
							i++
						}
						b.ReportMetric(float64(sum)/float64(i*size), "ratio")
					})
				}
			}
		}
	}
}

// BenchmarkLevels shows what more effort costs and gains.
func BenchmarkLevels(b *testing.B) {
	for _, kind := range []string{"json", "text"} {
		for _, size := range []int{1024, 65536} {
			for _, level := range []int{1, 3, 5, 6, 9} {
				p := corpus(size)[kind]
				b.Run(fmt.Sprintf("%s/%d/level=%d", kind, size, level), func(b *testing.B) {
					var out bytes.Buffer
					w, err := flate.NewWriter(&out, level)
					if err != nil {
						b.Fatal(err)
					}
					b.SetBytes(int64(size))
					for b.Loop() {
						out.Reset()
						w.Reset(&out)
						if _, err := w.Write(p); err != nil {
							b.Fatal(err)
						}
						if err := w.Flush(); err != nil {
							b.Fatal(err)
						}
					}
					b.ReportMetric(float64(out.Len())/float64(size), "ratio")
				})
			}
		}
	}
}

func BenchmarkWorthwhile(b *testing.B) {
	p := corpus(65536)["json"]
	c := deflate.NewCompressor(15, false)
	for b.Loop() {
		c.Worthwhile(p)
	}
}

// BenchmarkMemory measures what a connection holds between messages.
func BenchmarkMemory(b *testing.B) {
	for _, bits := range []int{8, 15} {
		p := corpus(200_000)["json"]
		const conns = 100
		b.Run(fmt.Sprintf("inflate/bits=%d", bits), func(b *testing.B) {
			all := make([]*deflate.Decompressor, conns)
			wire := message(b, -2, p) // no distances: it fits each window
			buf := make([]byte, 0, len(p)+1)
			before := heapNow()
			for i := range all {
				all[i] = deflate.NewDecompressor(bits, true)
				if _, err := all[i].Append(buf, wire, true, int64(len(p))); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(heapNow()-before)/conns/1024, "KiB/conn")
			runtime.KeepAlive(all)
		})
		b.Run(fmt.Sprintf("compress/bits=%d", bits), func(b *testing.B) {
			all := make([]*deflate.Compressor, conns)
			buf := make([]byte, 0, len(p)+1)
			before := heapNow()
			for i := range all {
				all[i] = deflate.NewCompressor(bits, true)
				all[i].Append(buf, p, true)
			}
			b.ReportMetric(float64(heapNow()-before)/conns/1024, "KiB/conn")
			runtime.KeepAlive(all)
		})
	}
}
