package sshroute_test

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"testing"

	"golang.org/x/crypto/ssh"

	"github.com/fairlead-ws/fairlead/route"
	"github.com/fairlead-ws/fairlead/route/sshroute"
)

// TestRefused: H09, refusals are typed, bounded, and have no secret.
func TestRefused(t *testing.T) {
	var prompts atomic.Int32
	endless := func(_ ssh.ConnMetadata, challenge ssh.KeyboardInteractiveChallenge) (*ssh.Permissions, error) {
		for range 1000 {
			if _, err := challenge("", "", []string{"?"}, []bool{false}); err != nil {
				return nil, err
			}
			prompts.Add(1)
		}
		return nil, nil
	}
	yes := func(context.Context, string, string, []string, []bool) ([]string, error) {
		return []string{secret}, nil
	}
	for name, test := range map[string]struct {
		server ssh.ServerConfig
		cfg    sshroute.Config
		tried  string
	}{
		"password":           {ssh.ServerConfig{PasswordCallback: acceptPassword}, sshroute.Config{User: "eve", Password: secret}, "password"},
		"nothing fits":       {ssh.ServerConfig{PublicKeyCallback: acceptKey(clientKey)}, sshroute.Config{User: user, Password: secret}, ""},
		"agent absent":       {ssh.ServerConfig{PublicKeyCallback: acceptKey(clientKey)}, sshroute.Config{User: user, Agent: "/nowhere/at/all"}, "publickey"},
		"questions for ever": {ssh.ServerConfig{KeyboardInteractiveCallback: endless}, sshroute.Config{User: user, KeyboardInteractive: yes}, "keyboard-interactive"},
	} {
		server := (&sshDouble{config: test.server}).start(t)
		cfg := test.cfg
		cfg.HostKeyFingerprints = trusting().HostKeyFingerprints
		_, err := dial(t, server.addr, &cfg, "a.example:1")
		failsIn(t, err, route.PhaseSSHAuth, server.addr)
		refused, ok := errors.AsType[*sshroute.AuthError](err)
		if !ok || test.tried != "" && !slices.Contains(refused.Tried, test.tried) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if t.Logf("H09: %d of 1000 prompts answered", prompts.Load()); prompts.Load() != 8 {
		t.Error("8 are the limit")
	}
}

// TestPassphrase: H10.
func TestPassphrase(t *testing.T) {
	for _, passphrase := range []string{"", "wrong"} {
		if _, err := sshroute.ParseKey(marshal(clientKey, secret), passphrase); !errors.Is(err, sshroute.ErrPassphrase) {
			t.Errorf("%q: %v", passphrase, err)
		}
	}
}
