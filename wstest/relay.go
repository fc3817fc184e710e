package wstest

import (
	"context"
	"fmt"
	"io"
	"net"
	"sync"
)

// relayBuffer is how many bytes of the server a [Relay] moves at once.
const relayBuffer = 32 << 10

// Relay is a TCP relay for one connection that can stop the server's bytes
// anywhere: after every byte of a TLS stream, say. Bytes from the client pass
// freely; of the server's, none pass until [Relay.Allow] or [Relay.AllowAll],
// so a TLS handshake needs some of them too.
//
// Its methods may be called at the same time.
type Relay struct {
	listener net.Listener
	cancel   context.CancelFunc // of connecting to the server
	running  sync.WaitGroup

	mu        sync.Mutex
	changed   sync.Cond // any field below may have changed
	allowed   int       // bytes since the start of the connection
	all       bool
	forwarded int
	moving    bool // a Write to the client is under way
	ended     bool // nothing will be forwarded any more
	closed    bool
	conns     []net.Conn
}

// NewRelay listens on a free port of 127.0.0.1 and connects the first client
// that comes to addr, a host and port. There is no second client.
func NewRelay(addr string) (*Relay, error) {
	if _, _, err := net.SplitHostPort(addr); err != nil {
		return nil, fmt.Errorf("wstest: relay: %w", err)
	}
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("wstest: relay: %w", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	r := &Relay{listener: listener, cancel: cancel}
	r.changed.L = &r.mu
	r.running.Go(func() { r.run(ctx, addr) })
	return r, nil
}

func (r *Relay) run(ctx context.Context, addr string) {
	defer r.end()
	client, err := r.listener.Accept()
	r.listener.Close()
	if err != nil || !r.keep(client) {
		return
	}
	defer client.Close()
	server, err := (&net.Dialer{Timeout: stepTimeout}).DialContext(ctx, "tcp", addr)
	if err != nil || !r.keep(server) {
		return
	}
	defer server.Close()
	var up sync.WaitGroup
	up.Go(func() {
		_, _ = io.Copy(server, client)
		_ = closeWrite(server)
	})
	r.forward(client, server)
	r.end()
	_ = closeWrite(client)
	up.Wait()
}

// keep has Close close conn, and closes it itself when it comes too late.
func (r *Relay) keep(conn net.Conn) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		conn.Close()
		return false
	}
	r.conns = append(r.conns, conn)
	return true
}

func (r *Relay) end() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ended = true
	r.changed.Broadcast()
}

// forward moves the server's bytes. It reads ahead, so that Hold need not wait
// for a read that is under way.
func (r *Relay) forward(client, server net.Conn) {
	buf := make([]byte, relayBuffer)
	for {
		n, err := server.Read(buf)
		for rest := buf[:n]; len(rest) > 0; {
			may := r.take(len(rest))
			if may == 0 {
				return
			}
			n, err := client.Write(rest[:may])
			r.moved(n)
			if err != nil {
				return
			}
			rest = rest[n:]
		}
		if err != nil {
			return
		}
	}
}

// take waits until some of the next want bytes may pass and says how many; 0
// after Close. The caller moves them and then calls moved.
func (r *Relay) take(want int) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	for !r.closed && !r.all && r.forwarded >= r.allowed {
		r.changed.Wait()
	}
	if r.closed {
		return 0
	}
	r.moving = true
	if r.all {
		return want
	}
	return min(want, r.allowed-r.forwarded)
}

func (r *Relay) moved(n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.moving = false
	r.forwarded += n
	r.changed.Broadcast()
}

// Addr returns the host and port that the client dials.
func (r *Relay) Addr() string { return r.listener.Addr().String() }

// Allow lets n more bytes of the server pass, counted from the start of the
// connection: two calls with 1 let its first two bytes pass.
func (r *Relay) Allow(n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.allowed += max(n, 0)
	r.changed.Broadcast()
}

// AllowAll lets all further bytes of the server pass.
func (r *Relay) AllowAll() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.all = true
	r.changed.Broadcast()
}

// Hold stops the server's bytes again, after AllowAll too: what has passed when
// Hold returns is all that passes until Allow or AllowAll is called again.
func (r *Relay) Hold() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for r.moving && !r.closed {
		r.changed.Wait()
	}
	r.all = false
	r.allowed = r.forwarded
}

// Forwarded returns how many bytes of the server were written to the client.
func (r *Relay) Forwarded() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.forwarded
}

// WaitIdle waits until every allowed byte was written to the client. The
// kernel then has the bytes, the client can read them at once. After AllowAll
// it waits for the end of the server's stream. The error is io.ErrUnexpectedEOF
// in a chain when the connection ended before, and that of ctx when it ended.
func (r *Relay) WaitIdle(ctx context.Context) error {
	stop := context.AfterFunc(ctx, func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.changed.Broadcast()
	})
	defer stop()
	r.mu.Lock()
	defer r.mu.Unlock()
	for {
		switch {
		case !r.all && r.forwarded >= r.allowed, r.all && r.ended && !r.closed:
			return nil
		case r.ended:
			return fmt.Errorf("wstest: relay: the stream ended after %d bytes: %w", r.forwarded, io.ErrUnexpectedEOF)
		case ctx.Err() != nil:
			return ctx.Err()
		}
		r.changed.Wait()
	}
}

// Close ends the relay and its connections and waits for its goroutines.
// Further calls do nothing.
func (r *Relay) Close() {
	r.mu.Lock()
	r.closed = true
	for _, conn := range r.conns {
		conn.Close()
	}
	r.changed.Broadcast()
	r.mu.Unlock()
	r.listener.Close()
	r.cancel()
	r.running.Wait()
}
