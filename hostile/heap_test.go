package hostile_test

import (
	"fmt"
	"math"
	"runtime"
	"time"
)

// samples is the pause between two looks at the heap.
const samples = 10 * time.Millisecond

// allocated is every byte that was ever allocated.
func allocated(ask bool) uint64 {
	if !ask {
		return 0
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.TotalAlloc
}

// sample looks at the heap until stop, which returns by how much it had grown at
// most, or -1 without ask.
func sample(ask bool) (stop func() int64) {
	if !ask {
		return func() int64 { return -1 }
	}
	live() // the second of two collections empties pools
	base, end, peak := live(), make(chan struct{}), make(chan int64)
	go func() {
		most := int64(0)
		for {
			select {
			case <-end:
				peak <- max(most, live()-base)
				return
			case <-time.After(samples):
				most = max(most, live()-base)
			}
		}
	}()
	return func() int64 {
		close(end)
		return <-peak
	}
}

// live is what two collections in a row leave. What is allocated during one it
// does not free, and on a busy machine that is much.
func live() int64 {
	least := int64(math.MaxInt64)
	for range 2 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		least = min(least, int64(m.HeapAlloc))
	}
	return least
}

// fat says what was measured of the heap.
func (o *Outcome) fat() string {
	switch {
	case o.heap >= 0 && o.live >= 0:
		return fmt.Sprintf("%d bytes allocated, %d live", o.heap, o.live)
	case o.heap >= 0:
		return fmt.Sprintf("%d bytes allocated", o.heap)
	case o.live >= 0:
		return fmt.Sprintf("%d bytes live", o.live)
	}
	return "heap not measured"
}
