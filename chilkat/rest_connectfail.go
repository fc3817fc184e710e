package chilkat

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"os"
	"strings"

	"github.com/fairlead-ws/fairlead/route"
)

// The values of ConnectFailReason.
const (
	connectOK             = 0
	connectEmptyHost      = 1
	connectDNS            = 2
	connectDNSTimeout     = 3
	connectAborted        = 4
	connectTimeout        = 6
	connectRefused        = 7
	connectTLSRead        = 103
	connectTLSCertificate = 106
	connectTLSVersion     = 107
	connectTLSHandshake   = 109
	connectTLSClientCert  = 110
)

// connectAdvice is what is said about each reason: what went wrong, what to do.
var connectAdvice = map[int][2]string{
	connectDNS:            {"the host name was not found", "Check its spelling and the name servers of this machine."},
	connectDNSTimeout:     {"the name servers did not answer in time", "Check the network, or raise ConnectTimeoutMs."},
	connectTimeout:        {"there was no connection within the time allowed", "Check hostname, port and firewalls, or raise ConnectTimeoutMs."},
	connectRefused:        {"the connection failed", "Check that a server listens on this host and port."},
	connectTLSRead:        {"the TLS handshake broke off", "Check that the port speaks TLS and that no firewall stands between."},
	connectTLSCertificate: {"the certificate of the server was not verified", "Use the name that the certificate is made for. If its authority is a private one, name its file in the environment variable SSL_CERT_FILE or set it with SetTLSConfig."},
	connectTLSVersion:     {"server and client have no TLS version in common", "Update the server: TLS 1.2 is the oldest version used here."},
	connectTLSHandshake:   {"the TLS handshake failed", "Check that the port speaks TLS; pass tls as false if it does not."},
	connectTLSClientCert:  {"the server does not accept this client's certificate, or its lack of one", "Set a certificate that the server knows with SetTLSConfig."},
}

// connectFailure gives the ConnectFailReason of an error of package route, and
// the error of the call. ctx is the one without ConnectTimeoutMs.
func connectFailure(ctx context.Context, cause error) (reason int, err error) {
	if err := aborted(ctx, "Call Connect again when the connection is wanted."); err != nil {
		return connectAborted, err
	}
	reason = connectReason(cause)
	about := connectAdvice[reason]
	return reason, failFor(cause, about[0], about[1])
}

func connectReason(err error) int {
	e, ok := errors.AsType[*route.Error](err)
	switch {
	case !ok:
		return connectRefused
	case e.Phase == route.PhaseTLS:
		return tlsReason(err)
	case e.Phase == route.PhaseResolve && e.Timeout():
		return connectDNSTimeout
	case e.Phase == route.PhaseResolve:
		return connectDNS
	case e.Timeout():
		return connectTimeout
	default:
		return connectRefused
	}
}

func tlsReason(err error) int {
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return connectTLSCertificate
	}
	// Go has no types for these, neither when the peer says it nor when the
	// client does.
	alert, text := remoteAlert(err), err.Error()
	switch {
	case strings.Contains(alert, "certificate"), errors.Is(err, errCertificateAsked):
		return connectTLSClientCert
	case strings.Contains(text, "protocol version"), strings.Contains(text, "no supported versions"):
		return connectTLSVersion
	case alert != "":
		return connectTLSHandshake
	}
	if _, ok := errors.AsType[tls.RecordHeaderError](err); ok {
		return connectTLSHandshake
	}
	_, isNet := errors.AsType[net.Error](err)
	if isNet || errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(err, io.ErrUnexpectedEOF) {
		return connectTLSRead
	}
	return connectTLSHandshake
}

// remoteAlert is the text of the TLS alert that the peer sent, "" if none.
func remoteAlert(err error) string {
	if op, ok := errors.AsType[*net.OpError](err); ok && op.Op == "remote error" {
		return op.Err.Error()
	}
	return ""
}
