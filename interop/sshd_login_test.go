package interop_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/route"
	"github.com/fairlead-ws/fairlead/route/sshroute"
)

// TestSSHKeys logs in to OpenSSH with each kind of key that its own program
// makes, from files and from its agent.
func TestSSHKeys(t *testing.T) {
	const passphrase = "canary-77e0"
	s := newSSHD(t).start(t)
	count := 0
	for _, kind := range [][]string{
		{"-t", "ed25519"},
		{"-t", "ecdsa", "-b", "384"},
		{"-t", "rsa", "-b", "2048"},
		{"-t", "rsa", "-b", "2048", "-m", "PEM"},
		{"-t", "ed25519", "-N", passphrase},
		{"-t", "rsa", "-b", "2048", "-N", passphrase},
		{"-t", "rsa", "-b", "2048", "-m", "PEM", "-N", passphrase},
	} {
		name := "key" + string(rune('a'+count))
		s.keygen(t, name, kind...)
		s.write(t, "authorized", s.read(t, name+".pub"))
		if slices.Contains(kind, "-N") {
			if _, err := sshroute.KeyFile(s.path(name), "wrong"); !errors.Is(err, sshroute.ErrPassphrase) {
				t.Errorf("%v with a wrong passphrase: %v", kind, err)
			}
		}
		key, err := sshroute.KeyFile(s.path(name), passphrase)
		if err != nil {
			t.Fatalf("%v: %v", kind, err)
		}
		if got, want := key.Fingerprint(), s.fingerprint(t, name+".pub"); got != want {
			t.Errorf("%v: fingerprint %s, want %s", kind, got, want)
		}
		cfg := s.config(t)
		cfg.Keys = []*sshroute.Key{key}
		s.echoes(t, cfg)
		count++
	}
	s.keygen(t, "held", "-t", "rsa", "-b", "2048")
	s.write(t, "authorized", s.read(t, "held.pub"))
	t.Setenv("SSH_AUTH_SOCK", startAgent(t, s, s.path("held")))
	cfg := s.config(t)
	cfg.Agent = "SSH_AUTH_SOCK"
	s.echoes(t, cfg)
	t.Logf("%d kinds of keys, and one of an agent", count)
}

// TestSSHQuestions logs in to a server that asks for the password by
// "keyboard-interactive", by PAM.
func TestSSHQuestions(t *testing.T) {
	u := account.get(t)
	s := newSSHD(t).start(t, "UsePAM yes", "PasswordAuthentication no", "KbdInteractiveAuthentication yes")
	for name, change := range map[string]func(*sshroute.Config){
		"password": func(c *sshroute.Config) { c.Password = u.password },
		"questions": func(c *sshroute.Config) {
			c.KeyboardInteractive = func(_ context.Context, _, _ string, questions []string, echos []bool) ([]string, error) {
				if len(questions) == 0 {
					return nil, nil
				}
				if len(questions) != 1 || echos[0] {
					t.Errorf("questions %q, seen %v", questions, echos)
				}
				return []string{u.password}, nil
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := s.config(t)
			cfg.User = u.name
			change(cfg)
			s.echoes(t, cfg)
		})
	}
	t.Run("wrong answer", func(t *testing.T) {
		cfg := s.config(t)
		cfg.User, cfg.Password = u.name, wrong
		s.refuses(t, cfg, route.PhaseSSHAuth)
	})
}

// refuses wants a dial through the server to fail in the phase.
func (s *sshd) refuses(t *testing.T, cfg *sshroute.Config, phase string) error {
	t.Helper()
	dialer := fairlead.Dialer{Route: route.Through(sshroute.Hop(s.addr, cfg))}
	conn, err := dialer.Dial(t.Context(), backend.get(t).url("ws", "127.0.0.1"))
	if err == nil {
		conn.CloseNow()
		t.Fatal("it is accepted")
	}
	failed, ok := errors.AsType[*route.Error](err)
	if !ok || failed.Phase != phase || failed.Addr != s.addr {
		t.Errorf("%v, want phase %q at %s", err, phase, s.addr)
	}
	wantNoSecret(t, err.Error())
	return err
}

// TestSSHCertificates: a server whose key an authority has signed. The authority
// has an Ed25519 key, the server an ECDSA key beside another that nobody signed.
func TestSSHCertificates(t *testing.T) {
	refused := 0
	for _, tt := range []struct {
		name   string
		sign   []string
		known  func(*testing.T, *sshd) string
		reason sshroute.HostKeyReason
	}{
		{"good", []string{"-n", "localhost,127.0.0.1"}, trusting, 0},
		{"expired", []string{"-n", "127.0.0.1", "-V", "20200101:20210101"}, trusting, sshroute.HostKeyNotTrusted},
		{"other host", []string{"-n", "a.example"}, trusting, sshroute.HostKeyNotTrusted},
		{"other authority", []string{"-n", "127.0.0.1"}, func(t *testing.T, s *sshd) string {
			return s.known(t, "trusted", "@cert-authority", s.read(t, "client.pub"))
		}, sshroute.HostKeyNotTrusted},
		{"revoked authority", []string{"-n", "127.0.0.1"}, func(t *testing.T, s *sshd) string {
			trusting(t, s)
			return s.write(t, "revoked", "@revoked * "+s.read(t, "authority.pub")+s.read(t, "trusted"))
		}, sshroute.HostKeyRevoked},
		{"revoked key", []string{"-n", "127.0.0.1"}, func(t *testing.T, s *sshd) string {
			trusting(t, s)
			return s.write(t, "revoked", "@revoked * "+s.read(t, "signed.pub")+s.read(t, "trusted"))
		}, sshroute.HostKeyRevoked},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newSSHD(t)
			s.keygen(t, "authority", "-t", "ed25519")
			s.keygen(t, "signed", "-t", "ecdsa")
			s.run(t, "ssh-keygen", append(append([]string{"-q", "-s", "authority", "-h", "-I", "fairlead"}, tt.sign...), "signed.pub")...)
			s.start(t, "HostKey @/signed", "HostCertificate @/signed-cert.pub")
			cfg := s.byKey(t)
			cfg.KnownHosts = []string{tt.known(t, s)}
			if tt.reason == 0 {
				s.echoes(t, cfg)
				return
			}
			refused++
			err := s.refuses(t, cfg, route.PhaseSSH)
			if key, ok := errors.AsType[*sshroute.HostKeyError](err); !ok || key.Reason != tt.reason {
				t.Errorf("%v, want reason %d", err, tt.reason)
			}
		})
	}
	t.Logf("%d certificates refused", refused)
}

// trusting returns a known_hosts file with the authority.
func trusting(t *testing.T, s *sshd) string {
	t.Helper()
	return s.known(t, "trusted", "@cert-authority", s.read(t, "authority.pub"))
}
