package main

import (
	"fmt"
	"math"
	"sync"
	"time"
)

// pending is the result of a call that goes on: FL_PENDING.
const pending = math.MinInt64

// An outcome is what a call came to: a number, and data where there is some.
type outcome struct {
	n    int64
	data []byte
}

var (
	failed = outcome{n: 0}
	minus1 = outcome{n: -1}
)

// A call is one that did not end within the time that its caller had.
type call struct {
	done chan struct{}
	out  outcome // may be read when done is closed
	slot *slot   // whose object can end the call
	stop func()  // what else can
}

// The numbers of calls are greater than any number of milliseconds, so that one
// cell can hold either.
const firstCall = 1 << 32

var calls = struct {
	sync.Mutex
	last  uint64
	going map[uint64]*call
}{last: firstCall, going: map[uint64]*call{}}

// invoke calls a member of the object behind a handle. A panic is a failure, and
// so is a handle of another class: or is what comes of those.
func invoke[T any](handle uint64, or outcome, member func(T) outcome) outcome {
	s := find(handle)
	if s == nil {
		return or
	}
	return shielded(s, or, member)
}

func shielded[T any](s *slot, or outcome, member func(T) outcome) (out outcome) {
	object, ok := s.object.(T)
	if !ok {
		return or
	}
	defer func() {
		if r := recover(); r != nil {
			s.mu.Lock()
			s.broken = fmt.Sprintf("FairleadLog:\n  The call panicked: %v\n  This is a mistake in Fairlead. The object is in an unknown state: dispose it.\n  Failed.\n--FairleadLog\n", r)
			s.mu.Unlock()
			out = or
		}
	}()
	return member(object)
}

// invokeFor is invoke for a member that may block. With a cell the call has the
// milliseconds in it. If it has not ended by then it goes on, the cell gets its
// number, and the result is pending.
func invokeFor[T any](handle uint64, cell *uint64, or outcome, member func(T) outcome) outcome {
	if cell == nil {
		return invoke(handle, or, member)
	}
	s := find(handle)
	if s == nil {
		return or
	}
	if _, ok := s.object.(T); !ok {
		return or
	}
	s.arm()
	c := &call{done: make(chan struct{}), slot: s}
	go func() {
		defer close(c.done)
		c.out = shielded(s, or, member)
	}()
	if c.endsWithin(*cell) {
		return c.out
	}
	*cell = c.keep()
	return outcome{n: pending}
}

func (c *call) endsWithin(ms uint64) bool {
	timer := time.NewTimer(time.Duration(min(ms, math.MaxInt32)) * time.Millisecond)
	defer timer.Stop()
	select {
	case <-c.done:
		return true
	case <-timer.C:
		return false
	}
}

func (c *call) keep() uint64 {
	calls.Lock()
	defer calls.Unlock()
	calls.last++
	calls.going[calls.last] = c
	return calls.last
}

func callOf(number uint64) *call {
	calls.Lock()
	defer calls.Unlock()
	return calls.going[number]
}

// await waits for a call that is pending, and forgets it when it has ended.
func await(number, ms uint64) outcome {
	c := callOf(number)
	switch {
	case c == nil:
		return failed
	case !c.endsWithin(ms):
		return outcome{n: pending}
	}
	forget(number)
	return c.out
}

// forget gives up a call: nobody will ask for its result.
func forget(number uint64) {
	calls.Lock()
	defer calls.Unlock()
	delete(calls.going, number)
}

// cancel asks a call to end. It stays pending until it does.
func cancel(number uint64) {
	switch c := callOf(number); {
	case c == nil:
	case c.stop != nil:
		c.stop()
	case c.slot != nil:
		c.slot.interrupt()
	}
}

// lastErrorText is the text of a failure that the object itself knows nothing of,
// or else what the object says.
func lastErrorText(handle uint64, class string, ask func() outcome) outcome {
	s := find(handle)
	if s == nil {
		return outcome{1, fmt.Appendf(nil, "There is no object with handle %d: it was released, or never made. Make a new %s.\n", handle, class)}
	}
	s.mu.Lock()
	broken := s.broken
	s.mu.Unlock()
	if broken != "" {
		return outcome{1, []byte(broken)}
	}
	if out := ask(); out.data != nil {
		return out
	}
	return outcome{1, fmt.Appendf(nil, "The object with handle %d is no %s.\n", handle, class)}
}

func yesNo(ok bool) outcome {
	if ok {
		return outcome{n: 1}
	}
	return failed
}

func numberOf(n int) outcome { return outcome{n: int64(n)} }

func textOf(s string) outcome { return outcome{1, append([]byte{}, s...)} }

func optional(s *string) outcome {
	if s == nil {
		return failed
	}
	return textOf(*s)
}

func blob(b []byte) outcome {
	if b == nil {
		return failed
	}
	return outcome{1, b}
}

// object gives a handle to what a member returned.
func object[T any](o *T) outcome {
	if o == nil {
		return failed
	}
	return outcome{n: int64(enter(o))}
}

func nothing() outcome { return outcome{n: 1} }
