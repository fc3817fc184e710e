package simulation_test

import (
	"errors"
	"io"
	"net"
	"os"
	"runtime"
	"sync"
	"time"
)

var errReset = errors.New("simulation: connection reset")

// link is the client's end of a connection whose other end is the simulation:
// what is delivered, and for how many bytes there is room, is decided there.
//
// It waits on a sync.Cond, so that a call which waits is durably blocked in the
// sense of testing/synctest. Whatever it leaves to chance depends on how many bytes
// have passed, never on how often it was called.
type link struct {
	salt uint64

	mu      sync.Mutex
	changed sync.Cond

	chunks   [][]byte // delivered and not read; a Read never goes beyond one
	end      error    // comes behind them
	glued    bool     // together with the last byte
	timer    *time.Timer
	expired  bool
	sent     []byte // written and not taken by the server
	written  int    // bytes
	room     int
	writeErr error

	waiting  bool      // a Write waits for room
	stuck    time.Time // since when, without a byte
	writing  time.Time // when the Write began
	everFull bool      // a Write has waited
	hungUp   bool      // the client closed
	half     bool      // the client closed the sending direction
}

func newLink(salt uint64, room int) *link {
	l := &link{salt: salt, room: room}
	l.changed.L = &l.mu
	return l
}

// jostle lets other goroutines run, or does not: where the count of bytes stands
// decides.
func (l *link) jostle(at int) {
	for n := (l.salt ^ uint64(at)) * 0x9E3779B97F4A7C15 >> 62; n > 1; n-- {
		runtime.Gosched()
	}
}

func (l *link) Read(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for {
		switch {
		case l.hungUp:
			return 0, net.ErrClosed
		case errors.Is(l.end, errReset):
			return 0, l.end
		case l.expired:
			return 0, os.ErrDeadlineExceeded
		case len(l.chunks) > 0:
			n := copy(p, l.chunks[0])
			if l.chunks[0] = l.chunks[0][n:]; len(l.chunks[0]) == 0 {
				l.chunks = l.chunks[1:]
			}
			if len(l.chunks) == 0 && l.glued && l.end != nil {
				return n, l.end
			}
			return n, nil
		case l.end != nil:
			return 0, l.end
		}
		l.changed.Wait()
	}
}

func (l *link) Write(p []byte) (n int, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	defer func() { l.waiting = false }()
	l.writing = time.Now()
	for {
		switch {
		case l.hungUp || l.half:
			return n, net.ErrClosed
		case l.writeErr != nil:
			return n, l.writeErr
		}
		if now := min(l.room, len(p)-n); now > 0 {
			l.sent = append(l.sent, p[n:n+now]...)
			l.room -= now
			n += now
			l.written += now
			l.stuck = time.Now()
			at := l.written
			l.mu.Unlock()
			l.jostle(at)
			l.mu.Lock()
			l.everFull = l.everFull || l.hungUp // by whoever gave up this Write
			if n < len(p) {
				continue
			}
		}
		if n == len(p) {
			return n, nil
		}
		if !l.waiting {
			l.waiting, l.everFull, l.stuck = true, true, time.Now()
		}
		l.changed.Wait()
	}
}

func (l *link) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.hungUp {
		return net.ErrClosed
	}
	l.hungUp = true
	if l.timer != nil {
		l.timer.Stop()
	}
	l.changed.Broadcast()
	return nil
}

func (l *link) CloseWrite() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.half = true
	l.changed.Broadcast()
	return nil
}

func (l *link) SetReadDeadline(t time.Time) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.hungUp {
		return net.ErrClosed
	}
	if l.timer != nil {
		l.timer.Stop()
		l.timer = nil
	}
	l.expired = !t.IsZero() && !t.After(time.Now())
	if !t.IsZero() && !l.expired {
		var timer *time.Timer
		timer = time.AfterFunc(time.Until(t), func() {
			l.mu.Lock()
			defer l.mu.Unlock()
			if l.timer == timer {
				l.expired = true
				l.changed.Broadcast()
			}
		})
		l.timer = timer
	}
	if l.expired {
		l.changed.Broadcast()
	}
	return nil
}

func (l *link) SetDeadline(t time.Time) error    { return l.SetReadDeadline(t) }
func (l *link) SetWriteDeadline(time.Time) error { return nil }
func (l *link) LocalAddr() net.Addr              { return linkAddr{} }
func (l *link) RemoteAddr() net.Addr             { return linkAddr{} }

type linkAddr struct{}

func (linkAddr) Network() string { return "link" }
func (linkAddr) String() string  { return "link" }

// deliver lets one chunk arrive.
func (l *link) deliver(chunk []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(chunk) > 0 && l.end == nil {
		l.chunks = append(l.chunks, chunk)
		l.changed.Broadcast()
	}
}

// makeRoom takes n more bytes of the client's.
func (l *link) makeRoom(n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.room += n
	l.changed.Broadcast()
}

// cut ends the connection: as a server that closes does, or as a reset.
func (l *link) cut(reset, glued bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.end != nil {
		return
	}
	l.end, l.glued = io.EOF, glued
	if reset {
		l.end, l.writeErr, l.chunks = errReset, errReset, nil
	}
	l.changed.Broadcast()
}

// take returns what the client has written since.
func (l *link) take() []byte {
	l.mu.Lock()
	defer l.mu.Unlock()
	p := l.sent
	l.sent = nil
	return p
}

type linkState struct {
	unread, room    int
	waiting, hungUp bool
	everFull, ended bool
	stuck, writing  time.Time
}

func (l *link) state() linkState {
	l.mu.Lock()
	defer l.mu.Unlock()
	s := linkState{room: l.room, waiting: l.waiting, hungUp: l.hungUp, everFull: l.everFull, ended: l.end != nil, stuck: l.stuck, writing: l.writing}
	for _, c := range l.chunks {
		s.unread += len(c)
	}
	return s
}
