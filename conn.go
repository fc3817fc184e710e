package fairlead

import (
	"context"
	"errors"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/fairlead-ws/fairlead/frame"
	"github.com/fairlead-ws/fairlead/internal/http1"
	"github.com/fairlead-ws/fairlead/internal/protocol"
	"github.com/fairlead-ws/fairlead/route"
	"github.com/fairlead-ws/fairlead/wstrace"
)

// Conn is the client's side of a WebSocket connection.
//
// One goroutine may read while any number of others write, ping, close or
// change settings; no lock is needed for that. A second reader gets
// ErrConcurrentRead.
//
// A read that ends by its context or by the idle timeout leaves the connection
// as it is: what came so far is kept, and the next read goes on with it.
//
// A Conn is made by Dial or NewConn; the calls of another one, a nil one too, fail as
// those of one that was lost. It must be ended by Close or CloseNow, also after an error.
type Conn struct {
	nc    net.Conn
	trace *wstrace.Trace

	// Of the ConnConfig.
	subprotocol                string
	writeTimeout, closeTimeout time.Duration

	policy atomic.Uint32
	idle   atomic.Int64 // nanoseconds, 0 = none

	in    receiveSide
	out   sendSide
	pings atomic.Pointer[pingBook] // see pingBook
	end   ending

	deflate *compression // nil without

	response *http.Response
	answer   *http1.Response // of Dial, until Response is asked for; both under end.mu
}

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

// NewConn makes a Conn of a connection whose opening handshake somebody else
// has done; Dial is sugar over it. The Conn owns nc from now on. Reads need
// nc's read deadline to work. With a nil nc the Conn is one that was lost.
func NewConn(nc net.Conn, cfg ConnConfig) *Conn {
	cfg = cfg.withDefaults()
	if nc == nil {
		nc, _ = net.Pipe()
		_ = nc.Close()
	}
	c := &Conn{
		nc: nc, trace: cfg.Trace, subprotocol: cfg.Subprotocol, response: cfg.Response,
		writeTimeout: cfg.WriteTimeout, closeTimeout: cfg.CloseTimeout,
	}
	c.policy.Store(cfg.Policy.bits())
	c.idle.Store(int64(max(cfg.IdleTimeout, 0)))
	receiver := cfg.Limits.receiver()
	if cfg.Compression != nil {
		receiver.RSV, c.out.sender.RSV = frame.RSV1, frame.RSV1
		c.in.negotiate(*cfg.Compression)
		c.deflate = newCompression(c, *cfg.Compression)
	}
	c.in.start(c, cfg.Buffered, protocol.NewReceiver(receiver))
	c.out.c = c
	return c
}

// errNoConn is the error of the zero Conn and of a nil one.
var errNoConn error = lost(false, errors.New("a Conn is made by Dial or NewConn, and this one was not"))

// usable refuses what no verb can do anything with.
func (c *Conn) usable(ctx context.Context) error {
	if c == nil || c.nc == nil {
		return errNoConn
	}
	if ctx == nil {
		return errNilContext
	}
	return nil
}

// orLost is c, or a Conn that was lost where Dial or NewConn did not make c.
func (c *Conn) orLost() *Conn {
	if c == nil || c.nc == nil {
		return NewConn(nil, ConnConfig{})
	}
	return c
}

// Subprotocol returns the subprotocol that the server chose, "" if none.
func (c *Conn) Subprotocol() string {
	if c == nil {
		return ""
	}
	return c.subprotocol
}

// Response returns the server's answer to the opening handshake, without a
// body. It is nil after NewConn without one.
func (c *Conn) Response() *http.Response {
	if c == nil {
		return nil
	}
	c.end.mu.Lock()
	defer c.end.mu.Unlock()
	if c.answer != nil { // few ask, so it is made for those who do
		c.response, c.answer = httpResponse(c.answer), nil
	}
	return c.response
}

// NetConn returns the connection beneath. Reading from it, writing to it or
// setting its deadlines breaks the session; its addresses, its TLS state and
// its socket options may be asked and set at any time.
func (c *Conn) NetConn() net.Conn { return c.orLost().nc }

// SetPolicy changes what is answered automatically, from the next frame on.
// It may be called at any time, also while a read is under way.
func (c *Conn) SetPolicy(p Policy) { c.orLost().policy.Store(p.bits()) }

// Policy returns what is answered automatically.
func (c *Conn) Policy() Policy { return policyOf(c.orLost().policy.Load()) }

func (c *Conn) does(bit uint32) bool { return c.policy.Load()&bit != 0 }

// SetIdleTimeout sets the longest pause without a byte moved, for each waiting
// read and each waiting write by itself: it begins anew with each call and
// with each byte, so it never bounds the whole. A read that it ends may be
// repeated; a write that it ends in the middle of a frame has ended the
// connection. Both give ErrIdleTimeout. 0 or less means no limit.
func (c *Conn) SetIdleTimeout(d time.Duration) { c.orLost().idle.Store(int64(max(d, 0))) }

// CloseStatus returns what the peer's Close frame carried: code is
// frame.StatusNoStatus if it carried none. received is false until one came.
func (c *Conn) CloseStatus() (code frame.StatusCode, reason string, received bool) {
	if c == nil {
		return 0, "", false
	}
	c.end.mu.Lock()
	defer c.end.mu.Unlock()
	if c.end.remote == nil {
		return 0, "", false
	}
	return c.end.remote.Code, c.end.remote.Reason, true
}

// Err returns nil while the session lives, then the first cause of its end.
// The session has ended when Close frames went both ways, when the protocol
// was broken, when the connection was lost or dropped.
func (c *Conn) Err() error {
	if c == nil || c.nc == nil {
		return errNoConn
	}
	c.end.mu.Lock()
	defer c.end.mu.Unlock()
	return c.end.cause
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
