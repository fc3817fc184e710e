package sshroute

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/skeema/knownhosts"
	"golang.org/x/crypto/ssh"
	known "golang.org/x/crypto/ssh/knownhosts"
)

// hostKeyAlgorithms are what a server may prove its key with, in the order of our
// preference; SHA-1 and DSA are not among them.
var hostKeyAlgorithms = []string{
	ssh.CertAlgoED25519v01, ssh.CertAlgoECDSA256v01, ssh.CertAlgoECDSA384v01, ssh.CertAlgoECDSA521v01,
	ssh.CertAlgoRSASHA512v01, ssh.CertAlgoRSASHA256v01,
	ssh.KeyAlgoED25519, ssh.KeyAlgoECDSA256, ssh.KeyAlgoECDSA384, ssh.KeyAlgoECDSA521,
	ssh.KeyAlgoRSASHA512, ssh.KeyAlgoRSASHA256,
}

// errAuthority keeps a line with @cert-authority from answering for a server that
// shows a plain key.
var errAuthority = errors.New("the key is known as that of an authority, not of a server")

// hostKeys decide whether a server is the right one.
type hostKeys struct {
	name       string   // "host:port", as known_hosts has it
	algorithms []string // that the server is asked for
	check      ssh.HostKeyCallback
	files      hostsFiles
}

func newHostKeys(addr string, cfg *Config) (*hostKeys, error) {
	h := &hostKeys{name: strings.ToLower(addr), algorithms: hostKeyAlgorithms}
	switch {
	case cfg.InsecureIgnoreHostKey:
		h.check = ssh.InsecureIgnoreHostKey()
		return h, nil
	case len(cfg.HostKeyFingerprints) > 0:
		for i, f := range cfg.HostKeyFingerprints {
			digest, err := base64.RawStdEncoding.Strict().DecodeString(strings.TrimPrefix(f, "SHA256:"))
			if err != nil || len(digest) != sha256.Size || !strings.HasPrefix(f, "SHA256:") {
				return nil, fmt.Errorf("fingerprint %d is not \"SHA256:\" and 43 characters, as ssh-keygen -l prints it", i+1)
			}
		}
		// A fingerprint is that of a key, not of a certificate.
		h.algorithms = slices.DeleteFunc(slices.Clone(hostKeyAlgorithms), func(a string) bool { return strings.Contains(a, "-cert-") })
		h.check = h.byFingerprint(slices.Clone(cfg.HostKeyFingerprints))
		return h, nil
	}
	return h, h.readFiles(cfg.KnownHosts)
}

func (h *hostKeys) byFingerprint(fingerprints []string) ssh.HostKeyCallback {
	return func(_ string, _ net.Addr, key ssh.PublicKey) error {
		if got := ssh.FingerprintSHA256(key); !slices.Contains(fingerprints, got) {
			return &HostKeyError{Addr: h.name, Reason: HostKeyChanged, KeyType: key.Type(), Fingerprint: got, Known: fingerprints}
		}
		return nil
	}
}

func (h *hostKeys) readFiles(files []string) error {
	if files == nil {
		files = defaultKnownHosts()
	}
	if len(files) == 0 {
		return errors.New("there is no known_hosts file, so the server cannot be recognized: set KnownHosts or HostKeyFingerprints")
	}
	db, err := h.files.open(files)
	if err != nil {
		return fmt.Errorf("known_hosts: %w", err)
	}
	keys := db.HostKeys(h.name)
	if wanted := db.HostKeyAlgorithms(h.name); len(wanted) > 0 {
		// An authority signs keys of every kind, whatever kind its own is.
		signed := slices.ContainsFunc(keys, func(k knownhosts.PublicKey) bool { return k.Cert })
		// Only what the files can answer for: a server with several keys would
		// otherwise show one that they do not have.
		h.algorithms = slices.DeleteFunc(slices.Clone(hostKeyAlgorithms), func(a string) bool {
			return !slices.Contains(wanted, a) && !(signed && strings.Contains(a, "-cert-"))
		})
		if len(h.algorithms) == 0 {
			return fmt.Errorf("known_hosts has only keys of kinds that are not safe any more for %s (%s): add another key of the server", h.name, strings.Join(names(wanted), ", "))
		}
	}
	callback := db.HostKeyCallback()
	h.check = func(_ string, _ net.Addr, key ssh.PublicKey) error {
		// Only the name counts: the address may be that of a hop before.
		ask := func(key ssh.PublicKey) error { return callback(h.name, &net.TCPAddr{IP: net.IPv4zero}, key) }
		err := ask(key)
		cert, certified := key.(*ssh.Certificate)
		if err == nil && !certified && !slices.ContainsFunc(keys, func(k knownhosts.PublicKey) bool {
			return !k.Cert && bytes.Equal(k.Marshal(), key.Marshal())
		}) {
			err = errAuthority
		}
		if certified && err != nil {
			// Asked for a certificate, the library does not say what is revoked.
			for _, part := range []ssh.PublicKey{cert.Key, cert.SignatureKey} {
				if revoked, ok := errors.AsType[*known.RevokedError](ask(part)); ok {
					err = revoked
				}
			}
		}
		return h.judge(key, err)
	}
	return nil
}

// judge makes a *HostKeyError of what known_hosts says about key.
func (h *hostKeys) judge(key ssh.PublicKey, err error) error {
	if err == nil {
		return nil
	}
	e := &HostKeyError{Addr: h.name, KeyType: key.Type(), Fingerprint: fingerprint(key), Err: err}
	var refused *known.KeyError
	var revoked *known.RevokedError
	switch {
	case errors.As(err, &revoked):
		e.Reason = HostKeyRevoked
		e.Known = []string{h.place(revoked.Revoked)}
	case !errors.As(err, &refused):
		e.Reason = HostKeyNotTrusted
	case len(refused.Want) == 0:
		e.Reason = HostKeyUnknown
	default:
		e.Reason = HostKeyOtherType
		for _, k := range refused.Want {
			if k.Key.Type() == key.Type() {
				e.Reason = HostKeyChanged
			}
			e.Known = append(e.Known, h.place(k))
		}
	}
	return e
}

// explain tells of a server that has no key of a kind that would do.
func (h *hostKeys) explain(err error) error {
	none, ok := errors.AsType[*ssh.AlgorithmNegotiationError](err)
	if !ok || !strings.Contains(none.What, "host key") {
		return err
	}
	return &HostKeyError{
		Addr: h.name, Reason: HostKeyOtherType, KeyType: strings.Join(names(none.RequestedAlgorithms), " or "),
		Known: h.algorithms, Err: err,
	}
}

// fingerprint is that of the key, also when a certificate wraps it.
func fingerprint(key ssh.PublicKey) string {
	if cert, ok := key.(*ssh.Certificate); ok {
		key = cert.Key
	}
	return ssh.FingerprintSHA256(key)
}

func (h *hostKeys) place(k known.KnownKey) string {
	return fmt.Sprintf("%s %s (%s:%d)", k.Key.Type(), ssh.FingerprintSHA256(k.Key), h.files.name(k.Filename), k.Line)
}

// defaultKnownHosts are those of ssh(1) that exist.
func defaultKnownHosts() (files []string) {
	all := []string{"/etc/ssh/ssh_known_hosts"}
	if home, err := os.UserHomeDir(); err == nil {
		all = append([]string{filepath.Join(home, ".ssh", "known_hosts")}, all...)
	}
	for _, file := range all {
		if _, err := os.Stat(file); !errors.Is(err, fs.ErrNotExist) {
			files = append(files, file)
		}
	}
	return files
}
