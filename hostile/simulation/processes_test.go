package simulation_test

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

// Seeds are played in processes with one thread each for Go code, as many as there
// are processors: only so does a seed decide everything, and so a crash or a hang
// is known to be that of a seed.

// stuckAfter is how long a seed may take, in real time.
const stuckAfter = 2 * time.Minute

type counts struct{ seeds, calls, messages, broken int }

func (c *counts) add(d counts) {
	c.seeds += d.seeds
	c.calls += d.calls
	c.messages += d.messages
	c.broken += d.broken
}

func (c counts) report(t *testing.T) {
	t.Helper()
	t.Logf("%d calls, %d messages received", c.calls, c.messages)
	fmt.Printf("simulation: %d seeds, %d broken invariants\n", c.seeds, c.broken)
}

// playAll plays the seeds from from to to, to excluded.
func playAll(t *testing.T, from, to uint64) (all counts) {
	t.Helper()
	parts := uint64(runtime.NumCPU())
	var mu sync.Mutex
	var running sync.WaitGroup
	for i := range parts {
		running.Go(func() {
			first, last := from+(to-from)*i/parts, from+(to-from)*(i+1)/parts
			got, seed, failure := playPart(t, first, last)
			mu.Lock()
			defer mu.Unlock()
			all.add(got)
			if failure != "" {
				all.broken++
				t.Errorf("seed %d:\n%s\nTo replay it: FAIRLEAD_SEED=%d go test ./hostile/simulation -run TestSeed -v", seed, failure, seed)
			}
		})
	}
	running.Wait()
	return all
}

// playPart has another process play seeds until one fails.
func playPart(t *testing.T, from, to uint64) (got counts, seed uint64, failure string) {
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestSeeds$", "-test.timeout=0")
	cmd.Env = append(os.Environ(), fmt.Sprintf("FAIRLEAD_SEEDS=%d-%d", from, to), "GOMAXPROCS=1", "FAIRLEAD_SEED=")
	out, w, err := os.Pipe()
	if err != nil {
		return got, from, err.Error()
	}
	defer out.Close()
	cmd.Stdout, cmd.Stderr = w, w
	err = cmd.Start()
	w.Close()
	if err != nil {
		return got, from, err.Error()
	}
	stuck := time.AfterFunc(stuckAfter, func() { _ = cmd.Process.Kill() })
	defer stuck.Stop()
	var text strings.Builder
	lines := bufio.NewScanner(out)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		line := lines.Text()
		if _, err := fmt.Sscanf(line, "seed %d", &seed); err == nil {
			stuck.Reset(stuckAfter)
			got.seeds++
			continue
		}
		if _, err := fmt.Sscanf(line, "done %d calls %d messages", &got.calls, &got.messages); err == nil {
			continue
		}
		if text.Len() < 64<<10 {
			fmt.Fprintln(&text, line)
		}
	}
	if err := cmd.Wait(); err != nil {
		return got, seed, fmt.Sprintf("%s%v", &text, err)
	}
	if got.seeds != int(to-from) {
		return got, seed, fmt.Sprintf("%s%d seeds instead of %d", &text, got.seeds, to-from)
	}
	return got, 0, ""
}

// TestSeeds is what such a process runs.
func TestSeeds(t *testing.T) {
	var from, to uint64
	if _, err := fmt.Sscanf(os.Getenv("FAIRLEAD_SEEDS"), "%d-%d", &from, &to); err != nil {
		t.Skip("this is run by TestSimulation")
	}
	calls, messages := 0, 0
	for seed := from; seed < to; seed++ {
		fmt.Printf("seed %d\n", seed)
		s := playSeed(t, seed)
		if s.firstBroken != "" {
			t.Fatalf("%s\n%s", s.firstBroken, &s.log)
		}
		calls += s.numbered
		messages += s.next
	}
	fmt.Printf("done %d calls %d messages\n", calls, messages)
}
