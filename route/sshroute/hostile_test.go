package sshroute_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/fairlead-ws/fairlead/route"
	"github.com/fairlead-ws/fairlead/route/sshroute"
)

// TestPartialSuccess: H09, a server that demands a key and then a password gets
// both, and one that is content with no method is left.
func TestPartialSuccess(t *testing.T) {
	then := func(next ssh.ServerAuthCallbacks) func(ssh.ConnMetadata, ssh.PublicKey) (*ssh.Permissions, error) {
		return func(c ssh.ConnMetadata, key ssh.PublicKey) (*ssh.Permissions, error) {
			if _, err := acceptKey(clientKey)(c, key); err != nil {
				return nil, err
			}
			return nil, &ssh.PartialSuccessError{Next: next}
		}
	}
	both := func() *sshroute.Config {
		cfg := trusting()
		cfg.Keys, cfg.Password = []*sshroute.Key{parse(t, marshal(clientKey, ""), "")}, secret
		return cfg
	}
	target := echo(t, "tcp", "127.0.0.1:0")
	server := (&sshDouble{config: ssh.ServerConfig{PublicKeyCallback: then(ssh.ServerAuthCallbacks{PasswordCallback: acceptPassword})}}).start(t)
	conn, err := dial(t, server.addr, both(), target)
	talks(t, conn, err)

	keyOnly := both()
	keyOnly.Password = ""
	_, err = dial(t, server.addr, keyOnly, target)
	failsIn(t, err, route.PhaseSSHAuth, server.addr)
	if refused, ok := errors.AsType[*sshroute.AuthError](err); !ok || fmt.Sprint(refused.Accepted) != "[password]" {
		t.Errorf("%v", err)
	}

	var endless ssh.ServerAuthCallbacks
	endless.PublicKeyCallback = func(c ssh.ConnMetadata, key ssh.PublicKey) (*ssh.Permissions, error) { return then(endless)(c, key) }
	server = (&sshDouble{config: ssh.ServerConfig{PublicKeyCallback: endless.PublicKeyCallback, MaxAuthTries: -1}}).start(t)
	_, err = dial(t, server.addr, both(), target)
	failsIn(t, err, route.PhaseSSHAuth, server.addr)
	t.Logf("H09: after %d attempts: %v", server.attempts.Load(), err)
}

// TestAgentIsSilent: H10, the end of the context is the end of waiting for an
// agent.
func TestAgentIsSilent(t *testing.T) {
	server := (&sshDouble{config: ssh.ServerConfig{PublicKeyCallback: acceptKey(clientKey)}}).start(t)
	asked := make(chan struct{})
	cfg := trusting()
	cfg.Agent = onSocket(t, func(conn net.Conn) {
		_, _ = conn.Read(make([]byte, 64))
		close(asked)
		_, _ = io.Copy(io.Discard, conn)
	})
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-asked
		cancel()
	}()
	_, err := route.Through(sshroute.Hop(server.addr, cfg)).DialContext(ctx, "tcp", "a.example:1")
	failsIn(t, err, route.PhaseSSHAuth, server.addr)
	if !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// TestUnaskedAnswers: H15, a server that floods us with questions, and with
// answers to none.
func TestUnaskedAnswers(t *testing.T) {
	const each = 5000
	answered := make(chan struct{})
	server := (&sshDouble{global: func(conn *ssh.ServerConn, requests <-chan *ssh.Request) {
		first := true
		for r := range requests {
			for range each {
				_ = r.Reply(false, make([]byte, 100))
			}
			for range each {
				_, _, _ = conn.SendRequest("hostkeys-00@openssh.com", false, make([]byte, 100))
			}
			if first {
				first = false
				close(answered)
			}
		}
	}}).start(t)
	cfg := trusting()
	cfg.KeepAliveInterval, cfg.KeepAliveCountMax = 10*time.Millisecond, 1000
	c := client(t, server.addr, cfg)
	<-answered
	conn, err := c.DialContext(within(t, 5*time.Second), "tcp", echo(t, "tcp", "127.0.0.1:0"))
	talks(t, conn, err)
	start := time.Now()
	_ = c.Close()
	<-c.Done()
	t.Logf("H15: %d unasked messages and more; Close took %v", 2*each, time.Since(start))
	if took := time.Since(start); took > time.Second {
		t.Errorf("Close took %v", took)
	}
}

