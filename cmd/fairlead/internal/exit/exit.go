// Package exit says what the outcome of a run is to a script and to a person: an
// exit code, and one sentence that says what to do. Begin with Code and Advice.
package exit

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"syscall"

	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/auth"
	"github.com/fairlead-ws/fairlead/frame"
	"github.com/fairlead-ws/fairlead/handshake"
	"github.com/fairlead-ws/fairlead/route"
)

// Exit codes: those of curl where it has one, our own from 100.
const (
	OK           = 0
	Other        = 1
	Usage        = 2
	URL          = 3
	ResolveProxy = 5
	Resolve      = 6
	Connect      = 7
	Refused      = 22 // the server answered with another status than 101
	Write        = 23 // our own output
	Read         = 26 // our own input
	Timeout      = 28
	TLS          = 35
	Redirects    = 47
	ClientCert   = 58 // our own certificate
	Certificate  = 60 // the server's
	Login        = 67 // credentials were refused
	CAFile       = 77
	SSH          = 79
	Proxy        = 97
	Closed       = 101 // closed by the peer with an error code
	Dropped      = 102 // gone without a Close frame
	Protocol     = 103 // the peer broke the protocol
	Unmet        = 104 // an expectation was not met
	PongTimeout  = 105
	Reconnect    = 106 // attempts used up
	Signal       = 128 // plus the signal's number
)

// Error is an error whose exit code is known where it happens.
type Error struct {
	Code int
	Err  error
	// Quiet is true when there is nobody to tell: the reader of our output went
	// away.
	Quiet bool
}

func (e *Error) Error() string { return e.Err.Error() }
func (e *Error) Unwrap() error { return e.Err }

// With gives err the exit code. A nil err stays nil.
func With(code int, err error) error {
	if err == nil {
		return nil
	}
	return &Error{Code: code, Err: err}
}

// Usagef is a command line that makes no sense.
func Usagef(format string, args ...any) error {
	return &Error{Code: Usage, Err: fmt.Errorf(format, args...)}
}

// Output is the error of writing our own output. Nobody is told of a reader
// that went away.
func Output(err error) error {
	if err == nil {
		return nil
	}
	return &Error{Code: Write, Err: err, Quiet: errors.Is(err, syscall.EPIPE)}
}

// SignalError is the cause of a context that a signal ended.
type SignalError struct{ Number syscall.Signal }

func (e SignalError) Error() string {
	return fmt.Sprintf("stopped by signal %d (%v)", int(e.Number), e.Number)
}

// Patient reports whether whoever sent the signal waits for a proper end.
func (e SignalError) Patient() bool { return e.Number == syscall.SIGINT }

// Code returns the exit code of err.
func Code(err error) int {
	var (
		own   *Error
		sig   SignalError
		dial  *fairlead.HandshakeError
		hop   *route.Error
		reply *handshake.Error
		proto *fairlead.ProtocolError
		end   *fairlead.CloseError
	)
	switch {
	case err == nil:
		return OK
	case errors.As(err, &sig):
		return Signal + int(sig.Number)
	case errors.As(err, &own):
		return own.Code
	case isTimeout(err):
		return Timeout
	case errors.As(err, &reply):
		return replyCode(reply, err)
	case errors.As(err, &dial):
		return phaseCode(dial.Phase, err)
	case errors.As(err, &hop):
		return phaseCode(hop.Phase, err)
	case errors.As(err, &proto):
		return Protocol
	case errors.As(err, &end):
		return CloseCode(end.Code)
	}
	return Other
}

// CloseCode returns the exit code of a session that ended with code.
func CloseCode(code frame.StatusCode) int {
	switch code {
	case frame.StatusNormal, frame.StatusGoingAway, frame.StatusNoStatus:
		return OK
	case frame.StatusAbnormal:
		return Dropped
	}
	return Closed
}

func replyCode(reply *handshake.Error, err error) int {
	switch {
	case errors.Is(err, auth.ErrRefused):
		return Login
	case reply.Status != 0 && reply.Status != 101:
		return Refused
	}
	return Protocol
}

// phaseCode is the code of a connection that did not come to be.
func phaseCode(phase string, err error) int {
	switch {
	case untrusted(err):
		return Certificate
	case phase == fairlead.PhaseURL:
		return URL
	case phase == fairlead.PhaseResolve:
		return Resolve
	case phase == fairlead.PhaseConnect:
		return Connect
	case phase == fairlead.PhaseTLS:
		return TLS
	case errors.Is(err, auth.ErrRefused), phase == fairlead.PhaseAuth, phase == route.PhaseSSHAuth:
		return Login
	case phase == fairlead.PhaseRedirect:
		return Redirects
	case phase == route.PhaseProxy:
		return Proxy
	case phase == route.PhaseSSH, phase == route.PhaseSSHChannel:
		return SSH
	case phase == fairlead.PhaseResponse, phase == fairlead.PhaseRequest:
		return answerCode(err)
	}
	return Protocol
}

// answerCode tells a server that hung up from one that speaks another protocol.
func answerCode(err error) int {
	var op *net.OpError
	switch {
	case errors.As(err, &op) && op.Op == "remote error":
		return TLS // an alert: with TLS 1.3 that about our certificate comes late
	case op != nil:
		return Dropped
	}
	return Protocol
}

func untrusted(err error) bool {
	var (
		verification *tls.CertificateVerificationError
		hostname     x509.HostnameError
		authority    x509.UnknownAuthorityError
	)
	return errors.As(err, &verification) || errors.As(err, &hostname) || errors.As(err, &authority)
}

func isTimeout(err error) bool {
	var t interface{ Timeout() bool }
	return errors.Is(err, context.DeadlineExceeded) || errors.As(err, &t) && t.Timeout()
}
