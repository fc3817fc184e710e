package wstest

import (
	"bytes"
	"crypto"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"net"
	"time"
)

// BadCertificates makes certificates that each have one thing wrong. It takes
// about a second: make them once for all ways to the server.
func BadCertificates() ([]BadCertificate, error) {
	var m maker
	root, other := m.authority(issuer{}, m.key()), m.authority(issuer{}, m.key(), commonName("another authority"))
	impostor := m.authority(issuer{}, m.key()) // of the same name as root
	middle := m.authority(root, m.key(), commonName("intermediate"))
	rsa2048, rsa1024 := m.rsa(2048), m.rsa(1024)
	rsaRoot := m.authority(issuer{}, rsa2048, commonName("RSA authority"))
	signs := func(name string, changes ...change) issuer {
		return m.authority(root, m.key(), append(changes, commonName(name))...)
	}
	noCA := signs("no authority", func(c *x509.Certificate) { c.IsCA, c.KeyUsage = false, x509.KeyUsageDigitalSignature })
	noSign := signs("may not sign", func(c *x509.Certificate) { c.KeyUsage = x509.KeyUsageDigitalSignature })
	permitted := signs("permitted", func(c *x509.Certificate) {
		c.PermittedDNSDomainsCritical, c.PermittedDNSDomains = true, []string{"allowed.example"}
	})
	excluded := signs("excluded", func(c *x509.Certificate) {
		c.PermittedDNSDomainsCritical, c.ExcludedDNSDomains = true, []string{certHost}
	})
	short := signs("path of 0", func(c *x509.Certificate) { c.MaxPathLenZero = true })
	beyond := m.authority(short, m.key(), commonName("beyond the path"))
	clients := signs("for clients", usage(x509.ExtKeyUsageClientAuth))
	old := signs("expired intermediate", validFor(-2*time.Hour, -time.Hour))
	oldRoot := m.authority(issuer{}, m.key(), validFor(-2*time.Hour, -time.Hour), commonName("expired root"))
	weak := m.authority(root, rsa1024, commonName("weak intermediate"))
	leaf := func(changes ...change) tls.Certificate { return m.leaf(root, m.key(), nil, changes...) }
	under := func(by issuer, chain ...issuer) tls.Certificate {
		return m.leaf(by, m.key(), append([]issuer{by}, chain...))
	}
	trusted, rsaTrusted := pool(root), pool(rsaRoot)
	forged := leaf()
	if m.err == nil {
		der := bytes.Clone(forged.Certificate[0])
		der[len(der)-1] ^= 1
		forged.Certificate[0] = der
	}
	signedRSA := m.leaf(rsaRoot, m.key(), nil)

	all := []BadCertificate{
		{"expired", certHost, trusted, leaf(validFor(-2*time.Hour, -time.Hour))},
		{"not yet valid", certHost, trusted, leaf(validFor(time.Hour, 2*time.Hour))},
		{"wrong host", "other.example", trusted, leaf()},
		{"sub-domain of the name", "sub." + certHost, trusted, leaf()},
		{"parent of the name", "example", trusted, leaf()},
		{"common name only", certHost, trusted, leaf(dnsNames())},
		{"wildcard over two labels", "a." + certHost, trusted, leaf(dnsNames("*.example"))},
		{"wildcard over no label", "example", trusted, leaf(dnsNames("*.example"))},
		{"wildcard inside a label", certHost, trusted, leaf(dnsNames("ser*.example"))},
		{"wildcard not at the left", "a." + certHost, trusted, leaf(dnsNames("a.*.example"))},
		{"wildcard inside an A-label", "xn--bcher-kva.example", trusted, leaf(dnsNames("xn--*.example"))},
		{"NUL in the name", certHost, trusted, leaf(dnsNames(certHost + "\x00.evil.example"))},
		{"wrong IP address", "127.0.0.2", trusted, leaf()},
		{"IP address as a DNS name", "127.0.0.1", trusted, leaf(dnsNames("127.0.0.1"))},
		{"IP address as the common name", "127.0.0.1", trusted, leaf(dnsNames(), commonName("127.0.0.1"))},
		{"IP address where a name is asked for", certHost, trusted, leaf(dnsNames(), func(c *x509.Certificate) { c.IPAddresses = []net.IP{net.IPv4(127, 0, 0, 1)} })},
		{"self-signed", certHost, trusted, m.leaf(issuer{}, m.key(), nil)},
		{"unknown authority", certHost, trusted, m.leaf(other, m.key(), []issuer{other})},
		{"authority of the same name", certHost, trusted, m.leaf(impostor, m.key(), []issuer{impostor})},
		{"forged signature", certHost, trusted, forged},
		{"intermediate missing", certHost, trusted, m.leaf(middle, m.key(), nil)},
		{"expired intermediate", certHost, trusted, under(old)},
		{"expired root", certHost, pool(oldRoot), m.leaf(oldRoot, m.key(), nil)},
		{"issuer is no authority", certHost, trusted, under(noCA)},
		{"issuer may not sign certificates", certHost, trusted, under(noSign)},
		{"path too long", certHost, trusted, under(beyond, short)},
		{"name that is not permitted", certHost, trusted, under(permitted)},
		{"name that is excluded", certHost, trusted, under(excluded)},
		{"for clients only", certHost, trusted, leaf(usage(x509.ExtKeyUsageClientAuth))},
		{"for code only", certHost, trusted, leaf(usage(x509.ExtKeyUsageCodeSigning))},
		{"issuer for clients only", certHost, trusted, under(clients)},
		{"unknown critical extension", certHost, trusted, leaf(func(c *x509.Certificate) {
			c.ExtraExtensions = []pkix.Extension{{Id: asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 32473, 1}, Critical: true, Value: []byte{5, 0}}}
		})},
		{"RSA key of 1024 bits", certHost, trusted, m.leaf(root, rsa1024, nil)},
		{"intermediate with an RSA key of 1024 bits", certHost, trusted, m.leaf(weak, m.key(), []issuer{weak})},
		{"RSA key of 16384 bits", certHost, trusted, m.leaf(root, bigKey{rsa2048}, nil)},
		{"signed with SHA-1", certHost, rsaTrusted, m.resign(signedRSA, rsa2048, crypto.SHA1, "\x05")},
		{"signed with MD5", certHost, rsaTrusted, m.resign(signedRSA, rsa2048, crypto.MD5, "\x04")},
	}
	return all, m.err
}

// GoodCertificates makes certificates that are close to the bad ones and must be
// accepted: the proof that a way to the server refuses for the right reason.
func GoodCertificates() ([]BadCertificate, error) {
	var m maker
	root := m.authority(issuer{}, m.key())
	middle := m.authority(root, m.key(), commonName("intermediate"))
	rsaRoot := m.authority(issuer{}, m.rsa(2048), commonName("RSA authority"))
	trusted := pool(root)
	all := []BadCertificate{
		{"plain", certHost, trusted, m.leaf(root, m.key(), nil)},
		{"intermediate", certHost, trusted, m.leaf(middle, m.key(), []issuer{middle})},
		{"wildcard", certHost, trusted, m.leaf(root, m.key(), nil, dnsNames("*.example"))},
		{"IP address", "127.0.0.1", trusted, m.leaf(root, m.key(), nil)},
		{"RSA key of 2048 bits", certHost, trusted, m.leaf(root, m.rsa(2048), nil)},
		{"signed with RSA and SHA-256", certHost, pool(rsaRoot), m.leaf(rsaRoot, m.key(), nil)},
	}
	return all, m.err
}
