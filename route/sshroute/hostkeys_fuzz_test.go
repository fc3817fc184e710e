package sshroute

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/crypto/ssh"

	"github.com/fairlead-ws/fairlead/internal/fuzzlimit"
)

// FuzzKnownHosts: a file of keys that were gathered from hosts which may lie is
// read or refused as a whole, and lets nobody in whose key, or whose authority's,
// does not stand in it.
func FuzzKnownHosts(f *testing.F) {
	signer := func(seed byte) ssh.Signer {
		s, err := ssh.NewSignerFromKey(ed25519.NewKeyFromSeed(bytes.Repeat([]byte{seed}, ed25519.SeedSize)))
		if err != nil {
			f.Fatal(err)
		}
		return s
	}
	plain, authority := signer(1), signer(2)
	cert := &ssh.Certificate{Key: plain.PublicKey(), CertType: ssh.HostCert, ValidPrincipals: []string{"h.example"}, ValidBefore: ssh.CertTimeInfinity}
	if err := cert.SignCert(rand.Reader, authority); err != nil {
		f.Fatal(err)
	}
	line := func(s ssh.Signer) string {
		return strings.TrimSpace(string(ssh.MarshalAuthorizedKey(s.PublicKey())))
	}
	for _, text := range []string{
		"h.example " + line(plain), "[h.example]:22,*.example,!x.example " + line(plain) + " comment\n# more\n", "@cert-authority *.example " + line(authority),
		"@revoked * " + line(plain) + "\nh.example " + line(plain), "|1|F1E1KeoE/eEWhi10WpGv4OdiO6Y=|3988QV0VE8wmZL7suNrYQLITLCg= " + line(plain),
		"h.example ssh-rsa AAAA", "h.example", "@nonsense h.example " + line(plain), "\x00\xff\n\r", "*?*?* " + line(plain), "h.example ssh-dss AAAAB3NzaC1kc3MAAAAA",
	} {
		f.Add([]byte(text))
	}
	file := filepath.Join(f.TempDir(), "known_hosts")
	f.Fuzz(func(t *testing.T, text []byte) {
		if err := os.WriteFile(file, text, 0o600); err != nil {
			t.Fatal(err)
		}
		defer fuzzlimit.Input(t)()
		h, err := newHostKeys("h.example:22", &Config{KnownHosts: []string{file}})
		if err != nil {
			if strings.ContainsFunc(err.Error(), func(r rune) bool { return r < ' ' || r == 0x7f }) || errors.Is(err, io.EOF) {
				t.Errorf("%q", err)
			}
			return
		}
		for _, c := range []struct{ shown, known ssh.PublicKey }{
			{plain.PublicKey(), plain.PublicKey()}, {authority.PublicKey(), authority.PublicKey()}, {cert, authority.PublicKey()},
		} {
			switch err := h.check("", nil, c.shown); {
			case err == nil:
				if !strings.Contains(string(text), base64.StdEncoding.EncodeToString(c.known.Marshal())) {
					t.Errorf("%s is let in by %q", c.shown.Type(), text)
				}
			default:
				refused, ok := errors.AsType[*HostKeyError](err)
				if !ok || refused.Reason == 0 || strings.ContainsFunc(err.Error(), func(r rune) bool { return r < ' ' || r == 0x7f }) {
					t.Errorf("%q", err)
				}
			}
		}
	})
}
