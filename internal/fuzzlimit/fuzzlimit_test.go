package fuzzlimit

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// witness is a test that remembers why it failed.
type witness struct {
	testing.TB
	said []string
}

func (w *witness) Helper()                   {}
func (w *witness) Errorf(f string, a ...any) { w.said = append(w.said, fmt.Sprintf(f, a...)) }

var sink []byte

func TestInput(t *testing.T) {
	const mib = 1 << 20
	for name, row := range map[string]struct {
		most  bounds
		input func()
		want  string
	}{
		"little": {bounds{time.Minute, time.Hour, 8 * mib}, func() { sink = make([]byte, 4*mib) }, ""},
		"bytes in pieces": {bounds{time.Minute, time.Hour, 8 * mib}, func() {
			for range 16 {
				sink = make([]byte, mib)
			}
		}, "bytes"},
		"busy": {bounds{10 * time.Millisecond, time.Hour, 1 << 40}, func() {
			for begin := ProcessorTime(); ProcessorTime()-begin < 11*time.Millisecond; {
			}
		}, "processor time"},
		"waits": {bounds{time.Minute, time.Millisecond, 1 << 40}, func() { time.Sleep(2 * time.Millisecond) }, "takes"},
	} {
		w := &witness{TB: t}
		done := row.most.begin(w)
		row.input()
		done()
		if said := strings.Join(w.said, "; "); (said == "") != (row.want == "") || !strings.Contains(said, row.want) {
			t.Errorf("%s: %q", name, said)
		}
	}
}

func BenchmarkInput(b *testing.B) {
	for b.Loop() {
		Input(b)()
	}
}
