package session

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/spf13/pflag"

	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/cmd/fairlead/internal/connect"
	"github.com/fairlead-ws/fairlead/cmd/fairlead/internal/exit"
	"github.com/fairlead-ws/fairlead/cmd/fairlead/internal/stream"
	"github.com/fairlead-ws/fairlead/frame"
	"github.com/fairlead-ws/fairlead/wstest"
)

// serve plays one script to each client, in turn, and returns the URL and the
// verdict.
func serve(t *testing.T, scripts ...[]wstest.Step) (url string, verdict func() error) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() {
		var errs []error
		for i, steps := range scripts {
			c, err := l.Accept()
			if err != nil {
				errs = append(errs, err)
				break
			}
			if err := wstest.Play(c, steps...); err != nil {
				errs = append(errs, fmt.Errorf("client %d: %w", i+1, err))
			}
			c.Close()
		}
		done <- errors.Join(errs...)
	}()
	t.Cleanup(func() { l.Close() })
	return "ws://" + l.Addr().String(), func() error { l.Close(); return <-done }
}

func setup(t *testing.T, url string) *connect.Setup {
	t.Helper()
	var f connect.Flags
	fs := pflag.NewFlagSet("test", pflag.ContinueOnError)
	f.Register(fs, "")
	s, err := f.Build(url, connect.Env{Getenv: func(name string) string {
		return map[string]string{"XDG_CONFIG_HOME": t.TempDir()}[name]
	}})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func frameText(s string) wstest.Step {
	return wstest.SendFrame(frame.Header{Fin: true, Opcode: frame.Text}, []byte(s))
}

func expectText(s string) wstest.Step { return wstest.ExpectFrame(frame.Text, true, []byte(s)) }

func closeFrame(code frame.StatusCode) wstest.Step {
	p, _ := frame.AppendClose(nil, code, "")
	return wstest.SendFrame(frame.Header{Fin: true, Opcode: frame.Close}, p)
}

// safeBuffer is written by a session and read by its test.
type safeBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *safeBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *safeBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// TestReconnectReplays: the initial messages go first each time, what is typed
// goes once, and what could not be sent is sent again (M08).
func TestReconnectReplays(t *testing.T) {
	url, verdict := serve(t,
		[]wstest.Step{wstest.Upgrade(), expectText("login"), expectText("subscribe"), expectText("one"), frameText("first"), wstest.Reset()},
		[]wstest.Step{wstest.Reset()}, // down for a while
		[]wstest.Step{wstest.Upgrade(), expectText("login"), expectText("subscribe"), frameText("second"), closeFrame(1012), wstest.ExpectClose(1012)},
		[]wstest.Step{wstest.Upgrade(), expectText("login"), expectText("subscribe"), frameText("third"), closeFrame(1000), wstest.ExpectClose(1000)},
	)
	var out, errs safeBuffer
	pipe := NewPipe(strings.NewReader("one\n"), Reading{Framing: stream.Lines, Type: fairlead.Text})
	defer pipe.Stop()
	err := Run(t.Context(), Config{
		Setup:     setup(t, url),
		Initial:   []Action{{Type: fairlead.Text, Data: []byte("login")}, {Type: fairlead.Text, Data: []byte("subscribe")}},
		Input:     pipe,
		Sink:      &Output{Out: &out, Err: &errs, Framing: stream.Lines},
		OnEOF:     Wait,
		Code:      frame.StatusNormal,
		Reconnect: Reconnecting{On: true, Attempts: 5, First: time.Millisecond, Longest: 5 * time.Millisecond},
	})
	if err != nil || out.String() != "first\nsecond\nthird\n" {
		t.Errorf("%v, output %q, errors %q", err, out.String(), errs.String())
	}
	if err := verdict(); err != nil {
		t.Error(err)
	}
	if n := strings.Count(errs.String(), "attempt "); n != 3 {
		t.Errorf("%d attempts are told: %q", n, errs.String())
	}
}

// TestFlapping: M02. A server that accepts and closes at once does not make the
// attempts start anew.
func TestFlapping(t *testing.T) {
	var scripts [][]wstest.Step
	for range 4 {
		scripts = append(scripts, []wstest.Step{wstest.Upgrade(), closeFrame(1001), wstest.ExpectClose(1001)})
	}
	url, verdict := serve(t, scripts...)
	var out safeBuffer
	err := Run(t.Context(), Config{
		Setup: setup(t, url), Sink: &Output{Out: &out, Framing: stream.Lines}, OnEOF: Wait, Code: frame.StatusNormal,
		Reconnect: Reconnecting{On: true, Attempts: 3, First: time.Millisecond, Longest: time.Second},
	})
	if exit.Code(err) != exit.Reconnect {
		t.Errorf("%v", err)
	}
	if err := verdict(); err != nil {
		t.Error(err)
	}
}

// TestEndDuringBackOff: M07.
func TestEndDuringBackOff(t *testing.T) {
	url, verdict := serve(t, []wstest.Step{wstest.Upgrade(), wstest.Reset()})
	ctx, cancel := context.WithCancelCause(t.Context())
	var errs safeBuffer
	noted := make(chan struct{})
	sink := &watchingSink{Output: Output{Out: &errs, Err: &errs, Framing: stream.Lines}, noted: noted}
	go func() {
		<-noted
		cancel(exit.SignalError{Number: 2})
	}()
	begun := time.Now()
	err := Run(ctx, Config{
		Setup: setup(t, url), Sink: sink, OnEOF: Wait, Code: frame.StatusNormal,
		Reconnect: Reconnecting{On: true, Attempts: 3, First: time.Hour, Longest: time.Hour},
	})
	if exit.Code(err) != 130 || time.Since(begun) > 10*time.Second {
		t.Errorf("%v after %v", err, time.Since(begun))
	}
	if err := verdict(); err != nil {
		t.Error(err)
	}
}

// watchingSink tells of the first note.
type watchingSink struct {
	Output
	once  sync.Once
	noted chan struct{}
}

func (w *watchingSink) Event(e Event) {
	if e.Type == "note" {
		w.once.Do(func() { close(w.noted) })
	}
	w.Output.Event(e)
}

func TestDecode(t *testing.T) {
	for _, tt := range []struct {
		d        Decoding
		in, want string
		bad      bool
	}{
		{AsIs, "a\x00", "a\x00", false},
		{Hex, "00 FF\t0a", "\x00\xff\n", false},
		{Hex, "0", "", true},
		{Hex, "zz", "", true},
		{Base64, "AP8=", "\x00\xff", false},
		{Base64, "AP8", "", true},
	} {
		got, err := tt.d.Decode([]byte(tt.in))
		if string(got) != tt.want || (err != nil) != tt.bad {
			t.Errorf("%q: %q, %v", tt.in, got, err)
		}
	}
}

// TestLongMessage: what is longer than is held goes out in fragments, byte for
// byte.
func TestLongMessage(t *testing.T) {
	s := wstest.NewServer()
	defer s.Close()
	long := bytes.Repeat([]byte("0123456789abcde\n"), (stream.Hold+3<<20)/16)
	var out safeBuffer
	pipe := NewPipe(bytes.NewReader(long), Reading{Framing: stream.Raw, Type: fairlead.Binary})
	defer pipe.Stop()
	err := Run(t.Context(), Config{
		Setup: setup(t, s.URL()), Input: pipe, Sink: &Output{Out: &out, Framing: stream.Raw}, OnEOF: Wait, Code: frame.StatusNormal, Judging: Judging{Count: 1},
	})
	if err != nil || out.String() != string(long) {
		t.Errorf("%v, %d bytes", err, len(out.String()))
	}
}
