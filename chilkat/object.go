package chilkat

import (
	"reflect"
	"runtime"
	"sync"
	"time"

	"github.com/fairlead-ws/fairlead/chilkat/internal/lasterr"
)

// Version is the version of this library.
const Version = "0.1.0"

// object is what every class has in common: the log of its last call, whether
// that call succeeded, and where calls are recorded. Its zero value is ready,
// and its methods work on nil: they do nothing and report failure, so that no
// class needs to ask whether its receiver is nil.
type object struct {
	// mu guards the fields of the class as well as those below. It is held
	// for the time of a property access, never while a method works.
	mu       sync.Mutex
	last     *lasterr.Log
	lastErr  error
	success  bool
	verbose  bool
	path     string
	disposed bool
	now      func() time.Time // nil means time.Now
}

// member is any class: what has a base object.
type member interface{ base() *object }

// result is what one call of a method came to.
type result struct {
	ok    bool   // what LastMethodSuccess becomes
	value any    // nil when there is none
	kind  string // of value, as Task.ResultType names it
	err   error
	log   *lasterr.Log
}

// status is the Go form of a method that succeeds or fails.
func (r result) status() bool { return r.ok }

// text is the Go form of a method that gives text.
func (r result) text() *string {
	if s, ok := r.value.(string); ok {
		return &s
	}
	return nil
}

// bytes is the Go form of a method that gives bytes: not nil on success.
func (r result) bytes() []byte {
	b, _ := r.value.([]byte)
	return b
}

// integer is the Go form of a method that gives a number: -1 on failure.
func (r result) integer() int {
	if n, ok := r.value.(int); ok {
		return n
	}
	return -1
}

// answer is the Go form of a yes/no question: false on failure.
func (r result) answer() bool {
	b, _ := r.value.(bool)
	return b
}

// call runs a method that succeeds or fails. It starts the tree of the call,
// hands it to f, adds what f's error says, and makes the tree, the error and
// the success those of the object's last call. f runs without the lock.
func (o *object) call(name string, f func(l *lasterr.Log) error) result {
	return o.run(name, "bool", f, func(err error) (any, bool) { return err == nil, err == nil })
}

// void runs a method without a result: LastMethodSuccess becomes true.
func (o *object) void(name string, f func(l *lasterr.Log) error) result {
	return o.run(name, "void", f, func(error) (any, bool) { return nil, true })
}

// ask runs a method that answers a yes/no question: LastMethodSuccess becomes
// true, whatever the answer is.
func (o *object) ask(name string, f func(l *lasterr.Log) (bool, error)) result {
	var yes bool
	return o.run(name, "bool",
		func(l *lasterr.Log) (err error) { yes, err = f(l); return err },
		func(err error) (any, bool) { return yes && err == nil, true })
}

// give runs a method that gives text (string), bytes ([]byte), a number (int)
// or an object (a pointer). It succeeds unless f returns an error.
func give[T any](o *object, name string, f func(l *lasterr.Log) (T, error)) result {
	var v T
	return o.run(name, kindOf(v),
		func(l *lasterr.Log) (err error) { v, err = f(l); return err },
		func(err error) (any, bool) {
			if err != nil {
				return nil, false
			}
			return v, true
		})
}

func kindOf(v any) string {
	switch v.(type) {
	case int:
		return "int"
	case string:
		return "string"
	case []byte:
		return "bytes"
	default:
		return "object"
	}
}

func (o *object) run(name, kind string, f func(l *lasterr.Log) error, outcome func(error) (any, bool)) result {
	if o == nil {
		return result{err: errNilReceiver}
	}
	l, err := o.begin(name)
	if err == nil {
		err = f(l)
	}
	r := result{kind: kind, err: err, log: l}
	r.value, r.ok = outcome(err)
	o.finish(l, err)
	o.mu.Lock()
	o.last, o.lastErr, o.success = l, err, r.ok
	o.mu.Unlock()
	return r
}

// begin starts the tree of a call. The error says that the object is of no
// use any more.
func (o *object) begin(name string) (*lasterr.Log, error) {
	o.mu.Lock()
	cfg := lasterr.Config{Name: name, Header: header(o.verbose), Verbose: o.verbose, File: o.path, Now: o.now}
	disposed := o.disposed
	o.mu.Unlock()
	if disposed {
		return lasterr.Start(cfg), errDisposed
	}
	return lasterr.Start(cfg), nil
}

// finish says in the tree how the call ended, and seals it.
func (o *object) finish(l *lasterr.Log, err error) {
	if err != nil {
		explain(l, err)
	}
	l.Finish(err == nil)
}

func header(verbose bool) []lasterr.Pair {
	value := "false"
	if verbose {
		value = "true"
	}
	return []lasterr.Pair{
		{Key: "FairleadVersion", Value: Version},
		{Key: "GoVersion", Value: runtime.Version()},
		{Key: "Platform", Value: runtime.GOOS + "/" + runtime.GOARCH},
		{Key: "VerboseLogging", Value: value},
	}
}

// get reads a property: f runs with the lock held. It starts no tree and
// leaves LastMethodSuccess alone; the debug log file records that it happened.
func get[T any](o *object, name string, f func() T) (v T) {
	if o == nil {
		return v
	}
	o.mu.Lock()
	v = f()
	path, now := o.path, o.now
	o.mu.Unlock()
	if path != "" {
		lasterr.RecordGet(path, now, name, reflect.TypeFor[T]().String())
	}
	return v
}

// set writes a property: f checks and stores the value, with the lock held.
// A set starts a tree of its own and leaves LastMethodSuccess alone. The value
// is written into the tree, so pass "***" for a secret.
func set(o *object, name string, value any, f func() error) {
	if o == nil {
		return
	}
	l, err := o.begin("Set" + name)
	l.Value("value", value)
	o.mu.Lock()
	if err == nil {
		err = f()
	}
	o.mu.Unlock()
	o.finish(l, err)
	o.mu.Lock()
	o.last, o.lastErr = l, err
	o.mu.Unlock()
}

// dispose ends the object's life: f closes what is open, once. Every later
// method fails.
func (o *object) dispose(name string, f func()) {
	if o == nil {
		return
	}
	o.mu.Lock()
	again := o.disposed
	o.mu.Unlock()
	if again {
		return
	}
	o.void(name, func(*lasterr.Log) error {
		o.mu.Lock()
		first := !o.disposed
		o.disposed = true
		o.mu.Unlock()
		if first && f != nil {
			f()
		}
		return nil
	})
}

// setting is a property whose default is not its zero value.
type setting[T any] struct {
	value T
	given bool
}

func (s setting[T]) or(byDefault T) T {
	if s.given {
		return s.value
	}
	return byDefault
}

func (s *setting[T]) put(v T) { s.value, s.given = v, true }

var (
	errNilReceiver = fail("the object is nil", "Make one with the New function of its class.")
	errDisposed    = &Error{Text: "the object was disposed", Advice: "Make a new one for further calls."}
)
