package route

import (
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"slices"
)

// clientConfig returns the copy of cfg that [TLS] describes.
func clientConfig(cfg *tls.Config, serverName string) *tls.Config {
	if cfg == nil {
		cfg = &tls.Config{}
	}
	cfg = cfg.Clone()
	if cfg.ServerName == "" {
		cfg.ServerName = serverName
	}
	cfg.MinVersion = max(cfg.MinVersion, tls.VersionTLS12)
	cfg.NextProtos = slices.DeleteFunc(slices.Clone(cfg.NextProtos), func(p string) bool { return p == "h2" })
	// A handshake in the middle of the session could not be interrupted and
	// taken up again, as reads with a timeout are.
	cfg.Renegotiation = tls.RenegotiateNever
	if !cfg.InsecureSkipVerify {
		cfg.VerifyConnection = verifyKeys(cfg.VerifyConnection)
	}
	return cfg
}

const minRSABits = 2048

// verifyKeys returns a VerifyConnection that refuses chains with a weak key,
// which crypto/x509 accepts, and then asks next, if there is one.
func verifyKeys(next func(tls.ConnectionState) error) func(tls.ConnectionState) error {
	return func(state tls.ConnectionState) error {
		if !slices.ContainsFunc(state.VerifiedChains, strong) {
			return &tls.CertificateVerificationError{
				UnverifiedCertificates: state.PeerCertificates,
				Err:                    errors.New("x509: an RSA key in the certificate chain is shorter than 2048 bits"),
			}
		}
		if next != nil {
			return next(state)
		}
		return nil
	}
}

// strong leaves the root out: whoever put it into the pool trusts it.
func strong(chain []*x509.Certificate) bool {
	return !slices.ContainsFunc(chain[:max(1, len(chain)-1)], func(cert *x509.Certificate) bool {
		key, ok := cert.PublicKey.(*rsa.PublicKey)
		return ok && key.N.BitLen() < minRSABits
	})
}
