package sshroute_test

import (
	"context"
	"errors"
	"io"
	"net"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/fairlead-ws/fairlead/route"
	"github.com/fairlead-ws/fairlead/route/sshroute"
)

// TestWeakAlgorithms: H06, a server that has only what is not safe any more gets
// no authentication attempt.
func TestWeakAlgorithms(t *testing.T) {
	for name, config := range map[string]ssh.Config{
		"kex SHA-1":   {KeyExchanges: []string{ssh.InsecureKeyExchangeDH14SHA1}},
		"kex group 1": {KeyExchanges: []string{ssh.InsecureKeyExchangeDH1SHA1}},
		"cipher CBC":  {Ciphers: []string{ssh.InsecureCipherAES128CBC}},
		"cipher RC4":  {Ciphers: []string{ssh.InsecureCipherRC4256}},
		"MAC SHA-1":   {Ciphers: []string{ssh.CipherAES128CTR}, MACs: []string{ssh.HMACSHA1}},
		"MAC 96":      {Ciphers: []string{ssh.CipherAES128CTR}, MACs: []string{ssh.InsecureHMACSHA196}},
	} {
		server := (&sshDouble{config: ssh.ServerConfig{Config: config}}).start(t)
		_, err := dial(t, server.addr, trusting(), "a.example:1")
		failsIn(t, err, route.PhaseSSH, server.addr)
		if _, ok := errors.AsType[*ssh.AlgorithmNegotiationError](err); !ok || server.attempts.Load() != 0 {
			t.Errorf("%s: %v after %d attempts", name, err, server.attempts.Load())
		}
	}
}

// TestEndlessGreetings: H07, what comes before the server has accepted us is
// bounded.
func TestEndlessGreetings(t *testing.T) {
	flood := func(first, again string) func(net.Conn, *atomic.Int64) {
		return func(conn net.Conn, sent *atomic.Int64) {
			_, err := io.WriteString(conn, first)
			for p := []byte(strings.Repeat(again, 100)); err == nil; {
				_, err = conn.Write(p)
				sent.Add(int64(len(p)))
			}
		}
	}
	for name, test := range map[string]struct {
		phase string
		serve func(net.Conn, *atomic.Int64)
	}{
		"version line":      {route.PhaseSSH, flood("SSH-2.0-", "a")},
		"line of something": {route.PhaseSSH, flood("", "a")},
		"pre-version lines": {route.PhaseSSH, flood("", "welcome to this server\r\n")},
		"zeros":             {route.PhaseSSH, flood("", "\x00")},
		"packets":           {route.PhaseSSH, flood("SSH-2.0-x\r\n", "\x00\x00\x00\x0c\x0a\x02aaaaaaaaaa")},
		"another protocol": {route.PhaseSSH, func(conn net.Conn, _ *atomic.Int64) {
			_, _ = io.WriteString(conn, "HTTP/1.1 400 Bad Request\r\n\r\n")
		}},
		"banners": {route.PhaseSSHAuth, func(conn net.Conn, sent *atomic.Int64) {
			config := &ssh.ServerConfig{NoClientAuth: true, PreAuthConnCallback: func(c ssh.ServerPreAuthConn) {
				for p := strings.Repeat("b", 16<<10); c.SendAuthBanner(p) == nil; {
					sent.Add(int64(len(p)))
				}
			}}
			config.AddHostKey(signerOf(edKey))
			_, _, _, _ = ssh.NewServerConn(conn, config)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			var sent atomic.Int64
			addr := new(sshDouble).listen(t, func(conn net.Conn) {
				test.serve(conn, &sent)
			})
			start := time.Now()
			_, err := dial(t, addr, trusting(), "a.example:1")
			failsIn(t, err, test.phase, addr)
			t.Logf("H07: ended in %v after %d bytes sent: %.200v", time.Since(start), sent.Load(), err)
			if took := time.Since(start); took > 4*time.Second || len(err.Error()) > 4096 {
				t.Errorf("took %v, the error has %d bytes", took, len(err.Error()))
			}
		})
	}
}

// endedConn tells when reading has ended.
type endedConn struct {
	net.Conn
	once  sync.Once
	ended chan struct{}
}

