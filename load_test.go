package fairlead_test

import (
	"os"
	"runtime"
	"testing"
	"time"

	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/wstest"
)

// TestHeapStaysFlat has four writers and a reader keep one connection as busy as it
// can be, and looks at the heap: what a connection holds does not depend on how
// much has passed through it. With FAIRLEAD_LONG=1 it lasts a minute.
func TestHeapStaysFlat(t *testing.T) {
	lasts := time.Second
	if os.Getenv("FAIRLEAD_LONG") != "" {
		lasts = time.Minute
	}
	server := wstest.NewServer()
	defer server.Close()
	c, err := fairlead.Dial(t.Context(), server.URL())
	if err != nil {
		t.Fatal(err)
	}
	sizes := []int{0, 64, 1000, 20_000, 100_000}
	for i := range 4 {
		go func() {
			p := make([]byte, sizes[len(sizes)-1])
			for n := i; ; n++ {
				if c.Write(t.Context(), fairlead.Binary, p[:sizes[n%len(sizes)]]) != nil {
					return // CloseNow, below
				}
			}
		}()
	}
	const samples = 20
	var heap []uint64
	next := time.Now().Add(lasts / samples)
	messages, bytes := 0, 0
	for m, err := range c.Messages(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		messages++
		bytes += len(m.Data)
		if time.Now().After(next) {
			heap = append(heap, settledHeap())
			next = next.Add(lasts / samples)
		}
		if len(heap) == samples {
			break
		}
	}
	c.CloseNow()
	t.Logf("%d messages, %d MiB, heap after collections: %d KiB", messages, bytes>>20, kibs(heap))
	// The first quarter fills pools.
	first, last := heap[samples/4:samples/2], heap[samples/2:]
	if grown := int64(mean(last)) - int64(mean(first)); grown > 1<<20 {
		t.Errorf("the heap grew by %d KiB while %d messages passed", grown>>10, messages)
	}
}

// settledHeap is the size of what is in use.
func settledHeap() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

func kibs(sizes []uint64) []uint64 {
	out := make([]uint64, len(sizes))
	for i, n := range sizes {
		out[i] = n >> 10
	}
	return out
}

func mean(sizes []uint64) uint64 {
	var sum uint64
	for _, n := range sizes {
		sum += n
	}
	return sum / uint64(len(sizes))
}
