package flood_test

import (
	"flag"
	"fmt"
	"os"
	"testing"
	"time"

	"go.uber.org/goleak"
)

var report = flag.Bool("report", false, "print a line about the floods that ran")

// long asks for floods that last.
var long = os.Getenv("FAIRLEAD_LONG") != ""

// times is how often something comes in the short form, and in the long one. The
// race detector, which makes everything slow, gets a quarter of the short one.
func times(short, whole int) int {
	switch {
	case long:
		return whole
	case raceEnabled:
		return short / 4
	}
	return short
}

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.Cleanup(func(code int) {
		if *report && len(costs) > 0 {
			fmt.Println(summary(costs))
		}
		os.Exit(code)
	}))
}

// costs are those of the floods that ran. Floods run one after the other: each
// has the processor time of the process for its own.
var costs []cost

// cost is what a flood did to the client.
type cost struct {
	name    string
	limit   int64         // in force, in bytes
	grown   int64         // of the heap at its highest
	refused time.Duration // of processor time, from the deciding byte; 0 where nothing is refused
}

// allowed is what the heap may grow by.
func (c cost) allowed() int64 { return 4*c.limit + 1<<20 }

func summary(all []cost) string {
	fattest, slowest := all[0], all[0]
	for _, c := range all {
		if float64(c.grown)/float64(c.allowed()) > float64(fattest.grown)/float64(fattest.allowed()) {
			fattest = c
		}
		if c.refused > slowest.refused {
			slowest = c
		}
	}
	const mib = 1 << 20
	return fmt.Sprintf("floods: %d, fattest %s (%.2f MiB over limit %.2f MiB), slowest %s (%.1f ms from the deciding byte)",
		len(all), fattest.name, float64(fattest.grown)/mib, float64(fattest.limit)/mib, slowest.name, float64(slowest.refused)/float64(time.Millisecond))
}
