package hostile_test

import (
	"os"
	"testing"
	"time"
)

// A probe is a case that no script of one peer can say: it may dial often, or look
// at the process. It reports like a Case.
type probe struct {
	id      string
	lessons []string
	// alone keeps other cases from running beside it.
	alone bool
	run   func(t *testing.T)
}

// full says that the long forms are to run, as make hostile does.
var full = os.Getenv("FAIRLEAD_LONG") != ""

// rounds is the number of repetitions of a row that wants all of them.
func rounds(all, usually int) int {
	if full {
		return all
	}
	return usually
}

func TestProbes(t *testing.T) {
	certificate()
	for _, p := range probes() {
		t.Run(p.id, func(t *testing.T) {
			if !p.alone {
				t.Parallel()
			}
			begin := time.Now()
			// Also where the probe ends itself by Fatal or Skip.
			defer func() {
				if !t.Skipped() {
					results.add(&Case{ID: p.id}, &Outcome{took: time.Since(begin), heap: -1, live: -1}, t.Failed())
				}
			}()
			p.run(t)
		})
	}
}
