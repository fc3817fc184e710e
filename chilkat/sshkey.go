package chilkat

import (
	"errors"

	"github.com/fairlead-ws/fairlead/chilkat/internal/lasterr"
	"github.com/fairlead-ws/fairlead/route/sshroute"
)

// SshKey is a private key by which Socket.SshAuthenticatePk proves who asks. The
// zero value is ready and has no key.
type SshKey struct {
	object

	// Guarded by object.mu.
	password string
	key      *sshroute.Key
}

// NewSshKey makes an SshKey without a key.
func NewSshKey() *SshKey { return &SshKey{} }

// DisposeSshKey ends the object's life and forgets the key. It may be called
// twice.
func (k *SshKey) DisposeSshKey() {
	k.base().dispose("DisposeSshKey", func() {
		k.mu.Lock()
		defer k.mu.Unlock()
		k.password, k.key = "", nil
	})
}

// Password is the password of the private key, "" if it has none.
func (k *SshKey) Password() string {
	return get(k.base(), "Password", func() string { return k.password })
}

// SetPassword sets the password of the private key. It is heeded by
// FromOpenSshPrivateKey, so set it before.
func (k *SshKey) SetPassword(password string) {
	set(k.base(), "Password", "***", func() error { k.password = password; return nil })
}

// FromOpenSshPrivateKey takes the private key from the text of a file that
// ssh-keygen or openssl has made: RSA, ECDSA or Ed25519, in the format of OpenSSH
// or as PEM. Where it is encrypted, Password is needed. When it fails, the key
// before stays.
func (k *SshKey) FromOpenSshPrivateKey(text string) bool {
	return k.base().call("FromOpenSshPrivateKey", func(l *lasterr.Log) error {
		k.mu.Lock()
		password := k.password
		k.mu.Unlock()
		key, err := sshroute.ParseKey([]byte(text), password)
		switch {
		case errors.Is(err, sshroute.ErrPassphrase):
			return failFor(err, "the password of the private key is missing or wrong", "Call SetPassword first.")
		case err != nil:
			return failFor(err, "the argument text is no private key that can be used", "Pass the whole text of the file of a private key; LoadText reads it.")
		}
		l.Value("keyFingerprint", key.Fingerprint())
		k.mu.Lock()
		defer k.mu.Unlock()
		k.key = key
		return nil
	}).status()
}

// LoadText gives the text of a file, for FromOpenSshPrivateKey; nil when it cannot
// be read. The log does not have the text.
func (k *SshKey) LoadText(path string) *string {
	return give(k.base(), "LoadText", func(l *lasterr.Log) (string, error) {
		text, err := readFile(l, path)
		return string(text), err
	}).text()
}

// private is the key, nil if there is none.
func (k *SshKey) private() *sshroute.Key {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.key
}
