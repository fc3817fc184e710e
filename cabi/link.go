package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"syscall"
	"time"

	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/frame"
)

// What receive and send return in place of a length.
const (
	notYet  = -1 // nothing whole has come, or there is no room to send now
	wentBad = -2 // why is what lastFailure says
	// Any number below is the length of a message, negative, for which the
	// buffer is too small.
	smallestLength = 16
)

// A link is a connection of package fairlead. One thread may receive while others
// send.
type link struct {
	conn *fairlead.Conn
	raw  syscall.RawConn // nil where there is no socket to wait for
	room int             // what fits into the socket for sure when it is writable

	reading sync.Mutex
	waiting *fairlead.Message // came whole, and did not fit into the buffer

	mu      sync.Mutex
	closing bool
	failure [2]error // of receive and of all else
}

const (
	ofReceive = iota
	ofOthers
)

func newLink(conn *fairlead.Conn) *link {
	l := &link{conn: conn}
	under := conn.NetConn()
	if tls, ok := under.(interface{ NetConn() net.Conn }); ok {
		under = tls.NetConn()
	}
	if c, ok := under.(syscall.Conn); ok {
		if raw, err := c.SyscallConn(); err == nil && descriptor(raw) >= 0 {
			l.raw, l.room = raw, sureRoom(raw)
		}
	}
	return l
}

func (l *link) fail(which int, err error) int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.failure[which] = err
	return wentBad
}

func (l *link) lastFailure(which int) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.failure[which]
}

// take puts the next message into p. It returns twice the length, plus one for text;
// or -n when p needs n bytes, and the message waits; or notYet, when none has come
// within wait; or wentBad. Where there is a socket, it does not wait: socket is that
// to wait for, -1 otherwise.
//
// The wait itself is C's (recv.c), in poll(2) on the caller's own thread: a
// goroutine that waits in Go costs two more changes of thread, and would not notice
// a signal.
func (l *link) take(p []byte, wait time.Duration) (n int64, socket int) {
	if !l.reading.TryLock() {
		return l.fail(ofReceive, fairlead.ErrConcurrentRead), -1
	}
	defer l.reading.Unlock()
	m := l.waiting
	if m == nil {
		next, ok, err := l.conn.TryMessage()
		switch {
		case err != nil:
			return l.fail(ofReceive, err), -1
		case ok:
			m = &next
		case wait <= 0:
			return notYet, -1
		case l.raw != nil && !l.isClosing():
			return notYet, l.descriptor()
		default:
			if m, err = l.await(wait); err != nil {
				return l.notYetOr(err), -1
			}
		}
	}
	if len(m.Data) > len(p) {
		l.waiting = m
		return -max(int64(len(m.Data)), smallestLength), -1
	}
	l.waiting = nil
	n = 2 * int64(copy(p, m.Data))
	if m.Type == fairlead.Text {
		n++
	}
	return n, -1
}

// await waits where there is no socket to wait for.
func (l *link) await(wait time.Duration) (*fairlead.Message, error) {
	ctx, cancel := context.WithTimeout(context.Background(), wait)
	defer cancel()
	typ, p, err := l.conn.Read(ctx)
	if err != nil {
		return nil, err
	}
	return &fairlead.Message{Type: typ, Data: p}, nil
}

func (l *link) notYetOr(err error) int64 {
	if errors.Is(err, context.DeadlineExceeded) && !errors.Is(err, net.ErrClosed) {
		return notYet
	}
	return l.fail(ofReceive, err)
}

// send sends a message. With a negative wait it blocks until that is done.
// Otherwise it returns the number of a call that goes on, when the message does
// not fit into the socket and wait is over.
func (l *link) send(typ fairlead.MessageType, p []byte, wait time.Duration) int64 {
	if wait < 0 || l.raw != nil && len(p) < l.room && isWritable(l.raw) {
		if err := l.conn.Write(context.Background(), typ, p); err != nil {
			return l.fail(ofOthers, err)
		}
		return 0
	}
	p = append([]byte{}, p...) // the caller's memory is his again when we return
	c := &call{done: make(chan struct{})}
	go func() {
		defer close(c.done)
		if err := l.conn.Write(context.Background(), typ, p); err != nil {
			c.out.n = l.fail(ofOthers, err)
		}
	}()
	if c.endsWithin(uint64(wait / time.Millisecond)) {
		return c.out.n
	}
	return int64(c.keep())
}

// ping returns the time to the Pong in nanoseconds, at least 1, or wentBad.
func (l *link) ping(ctx context.Context) int64 {
	rtt, err := l.conn.Ping(ctx)
	if err != nil {
		return l.fail(ofOthers, err)
	}
	return max(int64(rtt), 1)
}

// end does the closing handshake.
func (l *link) end(code int, reason string) int64 {
	l.beginClosing()
	if code < 0 || code > 65535 {
		code = 65535 // is refused, with a sentence
	}
	if err := l.conn.Close(context.Background(), frame.StatusCode(code), reason); err != nil {
		return l.fail(ofOthers, err)
	}
	return 1
}

func (l *link) drop() {
	l.beginClosing()
	_ = l.conn.CloseNow()
}

// beginClosing makes a take that is to come wait in Go: the number of the socket may
// be somebody else's soon.
func (l *link) beginClosing() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closing = true
}

func (l *link) isClosing() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.closing
}

func (l *link) descriptor() int {
	if l.raw == nil {
		return -1
	}
	return descriptor(l.raw)
}

// failureOf is the last failure of a link as JSON.
func failureOf(handle uint64, which int) outcome {
	l := argument[*link](handle)
	switch {
	case l == nil:
		return outcome{1, describe(fmt.Errorf("there is no connection with handle %d: %w", handle, net.ErrClosed))}
	case which != ofReceive:
		which = ofOthers
	}
	return outcome{1, describe(l.lastFailure(which))}
}

// underContext runs work as a call that fl_cancel ends by its context.
func underContext(cell *uint64, work func(context.Context) outcome) outcome {
	if cell == nil {
		return work(context.Background())
	}
	ctx, cancel := context.WithCancel(context.Background())
	c := &call{done: make(chan struct{}), stop: cancel}
	go func() {
		defer close(c.done)
		defer cancel()
		c.out = work(ctx)
	}()
	if c.endsWithin(*cell) {
		return c.out
	}
	*cell = c.keep()
	return outcome{n: pending}
}

func openFor(cell *uint64, optionsJSON []byte) outcome {
	return underContext(cell, func(ctx context.Context) outcome { return openLink(ctx, optionsJSON) })
}

func pingFor(handle uint64, cell *uint64) outcome {
	if argument[*link](handle) == nil {
		return outcome{n: wentBad}
	}
	return underContext(cell, func(ctx context.Context) outcome {
		return invoke(handle, outcome{n: wentBad}, func(l *link) outcome { return outcome{n: l.ping(ctx)} })
	})
}
