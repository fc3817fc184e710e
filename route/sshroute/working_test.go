package sshroute_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"

	"github.com/fairlead-ws/fairlead/route"
	"github.com/fairlead-ws/fairlead/route/sshroute"
)

func acceptPassword(c ssh.ConnMetadata, password []byte) (*ssh.Permissions, error) {
	if c.User() != user || string(password) != secret {
		return nil, errRefused
	}
	return nil, nil
}

func acceptKey(key any) func(ssh.ConnMetadata, ssh.PublicKey) (*ssh.Permissions, error) {
	want := ssh.FingerprintSHA256(signerOf(key).PublicKey())
	return func(c ssh.ConnMetadata, got ssh.PublicKey) (*ssh.Permissions, error) {
		if c.User() != user || ssh.FingerprintSHA256(got) != want {
			return nil, errRefused
		}
		return nil, nil
	}
}

// asks demands the answers.
func asks(answers ...string) func(ssh.ConnMetadata, ssh.KeyboardInteractiveChallenge) (*ssh.Permissions, error) {
	return func(_ ssh.ConnMetadata, challenge ssh.KeyboardInteractiveChallenge) (*ssh.Permissions, error) {
		got, err := challenge("n", "i", make([]string, len(answers)), make([]bool, len(answers)))
		if err != nil || fmt.Sprint(got) != fmt.Sprint(answers) {
			return nil, errRefused
		}
		return nil, nil
	}
}

func parse(t testing.TB, pem []byte, passphrase string) *sshroute.Key {
	t.Helper()
	key, err := sshroute.ParseKey(pem, passphrase)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// serveAgent serves an agent with keys.
func serveAgent(t testing.TB, keys ...any) string {
	t.Helper()
	ring := agent.NewKeyring()
	for _, key := range keys {
		if err := ring.Add(agent.AddedKey{PrivateKey: key}); err != nil {
			t.Fatal(err)
		}
	}
	return onSocket(t, func(conn net.Conn) { _ = agent.ServeAgent(ring, conn) })
}

// onSocket serves on a Unix socket.
func onSocket(t testing.TB, serve func(net.Conn)) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "s")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	all.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			all.Go(func() {
				serve(conn)
				_ = conn.Close()
			})
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		all.Wait()
	})
	return path
}

// TestLogin: each way to prove who we are leads to the target.
func TestLogin(t *testing.T) {
	target := echo(t, "tcp", "127.0.0.1:0")
	byKey := ssh.ServerConfig{PublicKeyCallback: acceptKey(clientKey)}
	for name, test := range map[string]struct {
		server ssh.ServerConfig
		cfg    sshroute.Config
	}{
		"none":     {},
		"password": {ssh.ServerConfig{PasswordCallback: acceptPassword}, sshroute.Config{Password: secret}},
		"Ed25519":  {byKey, sshroute.Config{Keys: []*sshroute.Key{parse(t, marshal(clientKey, ""), "")}}},
		"RSA": {
			ssh.ServerConfig{PublicKeyCallback: acceptKey(rsaKey)},
			sshroute.Config{Keys: []*sshroute.Key{parse(t, marshal(rsaKey, ""), "ignored")}},
		},
		"encrypted key, after one that is refused": {byKey, sshroute.Config{Keys: []*sshroute.Key{
			nil, parse(t, marshal(ecKey, ""), ""), parse(t, marshal(clientKey, secret), secret),
		}}},
		"agent": {byKey, sshroute.Config{Agent: serveAgent(t, rsaKey, clientKey)}},
		"agent absent, password instead": {
			ssh.ServerConfig{PublicKeyCallback: acceptKey(clientKey), PasswordCallback: acceptPassword},
			sshroute.Config{Agent: "/nowhere/at/all", Password: secret},
		},
		"keyboard-interactive, password": {ssh.ServerConfig{KeyboardInteractiveCallback: asks(secret)}, sshroute.Config{Password: secret}},
		"keyboard-interactive, function": {
			ssh.ServerConfig{KeyboardInteractiveCallback: asks("0", "1", "2")},
			sshroute.Config{KeyboardInteractive: func(_ context.Context, _, _ string, questions []string, _ []bool) (answers []string, _ error) {
				for i := range questions {
					answers = append(answers, fmt.Sprint(i))
				}
				return answers, nil
			}},
		},
		"key, then password": {
			ssh.ServerConfig{PublicKeyCallback: func(c ssh.ConnMetadata, key ssh.PublicKey) (*ssh.Permissions, error) {
				if _, err := acceptKey(clientKey)(c, key); err != nil {
					return nil, err
				}
				return nil, &ssh.PartialSuccessError{Next: ssh.ServerAuthCallbacks{PasswordCallback: acceptPassword}}
			}},
			sshroute.Config{Password: secret, Keys: []*sshroute.Key{parse(t, marshal(clientKey, ""), "")}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			server := (&sshDouble{config: test.server}).start(t)
			cfg := test.cfg
			cfg.User, cfg.HostKeyFingerprints = user, trusting().HostKeyFingerprints
			conn, err := dial(t, server.addr, &cfg, target)
			talks(t, conn, err)
			if n := server.logins.Load(); n != 1 {
				t.Errorf("%d logins", n)
			}
		})
	}
}

