package fairlead_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"testing"

	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/frame"
)

func TestErrorIdentities(t *testing.T) {
	closed := &fairlead.CloseError{Code: frame.StatusGoingAway, Reason: "b\x1bye", Remote: true}
	lost := &fairlead.CloseError{Code: frame.StatusAbnormal, Err: io.ErrUnexpectedEOF}
	breach := &fairlead.ProtocolError{Code: frame.StatusProtocolError, Clause: "RFC 6455 section 5.1", Text: "masked", Err: io.ErrNoProgress}
	tooBig := &fairlead.ProtocolError{Code: frame.StatusTooBig, Text: "too big"}
	refused := &fairlead.HandshakeError{Phase: fairlead.PhaseVerify, Status: 403, Err: context.DeadlineExceeded}
	for _, tt := range []struct {
		err     error
		is      []error
		isNot   []error
		text    string
		code    frame.StatusCode
		isEnd   bool
		timeout bool
	}{
		{closed, []error{net.ErrClosed}, []error{io.EOF, fairlead.ErrTooLarge}, `fairlead: connection closed by the peer: status 1001 going away, reason "b\x1bye"`, 1001, true, false},
		{lost, []error{net.ErrClosed, io.ErrUnexpectedEOF}, []error{io.EOF}, "fairlead: connection closed by this side: status 1006 abnormal closure: unexpected EOF", 1006, true, false},
		{breach, []error{net.ErrClosed, io.ErrNoProgress}, []error{fairlead.ErrTooLarge}, "fairlead: the peer broke the protocol: masked (RFC 6455 section 5.1)", 1002, true, false},
		{tooBig, []error{net.ErrClosed, fairlead.ErrTooLarge}, nil, "fairlead: the peer broke the protocol: too big", 1009, true, false},
		{refused, []error{context.DeadlineExceeded}, []error{net.ErrClosed}, "fairlead: dial failed in phase verify with HTTP status 403: context deadline exceeded", 0, false, true},
		{fairlead.ErrIdleTimeout, nil, []error{net.ErrClosed}, fairlead.ErrIdleTimeout.Error(), 0, false, true},
		{fairlead.ErrConcurrentRead, nil, []error{net.ErrClosed}, fairlead.ErrConcurrentRead.Error(), 0, false, false},
		{fairlead.ErrMidMessage, nil, []error{net.ErrClosed}, fairlead.ErrMidMessage.Error(), 0, false, false},
	} {
		err := fmt.Errorf("wrapped: %w", tt.err)
		for _, target := range tt.is {
			if !errors.Is(err, target) {
				t.Errorf("%v does not match %v", tt.err, target)
			}
		}
		for _, target := range tt.isNot {
			if errors.Is(err, target) {
				t.Errorf("%v matches %v", tt.err, target)
			}
		}
		if tt.err.Error() != tt.text {
			t.Errorf("text %q, want %q", tt.err, tt.text)
		}
		if code, ok := fairlead.CloseCode(err); code != tt.code || ok != tt.isEnd {
			t.Errorf("%v: CloseCode = %v, %v", tt.err, code, ok)
		}
		var timeout interface{ Timeout() bool }
		if got := errors.As(tt.err, &timeout) && timeout.Timeout(); got != tt.timeout {
			t.Errorf("%v: Timeout %v", tt.err, got)
		}
	}
}
