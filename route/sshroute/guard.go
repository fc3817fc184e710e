package sshroute

import (
	"errors"
	"io"
	"net"
	"sync"
	"sync/atomic"
)

// maxHandshake is how many bytes a server may send until it has accepted us:
// what comes before the version, key exchange, banners, questions. Real ones
// need 2 to 10 KiB.
const maxHandshake = 256 << 10

// msgNewKeys is SSH_MSG_NEWKEYS (RFC 4253 section 7.3).
const msgNewKeys = 21

var errTooMuch = errors.New("the server has sent more than 256 KiB before it accepted us")

// guard is the connection below the SSH library. It bounds the handshake, knows
// how far that has got, and learns of the end of the link before the channels
// do.
type guard struct {
	net.Conn
	received atomic.Int64
	accepted atomic.Bool // the handshake is over
	ended    atomic.Bool // closed, or a read has failed

	mu    sync.Mutex
	hello hello // what the server sent in the clear

	newKeysSent bool        // used by writers, of whom there is one at a time until auth
	auth        atomic.Bool // we have begun to say who we are
}

func (g *guard) Read(p []byte) (int, error) {
	accepted := g.accepted.Load()
	if !accepted {
		left := maxHandshake - g.received.Load()
		if left <= 0 {
			g.ended.Store(true)
			return 0, errTooMuch
		}
		p = p[:min(int64(len(p)), left)]
	}
	n, err := g.Conn.Read(p)
	g.received.Add(int64(n))
	if !accepted {
		g.mu.Lock()
		g.hello.add(p[:n])
		g.mu.Unlock()
	}
	if err != nil {
		g.ended.Store(true)
		if errors.Is(err, io.EOF) {
			err = errServerClosed
		}
	}
	return n, err
}

// Write sees whole packets, as long as they are in the clear: length, length of
// the padding, type. The first one after SSH_MSG_NEWKEYS asks for
// authentication.
func (g *guard) Write(p []byte) (int, error) {
	if !g.auth.Load() {
		if g.newKeysSent {
			g.auth.Store(true)
		}
		g.newKeysSent = g.newKeysSent || len(p) > 5 && p[5] == msgNewKeys
	}
	return g.Conn.Write(p)
}

func (g *guard) Close() error {
	g.ended.Store(true)
	return g.Conn.Close()
}

// heard returns what the server has sent in the clear.
func (g *guard) heard() (version, strict bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.hello.version, g.hello.strict()
}
