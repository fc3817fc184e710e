package interop_test

import (
	"os"
	"runtime"
	"runtime/pprof"
	"strings"
	"testing"
	"time"
)

// stock is what this process holds.
type stock struct {
	goroutines, descriptors int
	heap                    uint64 // bytes that are reachable
}

// heapSlack is by how much the heap may be larger at the end: the runtime's own
// tables and the logs of programs that run on grow a little.
const heapSlack = 1 << 20

func takeStock(t *testing.T) stock {
	t.Helper()
	runtime.GC()
	runtime.GC() // the second one empties what sync.Pool keeps
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	s := stock{goroutines: runtime.NumGoroutine(), heap: m.HeapAlloc}
	descriptors, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		missing(t, "/proc")
	}
	s.descriptors = len(descriptors)
	return s
}

// await waits until this process holds no more than before.
func (before stock) await(t *testing.T) stock {
	t.Helper()
	limit := time.Now().Add(20 * time.Second)
	for {
		now := takeStock(t)
		if now.goroutines <= before.goroutines && now.descriptors <= before.descriptors && now.heap <= before.heap+heapSlack {
			return now
		}
		if time.Now().After(limit) {
			var stacks strings.Builder
			_ = pprof.Lookup("goroutine").WriteTo(&stacks, 1)
			t.Errorf("%+v before, %+v after\n%s", before, now, &stacks)
			return now
		}
		time.Sleep(50 * time.Millisecond)
	}
}
