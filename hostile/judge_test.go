package hostile_test

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/frame"
)

const (
	maxBody  = 64 << 10
	maxError = 2 << 10
)

// judge says what is wrong with the outcome, its time excepted.
func (c *Case) judge(o *Outcome) (wrong []string) {
	add := func(format string, args ...any) { wrong = append(wrong, fmt.Sprintf(format, args...)) }
	wrong = append(wrong, o.broken...)
	if err := c.judgeError(o.Err); err != nil {
		add("%v", err)
	}
	if o.again != nil {
		add("%v", o.again)
	}
	if err := invariant(o); err != nil {
		add("%v", err)
	}
	if !slices.Equal(o.Messages, c.Messages) {
		add("the caller got %d messages %.200q, want %d %.200q", len(o.Messages), o.Messages, len(c.Messages), c.Messages)
	}
	if err := c.judgeFrames(o.Frames); err != nil {
		add("%v", err)
	}
	if c.Heap > 0 && o.heap > c.Heap && !raceDetector {
		add("%d bytes were allocated, at most %d may", o.heap, c.Heap)
	}
	if c.Check != nil {
		if err := c.Check(o); err != nil {
			add("%v", err)
		}
	}
	return wrong
}

func (c *Case) judgeError(err error) error {
	if err == nil {
		if c.Refused != "" || c.Failed != 0 || c.Closed != 0 || len(c.Is) > 0 || c.Says != "" {
			return errors.New("no error, want one")
		}
		return nil
	}
	he, refused := errors.AsType[*fairlead.HandshakeError](err)
	pe, failed := errors.AsType[*fairlead.ProtocolError](err)
	ce, closed := errors.AsType[*fairlead.CloseError](err)
	switch {
	case c.Refused != "" && (!refused || he.Phase != c.Refused || he.Status != c.Status):
		return fmt.Errorf("want a *HandshakeError, phase %s, status %d: %w", c.Refused, c.Status, err)
	case c.Failed != 0 && (!failed || pe.Code != c.Failed):
		return fmt.Errorf("want a *ProtocolError with code %v: %w", c.Failed, err)
	case c.Closed != 0 && (!closed || ce.Code != c.Closed || c.Closed != frame.StatusAbnormal && !ce.Remote):
		return fmt.Errorf("want a *CloseError with code %v: %w", c.Closed, err)
	case c.Refused == "" && c.Failed == 0 && c.Closed == 0 && len(c.Is) == 0 && c.Says == "":
		return fmt.Errorf("want no error: %w", err)
	case !strings.Contains(err.Error(), c.Says):
		return fmt.Errorf("the error does not say %q: %w", c.Says, err)
	}
	for _, target := range c.Is {
		if !errors.Is(err, target) {
			return fmt.Errorf("the error does not match %v: %w", target, err)
		}
	}
	return nil
}

// invariant is what holds for each outcome.
func invariant(o *Outcome) error {
	err := o.Err
	if err == nil {
		return nil
	}
	text := err.Error()
	he, refused := errors.AsType[*fairlead.HandshakeError](err)
	switch {
	case errors.Is(err, io.EOF):
		return fmt.Errorf("an error that matches io.EOF: %w", err)
	case len(text) > maxError:
		return fmt.Errorf("an error of %d bytes: %.200q", len(text), text)
	case strings.ContainsFunc(text, func(r rune) bool { return r == unicode.ReplacementChar || !unicode.IsPrint(r) }):
		return fmt.Errorf("an error with bytes that drive a terminal: %q", text)
	case refused == o.Opened:
		return fmt.Errorf("a connection and a *HandshakeError, or neither: %w", err)
	case refused && len(he.Body) > maxBody:
		return fmt.Errorf("%d bytes of body are kept", len(he.Body))
	case isEnd(err) && !errors.Is(err, net.ErrClosed):
		return fmt.Errorf("the end of a connection that does not match net.ErrClosed: %w", err)
	}
	return nil
}

func isEnd(err error) bool {
	_, ok := fairlead.CloseCode(err)
	return ok
}

// judgeFrames holds what the client sent against the case, and against what no
// client may do: a Close twice, or anything after one.
func (c *Case) judgeFrames(frames []sent) error {
	want := c.Failed
	if c.Closed != 0 && c.Closed != frame.StatusAbnormal {
		want = c.Closed
	}
	at := slices.IndexFunc(frames, func(f sent) bool { return f.Opcode == frame.Close })
	before := frames
	if at >= 0 {
		before = frames[:at]
		if at != len(frames)-1 {
			return fmt.Errorf("the client sent %d frames after its Close", len(frames)-1-at)
		}
		code, _, err := frame.ParseClose([]byte(frames[at].Payload))
		if err != nil {
			return fmt.Errorf("the client's Close: %w", err)
		}
		if want != 0 && code != want || c.Closed == frame.StatusAbnormal {
			return fmt.Errorf("the client closed with %v, want %v", code, want)
		}
	} else if want != 0 && !c.Unsent {
		return fmt.Errorf("the client sent no Close, want %v", want)
	}
	if c.Frames == nil && c.Unsent {
		return nil
	}
	got := make([]string, len(before))
	for i, f := range before {
		got[i] = f.String()
	}
	if !slices.Equal(got, c.Frames) {
		return fmt.Errorf("the client sent %d frames %.200q, want %.200q", len(got), got, c.Frames)
	}
	return nil
}

// late says what of the outcome came too late, or was too much by a sample: both
// can be the machine's doing. took is in real time.
func (c *Case) late(o *Outcome, took time.Duration) (late []string) {
	if within := cmp.Or(c.Within, defaultWithin); took > within {
		late = append(late, fmt.Sprintf("took %v, at most %v is right", took, within))
	}
	if c.Live > 0 && o.live > c.Live && !raceDetector {
		late = append(late, fmt.Sprintf("%d bytes were live, at most %d may", o.live, c.Live))
	}
	if c.Virtual && o.took.Truncate(time.Millisecond) != c.Takes {
		late = append(late, fmt.Sprintf("the caller waited for %v, want %v", o.took, c.Takes))
	}
	lag := c.Lag
	if lag == 0 && (c.Refused != "" || c.Failed != 0) && !c.Virtual {
		lag = defaultLag
	}
	if lag > 0 && o.lag > lag {
		late = append(late, fmt.Sprintf("the error came %v after the deciding byte, at most %v is right", o.lag, lag))
	}
	return late
}
