package torture_test

import (
	"fmt"
	"syscall"
)

// fault is how a call goes wrong.
type fault int

const (
	fails     fault = iota // with an error of the system; nothing is done
	ends                   // a read gives io.EOF, a write EPIPE
	late                   // the call does what it should and gives an error with it
	blocks                 // until it is broken into; soon after the context ends
	short                  // a read gives one byte; a write takes half, without an error
	cut                    // a read gives one byte, a write takes half, with an error
	empty                  // a read gives nothing, without an error
	times                  // os.ErrDeadlineExceeded for no reason
	cancels                // the context ends when the call begins
	numFaults = iota
)

func (f fault) String() string {
	return [...]string{"fails", "ends", "late", "blocks", "short", "cut", "empty", "times out", "cancels"}[f]
}

// op is the kind of a call.
type op int

const (
	dial op = iota
	read
	write
	deadline
	closing
)

func (o op) String() string { return [...]string{"dial", "read", "write", "set deadline", "close"}[o] }

// hits reports whether a fault makes a difference to a call.
func (f fault) hits(o op) bool {
	switch f {
	case fails, cancels, blocks:
		return true
	case ends, late, cut, times:
		return o == read || o == write
	case short:
		return o == read || o == write
	case empty:
		return o == read
	}
	return false
}

// harmless reports whether a session must go on as if nothing had been: a reader
// that is interrupted reads on, and all the rest are things that connections do.
func (f fault) harmless(o op) bool {
	switch f {
	case short, empty, times, cancels, blocks:
		return o == read
	}
	return false
}

// errnos are what a call may fail with.
var errnos = []syscall.Errno{syscall.ECONNRESET, syscall.ENOBUFS, syscall.ETIMEDOUT, syscall.EPIPE, syscall.EMFILE}

// injected is the error of a call that was made to fail.
type injected struct {
	op    op
	errno syscall.Errno
}

func (e *injected) Error() string { return fmt.Sprintf("injected into %v: %v", e.op, e.errno) }
func (e *injected) Unwrap() error { return e.errno }
