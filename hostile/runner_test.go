package hostile_test

import (
	"context"
	"errors"
	"io"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/frame"
	"github.com/fairlead-ws/fairlead/wstest"
)

// TestRunnerComplains gives the runner verdicts that are wrong, each in one way.
func TestRunnerComplains(t *testing.T) {
	bad := opened("X/refused", without())
	mild := opened("X/opened", switching())
	echo := func(ctx context.Context, c *fairlead.Conn, _ *Outcome) error { return c.WriteText(ctx, "x") }
	tests := []struct {
		name, want string
		change     func(c *Case)
	}{
		{"refused, opening wanted", "*CloseError", func(c *Case) { *c = bad }},
		{"opened, refusal wanted", "*HandshakeError", func(c *Case) { c.Refused, c.Closed = fairlead.PhaseVerify, 0 }},
		{"wrong phase", "phase tls", func(c *Case) { *c = bad; c.Closed, c.Refused, c.Status = 0, fairlead.PhaseTLS, 101 }},
		{"wrong status", "status 404", func(c *Case) { *c = bad; c.Closed, c.Refused, c.Status = 0, fairlead.PhaseVerify, 404 }},
		{"wrong code", "code 1001", func(c *Case) { c.Closed = frame.StatusGoingAway }},
		{"failure wanted", "*ProtocolError", func(c *Case) { c.Closed, c.Failed = 0, frame.StatusProtocolError }},
		{"message too many", "1 messages", func(c *Case) { c.Messages = nil }},
		{"message missing", "1 messages", func(c *Case) { c.Messages = []string{"hello", "you"} }},
		{"other message", "1 messages", func(c *Case) { c.Messages = []string{"hell0"} }},
		{"text of the error", `does not say "abc"`, func(c *Case) { c.Says = "abc" }},
		{"error matched", "does not match", func(c *Case) { c.Is = []error{fairlead.ErrTooLarge} }},
		{"pong missing", "want [\"pong", func(c *Case) { c.Frames = []string{"pong a"} }},
		{"pong too many", "sent 1 frames", func(c *Case) { c.Peer = after(send(ping("a"), text("hello"), bye())) }},
		{"check", "judged", func(c *Case) { c.Check = func(*Outcome) error { return errors.New("judged") } }},
		{"heap", "bytes were allocated", func(c *Case) { c.Heap = 1 }},
		{"live heap", "bytes were live", func(c *Case) {
			c.Live, c.Do, c.Messages = 1<<20, func(ctx context.Context, conn *fairlead.Conn, o *Outcome) error {
				p := make([]byte, 2<<20)
				time.Sleep(5 * samples)
				runtime.KeepAlive(p)
				return readAll(ctx, conn, o)
			}, []string{"hello"}
		}},
		{"time", "at most 1ns", func(c *Case) { c.Within = 1 }},
		{"lag", "after the deciding byte", func(c *Case) { c.Lag = 1 }},
		{"lag of a byte", "after the deciding byte", func(c *Case) { c.Lag, c.Decides = 1, 3 }},
		{"script", "step 3", func(c *Case) { c.Peer = append(c.Peer, wstest.Expect([]byte("x"))) }},
		{"error where none is right", "want no error", func(c *Case) { c.Closed = 0 }},
		{"no error where one is right", "no error", func(c *Case) { c.Do, c.Messages = echo, nil }},
		{"virtual time", "the caller waited", func(c *Case) { c.Virtual, c.Takes = true, time.Second }},
		{"no Close sent", "sent no Close", func(c *Case) {
			*c = Case{ID: "X", Peer: after(), Do: func(context.Context, *fairlead.Conn, *Outcome) error {
				return &fairlead.ProtocolError{Code: frame.StatusProtocolError}
			}, Failed: frame.StatusProtocolError}
		}},
	}
	for _, tt := range tests {
		if raceDetector && strings.HasSuffix(tt.name, "heap") {
			continue // which is not judged there
		}
		t.Run(tt.name, func(t *testing.T) {
			c := mild
			tt.change(&c)
			if c.Heap == 0 && c.Live == 0 {
				t.Parallel()
			}
			var o *Outcome
			begin := time.Now()
			if c.Virtual {
				synctest.Test(t, func(t *testing.T) { o = c.run(t) })
			} else {
				o = c.run(t)
			}
			got := append(c.judge(o), c.late(o, time.Since(begin))...)
			if len(got) == 0 || !strings.Contains(strings.Join(got, "\n"), tt.want) {
				t.Errorf("complaints %q, want one that contains %q", got, tt.want)
			}
		})
	}
	if o := mild.run(t); len(mild.judge(o)) != 0 {
		t.Errorf("complaints about what is right: %q", mild.judge(o))
	}
}

// TestInvariantsComplain gives errors that no caller may ever get.
func TestInvariantsComplain(t *testing.T) {
	for name, o := range map[string]*Outcome{
		"end of file":   {Opened: true, Err: &fairlead.CloseError{Code: frame.StatusAbnormal, Err: io.EOF}},
		"long":          {Opened: true, Err: errors.New(strings.Repeat("x", maxError+1))},
		"escape":        {Opened: true, Err: errors.New("\x1b[2J")},
		"C1":            {Opened: true, Err: errors.New("\u009b2J")},
		"bytes":         {Opened: true, Err: errors.New("\xff")},
		"untyped":       {Err: errors.New("x")},
		"too much body": {Err: &fairlead.HandshakeError{Body: make([]byte, maxBody+1)}},
	} {
		if invariant(o) == nil {
			t.Errorf("%s: no complaint", name)
		}
	}
}

// TestFramesComplain gives what no client may send.
func TestFramesComplain(t *testing.T) {
	masked := func(op frame.Opcode, p string) []byte {
		return encode(frame.Header{Fin: true, Opcode: op, Masked: true}, p)
	}
	request := []byte("GET / HTTP/1.1\r\n\r\n")
	for name, got := range map[string][]byte{
		"no mask":     append(request[:len(request):len(request)], text("x")...),
		"half":        append(request[:len(request):len(request)], masked(frame.Text, "xx")[:7]...),
		"half header": append(request[:len(request):len(request)], 0x81),
		"bad header":  append(request[:len(request):len(request)], 0x81, 0xFE, 0, 1),
	} {
		if _, _, err := split(got); err == nil {
			t.Errorf("%s: no complaint", name)
		}
	}
	closed := func(p string) sent { return sent{frame.Header{Opcode: frame.Close}, p} }
	c := Case{Failed: frame.StatusProtocolError}
	for name, frames := range map[string][]sent{
		"two":       {closed("\x03\xea"), closed("\x03\xea")},
		"after":     {closed("\x03\xea"), {frame.Header{Opcode: frame.Pong}, ""}},
		"malformed": {closed("\x03")},
		"other":     {closed("\x03\xe8")},
	} {
		if c.judgeFrames(frames) == nil {
			t.Errorf("%s: no complaint", name)
		}
	}
}
