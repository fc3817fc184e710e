package torture_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"

	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/wstest"
)

// world is one run of a scenario: servers in memory, the calls that the client
// makes to reach them, and the fault.
type world struct {
	kind    fault
	due     int // the call that the fault hits
	servers map[string]func(net.Conn)
	log     journal // of the WebSocket server

	mu      sync.Mutex
	calls   int
	met     bool // the fault has come
	metOp   op
	metAt   time.Time
	fragile bool // what is under way need not survive a harmless fault: a dial, a close
	during  bool // the fault came while it was
	partial bool // a write was cut, and half a frame is out
	open    map[*conn]bool
	opened  int
	ended   int
	stop    context.CancelFunc // of the stage
}

// pause is from when a call blocks until the context ends.
const pause = 5 * time.Millisecond

// stage begins a part of the scenario with a context of its own, the one that the
// fault ends.
func (w *world) stage() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.stop != nil {
		w.stop()
	}
	w.stop = cancel
	if w.met && w.kind == blocks { // what blocks may be in the background, and go on
		time.AfterFunc(pause, cancel)
	}
	return ctx
}

// end ends the context of the stage.
func (w *world) end() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.stop != nil {
		w.stop()
	}
}

// strike counts a call and tells whether the fault is due in it.
func (w *world) strike(o op) bool {
	w.mu.Lock()
	w.calls++
	due := w.calls == w.due && w.kind.hits(o)
	if due {
		w.met, w.metOp, w.metAt, w.during = true, o, time.Now(), w.fragile
	}
	w.mu.Unlock()
	if !due {
		return false
	}
	switch w.kind {
	case cancels:
		w.end()
	case blocks:
		time.AfterFunc(pause, w.end)
	}
	return true
}

func (w *world) cause(o op) error { return &injected{o, errnos[w.due%len(errnos)]} }

// DialContext reaches a server in memory.
func (w *world) DialContext(ctx context.Context, _, addr string) (net.Conn, error) {
	if w.strike(dial) {
		switch w.kind {
		case fails:
			return nil, w.cause(dial)
		case blocks:
			<-ctx.Done()
			return nil, ctx.Err()
		}
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	nc, err := w.reach(addr)
	if err != nil {
		return nil, err
	}
	c := newConn(w, nc)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.open[c] = true
	w.opened++
	return c, nil
}

// reach starts a server for one connection to addr.
func (w *world) reach(addr string) (net.Conn, error) {
	serve := w.servers[addr]
	if serve == nil {
		return nil, fmt.Errorf("no such server: %s", addr)
	}
	client, server := wstest.Pipe()
	go func() {
		defer server.Close()
		serve(server)
	}()
	return client, nil
}

// dial opens a WebSocket with d through the world.
func (w *world) dial(d fairlead.Dialer, url string) (*fairlead.Conn, error) {
	if d.Route == nil {
		d.Route = w
	}
	d.CloseTimeout = 200 * time.Millisecond
	if d.TLS == nil {
		d.TLS = authority().client
	}
	w.setFragile(true)
	defer w.setFragile(false)
	return d.Dial(w.stage(), url)
}

func (w *world) setFragile(on bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.fragile = on
}

// read calls a verb that reads, again when it was interrupted: that loses nothing.
func (w *world) read(verb func(ctx context.Context) error) error {
	for again := 0; ; again++ {
		err := verb(w.stage())
		if err == nil || errors.Is(err, net.ErrClosed) || !interrupted(err) || again == 3 {
			return err
		}
	}
}

// hasPartial reports whether half a frame is out.
func (w *world) hasPartial() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.partial
}

func (w *world) wrong(format string, args ...any) {
	w.log.wrong(fmt.Sprintf(format, args...))
}
