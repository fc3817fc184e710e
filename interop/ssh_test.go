package interop_test

import (
	"context"
	"errors"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/frame"
	"github.com/fairlead-ws/fairlead/route"
	"github.com/fairlead-ws/fairlead/route/sshroute"
)

// byKey logs in with the key of the bastion.
func (b bastion) byKey(t *testing.T) *sshroute.Config {
	t.Helper()
	key, err := sshroute.KeyFile(b.key, "")
	if err != nil {
		t.Fatal(err)
	}
	return &sshroute.Config{User: b.user, Keys: []*sshroute.Key{key}, KnownHosts: []string{b.knownHosts}}
}

// byPassword logs in as account.
func (b bastion) byPassword(t *testing.T) *sshroute.Config {
	t.Helper()
	u := account.get(t)
	return &sshroute.Config{User: u.name, Password: u.password, KnownHosts: []string{b.knownHosts}}
}

func init() {
	ways = append(ways,
		through("SSH and a key", func(t *testing.T, _ *workplace) route.Layer {
			b := sshBastion.get(t)
			return sshroute.Hop(b.at("port"), b.byKey(t))
		}),
		through("SSH at IPv6", func(t *testing.T, _ *workplace) route.Layer {
			b := sshBastion.get(t)
			return sshroute.Hop(b.at6("port"), b.byKey(t))
		}),
		through("SSH and a password", func(t *testing.T, _ *workplace) route.Layer {
			b := sshBastion.get(t)
			return sshroute.Hop(b.at("port"), b.byPassword(t))
		}),
		way{name: "SSH twice", make: func(t *testing.T, _ string) route.Dialer {
			outer, inner := sshBastion.get(t), sshInner.get(t)
			return route.Through(sshroute.Hop(outer.at("port"), outer.byKey(t)), sshroute.Hop(inner.at("port"), inner.byPassword(t)))
		}},
		byURL("SSH by URL", func(t *testing.T, _ *workplace) *url.URL {
			b := sshBastion.get(t)
			query := url.Values{"identity": {b.key}, "known_hosts": {b.knownHosts}}
			return &url.URL{Scheme: "ssh", User: url.User(b.user), Host: b.at("port"), RawQuery: query.Encode()}
		}),
		way{name: "SSH by ssh_config", make: func(t *testing.T, _ string) route.Dialer {
			outer, inner := sshBastion.get(t), sshInner.get(t)
			config := filepath.Join(t.TempDir(), "config")
			text := "Host outer\n HostName 127.0.0.1\n Port " + outer.ports["port"] + "\n User " + outer.user + "\n IdentityFile " + outer.key +
				"\nHost inner\n HostName 127.0.0.1\n Port " + inner.ports["port"] + "\n User " + inner.user + "\n IdentityFile " + inner.key +
				"\n ProxyJump outer\n"
			if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			trustBastions(t, outer, inner)
			layers, err := sshroute.FromConfig("inner", config)
			if err != nil {
				t.Fatal(err)
			}
			return route.Through(layers...)
		}},
	)
}

// trusted makes the home folder of this process one whose known_hosts has the
// bastions: FromConfig reads the user's.
var trusted sync.Once

func trustBastions(t *testing.T, all ...bastion) {
	t.Helper()
	trusted.Do(func() {
		home := filepath.Join(atWork.get(t).dir, "home")
		var known []byte
		for _, b := range all {
			text, err := os.ReadFile(b.knownHosts)
			if err != nil {
				t.Fatal(err)
			}
			known = append(known, text...)
		}
		if err := os.MkdirAll(filepath.Join(home, ".ssh"), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(home, ".ssh", "known_hosts"), known, 0o600); err != nil {
			t.Fatal(err)
		}
		before := os.Getenv("HOME")
		if err := os.Setenv("HOME", home); err != nil { // not t.Setenv: the tests of ways are parallel
			t.Fatal(err)
		}
		doAtEnd(func() error { return os.Setenv("HOME", before) })
	})
}

