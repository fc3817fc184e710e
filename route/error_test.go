package route_test

import (
	"context"
	"errors"
	"net"
	"os"
	"testing"

	"github.com/fairlead-ws/fairlead/route"
)

func TestErrorSentence(t *testing.T) {
	cause := errors.New("no such\x1b[2J luck")
	for _, test := range []struct {
		err  *route.Error
		want string
	}{
		{&route.Error{Phase: route.PhaseResolve, Addr: "a.example:80", Err: cause}, `route: cannot resolve a.example:80: no such\x1b[2J luck`},
		{&route.Error{Phase: route.PhaseConnect, Addr: "192.0.2.1:80", Err: cause}, `route: cannot connect to 192.0.2.1:80: no such\x1b[2J luck`},
		{&route.Error{Phase: route.PhaseTLS, Addr: "a\u202eb", Err: cause}, `route: cannot establish TLS with a\u202eb: no such\x1b[2J luck`},
	} {
		if got := test.err.Error(); got != test.want {
			t.Errorf("Error() = %s, want %s", got, test.want)
		}
		if !errors.Is(test.err, cause) {
			t.Errorf("%v does not match its cause", test.err)
		}
	}
}

func TestErrorTimeout(t *testing.T) {
	for _, test := range []struct {
		err  error
		want bool
	}{
		{context.DeadlineExceeded, true},
		{os.ErrDeadlineExceeded, true},
		{&net.OpError{Op: "dial", Err: os.ErrDeadlineExceeded}, true},
		{&net.DNSError{IsTimeout: true}, true},
		{&net.DNSError{IsNotFound: true}, false},
		{context.Canceled, false},
		{nil, false},
	} {
		if got := (&route.Error{Err: test.err}).Timeout(); got != test.want {
			t.Errorf("Timeout() with the cause %v = %v", test.err, got)
		}
	}
}
