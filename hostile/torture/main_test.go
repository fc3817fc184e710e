package torture_test

import (
	"fmt"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// long reports whether every call is due. It asks each time: go test keeps results
// by what tests ask for.
func long() bool { return os.Getenv("FAIRLEAD_LONG") != "" }

// tally is what the scenarios came to.
var tally struct {
	mu        sync.Mutex
	scenarios map[string]bool

	faults, hangs, leaks, wrong atomic.Int64
}

func countScenario(name string) {
	tally.mu.Lock()
	defer tally.mu.Unlock()
	if tally.scenarios == nil {
		tally.scenarios = map[string]bool{}
	}
	tally.scenarios[name] = true
}

func TestMain(m *testing.M) { goleak.VerifyTestMain(summary{m}) }

// summary prints what the run came to, after its tests.
type summary struct{ m *testing.M }

func (s summary) Run() int {
	authority() // not within a bubble, whose clock is that of the year 2000
	code := s.m.Run()
	if len(tally.scenarios) > 0 {
		fmt.Printf("torture: %d scenarios, %d faults, %d hangs, %d leaks, %d wrong deliveries\n", len(tally.scenarios),
			tally.faults.Load(), tally.hangs.Load(), tally.leaks.Load(), tally.wrong.Load())
	}
	return code
}

// stuck is when a run counts as one that never ends, in time of the machine.
const stuck = time.Minute

// watchdog ends the program, with the stacks of all goroutines, when it is not
// stroked for a minute: within a bubble nothing else would.
func watchdog(t *testing.T) (stroke func(doing string)) {
	var doing atomic.Value
	doing.Store("")
	timer := time.AfterFunc(stuck, func() {
		stacks := make([]byte, 1<<20)
		stacks = stacks[:runtime.Stack(stacks, true)]
		fmt.Fprintf(os.Stderr, "hang: %s, %s takes more than %v\n%s", t.Name(), doing.Load(), stuck, stacks)
		os.Exit(2)
	})
	t.Cleanup(func() { timer.Stop() })
	return func(now string) {
		doing.Store(now)
		timer.Reset(stuck)
	}
}
