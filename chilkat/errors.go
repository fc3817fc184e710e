package chilkat

import (
	"errors"

	"github.com/fairlead-ws/fairlead/chilkat/internal/lasterr"
)

// Error is what LastError returns when the cause lies in how the API was used,
// or when there is advice beyond what the cause itself says. Use errors.As on
// the error of LastError to reach the causes of package fairlead, net or
// crypto/tls.
type Error struct {
	// Text says what went wrong. It names fields and arguments, never a
	// secret value.
	Text string
	// Advice is a sentence that says what to do, "" if there is none.
	Advice string
	// Err is the cause, nil if there is no deeper one.
	Err error
}

// Error returns the text and the cause.
func (e *Error) Error() string {
	if e.Err == nil {
		return "chilkat: " + e.Text
	}
	return "chilkat: " + e.Text + ": " + e.Err.Error()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// ErrAborted is matched by the error of a call that ended because the abort
// check answered true, its task was canceled, or its context was.
var ErrAborted = errors.New("aborted by the application")

// fail makes the error of a call: what went wrong, and what to do.
func fail(text, advice string) error { return &Error{Text: text, Advice: advice} }

// failFor is fail with the error that lies behind it.
func failFor(cause error, text, advice string) error {
	return &Error{Text: text, Advice: advice, Err: cause}
}

// failNil is the error of a nil argument.
func failNil(argument, class string) error {
	return fail("the argument "+argument+" is nil", "Pass a *"+class+" made by New"+class+".")
}

const unknownAdvice = "Set VerboseLogging to true and call it again to see more."

// explain writes err into the log: the sentence, its cause, the advice.
func explain(l *lasterr.Log, err error) {
	var e *Error
	if !errors.As(err, &e) {
		l.Problem(err.Error())
		l.Advise(unknownAdvice)
		return
	}
	l.Problem(e.Text)
	if e.Err != nil {
		l.Value("cause", e.Err.Error())
	}
	if e.Advice == "" {
		l.Advise(unknownAdvice)
		return
	}
	l.Advise(e.Advice)
}
