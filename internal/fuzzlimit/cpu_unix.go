//go:build unix

package fuzzlimit

import (
	"syscall"
	"time"
)

// ProcessorTime is what this process has used so far, the system's work for it
// included.
func ProcessorTime() time.Duration {
	var use syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &use); err != nil {
		panic(err) // the arguments are constants
	}
	return time.Duration(use.Utime.Nano() + use.Stime.Nano())
}
