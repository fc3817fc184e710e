package chilkat

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

func TestWatchCostsNothingWhenNobodyWatches(t *testing.T) {
	ctx := t.Context()
	for _, e := range []events{{}, {heartbeatMs: setting[int]{10, true}}, {abort: func() bool { return true }}} {
		watched, stop := e.watch(ctx)
		if watched != ctx {
			t.Error("the context was wrapped")
		}
		stop()
	}
	watched, stop := events{ctx: ctx}.watch(context.Background())
	defer stop()
	if watched != ctx {
		t.Error("the context of SetContext was wrapped")
	}
	if err := aborted(watched, "advice"); err != nil {
		t.Errorf("aborted: %v", err)
	}
}

func TestWatchEndsWithEachOfItsContexts(t *testing.T) {
	for _, which := range []string{"task", "SetContext"} {
		task, cancelTask := context.WithCancel(context.Background())
		own, cancelOwn := context.WithCancel(context.Background())
		watched, stop := events{ctx: own}.watch(task)
		if which == "task" {
			cancelTask()
		} else {
			cancelOwn()
		}
		<-watched.Done()
		err := aborted(watched, "Go on.")
		var e *Error
		if !errors.Is(err, ErrAborted) || !errors.Is(err, context.Canceled) || !errors.As(err, &e) || e.Advice != "Go on." {
			t.Errorf("%s: %v", which, err)
		}
		stop()
		cancelTask()
		cancelOwn()
	}
}

func TestAbortCheckIsAskedAtEachHeartbeat(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start, asked := time.Now(), 0
		e := events{heartbeatMs: setting[int]{100, true}, abort: func() bool { asked++; return asked == 3 }}
		ctx, stop := e.watch(context.Background())
		<-ctx.Done()
		if asked != 3 || time.Since(start) != 300*time.Millisecond {
			t.Errorf("asked %d times in %v", asked, time.Since(start))
		}
		if err := aborted(ctx, ""); !errors.Is(err, ErrAborted) {
			t.Errorf("aborted: %v", err)
		}
		stop()
	})
}

func TestStopWaitsForTheAbortCheck(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		returned := false
		e := events{heartbeatMs: setting[int]{1, true}, abort: func() bool { time.Sleep(time.Hour); returned = true; return false }}
		_, stop := e.watch(context.Background())
		time.Sleep(time.Second)
		stop()
		if !returned {
			t.Error("the abort check outlived the call")
		}
	})
}
