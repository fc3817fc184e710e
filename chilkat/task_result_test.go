package chilkat

import (
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/fairlead-ws/fairlead/chilkat/internal/lasterr"
)

// finished is a task that ran with this outcome.
func finished(t *testing.T, work func(o *object) result) *Task {
	t.Helper()
	p := &probe{}
	task := newTask(p, "Work", func(context.Context) result { return work(p.base()) })
	if !task.RunSynchronously() {
		t.Fatal(task.LastErrorText())
	}
	return task
}

type results struct {
	Type   string
	Bool   bool
	Int    int
	String *string
	Bytes  []byte
}

func resultsOf(task *Task) results {
	return results{task.ResultType(), task.GetResultBool(), task.GetResultInt(), task.GetResultString(), task.GetResultBytes()}
}

func TestTaskResults(t *testing.T) {
	text, empty := "text", ""
	tests := []struct {
		name string
		work func(o *object) result
		want results
	}{
		{"bool", func(o *object) result { return o.call("W", ending(nil)) }, results{"bool", true, -1, nil, nil}},
		{"bool failed", func(o *object) result { return o.call("W", ending(errProbe)) }, results{"bool", false, -1, nil, nil}},
		{"yes", func(o *object) result { return o.ask("W", answer(true, nil)) }, results{"bool", true, -1, nil, nil}},
		{"int", func(o *object) result { return give(o, "W", answer(42, nil)) }, results{"int", false, 42, nil, nil}},
		{"int failed", func(o *object) result { return give(o, "W", answer(42, errProbe)) }, results{"int", false, -1, nil, nil}},
		{"string", func(o *object) result { return give(o, "W", answer("text", nil)) }, results{"string", false, -1, &text, nil}},
		{"empty string", func(o *object) result { return give(o, "W", answer("", nil)) }, results{"string", false, -1, &empty, nil}},
		{"string failed", func(o *object) result { return give(o, "W", answer("x", errProbe)) }, results{"string", false, -1, nil, nil}},
		{"bytes", func(o *object) result { return give(o, "W", answer([]byte{1, 2}, nil)) }, results{"bytes", false, -1, nil, []byte{1, 2}}},
		{"no bytes", func(o *object) result { return give(o, "W", answer([]byte(nil), nil)) }, results{"bytes", false, -1, nil, []byte{}}},
		{"bytes failed", func(o *object) result { return give(o, "W", answer([]byte{1}, errProbe)) }, results{"bytes", false, -1, nil, nil}},
		{"object", func(o *object) result { return give(o, "W", answer(&probe{}, nil)) }, results{"object", false, -1, nil, nil}},
		{"void", func(o *object) result { return o.void("W", ending(nil)) }, results{"void", false, -1, nil, nil}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, resultsOf(finished(t, tt.work))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func ending(err error) func(*lasterr.Log) error { return func(*lasterr.Log) error { return err } }

func TestTaskResultErrors(t *testing.T) {
	number := finished(t, func(o *object) result { return give(o, "W", answer(42, nil)) })
	if number.GetResultString() != nil || number.LastMethodSuccess() {
		t.Error("a number was given as text")
	}
	if got := number.LastErrorText(); !strings.Contains(got, "The task has a result of another kind: int.") {
		t.Error(got)
	}
	failed := finished(t, func(o *object) result { return give(o, "W", answer(42, errProbe)) })
	if failed.GetResultInt() != -1 || failed.LastMethodSuccess() {
		t.Error("the result of a failed call was given")
	}
	if got := failed.LastErrorText(); !strings.Contains(got, "The call in the task failed.\n    cause: wrong weather\n    Read ResultErrorText, which has its log.\n") {
		t.Error(got)
	}
}

func TestGetResultBytesIsACopy(t *testing.T) {
	task := finished(t, func(o *object) result { return give(o, "W", answer([]byte("abc"), nil)) })
	task.GetResultBytes()[0] = 'x'
	if got := task.GetResultBytes(); string(got) != "abc" {
		t.Errorf("the result became %q", got)
	}
}
