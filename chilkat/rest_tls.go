package chilkat

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"

	"github.com/fairlead-ws/fairlead/route"
)

// errCertificateAsked is matched when a server ended the handshake after it had
// asked for a client certificate. Its alert may name another cause: TLS 1.2 has
// none for a certificate that is missing (RFC 5246 section 7.4.6).
var errCertificateAsked = errors.New("the server had asked for a client certificate")

// secure performs the TLS handshake with the server.
func secure(ctx context.Context, nc net.Conn, t target, cfg *tls.Config) (net.Conn, error) {
	if cfg == nil {
		cfg = &tls.Config{}
	}
	cfg = cfg.Clone()
	asked, choose := false, cfg.GetClientCertificate
	if choose == nil {
		choose = chooseFrom(cfg.Certificates)
	}
	cfg.GetClientCertificate = func(info *tls.CertificateRequestInfo) (*tls.Certificate, error) {
		asked = true
		return choose(info)
	}
	conn, err := route.TLS(ctx, nc, cfg, t.host)
	switch {
	case err == nil:
		return conn, nil
	case asked && remoteAlert(err) != "":
		return nil, fmt.Errorf("%w: %w", errCertificateAsked, err)
	default:
		return nil, err
	}
}

// chooseFrom chooses as crypto/tls does by itself.
func chooseFrom(certificates []tls.Certificate) func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
	return func(info *tls.CertificateRequestInfo) (*tls.Certificate, error) {
		for i := range certificates {
			if info.SupportsCertificate(&certificates[i]) == nil {
				return &certificates[i], nil
			}
		}
		return &tls.Certificate{}, nil
	}
}
