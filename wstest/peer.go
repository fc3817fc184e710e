package wstest

import (
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"time"
)

// acceptTimeout is how long a [Peer] waits for its client.
const acceptTimeout = 30 * time.Second

// Peer plays a script to one client over TCP.
type Peer struct {
	url  string
	done chan struct{} // closed when the verdict stands
	err  error         // the verdict

	running  sync.WaitGroup
	listener net.Listener
	mu       sync.Mutex
	conn     net.Conn // nil before the client came
	closed   bool
}

// Listen waits on a free port of 127.0.0.1 and plays the steps to the first
// client that comes, see [Play]; there is no second. When no client comes
// within 30 seconds, or listening fails, Err says so.
//
// After the last step the peer shuts its direction and discards what the
// client still sends, until the client ends or Close is called. A script that
// is to hold the connection open ends in [ExpectEOF].
func Listen(steps ...Step) *Peer {
	p := &Peer{done: make(chan struct{}), url: "ws://127.0.0.1:0"}
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		p.err = fmt.Errorf("wstest: %w", err)
		close(p.done)
		return p
	}
	p.listener = listener
	p.url = "ws://" + listener.Addr().String()
	p.running.Go(func() { p.run(steps) })
	return p
}

func (p *Peer) run(steps []Step) {
	defer p.listener.Close()
	conn, err := p.accept()
	if err == nil {
		defer conn.Close()
		err = Play(conn, steps...)
	}
	p.err = err
	close(p.done)
	if err != nil {
		return
	}
	if closeWrite(conn) == nil {
		_, _ = io.Copy(io.Discard, conn)
	}
}

func (p *Peer) accept() (net.Conn, error) {
	if l, ok := p.listener.(*net.TCPListener); ok {
		_ = l.SetDeadline(time.Now().Add(acceptTimeout))
	}
	conn, err := p.listener.Accept()
	if err != nil {
		return nil, fmt.Errorf("wstest: no client came: %w", err)
	}
	p.listener.Close()
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		conn.Close()
		return nil, errors.New("wstest: the peer was closed before the script began")
	}
	p.conn = conn
	return conn, nil
}

// URL returns what the client dials: "ws://127.0.0.1:port".
func (p *Peer) URL() string { return p.url }

// Err waits for the end of the script and returns its verdict, nil when every
// step came true.
func (p *Peer) Err() error {
	<-p.done
	return p.err
}

// Close ends the peer, a script under way too, and waits for its goroutine.
// Further calls do nothing.
func (p *Peer) Close() {
	p.mu.Lock()
	p.closed = true
	if p.conn != nil {
		p.conn.Close()
	}
	p.mu.Unlock()
	if p.listener != nil {
		p.listener.Close()
	}
	p.running.Wait()
}
