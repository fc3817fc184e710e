package measure

import (
	"os/exec"
	"runtime"
	"syscall"
	"unsafe"
)

// startOn starts cmd on one core, where it sees no other: the mask of a thread
// passes to its children.
func startOn(core int, cmd *exec.Cmd) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var before [16]uint64
	if err := affinity(syscall.SYS_SCHED_GETAFFINITY, &before); err != nil {
		return err
	}
	var one [16]uint64
	one[core/64] = 1 << (core % 64)
	if err := affinity(syscall.SYS_SCHED_SETAFFINITY, &one); err != nil {
		return err
	}
	err := cmd.Start()
	if back := affinity(syscall.SYS_SCHED_SETAFFINITY, &before); err == nil {
		err = back
	}
	return err
}

func affinity(call uintptr, mask *[16]uint64) error {
	if _, _, errno := syscall.RawSyscall(call, 0, unsafe.Sizeof(*mask), uintptr(unsafe.Pointer(mask))); errno != 0 {
		return errno
	}
	return nil
}
