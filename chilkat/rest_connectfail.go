package chilkat

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"os"
	"strings"

	"github.com/fairlead-ws/fairlead/auth"
	"github.com/fairlead-ws/fairlead/route"
)

// The values of ConnectFailReason.
const (
	connectOK             = 0
	connectEmptyHost      = 1
	connectDNS            = 2
	connectDNSTimeout     = 3
	connectAborted        = 4
	connectSettings       = 5
	connectTimeout        = 6
	connectRefused        = 7
	connectTLSSettings    = 100
	connectTLSRead        = 103
	connectTLSCertificate = 106
	connectTLSVersion     = 107
	connectTLSRequirement = 108
	connectTLSHandshake   = 109
	connectTLSClientCert  = 110
)

// connectAdvice is what is said about each reason: what went wrong, what to do.
var connectAdvice = map[int][2]string{
	connectDNS:            {"the host name was not found", "Check its spelling and the name servers of this machine."},
	connectDNSTimeout:     {"the name servers did not answer in time", "Check the network, or allow more time: ConnectTimeoutMs of a Rest, maxWaitMs of a Socket."},
	connectTimeout:        {"there was no connection within the time allowed", "Check hostname, port and firewalls, or allow more time: ConnectTimeoutMs of a Rest, maxWaitMs of a Socket."},
	connectRefused:        {"the connection failed", "Check that a server listens on this host and port."},
	connectTLSRead:        {"the TLS handshake broke off", "Check that the port speaks TLS and that no firewall stands between."},
	connectTLSCertificate: {"the certificate of the server was not verified", "Use the name that the certificate is made for. If its authority is a private one, name its file in the environment variable SSL_CERT_FILE or set it with SetTLSConfig."},
	connectTLSVersion:     {"server and client have no TLS version in common", "Update the server: TLS 1.2 is the oldest version used here."},
	connectTLSRequirement: {"the server lacks what was demanded of it", "Check TlsPinSet and SslAllowedCiphers, and whether this is the right server."},
	connectTLSHandshake:   {"the TLS handshake failed", "Check that the port speaks TLS; pass tls as false if it does not."},
	connectTLSClientCert:  {"the server does not accept this client's certificate, or its lack of one", "Set a certificate that the server knows: SetSslClientCertPem or SetSslClientCertPfx of a Socket, or SetTLSConfig."},
}

// hopAdvice is what is said when somebody on the way refused, by the phase of the
// error.
var hopAdvice = map[string][2]string{
	route.PhaseProxy:      {"the proxy gave no connection to the server", "Check hostname and port as the proxy sees them, and that the proxy allows them; the cause tells what it answered."},
	route.PhaseSSH:        {"there was no SSH connection", "Check that an SSH server listens on this host and port, and that its host key is the one in the known_hosts file (SshKnownHostsPath) or of SshHostKeyFingerprint."},
	route.PhaseSSHAuth:    {"the SSH server did not accept the login", "Check the login, and the password or the key."},
	route.PhaseSSHChannel: {"the SSH server gave no connection to the server", "Check hostname and port as the SSH server sees them, and that it allows forwarding."},
}

// connectFailure gives the ConnectFailReason of an error of package route, and
// the error of the call. ctx is the one without a time limit of the call's own.
func connectFailure(ctx context.Context, cause error, t target) (reason int, err error) {
	if _, ours := errors.AsType[*Error](cause); ours {
		return connectSettings, cause
	}
	if err := aborted(ctx, "Call it again when the connection is wanted."); err != nil {
		return connectAborted, err
	}
	reason = connectReason(cause)
	about := aboutConnect(reason, cause, t)
	return reason, failFor(cause, about[0], about[1])
}

// aboutConnect says what went wrong and what to do.
func aboutConnect(reason int, cause error, t target) [2]string {
	e, ok := errors.AsType[*route.Error](cause)
	if !ok {
		return connectAdvice[reason]
	}
	about, hop := hopAdvice[e.Phase]
	switch {
	case errors.Is(cause, auth.ErrNotOffered):
		return [2]string{"the proxy wants other credentials", "Set user name and password of the proxy; with HttpProxyAuthMethod \"\" what the proxy asks for is used."}
	case errors.Is(cause, auth.ErrRefused):
		return [2]string{"the proxy did not accept the credentials", "Check user name and password of the proxy."}
	case hop && reason == connectTimeout:
		return [2]string{about[0] + " within the time allowed", about[1]}
	case hop:
		return about
	case t.relayed && e.Phase != route.PhaseTLS:
		// With a proxy no other name is looked up here, and nothing else dialed.
		about = connectAdvice[reason]
		return [2]string{about[0] + ", that of the proxy", "Check the hostname and the port of the proxy. " + about[1]}
	default:
		return connectAdvice[reason]
	}
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
	if errors.Is(err, errRequirement) {
		return connectTLSRequirement
	}
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