// TestRekey: H17, 8 MiB each way while the server takes new keys after each
// 64 KiB.
func TestRekey(t *testing.T) {
	server := (&sshDouble{config: ssh.ServerConfig{Config: ssh.Config{RekeyThreshold: 64 << 10}}}).start(t)
	conn, err := dial(t, server.addr, trusting(), echo(t, "tcp", "127.0.0.1:0"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(30 * time.Second))
	want, got := make([]byte, 8<<20), make([]byte, 8<<20)
	_, _ = rand.Read(want)
	wrote := make(chan error, 1)
	go func() {
		_, err := conn.Write(want)
		wrote <- err
	}()
	_, err = io.ReadFull(conn, got)
	if err := errors.Join(err, <-wrote); err != nil || !bytes.Equal(got, want) {
		t.Errorf("%v, or bytes were changed", err)
	}
}

// TestUnansweredChannels: H12, requests that nobody waits for any more are
// counted, and too many of them refused.
func TestUnansweredChannels(t *testing.T) {
	gone := make(chan struct{})
	server := (&sshDouble{channel: func(ssh.NewChannel) { <-gone }}).start(t)
	defer close(gone)
	c := client(t, server.addr, trusting())
	for range 100 {
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		_, err := c.DialContext(ctx, "tcp", "a.example:1")
		cancel()
		failsIn(t, err, route.PhaseSSHChannel, server.addr)
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Fatal(err)
		}
	}
	_, err := c.DialContext(within(t, 5*time.Second), "tcp", "a.example:1")
	if failsIn(t, err, route.PhaseSSHChannel, server.addr); !strings.Contains(err.Error(), "unanswered") {
		t.Error(err)
	}
}

// TestChainOfThree: H19, each hop of three fails in each way: the error names it,
// and all hops are closed.
func TestChainOfThree(t *testing.T) {
	target := echo(t, "tcp", "127.0.0.1:0")
	passing := func() *sshDouble {
		return (&sshDouble{config: ssh.ServerConfig{PasswordCallback: acceptPassword}}).start(t)
	}
	login := func() *sshroute.Config {
		cfg := trusting()
		cfg.Password = secret
		return cfg
	}
	cases := 0
	for broken := range 3 {
		for _, test := range []struct {
			phase string
			hop   func(cfg *sshroute.Config) *sshDouble
		}{
			{route.PhaseSSH, func(cfg *sshroute.Config) *sshDouble {
				cfg.HostKeyFingerprints = []string{ssh.FingerprintSHA256(signerOf(clientKey).PublicKey())}
				return passing()
			}},
			{route.PhaseSSHAuth, func(cfg *sshroute.Config) *sshDouble {
				cfg.Password = "wrong"
				return passing()
			}},
			{route.PhaseSSHChannel, func(*sshroute.Config) *sshDouble {
				return (&sshDouble{
					config:  ssh.ServerConfig{PasswordCallback: acceptPassword},
					channel: func(c ssh.NewChannel) { _ = c.Reject(ssh.Prohibited, "no") },
				}).start(t)
			}},
		} {
			var hops []*sshDouble
			var layers []route.Layer
			for i := range 3 {
				cfg := login()
				hop := passing
				if i == broken {
					hop = func() *sshDouble { return test.hop(cfg) }
				}
				hops = append(hops, hop())
				layers = append(layers, sshroute.Hop(hops[i].addr, cfg))
			}
			_, err := route.Through(layers...).DialContext(within(t, 10*time.Second), "tcp", target)
			failsIn(t, err, test.phase, hops[broken].addr)
			for _, hop := range hops {
				eventually(t, func() bool { return hop.open() == 0 }, "a hop stays open")
			}
			cases++
		}
	}
	t.Logf("H19: %d failures named", cases)
}
