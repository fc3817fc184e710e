package sshroute

import (
	"cmp"
	"errors"
	"io"
	"net"
	"sync"
	"sync/atomic"

	"github.com/fairlead-ws/fairlead/route"
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
	cause error // of the first read or write that failed

	newKeysSent bool        // used by writers, of whom there is one at a time until auth
	auth        atomic.Bool // we have begun to say who we are
}

func (g *guard) Read(p []byte) (int, error) {
	accepted := g.accepted.Load()
	if !accepted {
		left := maxHandshake - g.received.Load()
		if left <= 0 {
			return 0, g.broken(errTooMuch)
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
		if errors.Is(err, io.EOF) {
			err = errServerClosed
		}
		err = g.broken(err)
	}
	return n, err
}

// broken ends the link after a read has failed with err. A write may be stuck,
// and the library would wait for it before it tells anybody.
func (g *guard) broken(err error) error {
	g.note(err)
	_ = g.Close()
	return err
}

func (g *guard) note(err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.cause = cmp.Or(g.cause, err)
}

// failed returns why the first read or write failed, or nil. The library may keep
// that of a write to itself: it closes the connection, or tries the next method of
// authentication.
func (g *guard) failed() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.cause
}

// why returns what ended the link.
func (g *guard) why() error { return cmp.Or(g.failed(), errServerClosed) }

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
	n, err := g.Conn.Write(p)
	if err == nil && n < len(p) {
		err = io.ErrShortWrite
	}
	if err != nil && !g.ended.Load() {
		g.note(err)
	}
	return n, err
}

func (g *guard) Close() error {
	g.ended.Store(true)
	return route.HangUp(g.Conn)
}

// heard returns what the server has sent in the clear.
func (g *guard) heard() (version, strict bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.hello.version, g.hello.strict()
}
