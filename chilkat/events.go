package chilkat

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// events is how a program reaches into a call that blocks, embedded by the
// classes that have such calls. Its zero value never interferes.
type events struct {
	ctx         context.Context
	abort       func() bool
	heartbeatMs setting[int] // 0 where a class has no other default
}

// watch gives the context of one blocking call. It ends when ctx does (that of
// a task), when the context of SetContext does, and when the abort check
// answers true. The call ends it with stop, which waits for an abort check that
// is under way.
func (e events) watch(ctx context.Context) (watched context.Context, stop func()) {
	asks := e.abort != nil && e.heartbeatMs.value > 0
	switch {
	case !asks && e.ctx == nil:
		return ctx, func() {}
	case !asks && ctx.Done() == nil:
		return e.ctx, func() {}
	}
	watched, cancel := context.WithCancelCause(ctx)
	release := func() bool { return true }
	if e.ctx != nil {
		release = context.AfterFunc(e.ctx, func() { cancel(context.Cause(e.ctx)) })
	}
	asked := make(chan struct{})
	if asks {
		go func() {
			defer close(asked)
			e.ask(watched, cancel)
		}()
	} else {
		close(asked)
	}
	return watched, func() {
		release()
		cancel(nil)
		<-asked
	}
}

// ask calls the abort check at each heartbeat until ctx ends.
func (e events) ask(ctx context.Context, cancel context.CancelCauseFunc) {
	ticker := time.NewTicker(milliseconds(e.heartbeatMs.value))
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			if e.abort() {
				cancel(errAbortCheck)
				return
			}
		}
	}
}

var errAbortCheck = errors.New("the abort check answered true")

// aborted is the error of a call whose watched context has ended, nil while it
// has not. The advice depends on what the abort did to the connection.
func aborted(ctx context.Context, advice string) error {
	if ctx.Err() == nil {
		return nil
	}
	return failFor(fmt.Errorf("%w: %w", ErrAborted, context.Cause(ctx)), "the call was aborted", advice)
}

func (e *events) setAbortCheck(o *object, check func() bool) {
	set(o, "AbortCheck", check != nil, func() error { e.abort = check; return nil })
}

func (e *events) setHeartbeatMs(o *object, ms int) {
	set(o, "HeartbeatMs", ms, func() error {
		if ms < 0 {
			return fail("HeartbeatMs is negative", "Pass the milliseconds between two questions, or 0 to never ask.")
		}
		e.heartbeatMs.put(ms)
		return nil
	})
}

func (e *events) setContext(ctx context.Context, o *object) {
	set(o, "Context", ctx != nil, func() error { e.ctx = ctx; return nil })
}
