package exit

import (
	"errors"
	"fmt"
	"testing"

	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/auth"
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
