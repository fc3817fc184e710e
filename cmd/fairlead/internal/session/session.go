// Package session is a session of the command: it connects, sends what an Input
// has, gives a Sink what comes, judges it, and ends properly. Begin with Run.
package session

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/cmd/fairlead/internal/connect"
	"github.com/fairlead-ws/fairlead/cmd/fairlead/internal/exit"
	"github.com/fairlead-ws/fairlead/frame"
	"github.com/fairlead-ws/fairlead/wstrace"
)

// OnEOF is what happens at the end of the input.
type OnEOF string

// What may happen.
const (
	Linger   OnEOF = "linger" // close when nothing has come for a while
	CloseNow OnEOF = "close"  // close at once
	Wait     OnEOF = "wait"   // the peer closes
)

// Config is all that a session needs.
type Config struct {
	Setup   *connect.Setup
	Initial []Action // done at the start of each connection
	Input   Input    // nil for none
	Sink    Sink
	Trace   *wstrace.Trace

	OnEOF     OnEOF
	Linger    time.Duration
	Judging   Judging
	Script    bool          // the input may have expectations
	Timeout   time.Duration // how long to wait for what Judging asks for; 0 for ever
	Code      frame.StatusCode
	Reason    string
	CodesOK   func(frame.StatusCode) bool // nil for the usual ones
	Reconnect Reconnecting

	PingInterval, PongTimeout time.Duration
	Fragment                  int // largest payload of a frame; 0 for no limit
	AllowInvalid              bool
}

// How long a close may take.
const (
	closeWait  = 5 * time.Second
	hurriedEnd = time.Second // when a signal or a broken pipe says to hurry
)

// Run runs the session until it ends or ctx does. The error has an exit code.
func Run(ctx context.Context, cfg Config) error {
	ctx, cancel := cfg.Setup.Context(ctx)
	defer cancel()
	r := &run{Config: cfg, judge: newJudge(cfg.Judging, cfg.Script)}
	if r.Input == nil {
		r.inputEnded()
	}
	if r.Trace == nil {
		r.Trace = &wstrace.Trace{}
	}
	for attempt := 0; ; {
		opened, err := r.once(ctx)
		var done meant
		if errors.As(err, &done) || ctx.Err() != nil || r.judge.isDone() || !r.Reconnect.On || !worthRetrying(err) {
			return r.outcome(ctx, err)
		}
		// A server that accepts and closes at once is not one that is back.
		if !opened.IsZero() && time.Since(opened) > r.Reconnect.Longest {
			attempt = 0
		}
		if attempt++; attempt > r.Reconnect.Attempts {
			return exit.With(exit.Reconnect, fmt.Errorf("%d attempts to connect again failed, the last one: %w", r.Reconnect.Attempts, err))
		}
		delay := r.Reconnect.delay(attempt, err, time.Now())
		r.note("%v; attempt %d of %d in %v", err, attempt, r.Reconnect.Attempts, delay.Round(time.Millisecond))
		timer := time.NewTimer(delay)
		select {
		case <-timer.C:
			continue
		case <-r.deadline():
			err = r.tooLate()
		case <-ctx.Done():
		}
		timer.Stop()
		return r.outcome(ctx, err)
	}
}

// run is what outlives a connection.
type run struct {
	Config
	judge   *judge
	pending *Action // taken from the input, not known to be sent
	ended   bool    // the input has
	since   time.Time
	// closedWith is the status of our own Close, 0 before.
	closedWith atomic.Uint32
}

func (r *run) note(format string, args ...any) {
	r.Sink.Event(Event{Type: "note", Time: time.Now(), Text: fmt.Sprintf(format, args...)})
}

func (r *run) inputEnded() {
	r.ended = true
	r.judge.end()
}

// once is one connection, from the dial to the end. opened is zero if it did not
// come to be.
func (r *run) once(ctx context.Context) (opened time.Time, err error) {
	d := *r.Setup.Dialer
	d.Trace = r.Trace
	conn, err := d.Dial(ctx, r.Setup.URL)
	if err != nil {
		return opened, err
	}
	defer conn.CloseNow()
	opened = time.Now()
	if r.since.IsZero() {
		r.since = opened
	}
	r.Sink.Event(Event{Type: "open", Time: opened, Header: conn.Response().Header})
	s := &serving{run: r, conn: conn, trace: r.Trace}
	return opened, s.serve(ctx)
}

// outcome is what the whole run comes to.
func (r *run) outcome(ctx context.Context, err error) error {
	var own *exit.Error
	var sig exit.SignalError
	switch {
	case errors.As(context.Cause(ctx), &sig):
		return sig
	case errors.As(err, &own):
		return err
	case r.judge.isDone():
		return r.judge.verdict() // a count may be reached and an expectation not met
	case ctx.Err() != nil:
		return context.Cause(ctx)
	}
	var end *fairlead.CloseError
	if errors.As(err, &end) && r.closeOK(end) {
		return r.judge.verdict()
	}
	return err
}

// deadline fires when --timeout is over, which begins with the first connection.
func (r *run) deadline() <-chan time.Time {
	if r.Timeout == 0 || r.since.IsZero() {
		return nil
	}
	return time.After(max(0, r.Timeout-time.Since(r.since)))
}

func (r *run) tooLate() error {
	if err := r.judge.verdict(); err != nil {
		return exit.With(exit.Unmet, fmt.Errorf("%w within --timeout %v", err, r.Timeout))
	}
	return exit.With(exit.Timeout, fmt.Errorf("the session was longer than --timeout %v", r.Timeout))
}

// closeOK reports whether the session ended well: also where the peer only
// repeated the status of our own Close.
func (r *run) closeOK(end *fairlead.CloseError) bool {
	return exit.CloseCode(end.Code) == exit.OK || !end.Remote && uint32(end.Code) == r.closedWith.Load() || r.CodesOK != nil && r.CodesOK(end.Code)
}
