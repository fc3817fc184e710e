//go:build unix

package main

import (
	"syscall"

	"golang.org/x/sys/unix"
)

// isWritable reports whether the socket has room now.
func isWritable(raw syscall.RawConn) (yes bool) {
	_ = raw.Control(func(fd uintptr) {
		fds := [1]unix.PollFd{{Fd: int32(fd), Events: unix.POLLOUT}}
		n, err := unix.Poll(fds[:], 0)
		yes = n == 1 && err == nil
	})
	return yes
}

// sureRoom is how much a write takes without waiting when poll says that there is
// room: that is when at least a third of the send buffer is free. Bookkeeping of
// the kernel's takes a part of it, so we count on an eighth.
func sureRoom(raw syscall.RawConn) (room int) {
	_ = raw.Control(func(fd uintptr) {
		if n, err := unix.GetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_SNDBUF); err == nil {
			room = n / 8
		}
	})
	return room
}

// descriptor is the number of the socket, -1 when it is closed.
func descriptor(raw syscall.RawConn) (number int) {
	number = -1
	_ = raw.Control(func(fd uintptr) { number = int(fd) })
	return number
}
