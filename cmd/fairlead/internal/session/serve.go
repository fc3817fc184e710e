package session

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"sync/atomic"
	"time"

	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/cmd/fairlead/internal/exit"
	"github.com/fairlead-ws/fairlead/frame"
	"github.com/fairlead-ws/fairlead/wstrace"
)

// serving is one open connection.
type serving struct {
	*run
	conn  *fairlead.Conn
	trace *wstrace.Trace

	last    atomic.Int64 // when a message came or went, in nanoseconds since run.since
	showing atomic.Bool  // the sink has a message and has not returned
	muted   atomic.Bool  // nothing is shown any more
}

func (s *serving) touch() { s.last.Store(int64(time.Since(s.since))) }

// meant is the error of a connection that this side meant to end.
type meant struct{ error }

func (e meant) Unwrap() error { return e.error }

// serve runs the connection to its end. The error is meant if this side ended
// it.
func (s *serving) serve(ctx context.Context) error {
	s.touch()
	work, stop := context.WithCancel(ctx)
	defer stop()
	// Reading goes on while the connection is closed, also when ctx has ended.
	reading, stopReading := context.WithCancel(context.WithoutCancel(ctx))
	defer stopReading()

	read, written, pings := make(chan error, 1), make(chan error, 1), make(chan error, 1)
	go func() { read <- s.read(reading) }()
	go func() { written <- s.write(work) }()
	go func() { pings <- s.keepAlive(work) }()
	// The goroutines end before serve does, unless the reader of our output has
	// stopped to read.
	defer func() {
		stop()
		s.conn.CloseNow()
		stopReading()
		await(read, hurriedEnd)
		await(written, closeWait)
		await(pings, closeWait)
	}()

	var silence <-chan time.Time
	deadline := s.deadline()
	for {
		select {
		case err := <-read:
			read <- err
			return s.over(err)
		case err := <-written:
			written = nil
			switch {
			case err == nil:
				silence = s.atEOF()
			case ctx.Err() == nil:
				return s.cannotWrite(read, err)
			}
		case err := <-pings:
			pings = nil
			if err != nil && s.conn.Err() == nil { // else the reader knows why
				return err
			}
		case <-s.judge.done:
			s.muted.Store(true)
			stop()
			return meant{s.close(read, s.Code, s.Reason, closeWait)}
		case <-silence:
			if left := s.Linger - (time.Since(s.since) - time.Duration(s.last.Load())); s.OnEOF == Linger && left > 0 {
				silence = time.After(left)
				continue
			}
			return meant{s.close(read, s.Code, s.Reason, closeWait)}
		case <-deadline:
			stop()
			_ = s.close(read, s.Code, s.Reason, closeWait)
			return meant{s.tooLate()}
		case <-ctx.Done():
			stop()
			s.interrupted(ctx, read)
			return meant{context.Cause(ctx)}
		}
	}
}

// await takes the one value of c, but not for ever. A nil c had it already.
func await(c chan error, longest time.Duration) {
	if c == nil {
		return
	}
	select {
	case <-c: //nolint:errcheck // told before, or of no interest any more
	case <-time.After(longest):
	}
}

// atEOF returns when it is time to look whether the input's end is ours, nil for
// never.
func (s *serving) atEOF() <-chan time.Time {
	switch s.OnEOF {
	case Wait:
		return nil
	case CloseNow:
		return time.After(0)
	}
	return time.After(s.Linger)
}

// read gives the sink what comes.
func (s *serving) read(ctx context.Context) error {
	for m, err := range s.conn.Messages(ctx) {
		if err != nil {
			return err
		}
		s.touch()
		if s.muted.Load() {
			continue
		}
		show, err := s.judge.take(ctx, m.Type == fairlead.Binary, m.Data)
		if err != nil {
			return err
		}
		if !show {
			continue
		}
		s.showing.Store(true)
		err = s.Sink.Message(Message{Type: m.Type, Data: m.Data, Time: time.Now()})
		s.showing.Store(false)
		s.touch()
		if err != nil {
			return err
		}
	}
	return net.ErrClosed
}

