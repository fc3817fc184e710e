package simulation_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"runtime/debug"
	"sync/atomic"
	"time"

	"github.com/fairlead-ws/fairlead"
)

type kind uint8

const (
	reading kind = iota
	second       // a read while another one waits
	writing
	pinging
	closing
	dialling
)

// call is one of the client's calls, in a goroutine of its own.
type call struct {
	number   int
	kind     kind
	name     string
	ctx      context.Context
	cancel   context.CancelFunc
	begun    time.Time
	ctxEnded time.Time // when that was seen

	sends []*outgoing
	after func(err error) // called when the call was seen to have returned
	idle  time.Duration   // the idle timeout when it began
	among bool            // a message in pieces was under way

	done     atomic.Bool // err and panicked are set
	err      error
	panicked string
}

func (s *session) start(ctx context.Context, k kind, name string, cancel context.CancelFunc, f func(ctx context.Context) error) *call {
	s.numbered++
	c := &call{number: s.numbered, kind: k, name: name, ctx: ctx, cancel: cancel, begun: time.Now(), idle: s.idle, among: s.pieces}
	s.calls = append(s.calls, c)
	s.logf("#%d %s", c.number, name)
	go func() {
		defer func() {
			if r := recover(); r != nil {
				c.panicked = fmt.Sprintf("%v\n%s", r, debug.Stack())
			}
			c.done.Store(true)
		}()
		c.err = f(ctx)
	}()
	return c
}

// context is one for a call: it never ends, ends by itself, or when the simulation
// says so.
func (s *session) context() (context.Context, context.CancelFunc) {
	switch s.chance.IntN(6) {
	case 0:
		return context.WithTimeout(context.Background(), s.pause())
	case 1, 2:
		return context.WithCancel(context.Background())
	case 3:
		return s.shared, func() {}
	default:
		return context.Background(), func() {}
	}
}

// settle looks at the calls after a step: those that came back, and those that
// should have.
func (s *session) settle() {
	for _, c := range s.calls {
		if c.ctx.Err() != nil && c.ctxEnded.IsZero() {
			c.ctxEnded = time.Now()
			s.writerLeft = s.writerLeft || c.kind == writing || c.kind == pinging
		}
	}
	var waiting []*call
	for _, c := range s.calls {
		if !c.done.Load() {
			waiting = append(waiting, c)
			if !c.ctxEnded.IsZero() && time.Since(c.ctxEnded) > 100*time.Millisecond {
				s.broken("#%d %s goes on %v after its context", c.number, c.name, time.Since(c.ctxEnded))
			}
			continue
		}
		c.cancel()
		if c.panicked != "" {
			s.broken("#%d %s panicked: %s", c.number, c.name, c.panicked)
		}
		s.logf("#%d = %v", c.number, c.err)
		s.verdict(c)
		s.deliveredOrNot(c)
		if c.after != nil {
			c.after(c.err)
		}
		if s.reader == c {
			s.reader = nil
		}
		if s.streamCall == c {
			s.streamCall = nil
		}
	}
	s.calls = waiting
}

// verdict says whether the call may have ended the way it did.
func (s *session) verdict(c *call) {
	err := c.err
	if err == nil {
		if c.kind == second {
			s.broken("#%d: a second reader was let in", c.number)
		}
		if c.kind == closing && !s.crossed() {
			s.broken("#%d: Close returned nil, but Close frames did not go both ways", c.number)
		}
		return
	}
	switch {
	case c.kind == second:
		if !errors.Is(err, fairlead.ErrConcurrentRead) {
			s.broken("#%d: a second reader got %v", c.number, err)
		}
	case errors.Is(err, net.ErrClosed):
		if why := s.whyEnded(); why == "" {
			s.broken("#%d %s: the connection ended and nobody did that: %v", c.number, c.name, err)
		}
		if pe, ok := errors.AsType[*fairlead.ProtocolError](err); ok && (s.server.poison.start < 0 || pe.Code != s.server.poison.code) {
			s.broken("#%d: %v, code %v; the server's offence: %+v", c.number, err, pe.Code, s.server.poison)
		}
		v := s.server
		if ce, ok := errors.AsType[*fairlead.CloseError](err); ok && ce.Err == nil && (v.closeStart < 0 || v.delivered < v.closeEnd || ce.Code != v.closeCode) {
			s.broken("#%d: %v, but the server sent no such Close", c.number, err)
		}
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		if c.ctx.Err() == nil {
			s.broken("#%d %s: %v, but its context lives", c.number, c.name, err)
		}
	case errors.Is(err, fairlead.ErrIdleTimeout):
		if !s.everIdle || c.kind == writing {
			s.broken("#%d %s: %v", c.number, c.name, err)
		}
	case errors.Is(err, fairlead.ErrMidMessage):
		switch {
		case c.kind == reading && (s.mid != "" || s.interrupted || s.closeCalled):
		case c.kind == writing && (c.among || s.pieces):
		default:
			s.broken("#%d %s: %v", c.number, c.name, err)
		}
	default:
		s.broken("#%d %s: an error that is not documented: %v", c.number, c.name, err)
	}
}

// deliveredOrNot compares what a writing call says with what came.
func (s *session) deliveredOrNot(c *call) {
	for _, o := range c.sends {
		switch {
		case c.err == nil && !o.arrived:
			s.broken("#%d %s returned nil and message %.8q is not there", c.number, c.name, o.data)
		case c.err == nil, errors.Is(c.err, net.ErrClosed), o.pieces != nil, len(c.sends) > 1:
		case isGivenUp(c.err):
			o.never = true
			if o.arrived {
				s.broken("#%d %s: %v, but the message is there", c.number, c.name, c.err)
			}
		}
	}
}