// TestChainSocksSSHConnect: danted, then OpenSSH, then squid, then TLS to the
// server.
func TestChainSocksSSHConnect(t *testing.T) {
	b, sh := backend.get(t), sshBastion.get(t)
	b.playThrough(t, "wss",
		route.Socks5(danted.get(t).at("port"), nil),
		sshroute.Hop(sh.at("port"), sh.byKey(t)),
		route.HTTPProxy(squid.get(t).at("open"), nil))
}

// TestChainJumpsSocksThrottled: two SSH servers, then a SOCKS proxy that looks up
// the name, at 4 MiB a second.
func TestChainJumpsSocksThrottled(t *testing.T) {
	b, outer, inner := backend.get(t), sshBastion.get(t), sshInner.get(t)
	b.playThrough(t, "ws",
		sshroute.Hop(outer.at("port"), outer.byPassword(t)),
		sshroute.Hop(inner.at("port"), inner.byKey(t)),
		route.Socks5h(microsocks.get(t).at("open"), nil),
		route.Throttle(4<<20, 4<<20))
}

// TestSSHUnixSocket leads to a Unix socket on the side of the SSH server.
func TestSSHUnixSocket(t *testing.T) {
	b, sh, ha := backend.get(t), sshBastion.get(t), haproxy.get(t)
	hop := sshroute.Hop(sh.at("port"), sh.byKey(t))(route.TCP{})
	b.via = route.DialerFunc(func(ctx context.Context, _, _ string) (net.Conn, error) { return hop.DialContext(ctx, "unix", ha.ws) })
	play(t, b.endpoint, b.url("ws", "127.0.0.1"))
}

// TestSSHRekeys sends 8 MiB each way while the server takes new session keys after
// each MiB.
func TestSSHRekeys(t *testing.T) {
	b, sh := backend.get(t), sshBastion.get(t)
	b.via = route.Through(sshroute.Hop(sh.at("port"), sh.byKey(t)))
	playScenarios(t, b.endpoint, b.url("ws", "127.0.0.1"), big(8<<20))
}

