package chilkat_test

import (
	"bufio"
	"crypto/ed25519"
	"crypto/md5"
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"sync"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"
)

// The credentials that every hop of this file knows.
const (
	hopUser     = "alice"
	hopPassword = "canary-of-the-hop"
)

// hop is a proxy or an SSH server in this process.
type hop struct {
	l  net.Listener
	wg sync.WaitGroup
	// ended has a value for each connection that is over.
	ended chan struct{}

	mu    sync.Mutex
	conns map[io.Closer]bool
	asked []string      // the targets, "host:port"
	hold  chan struct{} // nil, or what dial waits for
}

// startHop serves each connection with serve until the test is over.
func startHop(t *testing.T, serve func(h *hop, conn net.Conn)) *hop {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	h := &hop{l: l, conns: map[io.Closer]bool{}, ended: make(chan struct{}, 1000)}
	h.wg.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			if h.keep(conn) {
				h.wg.Go(func() {
					defer func() { h.ended <- struct{}{} }()
					defer conn.Close()
					serve(h, conn)
				})
			}
		}
	})
	t.Cleanup(h.stop)
	return h
}

// stop ends all connections and waits until nothing runs.
func (h *hop) stop() {
	h.l.Close()
	h.mu.Lock()
	for c := range h.conns {
		c.Close()
	}
	h.conns = nil
	h.mu.Unlock()
	h.wg.Wait()
}

// keep remembers what stop must close. It returns false, with c closed, after it.
func (h *hop) keep(c io.Closer) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.conns == nil {
		c.Close()
		return false
	}
	h.conns[c] = true
	return true
}

// idle waits until a connection is over.
func (h *hop) idle(t *testing.T) {
	t.Helper()
	select {
	case <-h.ended:
	case <-time.After(limit):
		t.Error("a connection is still open")
	}
}

func (h *hop) port() int { return h.l.Addr().(*net.TCPAddr).Port }

func (h *hop) targets() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return append([]string{}, h.asked...)
}

// stall makes the hop reach no target any more until the test is over.
func (h *hop) stall(t *testing.T) {
	h.mu.Lock()
	defer h.mu.Unlock()
	hold := make(chan struct{})
	h.hold = hold
	t.Cleanup(func() { close(hold) })
}

// dial connects to a target and remembers that it was asked for.
func (h *hop) dial(target string) (net.Conn, error) {
	h.mu.Lock()
	h.asked = append(h.asked, target)
	hold := h.hold
	h.mu.Unlock()
	if hold != nil {
		<-hold
	}
	conn, err := net.Dial("tcp", target)
	if err == nil && !h.keep(conn) {
		err = net.ErrClosed
	}
	return conn, err
}

// carry copies both ways until one side ends.
func (h *hop) carry(a io.ReadWriteCloser, fromA io.Reader, b net.Conn) {
	done := make(chan struct{})
	h.wg.Go(func() {
		defer close(done)
		io.Copy(a, b)
		a.Close()
		b.Close()
	})
	io.Copy(b, fromA)
	a.Close()
	b.Close()
	<-done
}

// httpProxy is an HTTP proxy that wants credentials of one scheme, "Basic" or
// "Digest"; "" wants none.
func httpProxy(t *testing.T, scheme string) *hop {
	return startHop(t, func(h *hop, conn net.Conn) {
		in := bufio.NewReader(conn)
		for {
			req, err := http.ReadRequest(in)
			if err != nil {
				return
			}
			switch {
			case req.Method != http.MethodConnect:
				io.WriteString(conn, "HTTP/1.1 405 Method Not Allowed\r\nContent-Length: 0\r\n\r\n")
			case !proxyKnows(scheme, req.Header.Get("Proxy-Authorization")):
				challenge := `Basic realm="test"`
				if scheme == "Digest" {
					challenge = `Digest realm="test", nonce="abc", qop="auth", algorithm=MD5`
				}
				fmt.Fprintf(conn, "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: %s\r\nContent-Length: 0\r\n\r\n", challenge)
			default:
				up, err := h.dial(req.Host)
				if err != nil {
					io.WriteString(conn, "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")
					return
				}
				io.WriteString(conn, "HTTP/1.1 200 OK\r\n\r\n")
				h.carry(conn, in, up)
				return
			}
		}
	})
}

var digestParam = regexp.MustCompile(`(\w+)="?([^",]*)"?`)

func proxyKnows(scheme, proof string) bool {
	switch scheme {
	case "":
		return true
	case "Basic":
		return proof == "Basic "+base64.StdEncoding.EncodeToString([]byte(hopUser+":"+hopPassword))
	}
	p := map[string]string{}
	for _, m := range digestParam.FindAllStringSubmatch(proof, -1) {
		p[m[1]] = m[2]
	}
	md5Hex := func(s string) string { sum := md5.Sum([]byte(s)); return hex.EncodeToString(sum[:]) }
	a1, a2 := md5Hex(hopUser+":test:"+hopPassword), md5Hex("CONNECT:"+p["uri"])
	return p["username"] == hopUser && p["response"] == md5Hex(a1+":abc:"+p["nc"]+":"+p["cnonce"]+":auth:"+a2)
}

// socksProxy is a SOCKS proxy of version 4 (with 4a) or 5, which wants a password.
func socksProxy(t *testing.T, version byte) *hop {
	return startHop(t, func(h *hop, conn net.Conn) {
		in := bufio.NewReader(conn)
		var target string
		var err error
		granted, refused := []byte{5, 0, 0, 1, 0, 0, 0, 0, 0, 0}, []byte{5, 5, 0, 1, 0, 0, 0, 0, 0, 0}
		if version == 4 {
			target, err = socks4Target(in)
			granted, refused = []byte{0, 90, 0, 0, 0, 0, 0, 0}, []byte{0, 91, 0, 0, 0, 0, 0, 0}
		} else {
			target, err = socks5Target(in, conn)
		}
		if err != nil {
			return
		}
		up, err := h.dial(target)
		if err != nil {
			conn.Write(refused)
			return
		}
		conn.Write(granted)
		h.carry(conn, in, up)
	})
}

