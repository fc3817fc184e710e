package sshroute_test

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"

	"github.com/fairlead-ws/fairlead/route"
	"github.com/fairlead-ws/fairlead/route/sshroute"
)

// line is one of known_hosts without a marker.
func line(hosts string, key any) string {
	return hosts + " " + strings.TrimSpace(string(ssh.MarshalAuthorizedKey(signerOf(key).PublicKey()))) + "\n"
}

// certified returns the signer of edKey with a certificate of ca.
func certified(ca any, change func(*ssh.Certificate)) ssh.Signer {
	cert := &ssh.Certificate{
		Key: signerOf(edKey).PublicKey(), CertType: ssh.HostCert,
		ValidPrincipals: []string{"127.0.0.1"}, ValidBefore: ssh.CertTimeInfinity,
	}
	if change != nil {
		change(cert)
	}
	if err := cert.SignCert(rand.Reader, signerOf(ca)); err != nil {
		panic(err)
	}
	return must(ssh.NewCertSigner(cert, signerOf(edKey)))
}

// TestHostKeys: rows H01 to H05; L71 (CVE-2026-9547, another type of key), L72
// (CVE-2026-42508, a revoked authority). The server is at 127.0.0.1 and some port;
// known_hosts says [127.0.0.1]:port, for which @ stands below.
func TestHostKeys(t *testing.T) {
	target := echo(t, "tcp", "127.0.0.1:0")
	other := newEd25519()
	ca := newEd25519()
	three := []ssh.Signer{signerOf(ecKey), signerOf(rsaKey), signerOf(edKey)}
	hashed := func(addr string) string { return knownhosts.HashHostname(knownhosts.Normalize(addr)) }
	accepted, refused := 0, 0
	for _, test := range []struct {
		row, name string
		keys      []ssh.Signer // default: edKey
		file      func(addr string) string
		at        string // of known_hosts
		reason    sshroute.HostKeyReason
	}{
		{row: "H05", name: "known", at: line("@", edKey)},
		{row: "H05", name: "ECDSA", keys: three[:1], at: line("@", ecKey)},
		{row: "H05", name: "RSA", keys: three[1:2], at: line("@", rsaKey)},
		{row: "H05", name: "one of several names", at: line("a.example,@", edKey)},
		{row: "H05", name: "second of two keys", at: line("@", other) + line("@", edKey)},
		{row: "H03", name: "only one of the server's three keys is known", keys: three, at: line("@", edKey)},
		{row: "H03", name: "only RSA of the server's three keys is known", keys: three, at: line("@", rsaKey)},
		{row: "H05", name: "hashed", file: func(addr string) string { return line(hashed(addr), edKey) }},
		{row: "H05", name: "hashed, another host", file: func(string) string { return line(hashed("127.0.0.2:22"), edKey) }, reason: sshroute.HostKeyUnknown},
		{row: "H05", name: "without the port", at: line("127.0.0.1", edKey), reason: sshroute.HostKeyUnknown},
		{row: "H05", name: "another port", at: line("[127.0.0.1]:1", edKey), reason: sshroute.HostKeyUnknown},
		{row: "H05", name: "wildcard", file: func(addr string) string { return line("[127.0.0.*]:"+portOf(addr), edKey) }},
		{row: "H05", name: "question mark", file: func(addr string) string { return line("[127.0.0.?]:"+portOf(addr), edKey) }},
		{row: "H05", name: "wildcard of another net", file: func(addr string) string { return line("[10.*]:"+portOf(addr), edKey) }, reason: sshroute.HostKeyUnknown},
		{row: "H05", name: "negation", file: func(addr string) string {
			return line("[127.0.0.*]:"+portOf(addr)+",!"+knownhosts.Normalize(addr), edKey)
		}, reason: sshroute.HostKeyUnknown},
		{row: "H05", name: "comments, empty lines", at: "# a\n\n" + line("@", edKey)},
		{row: "H01", name: "changed", at: line("@", other), reason: sshroute.HostKeyChanged},
		{row: "H02", name: "unknown", at: line("other.example", edKey), reason: sshroute.HostKeyUnknown},
		{row: "H02", name: "empty file", reason: sshroute.HostKeyUnknown},
		{row: "H03", name: "other type", at: line("@", ecKey), reason: sshroute.HostKeyOtherType},
		{row: "H04", name: "revoked", at: line("@", edKey) + "@revoked " + line("*", edKey), reason: sshroute.HostKeyRevoked},
		{row: "H04", name: "another key revoked", at: line("@", edKey) + "@revoked " + line("*", other)},
		{row: "H04", name: "certificate", keys: []ssh.Signer{certified(ca, nil)}, at: "@cert-authority " + line("@", ca)},
		{row: "H04", name: "certificate and keys", keys: append([]ssh.Signer{certified(ca, nil)}, three...), at: "@cert-authority " + line("@", ca)},
		{row: "H04", name: "certificate and keys, the key is known", keys: append([]ssh.Signer{certified(other, nil)}, three...), at: line("@", edKey)},
		{row: "H04", name: "expired certificate", keys: []ssh.Signer{certified(ca, func(c *ssh.Certificate) {
			c.ValidBefore = uint64(time.Now().Unix() - 60)
		})}, at: "@cert-authority " + line("@", ca), reason: sshroute.HostKeyNotTrusted},
		{row: "H04", name: "certificate of the future", keys: []ssh.Signer{certified(ca, func(c *ssh.Certificate) {
			c.ValidAfter = uint64(time.Now().Unix() + 3600)
		})}, at: "@cert-authority " + line("@", ca), reason: sshroute.HostKeyNotTrusted},
		{row: "H04", name: "wrong principal", keys: []ssh.Signer{certified(ca, func(c *ssh.Certificate) {
			c.ValidPrincipals = []string{"other.example"}
		})}, at: "@cert-authority " + line("@", ca), reason: sshroute.HostKeyNotTrusted},
		{row: "H04", name: "certificate of a user", keys: []ssh.Signer{certified(ca, func(c *ssh.Certificate) {
			c.CertType = ssh.UserCert
		})}, at: "@cert-authority " + line("@", ca), reason: sshroute.HostKeyNotTrusted},
		{row: "H04", name: "other authority", keys: []ssh.Signer{certified(other, nil)}, at: "@cert-authority " + line("@", ca), reason: sshroute.HostKeyNotTrusted},
		{row: "H04", name: "revoked authority", keys: []ssh.Signer{certified(ca, nil)}, at: "@cert-authority " + line("@", ca) + "@revoked " + line("*", ca), reason: sshroute.HostKeyRevoked},
		{row: "H04", name: "revoked key in a certificate", keys: []ssh.Signer{certified(ca, nil)}, at: "@cert-authority " + line("@", ca) + "@revoked " + line("*", edKey), reason: sshroute.HostKeyRevoked},
		{row: "H04", name: "authority without a marker", keys: []ssh.Signer{certified(ca, nil)}, at: line("@", ca), reason: sshroute.HostKeyOtherType},
	} {
		t.Run(test.row+" "+test.name, func(t *testing.T) {
			server := (&sshDouble{keys: test.keys, config: ssh.ServerConfig{PasswordCallback: acceptPassword}}).start(t)
			text := test.at
			if test.file != nil {
				text = test.file(server.addr)
			}
			for _, marker := range []string{"@ ssh", "@ ecdsa"} {
				text = strings.ReplaceAll(text, marker, knownhosts.Normalize(server.addr)+marker[1:])
			}
			conn, err := dial(t, server.addr, &sshroute.Config{User: user, Password: secret, KnownHosts: []string{file(t, "k", []byte(text))}}, target)
			if test.reason == 0 {
				accepted++
				talks(t, conn, err)
				return
			}
			refused++
			failsIn(t, err, route.PhaseSSH, server.addr)
			failed, ok := errors.AsType[*sshroute.HostKeyError](err)
			if !ok || failed.Reason != test.reason || failed.Addr != server.addr {
				t.Errorf("reason = %d in %v, want %d", failed.Reason, err, test.reason)
			}
			if n := server.attempts.Load(); n != 0 {
				t.Errorf("the server got %d authentication attempts", n)
			}
			if test.row == "H01" {
				for _, key := range []any{edKey, other} {
					if f := ssh.FingerprintSHA256(signerOf(key).PublicKey()); !strings.Contains(err.Error(), f) {
						t.Errorf("%v does not have the fingerprint %s", err, f)
					}
				}
			}
		})
	}
	t.Logf("H01-H05: %d accepted, %d refused", accepted, refused)
}

