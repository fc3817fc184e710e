package route

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http/httptrace"
	"os"
	"testing"
	"time"

	"github.com/fairlead-ws/fairlead/wstrace"
)

// The events of net.Dialer depend on which address is faster. Here they come
// by hand, in each order in which they can.

func TestWatcherReportsEachAttemptOnce(t *testing.T) {
	client, server := net.Pipe() // both addresses are "pipe"
	defer client.Close()
	defer server.Close()

	errRefused := errors.New("refused")
	done := map[string]wstrace.ConnectDone{}
	started := 0
	w := watcher{trace: &wstrace.Trace{
		ConnectStart: func(wstrace.ConnectStart) { started++ },
		ConnectDone: func(e wstrace.ConnectDone) {
			if _, twice := done[e.Addr]; twice {
				t.Errorf("%s is done twice", e.Addr)
			}
			done[e.Addr] = e
		},
	}}
	for _, addr := range []string{"refused", "slow", "overtaken", "pipe"} {
		w.connectStart("tcp", addr)
	}
	w.connectDone("tcp", "refused", errRefused)
	w.connectDone("tcp", "overtaken", nil) // open, and closed by net.Dialer
	w.connectDone("tcp", "pipe", nil)
	w.connectDone("tcp", "never started", nil)
	if len(done) != 1 {
		t.Errorf("before the end, done: %v", done)
	}
	w.finish(client)
	w.connectDone("tcp", "slow", errRefused)
	w.connectStart("tcp", "late")
	w.connectDone("tcp", "late", nil)

	if started != 4 || len(done) != 4 {
		t.Errorf("%d attempts started, want 4; done: %v", started, done)
	}
	for addr, want := range map[string]error{"refused": errRefused, "slow": context.Canceled, "overtaken": context.Canceled, "pipe": nil} {
		e := done[addr]
		if !errors.Is(e.Err, want) || (want == nil) != (e.LocalAddr == "pipe") {
			t.Errorf("%s: %+v, want the error %v", addr, e, want)
		}
	}
}

func TestWatcherSetsNoTraceWithoutNeed(t *testing.T) {
	w := watcher{trace: &wstrace.Trace{FrameSent: func(wstrace.Frame) {}}}
	if httptrace.ContextClientTrace(w.attach(t.Context())) != nil {
		t.Error("net.Dialer is traced though no hook wants it")
	}
}

// lateContext has a deadline that has passed, but no error yet: its timer comes
// after that of the poller.
type lateContext struct{ context.Context }

func (lateContext) Deadline() (time.Time, bool) { return time.Now().Add(-time.Nanosecond), true }
func (lateContext) Err() error                  { return nil }

func TestWithContext(t *testing.T) {
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	opErr := &net.OpError{Op: "dial", Err: os.ErrDeadlineExceeded}
	for _, test := range []struct {
		name string
		ctx  context.Context
		err  error
		want []error // all that the result must match
	}{
		{"the context lives", t.Context(), opErr, []error{opErr}},
		{"the poller was first", lateContext{}, opErr, []error{opErr, context.DeadlineExceeded}},
		{"the deadline is past, the error is another", lateContext{}, io.ErrUnexpectedEOF, []error{io.ErrUnexpectedEOF}},
		{"the context ended", canceled, opErr, []error{opErr, context.Canceled}},
		{"the error says so", canceled, context.Canceled, []error{context.Canceled}},
	} {
		got := withContext(test.ctx, test.err)
		for _, want := range test.want {
			if !errors.Is(got, want) {
				t.Errorf("%s: %v does not match %v", test.name, got, want)
			}
		}
		if len(test.want) == 1 && got != test.want[0] {
			t.Errorf("%s: %v, want it unchanged", test.name, got)
		}
	}
}

// A server that asks for it is no part of crypto/tls; the setting is all there
// is to see.
func TestRenegotiationIsNever(t *testing.T) {
	cfg := clientConfig(&tls.Config{Renegotiation: tls.RenegotiateFreelyAsClient}, "a.example")
	if cfg.Renegotiation != tls.RenegotiateNever {
		t.Errorf("Renegotiation = %v", cfg.Renegotiation)
	}
}
