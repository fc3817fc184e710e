// Package fuzzlimit holds fuzz targets to what one input of a peer's may cost.
package fuzzlimit

import (
	"runtime/metrics"
	"testing"
	"time"
)

// bounds are what an input may use.
type bounds struct {
	// cpu is processor time of the process, which a busy machine does not stretch.
	cpu time.Duration
	// wait is for what uses none and would wait for ever.
	wait time.Duration
	// bytes bounds all that is allocated, so also what is held at once.
	bytes uint64
}

// Input begins to measure; what it returns ends that, and fails t when the code
// between took more than a second of processor time or 64 MiB of memory:
//
//	f.Fuzz(func(t *testing.T, p []byte) {
//		defer fuzzlimit.Input(t)()
func Input(t testing.TB) func() {
	// A wait of 20 s has room for a machine that has other things to do.
	return bounds{cpu: time.Second, wait: 20 * time.Second, bytes: 64 << 20}.begin(t)
}

func (most bounds) begin(t testing.TB) func() {
	begin, cpu, bytes := time.Now(), ProcessorTime(), allocated()
	return func() {
		t.Helper()
		if used := ProcessorTime() - cpu; used > most.cpu {
			t.Errorf("this input takes %v of processor time; %v is the limit", used, most.cpu)
		}
		if took := time.Since(begin); took > most.wait {
			t.Errorf("this input takes %v; %v is the limit", took, most.wait)
		}
		if n := allocated() - bytes; n > most.bytes {
			t.Errorf("this input allocates %d bytes; %d is the limit", n, most.bytes)
		}
	}
}

// allocated is what has been allocated so far, freed or not.
func allocated() uint64 {
	sample := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}
