package fuzzlimit

import (
	"fmt"
	"strings"
	"testing"
)

// witness is a test that remembers why it failed.
type witness struct {
	testing.TB
	said []string
}

func (w *witness) Helper()                   {}
func (w *witness) Errorf(f string, a ...any) { w.said = append(w.said, fmt.Sprintf(f, a...)) }
func (w *witness) verdict() string           { return strings.Join(w.said, "\n") }
func (w *witness) run(input func()) *witness { done := Input(w); input(); done(); return w }

var sink []byte

func TestInput(t *testing.T) {
	if said := (&witness{}).run(func() { sink = make([]byte, maxBytes/2) }).verdict(); said != "" {
		t.Errorf("half of the bytes: %s", said)
	}
	pieces := func() {
		for range 2 * maxBytes >> 20 {
			sink = make([]byte, 1<<20)
		}
	}
	if said := (&witness{}).run(pieces).verdict(); !strings.Contains(said, "bytes") {
		t.Errorf("twice the bytes in pieces: %q", said)
	}
	busy := func() {
		for begin := ProcessorTime(); ProcessorTime()-begin < maxCPU+maxCPU/20; {
		}
	}
	if said := (&witness{}).run(busy).verdict(); !strings.Contains(said, "processor time") {
		t.Errorf("busy: %q", said)
	}
}

func BenchmarkInput(b *testing.B) {
	for b.Loop() {
		Input(b)()
	}
}
