//go:build unix

package measure

import (
	"fmt"
	"syscall"
	"time"
)

// cpuTime is what this process has used so far, in user and kernel mode.
func cpuTime() (time.Duration, error) {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0, fmt.Errorf("getrusage: %w", err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano()), nil
}

// checkFiles complains when n connections are more than this process may have.
// The Go runtime has raised the soft limit to the hard one.
func checkFiles(n int) error {
	var l syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &l); err != nil {
		return fmt.Errorf("getrlimit: %w", err)
	}
	const others = 100
	if uint64(l.Cur) < uint64(n+others) {
		return fmt.Errorf("%d connections need %d files, and ulimit -n is %d: raise the hard limit", n, n+others, l.Cur)
	}
	return nil
}