// write does the initial actions and those of the input. nil means that the
// input has ended.
func (s *serving) write(ctx context.Context) error {
	for _, a := range s.Initial {
		if err := s.do(ctx, a); err != nil {
			return err
		}
	}
	for {
		if s.pending == nil {
			if s.ended {
				return nil
			}
			a, err := s.Input.Next(ctx)
			if errors.Is(err, io.EOF) && exit.Code(err) != exit.Read {
				s.inputEnded()
				return nil
			}
			if err != nil {
				return err
			}
			s.pending = &a
		}
		if err := s.do(ctx, *s.pending); err != nil {
			if s.pending.Rest != nil && s.Reconnect.On {
				err = exit.With(exit.Dropped, fmt.Errorf("the connection ended in the middle of a message too long to be sent again: %w", err))
			}
			return err
		}
		s.pending = nil
	}
}

// keepAlive pings until ctx ends.
func (s *serving) keepAlive(ctx context.Context) error {
	if s.PingInterval <= 0 {
		<-ctx.Done()
		return nil
	}
	tick := time.NewTicker(s.PingInterval)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil
		}
		pong, cancel := context.WithTimeout(ctx, s.PongTimeout)
		err := s.ping(pong, nil)
		cancel()
		switch {
		case err == nil, ctx.Err() != nil:
		case errors.Is(err, context.DeadlineExceeded):
			// While our own output is stuck nobody reads the pong.
			if !s.showing.Load() {
				return exit.With(exit.PongTimeout, fmt.Errorf("no pong came within %v", s.PongTimeout))
			}
		default:
			return err
		}
	}
}

// over says how the connection ended that nobody here meant to end.
func (s *serving) over(err error) error {
	var own *exit.Error
	if errors.As(err, &own) { // of the sink
		s.hurry(frame.StatusGoingAway)
		return meant{err}
	}
	return s.told(err)
}

// told shows with which status the connection ended. A bad one is also the error
// that Run returns.
func (s *serving) told(err error) error {
	var end *fairlead.CloseError
	if errors.As(err, &end) {
		e := Event{Type: "close", Time: time.Now(), Code: end.Code, Reason: end.Reason, Remote: end.Remote, Failed: !s.closeOK(end) && !s.judge.isDone()}
		if end.Err != nil {
			e.Text = end.Err.Error()
		}
		s.Sink.Event(e)
	}
	return err
}

// cannotWrite tells a connection that is gone, which the reader knows better
// about, from an input that cannot be sent.
func (s *serving) cannotWrite(read chan error, err error) error {
	if s.conn.Err() == nil && !errors.Is(err, net.ErrClosed) {
		_ = s.close(read, s.Code, s.Reason, closeWait)
		return meant{err}
	}
	select {
	case cause := <-read:
		read <- cause
		return s.over(cause)
	case <-time.After(closeWait):
		return err
	}
}

// close performs the closing handshake; what still comes is shown.
func (s *serving) close(read chan error, code frame.StatusCode, reason string, wait time.Duration) error {
	ctx, cancel := context.WithTimeout(context.Background(), wait)
	defer cancel()
	s.closedWith.Store(uint32(code))
	err := s.conn.Close(ctx, code, reason)
	s.conn.CloseNow()
	var end error
	select {
	case end = <-read:
		read <- end
	case <-time.After(wait):
	}
	var own *exit.Error
	if errors.As(end, &own) { // of the sink
		return end
	}
	peer, text, received := s.conn.CloseStatus()
	if !received {
		var lost *fairlead.CloseError
		if errors.As(err, &lost) && lost.Err != nil {
			err = lost.Err
		}
		return s.told(&fairlead.CloseError{Code: frame.StatusAbnormal, Err: fmt.Errorf("the peer did not answer the Close: %w", err)})
	}
	return s.told(&fairlead.CloseError{Code: peer, Reason: text, Remote: false})
}

// hurry closes without the patience of a clean end.
func (s *serving) hurry(code frame.StatusCode) {
	ctx, cancel := context.WithTimeout(context.Background(), hurriedEnd)
	defer cancel()
	_ = s.conn.Close(ctx, code, "")
}

func (s *serving) interrupted(ctx context.Context, read chan error) {
	var sig exit.SignalError
	if errors.As(context.Cause(ctx), &sig) && !sig.Patient() {
		_ = s.close(read, frame.StatusGoingAway, "", hurriedEnd)
		return
	}
	_ = s.close(read, s.Code, s.Reason, closeWait)
}