// TestManyOverOneSSH has 100 WebSockets over one SSH connection, which is cut then.
func TestManyOverOneSSH(t *testing.T) {
	const count = 100
	b, sh := backend.get(t), sshBastion.get(t)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	client, err := sshroute.Dial(ctx, route.TCP{}, sh.at("port"), sh.byKey(t))
	if err != nil {
		t.Fatal(err)
	}
	dialer := fairlead.Dialer{Route: client}
	conns := make([]*fairlead.Conn, count)
	for i := range conns {
		if conns[i], err = dialer.Dial(ctx, b.url("ws", "127.0.0.1")); err != nil {
			t.Fatal(err)
		}
		defer conns[i].CloseNow()
		if err := conns[i].WriteText(ctx, "hello"); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range conns {
		if _, p, err := c.Read(ctx); err != nil || string(p) != "hello" {
			t.Fatalf("%q, %v", p, err)
		}
	}
	failed := make(chan error)
	for _, c := range conns {
		go func() { _, _, err := c.Read(ctx); failed <- err }()
	}
	_ = client.Close()
	for range conns {
		var link *sshroute.LinkError
		if err := <-failed; !errors.As(err, &link) {
			t.Errorf("%v, want a *sshroute.LinkError in it", err)
		} else if code, _ := fairlead.CloseCode(err); code != frame.StatusAbnormal {
			t.Errorf("status %v", code)
		}
	}
	t.Logf("%d WebSockets over one SSH connection", count)
}

// TestSSHRefusals: what a server refuses, and what we refuse of a server.
func TestSSHRefusals(t *testing.T) {
	sh, other := sshInner.get(t), sshBastion.get(t)
	u := account.get(t)
	dir := t.TempDir()
	write := func(name, text string) []string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return []string{path}
	}
	known, err := os.ReadFile(sh.knownHosts)
	if err != nil {
		t.Fatal(err)
	}
	otherKnown, err := os.ReadFile(other.knownHosts)
	if err != nil {
		t.Fatal(err)
	}
	changed := strings.ReplaceAll(string(otherKnown), "]:"+other.ports["port"], "]:"+sh.ports["port"])
	hashed := write("hashed", string(known))
	if out, err := exec.Command("ssh-keygen", "-H", "-f", hashed[0]).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	revoked := "@revoked * " + strings.Join(strings.Fields(string(known))[1:3], " ") + "\n" + string(known)

	for _, tt := range []struct {
		name   string
		change func(*sshroute.Config)
		target string
		phase  string
		reason sshroute.HostKeyReason
		says   string
	}{
		{"hashed hosts", func(c *sshroute.Config) { c.KnownHosts = hashed }, "", "", 0, ""},
		{"fingerprint", func(c *sshroute.Config) { c.HostKeyFingerprints = []string{fingerprintOf(t, sh)} }, "", "", 0, ""},
		{"unknown host", func(c *sshroute.Config) { c.KnownHosts = write("empty", "") }, "", route.PhaseSSH, sshroute.HostKeyUnknown, "compare the fingerprint"},
		{"changed key", func(c *sshroute.Config) { c.KnownHosts = write("changed", changed) }, "", route.PhaseSSH, sshroute.HostKeyChanged, "somebody is between"},
		{"revoked key", func(c *sshroute.Config) { c.KnownHosts = write("revoked", revoked) }, "", route.PhaseSSH, sshroute.HostKeyRevoked, "revoked"},
		{"no such file", func(c *sshroute.Config) { c.KnownHosts = []string{filepath.Join(dir, "none")} }, "", route.PhaseSSH, 0, "none"},
		{"wrong password", func(c *sshroute.Config) { c.User, c.Keys, c.Password = u.name, nil, wrong }, "", route.PhaseSSHAuth, 0, "refuses user"},
		{"wrong user", func(c *sshroute.Config) { c.User = "nobody-of-this-name" }, "", route.PhaseSSHAuth, 0, "refuses user"},
		{"nothing to log in with", func(c *sshroute.Config) { c.Keys = nil }, "", route.PhaseSSHAuth, 0, "nothing that it accepts is configured"},
		{"target forbidden", func(*sshroute.Config) {}, "127.0.0.3:80", route.PhaseSSHChannel, 0, "its settings forbid it"},
		{"target refuses", func(*sshroute.Config) {}, "127.0.0.1:" + deadPort.get(t), route.PhaseSSHChannel, 0, "it cannot connect to it"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			cfg := sh.byKey(t)
			tt.change(cfg)
			at := backend.get(t).url("ws", "127.0.0.1")
			if tt.target != "" {
				at = "ws://" + tt.target + "/"
			}
			dialer := fairlead.Dialer{Route: route.Through(sshroute.Hop(sh.at("port"), cfg)), Timeout: time.Minute}
			conn, err := dialer.Dial(t.Context(), at)
			if tt.phase == "" {
				if err != nil {
					t.Fatal(err)
				}
				conn.CloseNow()
				return
			}
			var failed *fairlead.HandshakeError
			if !errors.As(err, &failed) || failed.Phase != tt.phase || !strings.Contains(err.Error(), tt.says) {
				t.Fatalf("%v, want phase %q and %q", err, tt.phase, tt.says)
			}
			var key *sshroute.HostKeyError
			if errors.As(err, &key) != (tt.reason != 0) || key != nil && key.Reason != tt.reason {
				t.Errorf("%v, want reason %d", err, tt.reason)
			}
			wantNoSecret(t, err.Error())
		})
	}
}

func fingerprintOf(t *testing.T, b bastion) string {
	t.Helper()
	out, err := exec.Command("ssh-keygen", "-l", "-f", b.knownHosts).Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.Fields(string(out))[1]
}
