package hostile_test

import (
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// starved is for how long the threads of this process have waited for a
// processor, all together. It is 0 where the system does not say so.
func starved() time.Duration {
	// No pattern of Glob is malformed here.
	tasks, _ := filepath.Glob("/proc/self/task/*/schedstat")
	var sum time.Duration
	for _, name := range tasks {
		text, err := os.ReadFile(name)
		var run, wait int64
		if err == nil {
			_, err = fmt.Sscan(string(text), &run, &wait)
		}
		if err == nil { // the thread may have ended
			sum += time.Duration(wait)
		}
	}
	return sum
}
