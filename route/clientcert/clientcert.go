// Package clientcert reads the certificate by which a client proves who it is
// in a TLS handshake, for the Certificates of a [crypto/tls.Config]. Start with
// [FromFile], which takes both customary forms: PEM, and PFX (PKCS #12).
package clientcert

import (
	"bytes"
	"crypto"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"software.sslmate.com/src/go-pkcs12"
)

// maxFile is the largest file that [FromFile] reads, in bytes.
const maxFile = 4 << 20

// FromFile reads a file with a private key, its certificate, and perhaps those
// of the authorities between it and the root. The content tells whether it is
// PEM, where password is not used, or PFX; see [FromPEM] and [FromPFX]. Files
// of more than 4 MiB are refused.
func FromFile(path, password string) (tls.Certificate, error) {
	file, err := os.Open(path)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("clientcert: %w", err)
	}
	defer func() { _ = file.Close() }()
	data, err := io.ReadAll(io.LimitReader(file, maxFile+1))
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("clientcert: %w", err)
	}
	if len(data) > maxFile {
		return tls.Certificate{}, errors.New("clientcert: the file has more than 4 MiB")
	}
	if bytes.Contains(data, []byte("-----BEGIN ")) {
		return FromPEM(data)
	}
	return FromPFX(data, password)
}

// FromPEM takes the private key and the certificates from PEM blocks in any
// order (the first certificate that belongs to the key comes first in the
// result). For key and certificate in two files there is
// [crypto/tls.LoadX509KeyPair]. Encrypted keys are refused: the encryption of
// PEM files is weak or has no well-kept reader. Use PFX.
func FromPEM(data []byte) (tls.Certificate, error) {
	var key crypto.PrivateKey
	var certs []*x509.Certificate
	for {
		var block *pem.Block
		if block, data = pem.Decode(data); block == nil {
			break
		}
		switch {
		case block.Type == "CERTIFICATE":
			cert, err := x509.ParseCertificate(block.Bytes)
			if err != nil {
				return tls.Certificate{}, fmt.Errorf("clientcert: certificate %d: %w", len(certs)+1, err)
			}
			certs = append(certs, cert)
		case block.Type == "ENCRYPTED PRIVATE KEY" || block.Headers["DEK-Info"] != "":
			return tls.Certificate{}, errors.New(`clientcert: the private key is encrypted; decrypt it ("openssl pkey"), or make a PFX file of it ("openssl pkcs12 -export")`)
		case strings.HasSuffix(block.Type, "PRIVATE KEY"):
			if key != nil {
				return tls.Certificate{}, errors.New("clientcert: there are two private keys")
			}
			var err error
			if key, err = parseKey(block.Bytes); err != nil {
				return tls.Certificate{}, err
			}
		}
	}
	return assemble(key, certs)
}

// parseKey knows the three forms in use: PKCS #8, PKCS #1 and SEC 1.
func parseKey(der []byte) (crypto.PrivateKey, error) {
	if key, err := x509.ParsePKCS8PrivateKey(der); err == nil {
		return key, nil
	}
	if key, err := x509.ParsePKCS1PrivateKey(der); err == nil {
		return key, nil
	}
	if key, err := x509.ParseECPrivateKey(der); err == nil {
		return key, nil
	}
	return nil, errors.New("clientcert: the private key is in no known form")
}

// FromPFX takes the private key and the certificates from a PFX file (PKCS #12,
// RFC 7292), which other systems call a P12 or a keystore. The file must hold
// one private key and be in DER, as is usual. A wrong password is an error that
// says so. How much work the password takes is written in the file: one of a
// stranger's making can keep FromPFX busy for hours.
func FromPFX(data []byte, password string) (tls.Certificate, error) {
	key, cert, others, err := pkcs12.DecodeChain(data, password)
	if errors.Is(err, pkcs12.ErrIncorrectPassword) {
		return tls.Certificate{}, errors.New("clientcert: the password of the PFX file is not right")
	}
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("clientcert: PFX: %w", err)
	}
	// Not every writer puts the key's own certificate first.
	return assemble(key, append([]*x509.Certificate{cert}, others...))
}

// assemble puts the key's certificate before the others.
func assemble(key crypto.PrivateKey, certs []*x509.Certificate) (tls.Certificate, error) {
	if key == nil {
		return tls.Certificate{}, errors.New("clientcert: there is no private key")
	}
	signer, ok := key.(crypto.Signer)
	if !ok {
		return tls.Certificate{}, errors.New("clientcert: the private key cannot sign")
	}
	public, ok := signer.Public().(interface{ Equal(crypto.PublicKey) bool })
	if !ok {
		return tls.Certificate{}, errors.New("clientcert: the private key is of an unknown kind")
	}
	result := tls.Certificate{PrivateKey: key}
	var others [][]byte
	for _, cert := range certs {
		if result.Leaf == nil && public.Equal(cert.PublicKey) {
			result.Leaf = cert
			continue
		}
		others = append(others, cert.Raw)
	}
	if result.Leaf == nil {
		return tls.Certificate{}, errors.New("clientcert: no certificate belongs to the private key")
	}
	result.Certificate = append([][]byte{result.Leaf.Raw}, others...)
	return result, nil
}
