package fairlead_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/deflate"
	"github.com/fairlead-ws/fairlead/frame"
)

// The benchmarks have a connection that costs nothing, so that what they show is
// the engine alone.

func BenchmarkRead(b *testing.B) {
	for _, size := range []int{64, 1024, 65536} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			c := fairlead.NewConn(&streamConn{script: frameOf(frame.Text, true, string(make([]byte, size)))}, fairlead.ConnConfig{})
			defer c.CloseNow()
			buf := make([]byte, 0, size)
			ctx, cancel := context.WithCancel(b.Context())
			defer cancel()
			b.SetBytes(int64(size))
			b.ReportAllocs()
			for b.Loop() {
				if _, _, err := c.ReadAppend(ctx, buf); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkWrite(b *testing.B) {
	for _, size := range []int{64, 1024, 65536} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			c := fairlead.NewConn(&streamConn{script: []byte{0}}, fairlead.ConnConfig{})
			defer c.CloseNow()
			p := make([]byte, size)
			ctx, cancel := context.WithCancel(b.Context())
			defer cancel()
			b.SetBytes(int64(size))
			b.ReportAllocs()
			for b.Loop() {
				if err := c.Write(ctx, fairlead.Binary, p); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkBatch(b *testing.B) {
	for _, size := range []int{64, 1024} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			c := fairlead.NewConn(&streamConn{script: []byte{0}}, fairlead.ConnConfig{})
			defer c.CloseNow()
			p := make([]byte, size)
			b.SetBytes(int64(size))
			b.ReportAllocs()
			err := c.Batch(b.Context(), func(batch *fairlead.Batch) error {
				for b.Loop() {
					if err := batch.Write(fairlead.Binary, p); err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil {
				b.Fatal(err)
			}
		})
	}
}

// BenchmarkCompressed sends and reads JSON, compressed and not.
func BenchmarkCompressed(b *testing.B) {
	for name, cfg := range map[string]fairlead.ConnConfig{"off": {}, "takeover": withTakeover, "no takeover": withoutTakeover} {
		for _, size := range []int{256, 4096, 65536} {
			text := []byte(strings.Repeat(`{"symbol":"ABC","price":12.5,"side":"buy"},`, size/42+1))[:size]
			wire := frameOf(frame.Text, true, string(text))
			if cfg.Compression != nil {
				wire = compressedFrame(frame.Text, true, string(deflate.NewCompressor(15, false).Append(nil, text, true)))
			}
			ctx, cancel := context.WithCancel(b.Context())
			defer cancel()
			c := fairlead.NewConn(&streamConn{script: wire}, cfg)
			defer c.CloseNow()
			buf := make([]byte, 0, size+1)
			for verb, f := range map[string]func() error{
				"Read":  func() error { _, _, err := c.ReadAppend(ctx, buf); return err },
				"Write": func() error { return c.Write(ctx, fairlead.Text, text) },
			} {
				b.Run(fmt.Sprintf("%s/%d/%s", verb, size, name), func(b *testing.B) {
					b.SetBytes(int64(size))
					b.ReportAllocs()
					for b.Loop() {
						if err := f(); err != nil {
							b.Fatal(err)
						}
					}
				})
			}
		}
	}
}
