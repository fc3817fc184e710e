//go:build unix

package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestTenThousand holds 10,000 connections against fairlead echo, as two
// processes, and compares the report with the recording of the same run. It is
// part of "make long".
func TestTenThousand(t *testing.T) {
	if os.Getenv("FAIRLEAD_LONG") == "" {
		t.Skip("takes half a minute and both cores: FAIRLEAD_LONG=1 runs it")
	}
	const connections, rate, seconds = 10_000, 5000, 15
	dir := t.TempDir()
	program := filepath.Join(dir, "fairlead")
	if out, err := exec.Command("go", "build", "-o", program, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	echo := exec.Command(program, "echo")
	stdout, err := echo.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := echo.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = echo.Process.Signal(syscall.SIGTERM)
		_ = echo.Wait()
	}()
	url, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	raw := filepath.Join(dir, "latencies")
	bench := exec.Command(program, "bench", "--json", "-c", fmt.Sprint(connections), "-q", fmt.Sprint(rate), "-z", fmt.Sprint(seconds),
		"--ramp", "5s", "--warmup", "2s", "--ping", "30s", "--latencies", raw, strings.TrimSpace(url))
	bench.Stderr = os.Stderr
	out, err := bench.Output()
	if err != nil {
		t.Fatal(err)
	}
	var r struct {
		Connections struct{ Opened, Failed, Lost int }
		Rate        struct{ Achieved float64 }
		Messages    struct{ Sent, Answered, Missing, Unsent int }
		Histograms  map[string]struct {
			Count       int
			Percentiles map[string]float64
		}
	}
	if err := json.Unmarshal(out, &r); err != nil {
		t.Fatal(err)
	}
	if c := r.Connections; c.Opened != connections || c.Failed != 0 || c.Lost != 0 {
		t.Errorf("connections %+v", c)
	}
	if m := r.Messages; m.Sent != rate*seconds || m.Answered != rate*seconds || m.Unsent != 0 {
		t.Errorf("messages %+v", m)
	}
	if math.Abs(r.Rate.Achieved/rate-1) > 0.01 {
		t.Errorf("rate %.1f", r.Rate.Achieved)
	}
	recorded := latenciesOf(t, raw)
	if len(recorded) != rate*seconds {
		t.Errorf("%d latencies in the recording", len(recorded))
	}
	for name, got := range r.Histograms["message"].Percentiles {
		var p float64
		if _, err := fmt.Sscanf(name, "p%g", &p); err != nil {
			t.Fatal(err)
		}
		want := recorded[max(int(p/100*float64(len(recorded))+0.5), 1)-1]
		if math.Abs(got/want-1) > 0.01 {
			t.Errorf("%s is %v in the report and %v in the recording", name, time.Duration(got), time.Duration(want))
		}
	}
	usage := bench.ProcessState.SysUsage().(*syscall.Rusage)
	t.Logf("rate %.1f of %d, %v of CPU for %d connections and %d messages, %d MiB at most",
		r.Rate.Achieved, rate, (bench.ProcessState.UserTime() + bench.ProcessState.SystemTime()).Round(time.Millisecond), connections, r.Messages.Sent, usage.Maxrss>>10)
	for _, name := range []string{"message", "service", "lag", "ping", "dial", "tcp", "upgrade"} {
		h := r.Histograms[name]
		t.Logf("%-8s %6d  p50 %v  p99 %v  p99.9 %v", name, h.Count, time.Duration(h.Percentiles["p50"]), time.Duration(h.Percentiles["p99"]), time.Duration(h.Percentiles["p99.9"]))
	}
}

func latenciesOf(t *testing.T, path string) []float64 {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var all []float64
	for line := range bytes.Lines(text) {
		var due, sent, came float64
		if _, err := fmt.Sscan(string(line), &due, &sent, &came); err != nil {
			t.Fatal(err)
		}
		all = append(all, came-due)
	}
	slices.Sort(all)
	return all
}
