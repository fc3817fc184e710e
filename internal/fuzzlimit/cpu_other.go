//go:build !unix

package fuzzlimit

import "time"

var start = time.Now()

// processorTime is the time on the clock where the system does not say better.
func processorTime() time.Duration { return time.Since(start) }