func TestUnixTarget(t *testing.T) {
	server := (&sshDouble{}).start(t)
	path := onSocket(t, func(conn net.Conn) {
		p := make([]byte, 5)
		_, _ = conn.Read(p)
		_, _ = conn.Write(p)
	})
	for _, network := range []string{"unix", "tcp"} {
		conn, err := route.Through(sshroute.Hop(server.addr, trusting())).DialContext(within(t, 5*time.Second), network, path)
		talks(t, conn, err)
	}
}

func TestTwoHops(t *testing.T) {
	first, second := (&sshDouble{}).start(t), (&sshDouble{}).start(t)
	d := route.Through(sshroute.Hop(first.addr, trusting()), sshroute.Hop(second.addr, trusting()))
	conn, err := d.DialContext(within(t, 5*time.Second), "tcp", echo(t, "tcp", "127.0.0.1:0"))
	talks(t, conn, err)
	if first.logins.Load() != 1 || second.logins.Load() != 1 {
		t.Error("a hop was passed by")
	}
	eventually(t, func() bool { return first.open()+second.open() == 0 }, "the hops stay open after Close")
}

// eventually waits until what is true.
func eventually(t testing.TB, what func() bool, complaint string) {
	t.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	late := time.After(3 * time.Second)
	for !what() {
		select {
		case <-tick.C:
		case <-late:
			t.Fatal(complaint)
		}
	}
}

func TestClient(t *testing.T) {
	server := (&sshDouble{}).start(t)
	target := echo(t, "tcp", "127.0.0.1:0")
	c := client(t, server.addr, trusting())
	if c.Err() != nil || c.ServerVersion() == "" {
		t.Errorf("Err = %v, ServerVersion = %q", c.Err(), c.ServerVersion())
	}
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() {
			conn, err := c.DialContext(t.Context(), "tcp", target)
			if err != nil {
				t.Error(err)
				return
			}
			talks(t, conn, nil)
		})
	}
	all.Wait()
	if n := server.logins.Load(); n != 1 {
		t.Errorf("%d logins", n)
	}
	_ = c.Close()
	<-c.Done()
	link, ok := errors.AsType[*sshroute.LinkError](c.Err())
	if !ok || link.Addr != server.addr || !errors.Is(c.Err(), net.ErrClosed) {
		t.Errorf("Err = %v", c.Err())
	}
	_, err := c.DialContext(t.Context(), "tcp", target)
	failsIn(t, err, route.PhaseSSHChannel, server.addr)
	if !errors.Is(err, net.ErrClosed) {
		t.Errorf("after Close: %v", err)
	}
}

func TestURL(t *testing.T) {
	target := echo(t, "tcp", "127.0.0.1:0")
	server := (&sshDouble{config: ssh.ServerConfig{PasswordCallback: acceptPassword, PublicKeyCallback: acceptKey(clientKey)}}).start(t)
	fingerprint := "fingerprint=" + url.QueryEscape(trusting().HostKeyFingerprints[0])
	for _, raw := range []string{
		"ssh://" + user + ":" + secret + "@" + server.addr + "?" + fingerprint,
		"ssh://" + user + "@" + server.addr + "/?" + fingerprint + "&identity=" + file(t, "id", marshal(clientKey, "")),
	} {
		d, err := route.FromURLs(raw)
		if err != nil {
			t.Fatal(err)
		}
		conn, err := d.DialContext(within(t, 5*time.Second), "tcp", target)
		talks(t, conn, err)
	}
}
