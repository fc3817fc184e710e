package record

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/frame"
)

// ReplayOptions say how to play a session again.
type ReplayOptions struct {
	Dialer *fairlead.Dialer
	URL    string
	// Speed is how much faster than the recording frames go out. 0 means 1.
	Speed float64
	// Lockstep sends a frame when as many messages have come as had come before
	// it in the recording, and takes no notice of time.
	Lockstep bool
	// Patience is how long to wait for the next message of the server, in
	// Lockstep and at the end. 0 means 10 s.
	Patience time.Duration
	// Check compares what comes with the recording.
	Check bool
	// Show gets each message that comes. May be nil.
	Show func(typ fairlead.MessageType, p []byte) error
}

// Replayed is what a replay has done.
type Replayed struct {
	Sent     int // frames
	Received int // messages
	Expected int // messages in the recording
}

// MismatchError says that the server did something else than in the recording.
type MismatchError struct{ Text string }

func (e *MismatchError) Error() string { return e.Text }

// Replay sends the frames of s that went to the server, in their fragments, and
// closes as the recording did. Pongs are not sent: pings of the server are
// answered as they come.
func Replay(ctx context.Context, s Session, o ReplayOptions) (Replayed, error) {
	if o.Speed == 0 {
		o.Speed = 1
	}
	if o.Patience == 0 {
		o.Patience = 10 * time.Second
	}
	expected, err := s.messages()
	if err != nil {
		return Replayed{}, fmt.Errorf("the recording: %w", err)
	}
	p := &player{ReplayOptions: o, more: make(chan struct{}, 1), ended: make(chan struct{})}
	for _, m := range expected {
		if m.Dir == "in" {
			p.expected = append(p.expected, m)
		}
	}
	d := fairlead.Dialer{}
	if o.Dialer != nil {
		d = *o.Dialer
	}
	if p.conn, err = d.Dial(ctx, o.URL); err != nil {
		return Replayed{}, err
	}
	defer func() { _ = p.conn.CloseNow() }()
	go p.read()
	err = p.play(ctx, s)
	_ = p.conn.CloseNow()
	<-p.ended
	done := Replayed{Sent: p.sent, Received: p.received, Expected: len(p.expected)}
	switch {
	case err != nil:
		return done, err
	case p.failure != nil:
		return done, p.failure
	case o.Check && p.received != len(p.expected):
		return done, &MismatchError{fmt.Sprintf("%d messages came, the recording has %d", p.received, len(p.expected))}
	}
	return done, nil
}

// player plays a session.
type player struct {
	ReplayOptions
	conn     *fairlead.Conn
	expected []Message
	sent     int

	more  chan struct{} // a message has come
	ended chan struct{} // closed when the reader has ended

	mu       sync.Mutex
	received int
	failure  error // the first mismatch, or that of Show
	readErr  error
}

func (p *player) read() {
	defer close(p.ended)
	for m, err := range p.conn.Messages(context.Background()) {
		if err != nil {
			p.mu.Lock()
			p.readErr = err
			p.mu.Unlock()
			return
		}
		p.take(m)
	}
}

func (p *player) take(m fairlead.Message) {
	p.mu.Lock()
	i := p.received
	p.received++
	if p.failure == nil && p.Check {
		switch {
		case i >= len(p.expected):
			p.failure = &MismatchError{fmt.Sprintf("message %d came, the recording has %d", i+1, len(p.expected))}
		case p.expected[i].Type != m.Type.String() || !bytes.Equal(p.expected[i].Data, m.Data):
			p.failure = &MismatchError{fmt.Sprintf("message %d is not that of the recording: a %s message of %d bytes came, and it was a %s message of %d bytes",
				i+1, m.Type, len(m.Data), p.expected[i].Type, len(p.expected[i].Data))}
		}
	}
	p.mu.Unlock()
	if p.Show != nil {
		if err := p.Show(m.Type, m.Data); err != nil {
			p.mu.Lock()
			p.failure = errors.Join(p.failure, err)
			p.mu.Unlock()
		}
	}
	select {
	case p.more <- struct{}{}:
	default:
	}
}

// play sends, waits and closes.
func (p *player) play(ctx context.Context, s Session) error {
	start, first := time.Now(), s.Lines[0].Mono
	came := 0
	code, reason := frame.StatusNormal, ""
	for i := range s.Lines {
		l := &s.Lines[i]
		if l.Dir == "in" && l.isData() && l.fin() {
			came++
		}
		if p.Lockstep {
			if l.Dir == "out" && l.Type != "pong" {
				if err := p.await(ctx, came); err != nil {
					return err
				}
			}
		} else if err := p.until(ctx, start.Add(time.Duration(float64(l.Mono-first)/p.Speed))); err != nil {
			return err
		}
		if l.Dir != "out" || l.Type == "pong" {
			continue
		}
		if l.Type == "close" {
			if l.Code != 0 {
				code, reason = frame.StatusCode(l.Code), l.Reason
			}
			break
		}
		if err := p.send(ctx, l); err != nil {
			return fmt.Errorf("frame %d to the server: %w", p.sent+1, err)
		}
	}
	if p.Lockstep || p.Check {
		if err := p.await(ctx, len(p.expected)); err != nil {
			return err
		}
	}
	// A peer that closes first has done what the recording ends with.
	_ = p.conn.Close(ctx, code, reason)
	return nil
}

func (p *player) send(ctx context.Context, l *Line) error {
	h, err := l.header()
	if err != nil {
		return err
	}
	payload, err := l.payload()
	if err != nil {
		return err
	}
	if _, ok := p.conn.Compression(); !ok {
		h.RSV = 0
	}
	if err := p.conn.WriteFrame(ctx, h, payload); err != nil {
		return err
	}
	p.sent++
	return nil
}

// until waits for the time, but not when the session has ended.
func (p *player) until(ctx context.Context, t time.Time) error {
	timer := time.NewTimer(time.Until(t))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-p.ended:
		return p.gone()
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// await waits until n messages have come.
func (p *player) await(ctx context.Context, n int) error {
	timer := time.NewTimer(p.Patience)
	defer timer.Stop()
	for last := -1; ; {
		p.mu.Lock()
		have, failed := p.received, p.failure
		p.mu.Unlock()
		if have >= n || failed != nil {
			return failed
		}
		if have > last {
			last = have
			timer.Reset(p.Patience)
		}
		select {
		case <-p.more:
		case <-p.ended:
			if p.received >= n {
				return nil
			}
			return p.gone()
		case <-timer.C:
			return &MismatchError{fmt.Sprintf("waited %v for message %d of the server, which the recording has", p.Patience, have+1)}
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// gone is the error of a session that ended before the recording did. A clean
// close is a mismatch only for who checks.
func (p *player) gone() error {
	return fmt.Errorf("the session ended before the recording did: %w", p.readErr)
}
