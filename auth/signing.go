package auth

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"net/url"
	"strings"
)

// errQuery is returned rather than signing a query that the server may read
// another way.
var errQuery = errors.New("auth: the query of the URL cannot be signed: a % or a ; in it is not escaped")

// httpURL returns the URL that is signed for u: with the scheme of HTTP, the
// host in lower case, and without the default port.
func httpURL(u *url.URL) url.URL {
	signed := *u
	signed.User = nil
	signed.Host = strings.ToLower(u.Host)
	switch strings.ToLower(u.Scheme) {
	case "wss", "https":
		signed.Scheme = "https"
		signed.Host = strings.TrimSuffix(signed.Host, ":443")
	default:
		signed.Scheme = "http"
		signed.Host = strings.TrimSuffix(signed.Host, ":80")
	}
	return signed
}

// ParseRSAKey reads a private key for [OAuth1] from PEM: the first block, in the
// form of PKCS #1 ("RSA PRIVATE KEY") or PKCS #8 ("PRIVATE KEY"), not encrypted.
func ParseRSAKey(text []byte) (*rsa.PrivateKey, error) {
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, errors.New("auth: there is no PEM block: expected -----BEGIN PRIVATE KEY-----")
	}
	if key, err := x509.ParsePKCS1PrivateKey(block.Bytes); err == nil {
		return key, nil
	}
	// The errors of the parsers are not passed on: they may show parts of the key.
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, errors.New("auth: the PEM block is not a private key without encryption (PKCS #1 or PKCS #8)")
	}
	if rsaKey, ok := key.(*rsa.PrivateKey); ok {
		return rsaKey, nil
	}
	return nil, errors.New("auth: the private key is not an RSA key")
}
