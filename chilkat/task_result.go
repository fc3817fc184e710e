package chilkat

import (
	"strconv"

	"github.com/fairlead-ws/fairlead/chilkat/internal/lasterr"
)

// StatusInt is the state of the task: 1 empty, 2 loaded, 3 queued, 4 running,
// 5 canceled before it ran, 6 aborted while it ran, 7 completed. It is 0 for a
// nil task.
func (t *Task) StatusInt() int { return get(t.base(), "StatusInt", t.status) }

// Status is the state of the task as a word, the one that StatusInt lists.
func (t *Task) Status() string {
	return get(t.base(), "Status", func() string { return statusNames[t.status()] })
}

// Inert reports whether the task was not started: it is empty or loaded.
func (t *Task) Inert() bool { return t.stateIn("Inert", statusEmpty, statusLoaded) }

// Live reports whether the task is queued or running.
func (t *Task) Live() bool { return t.stateIn("Live", statusQueued, statusRunning) }

// Finished reports whether the task is canceled, aborted or completed.
func (t *Task) Finished() bool { return t.stateIn("Finished", statusCanceled, statusCompleted) }

func (t *Task) stateIn(name string, first, last int) bool {
	return get(t.base(), name, func() bool { return first <= t.status() && t.status() <= last })
}

// TaskId is a number that no other task of the process has; 0 for an empty
// task.
func (t *Task) TaskId() int { return get(t.base(), "TaskId", func() int { return t.id }) }

// UserData is text of the program's own that travels with the task.
func (t *Task) UserData() string {
	return get(t.base(), "UserData", func() string { return t.userData })
}

// SetUserData stores text that travels with the task. The log has its length
// only.
func (t *Task) SetUserData(text string) {
	set(t.base(), "UserData", strconv.Itoa(len(text))+" bytes", func() error { t.userData = text; return nil })
}

// TaskSuccess reports whether the call in the task has finished and succeeded,
// in the sense of LastMethodSuccess.
func (t *Task) TaskSuccess() bool {
	return get(t.base(), "TaskSuccess", func() bool { return t.outcome.ok })
}

// ResultErrorText is the LastErrorText of the call in the task, "" until it
// has finished. Later calls of the same object do not change it.
func (t *Task) ResultErrorText() string {
	return get(t.base(), "ResultErrorText", func() string { return t.outcome.log.Text() })
}

// ResultType names the kind of result: "bool", "int", "string", "bytes",
// "object" or "void"; "" until the call in the task has finished.
func (t *Task) ResultType() string { return get(t.base(), "ResultType", t.resultType) }

func (t *Task) resultType() string {
	if t.outcome.log == nil {
		return ""
	}
	return t.outcome.kind
}

// GetResultBool is what a method that succeeds or fails returned. It is false
// too when there is no such result.
func (t *Task) GetResultBool() bool {
	return t.base().ask("GetResultBool", func(*lasterr.Log) (bool, error) {
		r, err := t.resultOf("bool")
		return r.answer(), err
	}).answer()
}

// GetResultInt is what a method that returns a number returned, -1 when it
// failed and when there is no such result.
func (t *Task) GetResultInt() int {
	return give(t.base(), "GetResultInt", func(*lasterr.Log) (int, error) {
		r, err := t.resultOf("int")
		return r.integer(), err
	}).integer()
}

// GetResultString is the text that a method returned, nil when it failed and
// when there is no such result.
func (t *Task) GetResultString() *string {
	return give(t.base(), "GetResultString", func(*lasterr.Log) (string, error) {
		r, err := t.resultOf("string")
		text, _ := r.value.(string)
		return text, err
	}).text()
}

// GetResultBytes is a copy of the bytes that a method returned, nil when it
// failed and when there is no such result.
func (t *Task) GetResultBytes() []byte {
	return give(t.base(), "GetResultBytes", func(*lasterr.Log) ([]byte, error) {
		r, err := t.resultOf("bytes")
		return append([]byte{}, r.bytes()...), err
	}).bytes()
}

// resultOf gives the outcome if the task has finished with one of this kind.
func (t *Task) resultOf(kind string) (result, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case t.status() == statusCanceled:
		return result{}, fail("the task was canceled before it ran: it has no result", "Make a new task and run it.")
	case t.outcome.log == nil:
		return result{}, fail("the task has no result yet: it is "+statusNames[t.status()], "Call Run, and Wait until it has finished.")
	case t.outcome.kind != kind:
		return result{}, fail("the task has a result of another kind: "+t.outcome.kind, "Use the GetResult method for that kind; ResultType names it.")
	case !t.outcome.ok && kind != "bool":
		return result{}, failFor(t.outcome.err, "the call in the task failed", "Read ResultErrorText, which has its log.")
	}
	return t.outcome, nil
}
