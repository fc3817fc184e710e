// Package measure runs rows: one side is a process with a single contender that
// measures itself, the other asks such processes in turn.
package measure

import (
	"fmt"
	"os"
	"runtime"
	"strings"
	"time"
)

// Sample is what one measurement of one contender gave. All but N are of the
// whole measurement.
type Sample struct {
	N       int           `json:"n"` // operations
	CPU     time.Duration `json:"cpu"`
	Wall    time.Duration `json:"wall"`
	Bytes   uint64        `json:"bytes"`  // allocated
	Allocs  uint64        `json:"allocs"` // number of allocations
	Reads   int64         `json:"reads"`  // read system calls, where the system counts them
	Writes  int64         `json:"writes"`
	WireIn  int64         `json:"wire_in"` // bytes that those moved
	WireOut int64         `json:"wire_out"`
	Idle    *Idle         `json:"idle,omitempty"`
}

// Idle is what N idle connections hold.
type Idle struct {
	Heap, Stack, RSS int64 // bytes
	Goroutines       int
}

// counters is the state of the process at one moment.
type counters struct {
	cpu  time.Duration
	wall time.Time
	mem  runtime.MemStats
	io   [4]int64 // reads, writes, bytes in, bytes out
}

// meter reads counters. The file of the system's counters stays open, so that
// looking costs one read.
type meter struct {
	io   *os.File // nil where there is none
	buf  [512]byte
	cost [4]int64 // what looking adds to the counters
}

func newMeter() *meter {
	f, err := os.Open("/proc/self/io")
	if err != nil {
		return &meter{}
	}
	m := &meter{io: f}
	a, b := m.system(), m.system()
	for i := range m.cost {
		m.cost[i] = b[i] - a[i]
	}
	return m
}

func (m *meter) system() (v [4]int64) {
	if m.io == nil {
		return v
	}
	n, _ := m.io.ReadAt(m.buf[:], 0)
	for i, name := range []string{"syscr: %d", "syscw: %d", "rchar: %d", "wchar: %d"} {
		for line := range strings.Lines(string(m.buf[:n])) {
			_, _ = fmt.Sscanf(line, name, &v[i])
		}
	}
	return v
}

// measure runs f and returns what it took.
func (m *meter) measure(n int, f func() error) (Sample, error) {
	runtime.GC() // nobody pays for garbage made before
	var a, b counters
	a.io = m.system()
	runtime.ReadMemStats(&a.mem)
	cpu, err := cpuTime()
	if err != nil {
		return Sample{}, err
	}
	a.cpu, a.wall = cpu, time.Now()
	if err := f(); err != nil {
		return Sample{}, err
	}
	b.wall = time.Now()
	if b.cpu, err = cpuTime(); err != nil {
		return Sample{}, err
	}
	runtime.ReadMemStats(&b.mem)
	b.io = m.system()
	for i := range b.io {
		b.io[i] -= a.io[i] + m.cost[i]
	}
	s := Sample{
		N: n, CPU: b.cpu - a.cpu, Wall: b.wall.Sub(a.wall),
		Bytes: b.mem.TotalAlloc - a.mem.TotalAlloc, Allocs: b.mem.Mallocs - a.mem.Mallocs,
		Reads: b.io[0], Writes: b.io[1], WireIn: b.io[2], WireOut: b.io[3],
	}
	return s, nil
}
