package probe

import (
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/fairlead-ws/fairlead/wstrace"
)

// soon is when somebody should care about a certificate that ends.
const soon = 14 * 24 * time.Hour

func (f *facts) certificate() {
	var (
		name      x509.HostnameError
		authority x509.UnknownAuthorityError
		invalid   x509.CertificateInvalidError
		refused   *tls.CertificateVerificationError
	)
	switch {
	case errors.As(f.err, &name):
		names := "no name at all"
		if len(f.report.Certificates) > 0 && len(f.report.Certificates[0].Names) > 0 {
			names = strings.Join(f.report.Certificates[0].Names, ", ")
		}
		f.add("cert-name", Bad, "The certificate is for another name.", fmt.Sprintf("It is asked for as %s, and is for %s.", wstrace.Escape(name.Host), names),
			"Use one of its names in the URL, give it with --servername if you know the server, or have a certificate for this name issued.")
	case errors.As(f.err, &invalid) && invalid.Reason == x509.Expired:
		f.expired(invalid.Cert)
	case errors.As(f.err, &authority):
		f.unknownAuthority()
	case errors.As(f.err, &refused):
		f.add("cert-refused", Bad, "The certificate is not acceptable.", wstrace.Escape(refused.Err.Error()), "Have another one issued.")
	}
	if f.report.TLS != nil && !f.report.TLS.Verified {
		f.add("not-verified", Warning, "Nobody checked who answered.", "--insecure was given.", "Leave it out: with --cacert a private authority can be trusted.")
	}
	if len(f.chain) == 0 || f.err != nil {
		return
	}
	leaf := f.chain[0]
	if left := leaf.NotAfter.Sub(f.now); left < soon {
		f.add("cert-soon", Warning, "The certificate ends soon.", fmt.Sprintf("It is valid until %s, %d days from now.", leaf.NotAfter.UTC().Format(time.DateOnly), int(left.Hours()/24)),
			"Renew it, and look why that did not happen by itself.")
	}
	for _, c := range f.chain {
		if key, ok := c.PublicKey.(*rsa.PublicKey); ok && key.N.BitLen() < 2048 {
			f.add("cert-weak", Warning, "A key of the chain is weak.", wstrace.Escape(c.Subject.String())+" has RSA with "+fmt.Sprint(key.N.BitLen())+" bits.", "Use at least 2048 bits, or ECDSA.")
		}
	}
}

func (f *facts) expired(c *x509.Certificate) {
	if f.now.Before(c.NotBefore) {
		f.add("cert-early", Bad, "The certificate is not valid yet.", fmt.Sprintf("It begins at %s, and it is %s here.", c.NotBefore.UTC().Format(time.RFC3339), f.now.UTC().Format(time.RFC3339)),
			"Check the clock of this machine and that of the authority.")
		return
	}
	f.add("cert-expired", Bad, "The certificate has expired.", fmt.Sprintf("%s was valid until %s, %d days ago.",
		wstrace.Escape(c.Subject.String()), c.NotAfter.UTC().Format(time.DateOnly), int(f.now.Sub(c.NotAfter).Hours()/24)),
		"Renew it on the server, and check the clock of this machine.")
}

func (f *facts) unknownAuthority() {
	if len(f.chain) == 0 {
		f.add("cert-authority", Bad, "The certificate is signed by nobody we know.", "", "Name the authority with --cacert FILE.")
		return
	}
	last := f.chain[len(f.chain)-1]
	switch {
	case len(f.chain) == 1 && selfSigned(last):
		f.add("cert-self", Bad, "The certificate has signed itself.", wstrace.Escape(last.Subject.String()), "If you know the server, trust this very certificate with --cacert FILE or its key with --pinnedpubkey.")
	case len(f.chain) == 1:
		f.add("cert-chain", Bad, "The server does not show who signed its certificate, or nobody here knows them.",
			"It sends one certificate, issued by "+wstrace.Escape(last.Issuer.String())+".",
			"Have the server send the intermediate certificates too; if the authority is your own, name it with --cacert FILE.")
	default:
		f.add("cert-authority", Bad, "The certificate leads to an authority that nobody here trusts.", "The chain ends at "+wstrace.Escape(last.Issuer.String())+".",
			"If you trust that authority, name it with --cacert FILE.")
	}
}

func (f *facts) tlsVersion() {
	var alert tls.AlertError
	if errors.As(f.err, &alert) {
		f.add("tls-alert", Bad, "The server refused the TLS handshake.", wstrace.Escape(alert.Error()),
			"Check --servername, --tlsv1.2 and --tls-max, --ciphers, and whether the server wants a certificate of ours (--cert).")
	}
	if t := f.report.TLS; t != nil && t.Version != tls.VersionName(tls.VersionTLS13) {
		f.add("tls-old", Info, "The session has "+t.Version+".", "TLS 1.3 needs a round trip less and is safer.", "Let the server speak TLS 1.3.")
	}
}