func socks4Target(in *bufio.Reader) (string, error) {
	head := make([]byte, 8)
	if _, err := io.ReadFull(in, head); err != nil {
		return "", err
	}
	user, err := in.ReadString(0)
	if err == nil && user != hopUser+"\x00" {
		err = io.ErrUnexpectedEOF
	}
	host := net.IP(head[4:8]).String()
	if err == nil && head[4]|head[5]|head[6] == 0 { // SOCKS4a
		host, err = in.ReadString(0)
		host = host[:max(0, len(host)-1)]
	}
	return net.JoinHostPort(host, strconv.Itoa(int(binary.BigEndian.Uint16(head[2:4])))), err
}

func socks5Target(in *bufio.Reader, conn net.Conn) (string, error) {
	block := func(n int) []byte {
		b := make([]byte, n)
		if _, err := io.ReadFull(in, b); err != nil {
			return make([]byte, n)
		}
		return b
	}
	text := func() string { return string(block(int(block(1)[0]))) }
	block(int(block(2)[1]))
	conn.Write([]byte{5, 2})
	block(1)
	if text() != hopUser || text() != hopPassword {
		conn.Write([]byte{1, 1})
		return "", io.ErrUnexpectedEOF
	}
	conn.Write([]byte{1, 0})
	host := ""
	switch block(4)[3] {
	case 1:
		host = net.IP(block(4)).String()
	case 3:
		host = text()
	case 4:
		host = net.IP(block(16)).String()
	}
	return net.JoinHostPort(host, strconv.Itoa(int(binary.BigEndian.Uint16(block(2))))), nil
}

// sshServer is an SSH server that forwards; the user proves himself by the
// password or by clientKey.
func sshServer(t *testing.T) (h *hop, hostKey ssh.PublicKey, clientKey string) {
	t.Helper()
	_, hostPrivate, err1 := ed25519.GenerateKey(rand.Reader)
	signer, err2 := ssh.NewSignerFromKey(hostPrivate)
	clientPublic, clientPrivate, err3 := ed25519.GenerateKey(rand.Reader)
	known, err4 := ssh.NewPublicKey(clientPublic)
	block, err5 := ssh.MarshalPrivateKeyWithPassphrase(clientPrivate, "", []byte(hopPassword))
	for _, err := range []error{err1, err2, err3, err4, err5} {
		if err != nil {
			t.Fatal(err)
		}
	}
	cfg := &ssh.ServerConfig{
		PasswordCallback: func(c ssh.ConnMetadata, password []byte) (*ssh.Permissions, error) {
			if c.User() != hopUser || string(password) != hopPassword {
				return nil, fmt.Errorf("no")
			}
			return nil, nil
		},
		PublicKeyCallback: func(c ssh.ConnMetadata, key ssh.PublicKey) (*ssh.Permissions, error) {
			if c.User() != hopUser || string(key.Marshal()) != string(known.Marshal()) {
				return nil, fmt.Errorf("no")
			}
			return nil, nil
		},
	}
	cfg.AddHostKey(signer)
	h = startHop(t, func(h *hop, conn net.Conn) {
		server, channels, requests, err := ssh.NewServerConn(conn, cfg)
		if err != nil {
			return
		}
		h.wg.Go(func() { ssh.DiscardRequests(requests) })
		for channel := range channels {
			h.wg.Go(func() { h.forward(channel) })
		}
		server.Close()
	})
	return h, signer.PublicKey(), string(pem.EncodeToMemory(block))
}

// forward serves a channel of the type direct-tcpip (RFC 4254 section 7.2).
func (h *hop) forward(asked ssh.NewChannel) {
	var to struct {
		Host       string
		Port       uint32
		Origin     string
		OriginPort uint32
	}
	if err := ssh.Unmarshal(asked.ExtraData(), &to); err != nil || asked.ChannelType() != "direct-tcpip" {
		asked.Reject(ssh.UnknownChannelType, "")
		return
	}
	up, err := h.dial(net.JoinHostPort(to.Host, strconv.Itoa(int(to.Port))))
	if err != nil {
		asked.Reject(ssh.ConnectionFailed, "no")
		return
	}
	channel, requests, err := asked.Accept()
	if err != nil {
		up.Close()
		return
	}
	h.wg.Go(func() { ssh.DiscardRequests(requests) })
	h.carry(channel, channel, up)
}

// knownHosts is a file in which the server's key is known.
func (h *hop) knownHosts(t *testing.T, key ssh.PublicKey) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "known_hosts")
	line := fmt.Sprintf("[127.0.0.1]:%d %s", h.port(), ssh.MarshalAuthorizedKey(key))
	if err := os.WriteFile(path, []byte(line), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// stuckHop says what it is given, reads and then waits until the test is over.
// reached is closed when something was read.
func stuckHop(t *testing.T, says string) (h *hop, reached chan struct{}) {
	reached = make(chan struct{})
	var once sync.Once
	return startHop(t, func(_ *hop, conn net.Conn) {
		conn.SetDeadline(time.Now().Add(limit))
		io.WriteString(conn, says)
		conn.Read(make([]byte, 1))
		once.Do(func() { close(reached) })
		io.Copy(io.Discard, conn)
	}), reached
}

func fingerprint(key ssh.PublicKey) string { return ssh.FingerprintSHA256(key) }