func portOf(addr string) string {
	_, port, _ := net.SplitHostPort(addr)
	return port
}

// TestBadKnownHosts: H02 and H05, L70 (CVE-2017-3204), nothing is dialed when a file cannot be used.
func TestBadKnownHosts(t *testing.T) {
	for name, files := range map[string][]string{
		"missing":     {filepath.Join(t.TempDir(), "none")},
		"a directory": {t.TempDir()},
		"no file":     {},
		"bad line":    {file(t, "k", []byte("a.example ssh-ed25519 !\n"))},
		"bad marker":  {file(t, "k", []byte("@trusted "+line("a.example", edKey)))},
		"second bad":  {file(t, "k", nil), file(t, "l", []byte("what\n"))},
	} {
		_, err := sshroute.Dial(t.Context(), nothing{t}, "s.example", &sshroute.Config{KnownHosts: files})
		failsIn(t, err, route.PhaseSSH, "s.example:22")
		if !strings.Contains(fmt.Sprint(err), "known_hosts") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if os.Getuid() != 0 { // who may read everything
		path := file(t, "k", nil)
		_ = os.Chmod(path, 0)
		if _, err := sshroute.Dial(t.Context(), nothing{t}, "s.example", &sshroute.Config{KnownHosts: []string{path}}); !errors.Is(err, os.ErrPermission) {
			t.Errorf("unreadable: %v", err)
		}
	}
}

func TestFingerprints(t *testing.T) {
	target := echo(t, "tcp", "127.0.0.1:0")
	server := (&sshDouble{keys: []ssh.Signer{signerOf(ecKey), certified(newEd25519(), nil), signerOf(edKey)}}).start(t)
	right := trusting().HostKeyFingerprints[0]
	wrong := ssh.FingerprintSHA256(signerOf(clientKey).PublicKey())
	conn, err := dial(t, server.addr, &sshroute.Config{HostKeyFingerprints: []string{wrong, right}}, target)
	talks(t, conn, err)
	_, err = dial(t, server.addr, &sshroute.Config{HostKeyFingerprints: []string{wrong}}, target)
	failed, ok := errors.AsType[*sshroute.HostKeyError](err)
	if !ok || failed.Reason != sshroute.HostKeyChanged || failed.Fingerprint != right || !strings.Contains(err.Error(), wrong) {
		t.Errorf("wrong: %v", err)
	}
	for _, bad := range []string{"", "MD5:00:11", right + "=", right[7:], "sha256:" + right[7:], right[:len(right)-1] + "!"} {
		_, err := sshroute.Dial(t.Context(), nothing{t}, server.addr, &sshroute.Config{HostKeyFingerprints: []string{right, bad}})
		failsIn(t, err, route.PhaseSSH, server.addr)
		if !strings.Contains(fmt.Sprint(err), "fingerprint 2") {
			t.Errorf("%q: %v", bad, err)
		}
	}
	conn, err = dial(t, server.addr, &sshroute.Config{InsecureIgnoreHostKey: true}, target)
	talks(t, conn, err)
}

// giantSigner has a host key that nobody made.
type giantSigner struct{ key ssh.PublicKey }

func (s giantSigner) PublicKey() ssh.PublicKey { return s.key }
func (s giantSigner) Sign(r io.Reader, data []byte) (*ssh.Signature, error) {
	return s.SignWithAlgorithm(r, data, ssh.KeyAlgoRSASHA512)
}

func (giantSigner) SignWithAlgorithm(_ io.Reader, _ []byte, algorithm string) (*ssh.Signature, error) {
	return &ssh.Signature{Format: algorithm, Blob: make([]byte, 2048)}, nil
}

// TestGiantHostKey: H21, L96 (CVE-2026-39829), a key that takes long to check is not checked.
func TestGiantHostKey(t *testing.T) {
	for _, bits := range []uint{16_384, 2_000_000} {
		n := new(big.Int).Lsh(big.NewInt(1), bits-1)
		public := must(ssh.NewPublicKey(&rsa.PublicKey{N: n.Add(n, big.NewInt(1)), E: 65537}))
		server := (&sshDouble{keys: []ssh.Signer{giantSigner{public}}}).start(t)
		start := time.Now()
		_, err := dial(t, server.addr, &sshroute.Config{InsecureIgnoreHostKey: true}, "a.example:1")
		failsIn(t, err, route.PhaseSSH, server.addr)
		t.Logf("H21: %d bits refused in %v", bits, time.Since(start))
		if took := time.Since(start); took > time.Second {
			t.Errorf("took %v", took)
		}
	}
}

// nothing must not be dialed through.
type nothing struct{ t testing.TB }

func (n nothing) DialContext(context.Context, string, string) (net.Conn, error) {
	n.t.Error("dialed")
	return nil, errRefused
}
