//go:build linux || darwin

package load

import (
	"fmt"
	"syscall"
)

// CheckFiles raises the limit on open files so that n connections fit, as far as
// the system lets us, and returns a warning where they do not.
func CheckFiles(n int) string {
	const others = 32 // standard streams, the poller, files of ours
	want := uint64(n + others)
	var have syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &have); err != nil || have.Cur >= want {
		return ""
	}
	// The second needs rights, mostly those of root.
	for _, l := range []syscall.Rlimit{{Cur: want, Max: have.Max}, {Cur: want, Max: want}, {Cur: have.Max, Max: have.Max}} {
		if l.Cur <= l.Max && syscall.Setrlimit(syscall.RLIMIT_NOFILE, &l) == nil {
			have = l
			break
		}
	}
	if have.Cur >= want {
		return ""
	}
	return fmt.Sprintf("%d connections need %d open files, and the limit of this process is %d: the rest will fail; raise it with ulimit -n", n, want, have.Cur)
}
