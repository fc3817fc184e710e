package cli

import (
	"crypto/tls"
	"crypto/x509"
	"errors"

	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/auth"
	"github.com/fairlead-ws/fairlead/cmd/fairlead/internal/demo"
	"github.com/fairlead-ws/fairlead/frame"
	"github.com/fairlead-ws/fairlead/handshake"
	"github.com/fairlead-ws/fairlead/route"
)

// Exit codes: those of curl where it has one, our own from 100.
const (
	exitOK          = 0
	exitOther       = 1
	exitUsage       = 2
	exitURL         = 3
	exitResolve     = 6
	exitConnect     = 7
	exitRefused     = 22 // the server answered with another status than 101
	exitWrite       = 23 // our own output
	exitTimeout     = 28
	exitTLS         = 35
	exitRedirects   = 47
	exitCertificate = 60
	exitLogin       = 67 // credentials were refused
	exitSSH         = 79
	exitProxy       = 97
	exitClosed      = 101 // closed by the peer with an error code
	exitDropped     = 102 // gone without a Close frame
	exitProtocol    = 103 // the peer broke the protocol
	exitUnexpected  = 104 // an expectation was not met
	exitSignal      = 128 // plus the signal's number
)

func exitCode(err error) int {
	var (
		sig   signalError
		usage usageError
		dial  *fairlead.HandshakeError
		hop   *route.Error
		reply *handshake.Error
		proto *fairlead.ProtocolError
		end   *fairlead.CloseError
	)
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &sig):
		return exitSignal + int(sig.number)
	case errors.As(err, &usage):
		return exitUsage
	case errors.Is(err, demo.ErrURL):
		return exitURL
	case errors.Is(err, demo.ErrOutput):
		return exitWrite
	case errors.Is(err, demo.ErrUnexpected):
		return exitUnexpected
	case isTimeout(err):
		return exitTimeout
	case errors.As(err, &reply):
		if reply.Status != 101 {
			return exitRefused
		}
		return exitProtocol
	case errors.As(err, &dial):
		return phaseCode(dial.Phase, err)
	case errors.As(err, &hop):
		return phaseCode(hop.Phase, err)
	case errors.As(err, &proto):
		return exitProtocol
	case errors.As(err, &end):
		if end.Code == frame.StatusAbnormal {
			return exitDropped
		}
		return exitClosed
	}
	return exitOther
}

// phaseCode is the code of a connection that did not come to be.
func phaseCode(phase string, err error) int {
	var (
		verification *tls.CertificateVerificationError
		hostname     x509.HostnameError
		authority    x509.UnknownAuthorityError
	)
	switch {
	case errors.As(err, &verification), errors.As(err, &hostname), errors.As(err, &authority):
		return exitCertificate
	case phase == fairlead.PhaseURL:
		return exitURL
	case phase == fairlead.PhaseResolve:
		return exitResolve
	case phase == fairlead.PhaseConnect:
		return exitConnect
	case phase == fairlead.PhaseTLS:
		return exitTLS
	case errors.Is(err, auth.ErrRefused), phase == fairlead.PhaseAuth, phase == route.PhaseSSHAuth:
		return exitLogin
	case phase == fairlead.PhaseRedirect:
		return exitRedirects
	case phase == route.PhaseProxy:
		return exitProxy
	case phase == route.PhaseSSH, phase == route.PhaseSSHChannel:
		return exitSSH
	}
	return exitProtocol
}

func isTimeout(err error) bool {
	var t interface{ Timeout() bool }
	return errors.As(err, &t) && t.Timeout()
}
