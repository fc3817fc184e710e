//go:build !unix

package fuzzlimit

import "time"

var start = time.Now()

// ProcessorTime is the time on the clock: this system does not say it better.
func ProcessorTime() time.Duration { return time.Since(start) }
