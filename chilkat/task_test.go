package chilkat

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/fairlead-ws/fairlead/chilkat/internal/lasterr"
)

// sailAsync is an Async method as classes write them.
func (p *probe) sailAsync(work func(ctx context.Context) error) *Task {
	return newTask(p, "Sail", func(ctx context.Context) result {
		return p.base().call("Sail", func(*lasterr.Log) error { return work(ctx) })
	})
}

func untilCanceled(ctx context.Context) error { <-ctx.Done(); return aborted(ctx, "") }

func nothing(context.Context) error { return nil }

// wantState checks all properties that tell the state of a task.
func wantState(t *testing.T, task *Task, number int, word string) {
	t.Helper()
	type state struct {
		Int                   int
		Word                  string
		Inert, Live, Finished bool
	}
	want := state{number, word, number <= 2, number == 3 || number == 4, number >= 5}
	got := state{task.StatusInt(), task.Status(), task.Inert(), task.Live(), task.Finished()}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("state: %s", diff)
	}
}

func wantRefused(t *testing.T, ok bool, task *Task, text string) {
	t.Helper()
	if got := task.LastErrorText(); ok || task.LastMethodSuccess() || !strings.Contains(got, "    "+text) {
		t.Errorf("returned %v, want false and %q:\n%s", ok, text, got)
	}
}

func TestTaskRuns(t *testing.T) {
	p := &probe{}
	task := p.sailAsync(func(context.Context) error { return errProbe })
	if !p.lastMethodSuccess() || !strings.Contains(p.lastErrorText(), "SailAsync(") {
		t.Errorf("the Async method left no log:\n%s", p.lastErrorText())
	}
	wantState(t, task, 2, "loaded")
	if task.ResultType() != "" || task.ResultErrorText() != "" || task.TaskSuccess() {
		t.Error("a loaded task has a result")
	}
	if !task.Run() || !task.Wait(0) {
		t.Fatal(task.LastErrorText())
	}
	wantState(t, task, 7, "completed")
	if p.lastMethodSuccess() || !strings.Contains(p.lastErrorText(), "  Sail(") {
		t.Error("the task did not set LastMethodSuccess and LastErrorText of its owner")
	}
	p.base().call("Later", func(*lasterr.Log) error { return nil })
	if got := task.ResultErrorText(); !strings.Contains(got, "  Sail(") || !strings.Contains(got, "Wrong weather.") {
		t.Errorf("ResultErrorText:\n%s", got)
	}
	if task.TaskSuccess() || task.ResultType() != "bool" || task.GetResultBool() {
		t.Error("a failed call has succeeded")
	}
	if task.caller() != member(p) {
		t.Error("the task forgot who made it")
	}
}

func TestTaskRunsOnce(t *testing.T) {
	p := &probe{}
	task := p.sailAsync(nothing)
	if !task.RunSynchronously() {
		t.Fatal(task.LastErrorText())
	}
	wantState(t, task, 7, "completed")
	if !task.TaskSuccess() || !task.GetResultBool() {
		t.Error("the call has not succeeded")
	}
	const again = "The task was run before."
	wantRefused(t, task.Run(), task, again)
	wantRefused(t, task.RunSynchronously(), task, again)
	wantRefused(t, task.Cancel(), task, "The task has finished already.")
	if !task.Wait(0) || !task.Wait(1) {
		t.Error("Wait for a finished task failed")
	}
}

func TestEmptyTask(t *testing.T) {
	for _, task := range []*Task{NewTask(), {}} {
		wantState(t, task, 1, "empty")
		wantRefused(t, task.Run(), task, "The task is empty.")
		wantRefused(t, task.RunSynchronously(), task, "The task is empty.")
		wantRefused(t, task.Cancel(), task, "The task is empty: there is nothing to cancel.")
		wantRefused(t, task.Wait(0), task, "The task is empty: there is nothing to wait for.")
		if task.TaskId() != 0 || task.caller() != nil {
			t.Error("an empty task has an id or a caller")
		}
	}
	var none *Task
	if none.Done() != nil || none.caller() != nil || none.Status() != "" || none.StatusInt() != 0 {
		t.Error("a nil task is not nothing")
	}
	var owner *probe
	if task := owner.sailAsync(nothing); task != nil {
		t.Error("a nil object made a task")
	}
}

func TestTaskOutOfOrder(t *testing.T) {
	task := (&probe{}).sailAsync(nothing)
	wantRefused(t, task.Wait(0), task, "The task was not started.")
	wantRefused(t, task.Wait(-1), task, "The argument maxWaitMs is negative.")
	if task.GetResultBool() || !strings.Contains(task.LastErrorText(), "The task has no result yet: it is loaded.") {
		t.Error(task.LastErrorText())
	}
	wantState(t, task, 2, "loaded")
}

func TestTaskWaitHasAnEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		task := (&probe{}).sailAsync(func(ctx context.Context) error { time.Sleep(3 * time.Second); return ctx.Err() })
		task.Run()
		start := time.Now()
		wantRefused(t, task.Wait(1000), task, "The task has not finished within maxWaitMs.")
		if waited := time.Since(start); waited != time.Second {
			t.Errorf("waited %v", waited)
		}
		wantState(t, task, 4, "running")
		if !task.Wait(math.MaxInt) || time.Since(start) != 3*time.Second {
			t.Errorf("waited %v: %s", time.Since(start), task.LastErrorText())
		}
		if !task.TaskSuccess() {
			t.Error("the task did not succeed")
		}
	})
}

func TestCancelBeforeTheRun(t *testing.T) {
	task := (&probe{}).sailAsync(func(context.Context) error { t.Error("a canceled task ran"); return nil })
	if !task.Cancel() {
		t.Fatal(task.LastErrorText())
	}
	wantState(t, task, 5, "canceled")
	<-task.Done()
	wantRefused(t, task.Run(), task, "The task was canceled.")
	wantRefused(t, task.Cancel(), task, "The task has finished already.")
	if !task.Wait(0) || task.TaskSuccess() || task.ResultErrorText() != "" {
		t.Error("a canceled task has a result")
	}
	if task.GetResultBool() || !strings.Contains(task.LastErrorText(), "The task was canceled before it ran: it has no result.") {
		t.Error(task.LastErrorText())
	}
}

func TestCancelOfAQueuedTask(t *testing.T) {
	task := (&probe{}).sailAsync(func(context.Context) error { t.Error("a canceled task ran"); return nil })
	if err := task.enqueue(); err != nil {
		t.Fatal(err)
	}
	wantState(t, task, 3, "queued")
	if !task.Cancel() {
		t.Error(task.LastErrorText())
	}
	if task.execute() {
		t.Error("execute did not notice")
	}
	wantState(t, task, 5, "canceled")
}

func TestCancelOfARunningTask(t *testing.T) {
	p := &probe{}
	started := make(chan struct{})
	task := p.sailAsync(func(ctx context.Context) error { close(started); return untilCanceled(ctx) })
	task.Run()
	<-started
	if once, twice := task.Cancel(), task.Cancel(); !once || !twice {
		t.Error(task.LastErrorText())
	}
	if !strings.Contains(task.LastErrorText(), "statusBefore: running") {
		t.Error(task.LastErrorText())
	}
	<-task.Done()
	wantState(t, task, 6, "aborted")
	if !errors.Is(p.lastError(), ErrAborted) || !strings.Contains(task.ResultErrorText(), "The call was aborted.") {
		t.Error(task.ResultErrorText())
	}
}

func TestCancelThatComesTooLate(t *testing.T) {
	started, release := make(chan struct{}), make(chan struct{})
	task := (&probe{}).sailAsync(func(context.Context) error { close(started); <-release; return nil })
	task.Run()
	<-started
	task.Cancel()
	close(release)
	task.Wait(0)
	wantState(t, task, 7, "completed")
	if !task.TaskSuccess() {
		t.Error("the call had succeeded")
	}
}

func TestTaskCompletedCallback(t *testing.T) {
	ends := map[string]func(*Task){
		"completed": func(task *Task) { task.Run() },
		"canceled":  func(task *Task) { task.Cancel() },
	}
	for word, end := range ends {
		task := (&probe{}).sailAsync(nothing)
		called := 0
		task.SetTaskCompleted(func(got *Task) {
			called++
			if got != task || got.Status() != word {
				t.Errorf("the callback got %q", got.Status())
			}
			select {
			case <-got.Done():
				t.Error("Done before the callback has returned")
			default:
			}
		})
		end(task)
		<-task.Done()
		if called != 1 {
			t.Errorf("%s: called %d times", word, called)
		}
	}
}

func TestDisposeOfARunningTask(t *testing.T) {
	started := make(chan struct{})
	task := (&probe{}).sailAsync(func(ctx context.Context) error { close(started); return untilCanceled(ctx) })
	task.Run()
	<-started
	task.DisposeTask()
	task.DisposeTask()
	<-task.Done()
	wantRefused(t, task.Wait(0), task, "The object was disposed.")
}

func TestTaskIDsAndUserData(t *testing.T) {
	p := &probe{}
	first, second := p.sailAsync(nothing), p.sailAsync(nothing)
	if first.TaskId() <= 0 || first.TaskId() == second.TaskId() {
		t.Errorf("ids %d and %d", first.TaskId(), second.TaskId())
	}
	first.SetUserData("mine\x00too")
	if first.UserData() != "mine\x00too" || second.UserData() != "" {
		t.Error("UserData is not kept")
	}
	if got := first.LastErrorText(); strings.Contains(got, "mine") || !strings.Contains(got, "    value: 8 bytes\n") {
		t.Errorf("the log of SetUserData:\n%s", got)
	}
}
