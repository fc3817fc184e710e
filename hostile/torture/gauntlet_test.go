package torture_test

import (
	"context"
	"io"
	"net"
	"sync"
	"time"
)

// blow is what a gauntlet does to what passes it.
type blow int

const (
	resets   blow = iota // RST to the client, and nothing more passes
	finishes             // FIN to the client, and nothing more passes
	halves               // half of the bytes pass, then RST
	stalls               // nothing more passes; soon after the context ends
	trickles             // the bytes pass one by one
	aborts               // the context ends
	numBlows = iota
)

func (b blow) String() string {
	return [...]string{"RST", "FIN", "half and RST", "stall", "trickle", "cancel"}[b]
}

// portion is how many bytes pass a gauntlet at once, so that there are enough
// moments to strike at.
const portion = 200

// gauntlet is a relay before a server that strikes once: when the due-th thing
// passes, be it a connection or some bytes in either direction.
type gauntlet struct {
	listener net.Listener
	server   *rig
	blow     blow
	due      int
	abort    context.CancelFunc
	running  sync.WaitGroup
	over     chan struct{}

	mu     sync.Mutex
	passed int
	struck bool
	at     time.Time
	conns  []net.Conn
}

// newGauntlet listens for network, "tcp" or "unix", at addr.
func newGauntlet(network, addr string, server *rig, b blow, due int, abort context.CancelFunc) (*gauntlet, error) {
	l, err := net.Listen(network, addr)
	if err != nil {
		return nil, err
	}
	g := &gauntlet{listener: l, server: server, blow: b, due: due, abort: abort, over: make(chan struct{})}
	g.running.Go(func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			g.running.Go(func() { g.relay(client) })
		}
	})
	return g, nil
}

func (g *gauntlet) close() {
	g.listener.Close()
	g.mu.Lock()
	close(g.over)
	for _, nc := range g.conns {
		nc.Close()
	}
	g.mu.Unlock()
	g.running.Wait()
}

// keep has close close nc.
func (g *gauntlet) keep(nc net.Conn) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	select {
	case <-g.over:
		nc.Close()
		return false
	default:
	}
	g.conns = append(g.conns, nc)
	return true
}

// strike counts what passes and tells whether it is its turn.
func (g *gauntlet) strike() bool {
	g.mu.Lock()
	g.passed++
	due := g.passed == g.due
	if due {
		g.struck, g.at = true, time.Now()
	}
	g.mu.Unlock()
	if due && g.blow == aborts {
		g.abort()
	}
	return due
}

func (g *gauntlet) relay(client net.Conn) {
	defer client.Close()
	if !g.keep(client) {
		return
	}
	if g.strike() && !g.pass(client, client, nil) {
		return
	}
	server, err := g.server.dial()
	if err != nil || !g.keep(server) {
		return
	}
	defer server.Close()
	var up sync.WaitGroup
	up.Go(func() { g.copy(server, client, client) })
	g.copy(client, server, client)
	up.Wait()
}

// copy passes bytes on until one side ends.
func (g *gauntlet) copy(to, from, client net.Conn) {
	buf := make([]byte, portion)
	for {
		n, err := from.Read(buf)
		if n > 0 {
			if g.strike() {
				if !g.pass(to, client, buf[:n]) {
					to.Close()
					from.Close()
					return
				}
			} else if _, err := to.Write(buf[:n]); err != nil {
				return
			}
		}
		if err != nil {
			if half, ok := to.(interface{ CloseWrite() error }); ok {
				_ = half.CloseWrite()
			}
			return
		}
	}
}

// pass strikes at p on its way and returns whether the connection lives.
func (g *gauntlet) pass(to, client net.Conn, p []byte) bool {
	switch g.blow {
	case trickles:
		for i := range p {
			if _, err := to.Write(p[i : i+1]); err != nil {
				return false
			}
		}
		return true
	case aborts:
		_, err := to.Write(p)
		return err == nil
	case halves:
		_, _ = to.Write(p[:len(p)/2])
		fallthrough
	case resets:
		if tcp, ok := client.(*net.TCPConn); ok {
			_ = tcp.SetLinger(0)
		}
		client.Close()
	case finishes:
		if half, ok := client.(interface{ CloseWrite() error }); ok {
			_ = half.CloseWrite()
		}
		_, _ = io.Copy(io.Discard, client)
	case stalls:
		select {
		case <-time.After(5 * time.Millisecond):
			g.abort()
		case <-g.over:
		}
		<-g.over
	}
	return false
}
