package truncation_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"go.uber.org/goleak"
)

// long reports whether every offset is due. It asks each time: go test keeps results by what tests ask for.
func long() bool { return os.Getenv("FAIRLEAD_LONG") != "" }

// tally is what the walks came to.
var tally struct {
	mu      sync.Mutex
	offsets map[string]map[int]bool // by kind
	cuts    atomic.Int64            // sessions that were cut
	partial atomic.Int64            // those that gave what is not whole, or no error
}

// count counts a session. A kind beginning with "+" is one that others have more of.
func count(kind string, offset int) {
	tally.cuts.Add(1)
	if strings.HasPrefix(kind, "+") {
		return
	}
	tally.mu.Lock()
	defer tally.mu.Unlock()
	if tally.offsets == nil {
		tally.offsets = map[string]map[int]bool{}
	}
	if tally.offsets[kind] == nil {
		tally.offsets[kind] = map[int]bool{}
	}
	tally.offsets[kind][offset] = true
}

func TestMain(m *testing.M) { goleak.VerifyTestMain(summary{m}) }

// summary prints what the run came to, after its tests.
type summary struct{ m *testing.M }

func (s summary) Run() int {
	code := s.m.Run()
	var each []int
	for _, offsets := range tally.offsets {
		each = append(each, len(offsets))
	}
	if len(each) > 0 {
		fmt.Printf("truncation: %d offsets x %d kinds, %d partial messages (%d sessions cut)\n",
			slices.Min(each), len(each), tally.partial.Load(), tally.cuts.Load())
	}
	return code
}
