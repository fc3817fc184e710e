package chilkat

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/fairlead-ws/fairlead/chilkat/internal/lasterr"
)

// Task is a call that an Async method has prepared. Run starts it in the
// background, Wait or Done tell when it has finished, Cancel stops it, and the
// GetResult methods give what it returned. A Task runs once.
//
// A Task that no Async method made is empty: it has nothing to run.
type Task struct {
	object

	// Set by newTask, never changed.
	id    int
	owner member
	work  func(ctx context.Context) result

	// Guarded by object.mu.
	state     int // 0 counts as statusEmpty
	wanted    bool
	cancel    context.CancelFunc
	done      chan struct{}
	outcome   result
	userData  string
	completed func(*Task)
}

// The values of StatusInt.
const (
	statusEmpty = 1 + iota
	statusLoaded
	statusQueued
	statusRunning
	statusCanceled
	statusAborted
	statusCompleted
)

var statusNames = map[int]string{
	statusEmpty:     "empty",
	statusLoaded:    "loaded",
	statusQueued:    "queued",
	statusRunning:   "running",
	statusCanceled:  "canceled",
	statusAborted:   "aborted",
	statusCompleted: "completed",
}

var taskIDs atomic.Int64

// NewTask makes an empty task. Tasks with something to do come from the Async
// methods.
func NewTask() *Task { return &Task{} }

// newTask is the body of an Async method: the call of owner's method name that
// prepares work, nil when it fails. Work runs the method itself; it returns
// when ctx is canceled.
func newTask(owner member, name string, work func(ctx context.Context) result) *Task {
	made := give(owner.base(), name+"Async", func(l *lasterr.Log) (*Task, error) {
		t := &Task{id: int(taskIDs.Add(1)), owner: owner, work: work, state: statusLoaded}
		l.Value("taskId", t.id)
		return t, nil
	})
	t, _ := made.value.(*Task)
	return t
}

// DisposeTask cancels the task if it has not finished, and does not wait for
// it. It may be called twice.
func (t *Task) DisposeTask() { t.base().dispose("DisposeTask", func() { _, _ = t.stop() }) }

// Run starts the task in the background. It fails unless the task is loaded:
// made by an Async method, neither run nor canceled yet.
func (t *Task) Run() bool {
	return t.base().call("Run", func(l *lasterr.Log) error {
		l.Value("taskId", t.id)
		if err := t.enqueue(); err != nil {
			return err
		}
		go t.execute()
		return nil
	}).status()
}

// RunSynchronously runs the task and returns when it has finished. It fails
// like Run; whether the call in the task succeeded is what TaskSuccess tells.
func (t *Task) RunSynchronously() bool {
	return t.base().call("RunSynchronously", func(l *lasterr.Log) error {
		l.Value("taskId", t.id)
		if err := t.enqueue(); err != nil {
			return err
		}
		if !t.execute() {
			return errCanceled
		}
		return nil
	}).status()
}

// enqueue takes the task from loaded to queued.
func (t *Task) enqueue() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch t.status() {
	case statusEmpty:
		return fail("the task is empty", "Take a task from a method whose name ends in Async.")
	case statusLoaded:
		t.state = statusQueued
		return nil
	case statusCanceled:
		return errCanceled
	default:
		return fail("the task was run before", "A task runs once: make a new one with the Async method.")
	}
}

var errCanceled = fail("the task was canceled", "Make a new task with the Async method.")

// execute takes the task from queued to its end. It returns false if a Cancel
// came first.
func (t *Task) execute() bool {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	t.mu.Lock()
	if t.status() != statusQueued {
		t.mu.Unlock()
		return false
	}
	t.state, t.cancel = statusRunning, cancel
	t.mu.Unlock()

	r := t.work(ctx)

	t.mu.Lock()
	t.outcome, t.cancel = r, nil
	t.state = statusCompleted
	if t.wanted && !r.ok {
		t.state = statusAborted
	}
	t.mu.Unlock()
	t.announce()
	return true
}

