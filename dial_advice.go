package fairlead

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"

	"github.com/fairlead-ws/fairlead/internal/http1"
)

// advise says what can be done about a refusal.
func (x *dialing) advise(resp *http1.Response, secure, proved bool, refused error) error {
	switch {
	case resp.Status == http.StatusUnauthorized && proved:
		return x.fail(PhaseAuth, errTooManyLegs)
	case resp.Status == http.StatusUnauthorized && x.creds != nil:
		return fmt.Errorf("%w: it asks for credentials, and those of the URL's origin do not follow a redirect to another", refused)
	case resp.Status == http.StatusUnauthorized:
		return fmt.Errorf("%w: it asks for credentials: set Dialer.Auth", refused)
	case resp.Status == http.StatusBadRequest && !secure:
		return fmt.Errorf("%w: some servers say so when the port speaks TLS: try wss:// in the URL", refused)
	case isRedirect(resp.Status):
		return fmt.Errorf("%w: it redirects: set Dialer.Redirects to follow", refused)
	}
	return refused
}

// adviseLost says what may be behind it when no answer came from t.
func adviseLost(t target, l *link, err error) error {
	e, ok := errors.AsType[*HandshakeError](err)
	if !ok {
		return err
	}
	begin := l.in.Buffered()
	switch {
	case t.tls && aboutCertificate(err):
		e.Err = fmt.Errorf("%w: the server wants a certificate of the client, or another one: set Dialer.TLS with Certificates", e.Err)
	case !t.tls && len(begin) > 0 && (begin[0] == 0x15 || begin[0] == 0x16): // a TLS record (RFC 8446, section 5.1)
		e.Err = fmt.Errorf("%w: the port speaks TLS: write wss:// in the URL", e.Err)
	case !t.tls && len(begin) == 0 && lostEarly(err):
		e.Err = fmt.Errorf("%w: the server ended the connection without an answer: if its port speaks TLS, write wss:// in the URL", e.Err)
	}
	return e
}

// aboutCertificate reports whether err is one of the alerts by which a server of
// TLS 1.3 refuses the client's certificate or the lack of one, after the handshake
// (RFC 8446, section 6.2). crypto/tls has no type for them.
func aboutCertificate(err error) bool {
	op, ok := errors.AsType[*net.OpError](err)
	return ok && op.Op == "remote error" && strings.Contains(op.Err.Error(), "certificate")
}
