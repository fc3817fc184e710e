package frame_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/fairlead-ws/fairlead/frame"
)

func BenchmarkMask(b *testing.B) {
	key := [4]byte{0x37, 0xfa, 0x21, 0x3d}
	for _, size := range []int{8, 125, 1 << 10, 4 << 10, 64 << 10} {
		src := make([]byte, size)
		for _, c := range []struct {
			name string
			dst  []byte
		}{
			{"copy", make([]byte, size)},
			{"inplace", src},
		} {
			b.Run(c.name+"/"+strconv.Itoa(size), func(b *testing.B) {
				b.SetBytes(int64(size))
				b.ReportAllocs()
				for b.Loop() {
					frame.Mask(c.dst, src, key, 1)
				}
			})
		}
	}
}

func BenchmarkUTF8Validator(b *testing.B) {
	for _, c := range []struct{ name, unit string }{
		{"ascii", "0123456789abcdef"},
		{"latin", "Vögel fliegen über den Fluss, "},
		{"greek", "κόσμε"},
		{"cjk", "水光潋滟晴方好"},
		{"mixed", "aé水🐚é水a🐚水éa🐚 "},
	} {
		for _, size := range []int{16, 125, 4 << 10, 64 << 10} {
			p := []byte(strings.Repeat(c.unit, size/len(c.unit)+1)[:size])
			b.Run(c.name+"/"+strconv.Itoa(size), func(b *testing.B) {
				b.SetBytes(int64(size))
				b.ReportAllocs()
				var v frame.UTF8Validator
				for b.Loop() {
					v.Reset()
					if !v.Write(p) {
						b.Fatal("valid text was refused")
					}
				}
			})
		}
	}
}
