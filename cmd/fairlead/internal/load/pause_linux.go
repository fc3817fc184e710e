package load

import (
	"syscall"
	"time"
)

// pause sleeps to some 50 µs. The runtime's timers have the grain of epoll, a
// millisecond, which would be the latency of a server on the same machine many
// times over.
func pause(d time.Duration) {
	ts := syscall.NsecToTimespec(int64(d))
	_ = syscall.Nanosleep(&ts, nil) // a signal ends it early, and the caller looks at the clock
}
