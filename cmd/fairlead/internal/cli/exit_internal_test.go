package cli

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
		{&fairlead.HandshakeError{Phase: fairlead.PhaseURL, Err: cause}, exitURL},
		{hop(route.PhaseResolve, cause), exitResolve},
		{hop(route.PhaseConnect, cause), exitConnect},
		{hop(route.PhaseTLS, cause), exitTLS},
		{hop(route.PhaseProxy, cause), exitProxy},
		{hop(route.PhaseProxy, fmt.Errorf("407: %w", auth.ErrRefused)), exitLogin},
		{hop(route.PhaseSSH, cause), exitSSH},
		{hop(route.PhaseSSHChannel, cause), exitSSH},
		{hop(route.PhaseSSHAuth, cause), exitLogin},
		{&fairlead.HandshakeError{Phase: fairlead.PhaseAuth, Err: cause}, exitLogin},
		{&fairlead.HandshakeError{Phase: fairlead.PhaseRedirect, Err: cause}, exitRedirects},
		{&fairlead.HandshakeError{Phase: fairlead.PhaseResponse, Err: cause}, exitProtocol},
	} {
		if got := exitCode(tt.err); got != tt.want {
			t.Errorf("%v: exit code %d, want %d", tt.err, got, tt.want)
		}
	}
}
