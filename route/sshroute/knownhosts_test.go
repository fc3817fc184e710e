package sshroute_test

import (
	"context"
	"errors"
	"net"
	"os"
	"strings"
	"testing"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"

	"github.com/fairlead-ws/fairlead/route"
	"github.com/fairlead-ws/fairlead/route/sshroute"
)

// TestHostNamesHaveNoCase: H05, as match_hostname in OpenSSH: neither the name that
// is dialed nor the patterns of known_hosts, negated ones too, have a case.
func TestHostNamesHaveNoCase(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	server := (&sshDouble{config: ssh.ServerConfig{PasswordCallback: acceptPassword}}).start(t)
	there := route.DialerFunc(func(ctx context.Context, network, _ string) (net.Conn, error) {
		return route.TCP{}.DialContext(ctx, network, server.addr)
	})
	target := echo(t, "tcp", "127.0.0.1:0")
	other := newEd25519()
	for _, test := range []struct {
		name, text string
		reason     sshroute.HostKeyReason
	}{
		{"name", line("Server.Example", edKey), 0},
		{"one of several", line("other.example,SERVER.example", edKey), 0},
		{"wildcard", line("*.EXAMPLE", edKey), 0},
		{"question mark", line("Serve?.Example", edKey), 0},
		{"behind blanks and a comment", "# Known Hosts\n\n \t" + line("SERVER.EXAMPLE", edKey), 0},
		{"last line without an end", strings.TrimSuffix(line("SERVER.EXAMPLE", edKey), "\n"), 0},
		{"hashed", line(knownhosts.HashHostname("server.example"), edKey), 0},
		{"another port", line("[Server.Example]:2222", edKey), sshroute.HostKeyUnknown},
		{"negated", line("*.example,!Server.Example", edKey), sshroute.HostKeyUnknown},
		{"negated by a wildcard", line("*,!*.EXAMPLE", edKey), sshroute.HostKeyUnknown},
		{"changed", line("Server.Example", other), sshroute.HostKeyChanged},
		{"revoked", line("Server.Example", edKey) + "@revoked " + line("X", edKey), sshroute.HostKeyRevoked},
		{"an authority", "@cert-authority " + line("Server.Example", edKey), sshroute.HostKeyOtherType},
	} {
		path := file(t, "k", []byte(test.text))
		cfg := &sshroute.Config{User: user, Password: secret, KnownHosts: []string{path}}
		conn, err := sshroute.Hop("SERVER.eXample", cfg)(there).DialContext(t.Context(), "tcp", target)
		if test.reason == 0 {
			talks(t, conn, err)
			continue
		}
		failed, ok := errors.AsType[*sshroute.HostKeyError](err)
		if !ok || failed.Reason != test.reason {
			t.Errorf("%s: %v, want reason %d", test.name, err, test.reason)
			continue
		}
		if known := strings.Join(failed.Known, " "); test.reason != sshroute.HostKeyOtherType && known != "" && !strings.Contains(known, path+":") {
			t.Errorf("%s: the user does not know %s", test.name, known)
		}
	}
	cert := (&sshDouble{keys: []ssh.Signer{certified(other, func(c *ssh.Certificate) { c.ValidPrincipals = []string{"server.example"} })}, config: ssh.ServerConfig{PasswordCallback: acceptPassword}}).start(t)
	server.addr = cert.addr
	path := file(t, "k", []byte("@cert-authority "+line("*.Example", other)))
	conn, err := sshroute.Hop("Server.Example", &sshroute.Config{User: user, Password: secret, KnownHosts: []string{path}})(there).DialContext(t.Context(), "tcp", target)
	talks(t, conn, err)
	bad := file(t, "k", []byte("SERVER what\n"))
	_, err = sshroute.Dial(t.Context(), nothing{t}, "s.example", &sshroute.Config{KnownHosts: []string{bad}})
	if err == nil || !strings.Contains(err.Error(), bad+":") {
		t.Errorf("bad line: %v", err)
	}
	if left, err := os.ReadDir(os.TempDir()); len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	t.Setenv("TMPDIR", "/nowhere/at/all")
	_, err = sshroute.Dial(t.Context(), nothing{t}, "s.example", &sshroute.Config{KnownHosts: []string{path}})
	if err == nil || !strings.Contains(err.Error(), "capital letters") || !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no room for a copy: %v", err)
	}
}
