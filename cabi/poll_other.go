//go:build !unix

package main

import "syscall"

// Without poll every wait is one of Go's.

func isWritable(syscall.RawConn) bool { return false }

func sureRoom(syscall.RawConn) int { return 0 }

func descriptor(syscall.RawConn) int { return -1 }
