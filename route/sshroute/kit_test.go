package sshroute_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/pem"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/fairlead-ws/fairlead/route"
	"github.com/fairlead-ws/fairlead/route/sshroute"
)

const (
	user   = "fay"
	secret = "canary-3f1c"
)

var errRefused = errors.New("no")

// The keys of all tests; RSA is slow to make.
var (
	edKey, clientKey = newEd25519(), newEd25519()
	ecKey            = must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	rsaKey           = must(rsa.GenerateKey(rand.Reader, 2048))
)

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func newEd25519() ed25519.PrivateKey {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	return must(key, err)
}

func signerOf(key any) ssh.Signer { return must(ssh.NewSignerFromKey(key)) }

// marshal returns a key in OpenSSH's format.
func marshal(key any, passphrase string) []byte {
	if passphrase == "" {
		return pem.EncodeToMemory(must(ssh.MarshalPrivateKey(key, "")))
	}
	return pem.EncodeToMemory(must(ssh.MarshalPrivateKeyWithPassphrase(key, "", []byte(passphrase))))
}

// sshDouble is an SSH server in this process.
type sshDouble struct {
	config  ssh.ServerConfig
	keys    []ssh.Signer         // default: edKey
	channel func(ssh.NewChannel) // default: dials what is asked for
	global  func(*ssh.ServerConn, <-chan *ssh.Request)
	begin   func(*ssh.ServerConn) // called when a client is in

	addr     string
	attempts atomic.Int32 // to authenticate
	logins   atomic.Int32

	mu    sync.Mutex
	conns map[net.Conn]bool
}

// start serves until the test ends.
func (d *sshDouble) start(t testing.TB) *sshDouble {
	t.Helper()
	if d.keys == nil {
		d.keys = []ssh.Signer{signerOf(edKey)}
	}
	for _, key := range d.keys {
		d.config.AddHostKey(key)
	}
	if d.config.PasswordCallback == nil && d.config.PublicKeyCallback == nil && d.config.KeyboardInteractiveCallback == nil {
		d.config.NoClientAuth = true
	}
	d.config.AuthLogCallback = func(ssh.ConnMetadata, string, error) { d.attempts.Add(1) }
	d.addr = d.listen(t, d.serve)
	return d
}

func (d *sshDouble) listen(t testing.TB, serve func(net.Conn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	d.conns = map[net.Conn]bool{}
	var all sync.WaitGroup
	all.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			d.mu.Lock()
			d.conns[conn] = true
			d.mu.Unlock()
			all.Go(func() {
				serve(conn)
				_ = conn.Close()
				d.mu.Lock()
				delete(d.conns, conn)
				d.mu.Unlock()
			})
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		d.cut()
		all.Wait()
	})
	return l.Addr().String()
}

// cut ends all connections.
func (d *sshDouble) cut() {
	d.mu.Lock()
	defer d.mu.Unlock()
	for conn := range d.conns {
		_ = conn.Close()
	}
}

// open is how many connections there are.
func (d *sshDouble) open() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.conns)
}

func (d *sshDouble) serve(raw net.Conn) {
	conn, channels, requests, err := ssh.NewServerConn(raw, &d.config)
	if err != nil {
		return
	}
	d.logins.Add(1)
	if d.global != nil {
		go d.global(conn, requests)
	} else {
		go ssh.DiscardRequests(requests)
	}
	if d.begin != nil {
		go d.begin(conn)
	}
	var all sync.WaitGroup
	for c := range channels {
		all.Go(func() {
			if d.channel != nil {
				d.channel(c)
			} else {
				forward(c)
			}
		})
	}
	all.Wait()
}

// forward does what is asked for.
func forward(c ssh.NewChannel) {
	var to struct {
		Host string
		Port uint32
		Rest []byte `ssh:"rest"`
	}
	network, addr := "tcp", ""
	switch c.ChannelType() {
	case "direct-tcpip":
		_ = ssh.Unmarshal(c.ExtraData(), &to)
		addr = net.JoinHostPort(to.Host, strconv.Itoa(int(to.Port)))
	case "direct-streamlocal@openssh.com":
		var path struct {
			Path string
			Rest []byte `ssh:"rest"`
		}
		_ = ssh.Unmarshal(c.ExtraData(), &path)
		network, addr = "unix", path.Path
	default:
		_ = c.Reject(ssh.UnknownChannelType, "what?")
		return
	}
	out, err := net.Dial(network, addr)
	if err != nil {
		_ = c.Reject(ssh.ConnectionFailed, err.Error())
		return
	}
	defer out.Close()
	channel, requests, err := c.Accept()
	if err != nil {
		return
	}
	go ssh.DiscardRequests(requests)
	var both sync.WaitGroup
	both.Go(func() {
		_, err := io.Copy(out, channel)
		if half, ok := out.(interface{ CloseWrite() error }); ok && err == nil {
			_ = half.CloseWrite()
		}
	})
	both.Go(func() {
		_, _ = io.Copy(channel, out)
		_ = channel.Close()
		_ = out.Close()
	})
	both.Wait()
}

// trusting returns a Config that knows the server by edKey.
func trusting() *sshroute.Config {
	return &sshroute.Config{User: user, HostKeyFingerprints: []string{ssh.FingerprintSHA256(signerOf(edKey).PublicKey())}}
}

// echo serves at the network's address, and returns it.
func echo(t testing.TB, network, addr string) string {
	t.Helper()
	l, err := net.Listen(network, addr)
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
				_, _ = io.Copy(conn, conn)
				_ = conn.Close()
			})
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		all.Wait()
	})
	return l.Addr().String()
}

// talks holds that what is written to conn comes back, and closes it.
func talks(t testing.TB, conn net.Conn, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, "hello"); err != nil {
		t.Fatal(err)
	}
	var p [5]byte
	if _, err := io.ReadFull(conn, p[:]); err != nil || string(p[:]) != "hello" {
		t.Fatalf("read %q, %v", p, err)
	}
}

func within(t testing.TB, d time.Duration) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), d)
	t.Cleanup(cancel)
	return ctx
}

// dial connects to target through the server at addr.
func dial(t testing.TB, addr string, cfg *sshroute.Config, target string) (net.Conn, error) {
	t.Helper()
	return route.Through(sshroute.Hop(addr, cfg)).DialContext(within(t, 10*time.Second), "tcp", target)
}

// client is a Client that ends with the test.
func client(t testing.TB, addr string, cfg *sshroute.Config) *sshroute.Client {
	t.Helper()
	c, err := sshroute.Dial(within(t, 10*time.Second), route.TCP{}, addr, cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = c.Close()
		<-c.Done()
	})
	return c
}

// file writes a file of the test.
func file(t testing.TB, name string, content []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// failsIn holds that err is that of a phase.
func failsIn(t testing.TB, err error, phase, addr string) {
	t.Helper()
	failed, ok := errors.AsType[*route.Error](err)
	if err != nil && strings.Contains(err.Error(), secret) {
		t.Errorf("the error has a secret: %v", err)
	}
	if !ok || failed.Phase != phase || failed.Addr != addr {
		t.Errorf("error = %v, want one in the phase %q at %s", err, phase, addr)
	}
}
