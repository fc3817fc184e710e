package flood_test

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/fairlead-ws/fairlead/internal/fuzzlimit"
)

// promptly is how much processor time may pass between the byte on which the
// verdict depends and the end of the call.
const promptly = 100 * time.Millisecond

// noise is growth that is not looked into.
const noise = 128 << 10

// slowdown is what the race detector and counters of coverage make of a second.
func slowdown() time.Duration {
	if raceEnabled || testing.CoverMode() != "" {
		return 10
	}
	return 1
}

// gauge measures what one flood costs.
type gauge struct {
	base  int64
	mu    sync.Mutex
	peak  int64         // of what is held
	raw   atomic.Int64  // the same with garbage, at any time
	due   atomic.Bool   // it is time for a sample
	calm  atomic.Bool   // a peer in memory takes the samples, while the client waits
	begin time.Duration // of processor time
	once  sync.Once
	mark  time.Duration // of processor time, when the deciding byte was there
}

// sample notes the size of the heap, if that is due. A new peak is what stands when
// the garbage is gone: under load the collector lags behind. It is exact where the
// client waits meanwhile, as it does for a peer in memory.
func (g *gauge) sample() {
	if !g.due.Swap(false) {
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	now := heap()
	for try := 0; try < 2 && now > g.peak+noise; try++ {
		runtime.GC()
		now = heap()
	}
	if now > g.peak+noise {
		g.peak = now
	}
}

// decided says that the deciding byte is about to be there.
func (g *gauge) decided() { g.once.Do(func() { g.mark = fuzzlimit.ProcessorTime() }) }

// heap is the size of all objects, of those too that only await the collector.
func heap() int64 {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(sample)
	return int64(sample[0].Value.Uint64())
}

// reading is what a gauge says in the end.
type reading struct {
	grown   int64         // of the heap at its highest
	raw     int64         // the same, garbage included
	refused time.Duration // of processor time, from the deciding byte
	used    time.Duration // of processor time, in all
}

// measure runs a flood.
func measure(run func(*gauge)) reading {
	// The less garbage there may be, the nearer the size of the heap is to what is
	// really held.
	defer debug.SetGCPercent(debug.SetGCPercent(10))
	runtime.GC()
	runtime.GC() // the second one finishes what the first one began to sweep
	g := &gauge{base: heap(), begin: fuzzlimit.ProcessorTime()}
	g.peak = g.base
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		tick := time.NewTicker(500 * time.Microsecond)
		defer tick.Stop()
		for {
			select {
			case <-stop:
				return
			case <-tick.C:
				g.raw.Store(max(g.raw.Load(), heap()))
				if g.due.Store(true); !g.calm.Load() {
					g.sample()
				}
			}
		}
	}()
	run(g)
	end := fuzzlimit.ProcessorTime()
	close(stop)
	<-stopped
	g.due.Store(true)
	g.sample()
	g.once.Do(func() { g.mark = end })
	return reading{g.peak - g.base, g.raw.Load() - g.base, end - g.mark, end - g.begin}
}

// flood is one row.
type flood struct {
	name  string
	limit int64 // in force, in bytes
	// cpu bounds the processor time of the whole; default 300 ms.
	cpu time.Duration
	// tight bounds the growth of the heap where 4 times the limit and 1 MiB is
	// more than it may be.
	tight int64
	run   func(*testing.T, *gauge)
}

func (f flood) test(t *testing.T) {
	t.Run(f.name, func(t *testing.T) {
		r := measure(func(g *gauge) { f.run(t, g) })
		t.Logf("the heap grew by %d bytes, refused after %v, %v in all", r.grown, r.refused, r.used)
		costs = append(costs, cost{name: t.Name(), limit: f.limit, grown: r.grown, refused: r.refused})
		for _, c := range f.complaints(r) {
			t.Error(c)
		}
	})
}

// complaints are about what a flood has cost too much of.
func (f flood) complaints(r reading) (all []string) {
	complain := func(format string, a ...any) { all = append(all, fmt.Sprintf(format, a...)) }
	allowed := cost{limit: f.limit}.allowed()
	if f.tight > 0 {
		allowed = f.tight
	}
	if raceEnabled {
		allowed *= 2
	}
	if r.grown > allowed {
		complain("the heap grew by %d bytes, %d are allowed at a limit of %d", r.grown, allowed, f.limit)
	}
	if r.raw > 2*allowed+4<<20 {
		complain("the heap grew by %d bytes, garbage included, at a limit of %d", r.raw, f.limit)
	}
	if r.refused > promptly*slowdown() {
		complain("refused %v after the deciding byte", r.refused)
	}
	if whole := max(f.cpu, 3*promptly) * slowdown(); r.used > whole {
		complain("took %v of processor time, %v are allowed", r.used, whole)
	}
	return all
}
