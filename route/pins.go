package route

import (
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
)

// PinKeys returns a copy of cfg, which may be nil, that accepts only servers
// with one of the pinned keys, besides all else that cfg asks for. A pin is the
// SHA-256 of a certificate's SubjectPublicKeyInfo in base64, as [KeyPin] returns
// it and RFC 7469 describes it; at least one is needed, and two are wise: the
// key in use and the next one.
//
// A pin may be that of any certificate in the chain by which the server was
// verified. With InsecureSkipVerify there is no such chain, and only the
// server's own certificate counts. The check is part of the handshake, of a
// resumed one too: a server that fails it gets no byte of the session, and the
// error is a *[crypto/tls.CertificateVerificationError].
func PinKeys(cfg *tls.Config, pins ...string) (*tls.Config, error) {
	if len(pins) == 0 {
		return nil, errors.New("route: no key is pinned")
	}
	for i, pin := range pins {
		if hash, err := base64.StdEncoding.Strict().DecodeString(pin); err != nil || len(hash) != sha256.Size {
			return nil, fmt.Errorf("route: pin %d is not a SHA-256 hash in base64", i+1)
		}
	}
	if cfg == nil {
		cfg = &tls.Config{}
	}
	cfg = cfg.Clone()
	cfg.VerifyConnection = verifyPins(slices.Clone(pins), cfg.VerifyConnection)
	return cfg, nil
}

// KeyPin returns the pin of the certificate's key, for [PinKeys].
func KeyPin(cert *x509.Certificate) string {
	hash := sha256.Sum256(cert.RawSubjectPublicKeyInfo)
	return base64.StdEncoding.EncodeToString(hash[:])
}

func verifyPins(pins []string, next func(tls.ConnectionState) error) func(tls.ConnectionState) error {
	return func(state tls.ConnectionState) error {
		pinned := func(cert *x509.Certificate) bool { return slices.Contains(pins, KeyPin(cert)) }
		chains := state.VerifiedChains
		if len(chains) == 0 {
			// Nothing proves that who sent the others has to do with them.
			chains = [][]*x509.Certificate{state.PeerCertificates[:min(1, len(state.PeerCertificates))]}
		}
		if !slices.ContainsFunc(chains, func(chain []*x509.Certificate) bool { return slices.ContainsFunc(chain, pinned) }) {
			return &tls.CertificateVerificationError{
				UnverifiedCertificates: state.PeerCertificates,
				Err:                    errors.New("no key of the server's certificate chain is pinned"),
			}
		}
		if next != nil {
			return next(state)
		}
		return nil
	}
}
