package wstest

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/md5" // what is signed with it must be refused
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1" // what is signed with it must be refused
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"math/big"
	"net"
	"time"
)

// BadCertificate is a certificate that no client may accept, on whatever way it
// reaches the server (RFC 5280, RFC 9525).
type BadCertificate struct {
	// Name says what is bad.
	Name string
	// Host is the name or the IP address that the client is to ask for.
	Host string
	// Roots are what the client is to trust. One authority of them signed
	// everything that is not about who signed it.
	Roots *x509.CertPool
	// Certificate is what the server shows, intermediates included.
	Certificate tls.Certificate
}

// certHost is the host that the certificates are for.
const certHost = "server.example"

// change makes something else of a certificate before it is signed.
type change = func(*x509.Certificate)

// issuer signs; without a certificate it signs for itself.
type issuer struct {
	cert *x509.Certificate
	key  crypto.Signer
}

// maker keeps the first error, so that the table below stays one.
type maker struct{ err error }

func (m *maker) note(err error) {
	if m.err == nil && err != nil {
		m.err = fmt.Errorf("wstest: make a certificate: %w", err)
	}
}

func (m *maker) key() crypto.Signer {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	m.note(err)
	return key
}

func (m *maker) rsa(bits int) *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, bits)
	m.note(err)
	return key
}

// sign returns the certificate for public; an empty one after an error.
func (m *maker) sign(template *x509.Certificate, by issuer, public any) *x509.Certificate {
	if m.err != nil {
		return &x509.Certificate{}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, by.cert, public, by.key)
	m.note(err)
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		m.note(err)
		return &x509.Certificate{}
	}
	return cert
}

func (m *maker) authority(by issuer, key crypto.Signer, changes ...change) issuer {
	template := certificateTemplate("wstest authority")
	template.IsCA, template.BasicConstraintsValid, template.KeyUsage = true, true, x509.KeyUsageCertSign
	for _, f := range changes {
		f(template)
	}
	if by.key == nil {
		by = issuer{template, key}
	}
	return issuer{m.sign(template, by, key.Public()), key}
}

// leaf is a certificate for certHost and 127.0.0.1, but for the changes, shown
// with the certificates of the authorities.
func (m *maker) leaf(by issuer, key crypto.Signer, chain []issuer, changes ...change) tls.Certificate {
	template := certificateTemplate(certHost)
	template.DNSNames, template.IPAddresses = []string{certHost}, []net.IP{net.IPv4(127, 0, 0, 1)}
	template.KeyUsage = x509.KeyUsageDigitalSignature
	template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	for _, f := range changes {
		f(template)
	}
	if by.key == nil {
		by = issuer{template, key}
	}
	all := tls.Certificate{Certificate: [][]byte{m.sign(template, by, key.Public()).Raw}, PrivateKey: key}
	for _, ca := range chain {
		all.Certificate = append(all.Certificate, ca.cert.Raw)
	}
	return all
}

// Object identifiers in DER of PKCS #1 signatures; they are of one length.
const oidRSA = "\x2a\x86\x48\x86\xf7\x0d\x01\x01"

// resign signs a certificate that says SHA-256 once more, with an algorithm that
// crypto/x509 does not sign with any longer.
func (m *maker) resign(cert tls.Certificate, key *rsa.PrivateKey, hash crypto.Hash, oid string) tls.Certificate {
	if m.err != nil {
		return cert
	}
	der := bytes.ReplaceAll(cert.Certificate[0], []byte(oidRSA+"\x0b"), []byte(oidRSA+oid))
	var parts struct {
		TBS       asn1.RawValue
		Algorithm pkix.AlgorithmIdentifier
		Signature asn1.BitString
	}
	if _, err := asn1.Unmarshal(der, &parts); err != nil {
		m.note(err)
		return cert
	}
	var digest []byte
	if hash == crypto.MD5 {
		sum := md5.Sum(parts.TBS.FullBytes)
		digest = sum[:]
	} else {
		sum := sha1.Sum(parts.TBS.FullBytes)
		digest = sum[:]
	}
	signature, err := rsa.SignPKCS1v15(rand.Reader, key, hash, digest)
	m.note(err)
	parts.Signature = asn1.BitString{Bytes: signature, BitLength: 8 * len(signature)}
	der, err = asn1.Marshal(parts)
	m.note(err)
	cert.Certificate = append([][]byte{der}, cert.Certificate[1:]...)
	return cert
}

// bigKey signs with a key of the usual size and shows one of 16384 bits, which
// takes minutes to make. A client that gets as far as to the signature has
// accepted the certificate.
type bigKey struct{ *rsa.PrivateKey }

func (k bigKey) Public() crypto.PublicKey {
	n := new(big.Int).Lsh(big.NewInt(1), 16384-1)
	return &rsa.PublicKey{N: n.SetBit(n, 0, 1), E: 65537}
}

func pool(cas ...issuer) *x509.CertPool {
	p := x509.NewCertPool()
	for _, ca := range cas {
		p.AddCert(ca.cert)
	}
	return p
}

func dnsNames(names ...string) change {
	return func(c *x509.Certificate) { c.DNSNames, c.IPAddresses = names, nil }
}

func commonName(name string) change {
	return func(c *x509.Certificate) { c.Subject.CommonName = name }
}

func usage(all ...x509.ExtKeyUsage) change {
	return func(c *x509.Certificate) { c.ExtKeyUsage = all }
}

func validFor(from, until time.Duration) change {
	return func(c *x509.Certificate) { c.NotBefore, c.NotAfter = time.Now().Add(from), time.Now().Add(until) }
}
