package route

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"time"

	"github.com/fairlead-ws/fairlead/wstrace"
)

// Phases of an [Error].
const (
	PhaseResolve = "resolve" // looking up the host name
	PhaseConnect = "connect" // opening the connection
	PhaseTLS     = "tls"     // the TLS handshake

	PhaseProxy      = "proxy"       // the dialogue with an HTTP or SOCKS proxy
	PhaseSSH        = "ssh"         // the SSH transport and the host key
	PhaseSSHAuth    = "ssh auth"    // proving to the SSH server who asks
	PhaseSSHChannel = "ssh channel" // the SSH server's connection to the target
)

// Error says which step on the way to the server failed. The cause can be
// reached by [errors.As] and [errors.Is]: *[net.DNSError], *[net.OpError],
// *[crypto/tls.CertificateVerificationError], those of crypto/x509, and the
// error of the context, if that ended the step.
type Error struct {
	Phase string // one of the Phase constants
	Addr  string // "host:port", the path of a Unix socket, or for TLS the server's name
	Err   error
}

// Error returns a sentence. What a peer wrote (a certificate's names, say) is
// in it escaped.
func (e *Error) Error() string {
	action := "connect to"
	switch e.Phase {
	case PhaseResolve:
		action = "resolve"
	case PhaseTLS:
		action = "establish TLS with"
	case PhaseProxy:
		action = "get through the proxy"
	case PhaseSSH:
		action = "establish SSH with"
	case PhaseSSHAuth:
		action = "authenticate to the SSH server"
	case PhaseSSHChannel:
		action = "get through the SSH server"
	}
	return wstrace.Escape(fmt.Sprintf("route: cannot %s %s: %v", action, e.Addr, e.Err))
}

// Unwrap returns e.Err.
func (e *Error) Unwrap() error { return e.Err }

// Timeout reports whether time ran out: that of the context, of the name
// servers or of the operating system.
func (e *Error) Timeout() bool {
	var timeout interface{ Timeout() bool }
	return errors.As(e.Err, &timeout) && timeout.Timeout()
}

var errNilContext = errors.New("the context is nil")

// withContext makes sure that an error which the end of ctx brought about
// matches the error of ctx.
func withContext(ctx context.Context, err error) error {
	cause := ctx.Err()
	if deadline, ok := ctx.Deadline(); ok && cause == nil && errors.Is(err, os.ErrDeadlineExceeded) && !time.Now().Before(deadline) {
		// The poller watches the same deadline and can be first.
		cause = context.DeadlineExceeded
	}
	if cause == nil || errors.Is(err, cause) {
		return err
	}
	return fmt.Errorf("%w (%w)", cause, err)
}

// dialError dresses an error of a lookup or of attempts to connect.
func dialError(ctx context.Context, addr string, err error) error {
	err = withContext(ctx, err)
	phase := PhaseConnect
	if _, ok := errors.AsType[*net.DNSError](err); ok {
		phase = PhaseResolve
	}
	return &Error{Phase: phase, Addr: addr, Err: err}
}
