package sshroute_test

import (
	"crypto/rand"
	"errors"
	"testing"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"

	"github.com/fairlead-ws/fairlead/route"
	"github.com/fairlead-ws/fairlead/route/sshroute"
)

// TestAuthorityOfAnotherType: H04, an authority signs keys of each type, whatever
// type its own is.
func TestAuthorityOfAnotherType(t *testing.T) {
	target := echo(t, "tcp", "127.0.0.1:0")
	for caName, ca := range map[string]any{"Ed25519": edKey, "ECDSA": ecKey, "RSA": rsaKey} {
		for hostName, host := range map[string]any{"Ed25519": clientKey, "ECDSA": ecKey, "RSA": rsaKey} {
			t.Run(hostName+" signed by "+caName, func(t *testing.T) {
				cert := &ssh.Certificate{
					Key: signerOf(host).PublicKey(), CertType: ssh.HostCert,
					ValidPrincipals: []string{"127.0.0.1"}, ValidBefore: ssh.CertTimeInfinity,
				}
				if err := cert.SignCert(rand.Reader, signerOf(ca)); err != nil {
					t.Fatal(err)
				}
				server := (&sshDouble{keys: []ssh.Signer{must(ssh.NewCertSigner(cert, signerOf(host)))}}).start(t)
				trusts := file(t, "known", []byte("@cert-authority "+line(knownhosts.Normalize(server.addr), ca)))
				conn, err := dial(t, server.addr, &sshroute.Config{User: user, KnownHosts: []string{trusts}}, target)
				talks(t, conn, err)
			})
		}
	}
}

// TestAuthorityIsNoHost: the line of an authority does not answer for a server
// that shows a plain key, be it the authority's own.
func TestAuthorityIsNoHost(t *testing.T) {
	server := (&sshDouble{}).start(t)
	host := knownhosts.Normalize(server.addr)
	trusts := file(t, "known", []byte("@cert-authority "+line(host, edKey)+line(host, clientKey)))
	_, err := dial(t, server.addr, &sshroute.Config{User: user, KnownHosts: []string{trusts}}, "a.example:1")
	failsIn(t, err, route.PhaseSSH, server.addr)
	if failed, ok := errors.AsType[*sshroute.HostKeyError](err); !ok || failed.Reason != sshroute.HostKeyNotTrusted {
		t.Errorf("%v, want a *HostKeyError that says so", err)
	}
}
