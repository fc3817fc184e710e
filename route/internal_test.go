package route

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"os"
	"testing"
	"time"
)

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
