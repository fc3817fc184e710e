package fairlead

import (
	"errors"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/fairlead-ws/fairlead/frame"
	"github.com/fairlead-ws/fairlead/route"
	"github.com/fairlead-ws/fairlead/wstrace"
)

// ending is what became of the connection.
type ending struct {
	mu        sync.Mutex
	cause     error // the first one; nil while the session lives
	gone      event // the socket is closed
	closed    bool  // it is, or about to be
	lingering bool

	remote    *CloseError // of the Close frame that came
	closeCame event
	started   *time.Time  // of the first Close frame, either way, for the trace
	grace     *time.Timer // gives a reader time after writing failed

	abandoned atomic.Bool                // dropped by this side: nothing more is to be read
	unsent    atomic.Bool                // our Close frame was still queued when the socket went
	cut       atomic.Pointer[CloseError] // a writer's context has closed the socket
}

// event is something that happens once. Its methods are called under a mutex.
type event struct {
	ch chan struct{} // made for the first who waits
}

var happened = func() chan struct{} {
	ch := make(chan struct{})
	close(ch)
	return ch
}()

func (e *event) happen() {
	if e.ch == nil {
		e.ch = happened
	} else {
		close(e.ch)
	}
}

// wait returns a channel that is closed when the event has happened.
func (e *event) wait() <-chan struct{} {
	if e.ch == nil {
		e.ch = make(chan struct{})
	}
	return e.ch
}

func (e *event) hasHappened() bool {
	select {
	case <-e.ch:
		return true
	default:
		return false
	}
}

// whenGone returns a channel that is closed once the socket is.
func (e *ending) whenGone() <-chan struct{} {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.gone.wait()
}

// whenCloseCame returns a channel that is closed once the peer's Close frame is
// there.
func (e *ending) whenCloseCame() <-chan struct{} {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.closeCame.wait()
}

// CloseNow drops the connection without a closing handshake. What waits to be
// read is lost. It ends every call under way and returns at once. The error is
// nil, or net.ErrClosed when the connection had been dropped before.
func (c *Conn) CloseNow() error {
	if c == nil || c.nc == nil {
		return errNoConn
	}
	c.end.mu.Lock()
	gone := c.end.gone.hasHappened()
	c.end.mu.Unlock()
	if gone {
		c.end.abandoned.Store(true)
		return net.ErrClosed
	}
	c.abandon(errDropped)
	return nil
}

var errDropped = lost(false, errors.New("dropped by CloseNow"))

// conclude records the cause of the end. Nothing new is sent from here on; what
// is queued still goes out.
func (c *Conn) conclude(cause error) {
	c.end.mu.Lock()
	first := c.end.cause == nil
	if first {
		c.end.cause = cause
	}
	started, remote := c.end.started, c.end.remote
	c.end.mu.Unlock()
	if !first {
		return
	}
	c.out.refuse(cause)
	if c.trace.CloseDone != nil {
		e := wstrace.CloseDone{Clean: remote != nil && isClean(cause)}
		if remote != nil {
			e.Code, e.Reason = remote.Code, remote.Reason
		}
		if !e.Clean {
			e.Code, _ = CloseCode(cause)
			e.Err = cause
		}
		if started != nil {
			e.Duration = time.Since(*started)
		}
		c.trace.CloseDone(e)
	}
}

func isClean(cause error) bool {
	ce, ok := errors.AsType[*CloseError](cause)
	return ok && ce.Code != frame.StatusAbnormal
}

// drop ends the connection at once: nothing that is queued goes out.
func (c *Conn) drop(cause error) {
	c.conclude(cause)
	c.end.mu.Lock()
	again := c.end.closed
	c.end.closed = true
	if c.end.grace != nil {
		c.end.grace.Stop()
	}
	c.end.mu.Unlock()
	if again {
		return
	}
	_ = route.HangUp(c.nc) // what fails here was lost already
	c.out.discard(c.Err())
	c.in.gate.close()
	c.end.mu.Lock()
	c.end.gone.happen()
	c.end.mu.Unlock()
}

// abandon is drop by this side: what waits to be read is lost, too.
func (c *Conn) abandon(cause error) {
	c.conclude(cause)
	c.end.abandoned.Store(true)
	c.drop(cause)
}

// noteClose remembers when the first Close frame went either way.
func (c *Conn) noteClose(code frame.StatusCode, reason string, remote bool) {
	c.end.mu.Lock()
	first := c.end.started == nil
	if first {
		now := time.Now()
		c.end.started = &now
	}
	c.end.mu.Unlock()
	if first {
		wstrace.Call(c.trace.CloseStart, wstrace.CloseStart{Code: code, Reason: reason, Remote: remote})
	}
}
