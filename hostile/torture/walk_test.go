package torture_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fairlead-ws/fairlead"
)

// scenario is what the client does. It returns nil when all went as it should.
type scenario struct {
	name    string
	servers map[string]func(*journal, net.Conn)
	run     func(w *world) error
	// resumes says that in the session a harmless fault must go unnoticed.
	resumes bool
	// lossy says that what was written successfully may still be lost: something
	// on the way has buffers of its own.
	lossy bool
	// clock says that time must be that of the machine: a library on the way waits
	// in mutexes, and that stops the time of a bubble.
	clock bool
}

// prompt is how long a call may take once the fault has come, in time of the
// bubble: the pause is in it.
const prompt = time.Second

// torture walks over all calls of a scenario with each kind of fault.
func torture(t *testing.T, s scenario) {
	t.Helper()
	countScenario(s.name)
	stroke := watchdog(t)
	stroke("without a fault")
	calls, faults := s.calm(t), 0
	if t.Failed() {
		return
	}
	stride := 1
	if !long() {
		stride = max(1, calls*numFaults/8)
	}
	for kind := range fault(numFaults) {
		first := 1
		if !long() {
			first += rand.IntN(stride) // another one in each run
		}
		for due := first; ; due += stride {
			stroke(fmt.Sprintf("%s: call %d %v", s.name, due, kind))
			met, reached := s.suffer(t, kind, due)
			if t.Failed() {
				return
			}
			if met {
				faults++
			}
			if !reached {
				break
			}
		}
	}
	tally.faults.Add(int64(faults))
	t.Logf("%d calls, %d faults", calls, faults)
}

// calm runs the scenario without a fault and returns the number of its calls.
func (s scenario) calm(t *testing.T) (calls int) {
	s.inBubble(t, 0, 0, func(w *world, err error) {
		calls = w.calls
		if err != nil {
			t.Errorf("without a fault: %v", err)
		}
	})
	return calls
}

// suffer runs the scenario with one fault. It returns whether the fault was met,
// and whether there were calls enough to meet it.
func (s scenario) suffer(t *testing.T, kind fault, due int) (met, reached bool) {
	s.inBubble(t, kind, due, func(w *world, err error) {
		met, reached = w.met, w.calls >= due
		if verdict := w.judge(s, err); verdict != nil {
			tally.wrong.Add(1)
			t.Errorf("call %d (%v) %v: %v", due, w.metOp, kind, verdict)
		}
	})
	return met, reached
}

// inBubble runs the scenario, in a bubble where that is possible, and looks for
// what it has left behind.
func (s scenario) inBubble(t *testing.T, kind fault, due int, judge func(w *world, err error)) {
	if s.clock {
		w, err := s.try(t, kind, due, patience)
		judge(w, err)
		return
	}
	synctest.Test(t, func(t *testing.T) {
		w, err := s.try(t, kind, due, prompt)
		judge(w, err)
	})
}

// try runs the scenario once.
func (s scenario) try(t *testing.T, kind fault, due int, limit time.Duration) (*world, error) {
	before := resources{goroutines: runtime.NumGoroutine()}
	w := &world{clock: s.clock, kind: kind, due: due, servers: map[string]func(net.Conn){}, open: map[*conn]bool{}}
	for addr, serve := range s.servers {
		w.servers[addr] = func(nc net.Conn) { serve(&w.log, nc) }
	}
	err := s.run(w)
	w.end()
	if took := w.sinceMet(); took > limit {
		tally.hangs.Add(1)
		t.Errorf("call %d %v: it took %v, then %v", due, kind, took, err)
	}
	left, stacks := 0, ""
	if s.clock {
		left, stacks = before.left()
	} else {
		left, stacks = leftInBubble(before)
	}
	w.mu.Lock() // nobody else is there, but the race detector cannot know
	defer w.mu.Unlock()
	if left > 0 || w.opened != w.ended {
		tally.leaks.Add(1)
		t.Errorf("call %d (%v) %v: %d goroutines left; %d connections opened, %d closed; after %v\n%s",
			due, w.metOp, kind, left, w.opened, w.ended, err, stacks)
	}
	return w, err
}

// leftInBubble counts the goroutines of the bubble besides the one that asks and
// the two of package synctest.
func leftInBubble(before resources) (left int, stacks string) {
	time.Sleep(100 * time.Millisecond) // what waits for a moment may end by itself
	synctest.Wait()
	if runtime.NumGoroutine() <= before.goroutines { // which counts those that have just ended, too
		return 0, ""
	}
	buf := make([]byte, 1<<20)
	stacks = string(buf[:runtime.Stack(buf, true)])
	first, _, _ := strings.Cut(stacks, "\n")
	_, bubble, _ := strings.Cut(first, ", synctest bubble ")
	return strings.Count(stacks, ", synctest bubble "+bubble) - 3, stacks
}

// judge says what is wrong with how a run has ended.
func (w *world) judge(s scenario, err error) error {
	if wrong := w.log.verdict(!s.lossy); len(wrong) > 0 {
		return fmt.Errorf("wrong delivery: %s", strings.Join(wrong, "; "))
	}
	if err == nil {
		return nil
	}
	if !w.met {
		return fmt.Errorf("failed although no fault came: %w", err)
	}
	if s.resumes && !w.during && w.kind.harmless(w.metOp) {
		return fmt.Errorf("the session did not go on: %w", err)
	}
	var failed *fairlead.HandshakeError
	if errors.As(err, &failed) {
		return w.judgeDial(err)
	}
	if !w.explains(err) && !errors.Is(err, net.ErrClosed) {
		return fmt.Errorf("an error of no kind that is documented: %w", err)
	}
	return nil
}

// judgeDial demands that the error of a dial says why: the context, if that ended,
// or what was injected. Nothing may pass for a proper end of a stream.
func (w *world) judgeDial(err error) error {
	switch {
	case errors.Is(err, io.EOF):
		return fmt.Errorf("io.EOF: %w", err)
	case w.kind == cancels || w.kind == blocks:
		if !errors.Is(err, context.Canceled) {
			return fmt.Errorf("the error does not match context.Canceled: %w", err)
		}
	case !w.explains(err):
		return fmt.Errorf("the error does not have the cause: %w", err)
	}
	return nil
}

// explains reports whether the fault can be the cause of err.
func (w *world) explains(err error) bool {
	var cause *injected
	switch {
	case errors.As(err, &cause), interrupted(err):
		return true
	case w.kind == short || w.kind == cut:
		return errors.Is(err, io.ErrShortWrite) || errors.Is(err, io.ErrUnexpectedEOF)
	case w.kind == ends:
		return errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, syscall.EPIPE)
	}
	return false
}

func interrupted(err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(err, fairlead.ErrIdleTimeout)
}
