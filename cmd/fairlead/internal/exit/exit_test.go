package exit

import (
	"errors"
	"fmt"
	"testing"

	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/auth"
	"github.com/fairlead-ws/fairlead/frame"
	"github.com/fairlead-ws/fairlead/handshake"
	"github.com/fairlead-ws/fairlead/route"
)

func TestExitCodesOfADial(t *testing.T) {
	cause := errors.New("why")
	hop := func(phase string, err error) error {
		return &fairlead.HandshakeError{Phase: phase, Err: &route.Error{Phase: phase, Addr: "p:1", Err: err}}
	}
	for _, tt := range []struct {
		err  error
		want int
	}{
		{&fairlead.HandshakeError{Phase: fairlead.PhaseURL, Err: cause}, URL},
		{hop(route.PhaseResolve, cause), Resolve},
		{hop(route.PhaseConnect, cause), Connect},
		{hop(route.PhaseTLS, cause), TLS},
		{hop(route.PhaseProxy, cause), Proxy},
		{hop(route.PhaseProxy, fmt.Errorf("407: %w", auth.ErrRefused)), Login},
		{hop(route.PhaseSSH, cause), SSH},
		{hop(route.PhaseSSHChannel, cause), SSH},
		{hop(route.PhaseSSHAuth, cause), Login},
		{&fairlead.HandshakeError{Phase: fairlead.PhaseAuth, Err: cause}, Login},
		{&fairlead.HandshakeError{Phase: fairlead.PhaseRedirect, Err: cause}, Redirects},
		{&fairlead.HandshakeError{Phase: fairlead.PhaseResponse, Err: cause}, Protocol},
	} {
		if got := Code(tt.err); got != tt.want {
			t.Errorf("%v: exit code %d, want %d", tt.err, got, tt.want)
		}
	}
}

// TestAdvice: who fails for a reason of the network's or the peer's learns what
// to do.
func TestAdvice(t *testing.T) {
	for _, code := range []int{URL, ResolveProxy, Resolve, Connect, Timeout, TLS, Redirects, ClientCert, Certificate, Login, CAFile, SSH, Proxy, Closed, Dropped, Protocol, PongTimeout, Reconnect} {
		if Advice(With(code, errors.New("why"))) == "" {
			t.Errorf("exit code %d has no advice", code)
		}
	}
	for _, status := range []int{400, 401, 403, 404, 426, 429, 302, 500, 503} {
		err := &fairlead.HandshakeError{Phase: fairlead.PhaseVerify, Status: status, Err: &handshake.Error{Status: status}}
		if Code(err) != Refused || Advice(err) == "" {
			t.Errorf("status %d: exit code %d, advice %q", status, Code(err), Advice(err))
		}
	}
	for _, code := range []frame.StatusCode{1003, 1007, 1008, 1009, 1011, 1012, 1013, 4000} {
		if err := (&fairlead.CloseError{Code: code}); Code(err) != Closed || Advice(err) == "" {
			t.Errorf("code %v: exit code %d", code, Code(err))
		}
	}
	for code, want := range map[frame.StatusCode]int{1000: OK, 1001: OK, 1005: OK, 1006: Dropped} {
		if err := (&fairlead.CloseError{Code: code}); Code(err) != want {
			t.Errorf("code %v: exit code %d, want %d", code, Code(err), want)
		}
	}
}
