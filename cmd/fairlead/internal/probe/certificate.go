package probe

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"strings"

	"github.com/fairlead-ws/fairlead/handshake"
	"github.com/fairlead-ws/fairlead/wstrace"
)

func tlsOf(s *tls.ConnectionState) *TLS {
	t := &TLS{
		Version: tls.VersionName(s.Version), Cipher: tls.CipherSuiteName(s.CipherSuite),
		ALPN: wstrace.Escape(s.NegotiatedProtocol), ServerName: s.ServerName, Verified: len(s.VerifiedChains) > 0,
	}
	if s.CurveID != 0 {
		t.Curve = s.CurveID.String()
	}
	return t
}

// maxCertificates bounds what a server may show us.
const maxCertificates = 10

func certificatesOf(chain []*x509.Certificate) []Certificate {
	var all []Certificate
	for _, c := range chain[:min(len(chain), maxCertificates)] {
		var names []string
		for _, n := range c.DNSNames {
			names = append(names, wstrace.Escape(n))
		}
		for _, ip := range c.IPAddresses {
			names = append(names, ip.String())
		}
		all = append(all, Certificate{
			Subject: wstrace.Escape(c.Subject.String()), Issuer: wstrace.Escape(c.Issuer.String()), Names: names,
			NotBefore: c.NotBefore.UTC(), NotAfter: c.NotAfter.UTC(), Key: keyOf(c), Signature: c.SignatureAlgorithm.String(),
			SHA256: fingerprint(c), CA: c.IsCA,
		})
	}
	return all
}

func keyOf(c *x509.Certificate) string {
	switch k := c.PublicKey.(type) {
	case *rsa.PublicKey:
		return fmt.Sprintf("RSA %d", k.N.BitLen())
	case *ecdsa.PublicKey:
		return "ECDSA " + k.Curve.Params().Name
	case ed25519.PublicKey:
		return "Ed25519"
	}
	return c.PublicKeyAlgorithm.String()
}

func fingerprint(c *x509.Certificate) string {
	return fmt.Sprintf("%x", sha256.Sum256(c.Raw))
}

func selfSigned(c *x509.Certificate) bool { return string(c.RawIssuer) == string(c.RawSubject) }

func compressionText(d handshake.Deflate) string {
	parts := []string{handshake.DeflateName}
	if d.ServerNoContextTakeover {
		parts = append(parts, "server without context takeover")
	}
	if d.ClientNoContextTakeover {
		parts = append(parts, "client without context takeover")
	}
	return strings.Join(append(parts, fmt.Sprintf("windows of %d and %d bits (server, client)", d.ServerMaxWindowBits, d.ClientMaxWindowBits)), ", ")
}
