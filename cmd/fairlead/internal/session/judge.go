package session

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/fairlead-ws/fairlead/cmd/fairlead/internal/exit"
	"github.com/fairlead-ws/fairlead/cmd/fairlead/internal/query"
)

// Judging says which messages are shown, and when the session has what it came
// for.
type Judging struct {
	Count  int            // so many shown messages are enough; 0 for no number
	Until  *query.Query   // a message that meets it is the last one
	Filter *query.Query   // only messages that meet it are shown
	Expect []*query.Query // messages that must come, in this order
}

// Asks reports whether something is waited for.
func (c Judging) Asks() bool { return c.Count > 0 || c.Until != nil || len(c.Expect) > 0 }

// maxQueue bounds what waits for the expectations of a script.
const maxQueue = 10000

type judge struct {
	Judging
	keep bool // a script may ask for messages that came before

	mu       sync.Mutex
	seen     int
	met      int // of Expect
	untilMet bool
	inputEnd bool
	done     chan struct{} // closed when the session has what it came for
	queue    []queued
	arrived  chan struct{} // has a value when queue grew
}

type queued struct {
	binary bool
	data   []byte
}

func newJudge(c Judging, script bool) *judge {
	return &judge{Judging: c, keep: script, done: make(chan struct{}), arrived: make(chan struct{}, 1)}
}

// take looks at a message and reports whether it is shown.
func (j *judge) take(ctx context.Context, binary bool, p []byte) (show bool, err error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.isDone() {
		return false, nil
	}
	show = true
	if j.Filter != nil {
		if show, err = j.Filter.True(ctx, binary, p); err != nil {
			return false, err
		}
	}
	if show {
		j.seen++
	}
	if j.met < len(j.Expect) {
		ok, err := j.Expect[j.met].True(ctx, binary, p)
		if err != nil {
			return false, err
		}
		if ok {
			j.met++
		}
	}
	if j.Until != nil && !j.untilMet {
		if j.untilMet, err = j.Until.True(ctx, binary, p); err != nil {
			return false, err
		}
	}
	if j.keep {
		if len(j.queue) == maxQueue {
			j.queue = j.queue[1:]
		}
		j.queue = append(j.queue, queued{binary, slices.Clone(p)})
		select {
		case j.arrived <- struct{}{}:
		default:
		}
	}
	j.conclude()
	return show, nil
}

// end says that the input has no more.
func (j *judge) end() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.inputEnd = true
	j.conclude()
}

// conclude closes done when it is time; mu is held.
func (j *judge) conclude() {
	enough := j.untilMet || j.Count > 0 && j.seen >= j.Count
	if j.Until == nil && j.Count == 0 {
		enough = len(j.Expect) > 0 && j.met == len(j.Expect) && j.inputEnd
	}
	if enough && !j.isDone() {
		close(j.done)
	}
}

func (j *judge) isDone() bool {
	select {
	case <-j.done:
		return true
	default:
		return false
	}
}

// verdict is nil when all that was asked for has come.
func (j *judge) verdict() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	var err error
	switch {
	case j.met < len(j.Expect):
		err = fmt.Errorf("no message met --expect %q", j.Expect[j.met])
	case j.untilMet:
	case j.Count > 0 && j.seen < j.Count:
		err = fmt.Errorf("%d of %d messages came before the session ended", j.seen, j.Count)
	case j.Count == 0 && j.Until != nil:
		err = fmt.Errorf("no message met --until %q", j.Until)
	}
	return exit.With(exit.Unmet, err)
}

// expect waits for a message that meets q; those before it are passed over.
func (j *judge) expect(ctx context.Context, q *query.Query, wait time.Duration) error {
	ctx, cancel := context.WithTimeoutCause(ctx, wait, exit.With(exit.Unmet, fmt.Errorf("no message met the expectation %q within %v", q, wait)))
	defer cancel()
	for {
		m, ok := j.next()
		if !ok {
			select {
			case <-j.arrived:
				continue
			case <-ctx.Done():
				return context.Cause(ctx)
			}
		}
		met, err := q.True(ctx, m.binary, m.data)
		if err != nil {
			return errors.Join(err, context.Cause(ctx))
		}
		if met {
			return nil
		}
	}
}

func (j *judge) next() (queued, bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if len(j.queue) == 0 {
		return queued{}, false
	}
	m := j.queue[0]
	j.queue = j.queue[1:]
	return m, true
}
