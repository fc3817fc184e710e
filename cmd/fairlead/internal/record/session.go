package record

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/frame"
	"github.com/fairlead-ws/fairlead/wstrace"
)

// Options say what to record.
type Options struct {
	Dialer *fairlead.Dialer
	URL    string
	// Out gets the recording, each line in one call of Write.
	Out io.Writer
	// In has the messages to send, one a line. nil means none.
	In io.Reader
	// Binary sends them as binary messages.
	Binary bool
	// Show gets each message that comes. May be nil.
	Show func(typ fairlead.MessageType, p []byte) error
	// Count ends the session after so many messages that came. 0 means never.
	Count int
	// Linger ends the session when In has ended and nothing came for so long. 0
	// means never.
	Linger time.Duration
}

// End is how a recorded session ended.
type End struct {
	In, Out int // messages
	Code    frame.StatusCode
	Reason  string
}

// Record dials, records until the session ends, and closes. The end of ctx
// closes it and is no error. A session that the peer closed with 1000, 1001 or
// no code is no error either.
func Record(ctx context.Context, o Options) (End, error) {
	r := newRecorder(o.Out, o.URL)
	d := fairlead.Dialer{}
	if o.Dialer != nil {
		d = *o.Dialer
	}
	d.Trace = wstrace.Join(d.Trace, r.trace())
	conn, err := d.Dial(ctx, o.URL)
	if err != nil {
		r.mu.Lock()
		r.open.Status = statusOf(err)
		r.mu.Unlock()
		r.start()
		r.write(Line{Type: "end", Error: err.Error()}, time.Time{})
		return End{}, errors.Join(err, r.failed())
	}
	defer func() { _ = conn.CloseNow() }()
	r.open.Subprotocol = conn.Subprotocol()
	r.open.Extensions = conn.Response().Header.Get("Sec-WebSocket-Extensions")
	r.start()
	s := &recording{Options: o, conn: conn, r: r, lines: make(chan line), over: make(chan struct{}), activity: make(chan struct{}, 1)}
	return s.run(ctx)
}

func statusOf(err error) int {
	if e, ok := errors.AsType[*fairlead.HandshakeError](err); ok {
		return e.Status
	}
	return 0
}

type line struct {
	text []byte
	err  error
}

// recording is a session under way.
type recording struct {
	Options
	conn *fairlead.Conn
	r    *recorder

	lines    chan line
	over     chan struct{} // closed when the session is to end
	activity chan struct{}
	end      End
}

func (s *recording) run(ctx context.Context) (End, error) {
	readErr := make(chan error, 1)
	go func() { readErr <- s.read() }()
	if s.In != nil {
		go s.input()
	}
	err := s.write(ctx, readErr)
	close(s.over)
	closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), fairlead.DefaultCloseTimeout)
	defer cancel()
	_ = s.conn.Close(closing, frame.StatusNormal, "")
	var ended *sessionEnd
	if errors.As(err, &ended) {
		err = ended.err
	} else if closing := <-readErr; err == nil {
		err = closing
	}
	return s.finish(err)
}

// sessionEnd is what the reader ended with.
type sessionEnd struct{ err error }

func (e *sessionEnd) Error() string { return e.err.Error() }

// write sends lines until there is a reason to end.
func (s *recording) write(ctx context.Context, readErr <-chan error) error {
	var quiet <-chan time.Time
	var timer *time.Timer
	typ := fairlead.Text
	if s.Binary {
		typ = fairlead.Binary
	}
	lines := s.lines
	for {
		select {
		case err := <-readErr:
			return &sessionEnd{err}
		case <-ctx.Done():
			return nil
		case <-quiet:
			return nil
		case <-s.activity:
			if timer != nil {
				timer.Reset(s.Linger)
			}
		case l := <-lines:
			switch {
			case errors.Is(l.err, io.EOF):
				lines = nil
				if s.Linger > 0 {
					timer = time.NewTimer(s.Linger)
					defer timer.Stop()
					quiet = timer.C
				}
				continue
			case l.err != nil:
				return fmt.Errorf("cannot read what to send: %w", l.err)
			}
			s.end.Out++
			if err := s.r.send(l.text, func() error { return s.conn.Write(ctx, typ, l.text) }); err != nil && ctx.Err() == nil && s.conn.Err() == nil {
				return err
			}
		}
		if err := s.r.failed(); err != nil {
			return err
		}
	}
}

// read records what comes.
func (s *recording) read() error {
	var typ fairlead.MessageType
	var message []byte
	for {
		h, p, err := s.conn.ReadFrame(context.Background())
		if err != nil {
			return err
		}
		if h.Opcode.IsControl() {
			continue // the trace has it
		}
		s.r.received(h, p)
		select {
		case s.activity <- struct{}{}:
		default:
		}
		if h.Opcode != frame.Continuation {
			typ, message = fairlead.MessageType(h.Opcode), nil
		}
		if s.Show != nil {
			message = append(message, p...)
		}
		if !h.Fin {
			continue
		}
		s.end.In++
		if s.Show != nil {
			if err := s.Show(typ, message); err != nil {
				return err
			}
		}
		if s.Count > 0 && s.end.In >= s.Count {
			return errEnough
		}
	}
}

var errEnough = errors.New("as many messages as wanted")

// input reads lines until the session is over. The one that waits for a slow
// reader stays until it returns, as nothing can break into it.
func (s *recording) input() {
	in := bufio.NewReader(s.In)
	for {
		text, err := in.ReadBytes('\n')
		if len(text) > 0 {
			if n := len(text) - 1; text[n] == '\n' {
				text = text[:n]
			}
			if !s.give(line{text: text}) {
				return
			}
		}
		if err != nil {
			s.give(line{err: err})
			return
		}
	}
}

func (s *recording) give(l line) bool {
	select {
	case s.lines <- l:
		return true
	case <-s.over:
		return false
	}
}

// finish writes the end. err is what the reader ended with.
func (s *recording) finish(err error) (End, error) {
	last := Line{Type: "end"}
	code, reason, received := s.conn.CloseStatus()
	if received {
		s.end.Code, s.end.Reason = code, reason
		last.Code, last.Reason = int(code), reason
	}
	closed, ok := errors.AsType[*fairlead.CloseError](err)
	switch {
	case err == nil || errors.Is(err, errEnough):
		err = nil
	case ok && received && (!closed.Remote || closed.Code == frame.StatusNormal || closed.Code == frame.StatusGoingAway || closed.Code == frame.StatusNoStatus):
		err = nil
	}
	if err != nil {
		last.Error = err.Error()
	}
	s.r.write(last, time.Time{})
	return s.end, errors.Join(err, s.r.failed())
}