// announce tells that the task has finished: first the callback, then those
// who wait.
func (t *Task) announce() {
	t.mu.Lock()
	completed, done := t.completed, t.doneChannel()
	t.mu.Unlock()
	if completed != nil {
		completed(t)
	}
	close(done)
}

// Cancel stops the task. One that has not started yet never will and ends as
// canceled. In one that is running the call under way is aborted; Cancel does
// not wait for that. It fails when the task is empty or has finished.
func (t *Task) Cancel() bool {
	return t.base().call("Cancel", func(l *lasterr.Log) error {
		l.Value("taskId", t.id)
		before, err := t.stop()
		l.Value("statusBefore", statusNames[before])
		return err
	}).status()
}

func (t *Task) stop() (before int, err error) {
	t.mu.Lock()
	before = t.status()
	switch before {
	case statusLoaded, statusQueued:
		t.state = statusCanceled
		t.mu.Unlock()
		t.announce()
		return before, nil
	case statusRunning:
		t.wanted = true
		t.cancel()
	case statusEmpty:
		err = fail("the task is empty: there is nothing to cancel", "Take a task from a method whose name ends in Async.")
	default:
		err = fail("the task has finished already", "Read its results with the GetResult methods.")
	}
	t.mu.Unlock()
	return before, err
}

// Wait waits until the task has finished and its SetTaskCompleted callback has
// returned, for at most maxWaitMs milliseconds; 0 means for ever. It fails when
// the time is over, and at once when the task was not run. The callback itself
// must not wait for its own task.
func (t *Task) Wait(maxWaitMs int) bool {
	return t.base().call("Wait", func(l *lasterr.Log) error {
		l.Value("maxWaitMs", maxWaitMs)
		return t.wait(maxWaitMs)
	}).status()
}

func (t *Task) wait(maxWaitMs int) error {
	t.mu.Lock()
	state, done := t.status(), t.doneChannel()
	t.mu.Unlock()
	switch {
	case maxWaitMs < 0:
		return fail("the argument maxWaitMs is negative", "Pass the milliseconds to wait, or 0 to wait for ever.")
	case state == statusEmpty:
		return fail("the task is empty: there is nothing to wait for", "Take a task from a method whose name ends in Async.")
	case state == statusLoaded:
		return fail("the task was not started", "Call Run before Wait.")
	}
	var expired <-chan time.Time
	if maxWaitMs > 0 {
		timer := time.NewTimer(milliseconds(maxWaitMs))
		defer timer.Stop()
		expired = timer.C
	}
	select {
	case <-done:
		return nil
	case <-expired:
		return fail("the task has not finished within maxWaitMs", "Wait again, or end the task with Cancel.")
	}
}

// Done returns a channel that is closed when the task has finished and its
// SetTaskCompleted callback has returned. It is nil for a nil task.
func (t *Task) Done() <-chan struct{} {
	if t == nil {
		return nil
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.doneChannel()
}

// doneChannel makes the channel when first asked for: the zero Task has none.
func (t *Task) doneChannel() chan struct{} {
	if t.done == nil {
		t.done = make(chan struct{})
	}
	return t.done
}

// SetTaskCompleted sets the function that is called once when the task has
// finished in any way, on the goroutine that finished it. Set it before Run.
func (t *Task) SetTaskCompleted(f func(*Task)) {
	set(t.base(), "TaskCompleted", f != nil, func() error { t.completed = f; return nil })
}

func (t *Task) status() int {
	if t.state == 0 {
		return statusEmpty
	}
	return t.state
}

// caller is the object whose Async method made the task, nil for an empty one.
func (t *Task) caller() member {
	if t == nil {
		return nil
	}
	return t.owner
}

// milliseconds converts without overflow.
func milliseconds(n int) time.Duration {
	const most = int64(1<<63-1) / int64(time.Millisecond)
	return time.Duration(min(int64(n), most)) * time.Millisecond
}
