package sshroute

import (
	"crypto/x509"
	"errors"
	"fmt"
	"os"

	"golang.org/x/crypto/ssh"
)

// ErrPassphrase is matched when a private key is encrypted and the passphrase is
// missing or wrong.
var ErrPassphrase = errors.New("the private key is encrypted, and the passphrase is missing or wrong")

// Key is a private key that proves to servers who we are.
type Key struct{ signer ssh.Signer }

// Fingerprint is that of the public key, "SHA256:" and 43 characters, as
// ssh-keygen -l prints it.
func (k *Key) Fingerprint() string { return ssh.FingerprintSHA256(k.signer.PublicKey()) }

// ParseKey reads a private key: RSA, ECDSA or Ed25519, in OpenSSH's own format or
// as PEM of PKCS #1, PKCS #8 or SEC 1. The passphrase is for keys that are
// encrypted, and ignored for others; an encrypted PKCS #8 is not supported.
func ParseKey(pem []byte, passphrase string) (*Key, error) {
	signer, err := ssh.ParsePrivateKey(pem)
	if _, encrypted := errors.AsType[*ssh.PassphraseMissingError](err); encrypted {
		if passphrase == "" {
			return nil, ErrPassphrase
		}
		signer, err = ssh.ParsePrivateKeyWithPassphrase(pem, []byte(passphrase))
		if errors.Is(err, x509.IncorrectPasswordError) {
			return nil, ErrPassphrase
		}
	}
	if err != nil {
		return nil, fmt.Errorf("this is no private key that can be used: %w", err)
	}
	return &Key{signer}, nil
}

// KeyFile reads a private key from a file; see [ParseKey].
func KeyFile(path, passphrase string) (*Key, error) {
	pem, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	key, err := ParseKey(pem, passphrase)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return key, nil
}
