// Package fuzzlimit holds fuzz targets to what one input of a peer's may cost.
package fuzzlimit

import (
	"runtime/metrics"
	"testing"
	"time"
)

const (
	// maxCPU is the processor time of the process, which a busy machine does not
	// stretch. What waits uses none: maxWait is for what would wait for ever, with
	// room for a machine that has other things to do.
	maxCPU  = time.Second
	maxWait = 20 * time.Second
	// maxBytes bounds everything that is allocated, so also what is held at once.
	maxBytes = 64 << 20
)

// Input begins to measure; what it returns ends that, and fails t when the code
// between took more than a second of processor time or 64 MiB of memory:
//
//	f.Fuzz(func(t *testing.T, p []byte) {
//		defer fuzzlimit.Input(t)()
func Input(t testing.TB) func() {
	begin, cpu, bytes := time.Now(), ProcessorTime(), allocated()
	return func() {
		t.Helper()
		if used := ProcessorTime() - cpu; used > maxCPU {
			t.Errorf("this input takes %v of processor time; %v is the limit", used, maxCPU)
		}
		if took := time.Since(begin); took > maxWait {
			t.Errorf("this input takes %v; %v is the limit", took, maxWait)
		}
		if n := allocated() - bytes; n > maxBytes {
			t.Errorf("this input allocates %d bytes; %d is the limit", n, maxBytes)
		}
	}
}

// allocated is what has been allocated so far, freed or not.
func allocated() uint64 {
	sample := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}
