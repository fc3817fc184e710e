package fairlead

import (
	"context"
	"errors"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/fairlead-ws/fairlead/frame"
	"github.com/fairlead-ws/fairlead/internal/http1"
	"github.com/fairlead-ws/fairlead/internal/protocol"
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