func (c *endedConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if err != nil {
		c.once.Do(func() { close(c.ended) })
	}
	return n, err
}

// TestStalls: H08 and H12, wherever the server stops, the end of the context is
// the end of the dial.
func TestStalls(t *testing.T) {
	const cancels = 1000
	raw := func(greeting string, most int) func(net.Conn, func()) {
		return func(conn net.Conn, reached func()) {
			_, _ = io.WriteString(conn, greeting)
			_, _ = io.ReadFull(conn, make([]byte, most)) // so far the client has come
			reached()
			_, _ = io.Copy(io.Discard, conn)
		}
	}
	withPassword := trusting()
	withPassword.Password = "pw"
	for _, test := range []struct {
		name, phase string
		serve       func(conn net.Conn, reached func())
		below       bool // the server is a proxy below
	}{
		{name: "proxy below", phase: route.PhaseProxy, serve: raw("", 1), below: true},
		{name: "TCP", phase: route.PhaseSSH, serve: raw("", 1)},
		{name: "version", phase: route.PhaseSSH, serve: raw("SSH-2.0-x\r\n", 1)},
		{name: "key exchange", phase: route.PhaseSSH, serve: raw("SSH-2.0-x\r\n", 200)},
		{name: "authentication", phase: route.PhaseSSHAuth, serve: func(conn net.Conn, reached func()) {
			ended := &endedConn{Conn: conn, ended: make(chan struct{})}
			config := &ssh.ServerConfig{PasswordCallback: func(ssh.ConnMetadata, []byte) (*ssh.Permissions, error) {
				reached()
				<-ended.ended
				return nil, io.ErrClosedPipe
			}}
			config.AddHostKey(signerOf(edKey))
			_, _, _, _ = ssh.NewServerConn(ended, config)
		}},
		{name: "channel", phase: route.PhaseSSHChannel, serve: func(conn net.Conn, reached func()) {
			config := &ssh.ServerConfig{NoClientAuth: true}
			config.AddHostKey(signerOf(edKey))
			_, channels, requests, err := ssh.NewServerConn(conn, config)
			if err != nil {
				return
			}
			go ssh.DiscardRequests(requests)
			for range channels {
				reached()
			}
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			reached := make(chan struct{}, cancels)
			d := &sshDouble{}
			addr := d.listen(t, func(conn net.Conn) {
				test.serve(conn, func() { reached <- struct{}{} })
			})
			layers := []route.Layer{sshroute.Hop(addr, withPassword)}
			if test.below {
				layers = []route.Layer{route.HTTPProxy(addr, nil), sshroute.Hop("s.example:22", trusting())}
			}
			baseline := runtime.NumGoroutine()
			var took []time.Duration
			for range cancels {
				ctx, cancel := context.WithCancel(t.Context())
				failed := make(chan error, 1)
				go func() {
					_, err := route.Through(layers...).DialContext(ctx, "tcp", "a.example:1")
					failed <- err
				}()
				<-reached
				start := time.Now()
				cancel()
				err := <-failed
				took = append(took, time.Since(start))
				if !errors.Is(err, context.Canceled) {
					t.Fatalf("error = %v", err)
				}
				if got, ok := errors.AsType[*route.Error](err); !ok || got.Phase != test.phase || got.Addr != addr {
					t.Fatalf("error = %v, want one of %s", err, test.phase)
				}
			}
			eventually(t, func() bool { return d.open() == 0 && runtime.NumGoroutine() <= baseline }, "goroutines or connections stay")
			slices.Sort(took)
			p99 := took[len(took)*99/100]
			t.Logf("H08, H12: %d cancels in the phase %s, p50 %v, p99 %v", cancels, test.name, took[len(took)/2], p99)
			if p99 > 50*time.Millisecond {
				t.Errorf("p99 = %v", p99)
			}
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
			defer cancel()
			_, err := route.Through(layers...).DialContext(ctx, "tcp", "a.example:1")
			if failed, ok := errors.AsType[*route.Error](err); !errors.Is(err, context.DeadlineExceeded) || !ok || !failed.Timeout() {
				t.Errorf("after the deadline: %v", err)
			}
		})
	}
}
