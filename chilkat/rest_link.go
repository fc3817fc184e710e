package chilkat

import (
	"context"
	"errors"
	"net"
	"os"
	"sync/atomic"
	"time"

	"github.com/fairlead-ws/fairlead/chilkat/internal/lasterr"
	"github.com/fairlead-ws/fairlead/internal/http1"
	"github.com/fairlead-ws/fairlead/route"
	"github.com/fairlead-ws/fairlead/wstrace"
)

// link is one open connection to a server. It is used by who holds
// Rest.working; hangUp and close may come from anywhere.
type link struct {
	nc     net.Conn
	target target
	reader *http1.Reader
	phase  phase
	used   bool // it carried a request
	closed atomic.Bool

	// Of the read under way.
	ctx  context.Context
	idle time.Duration
}

// phase is what has to happen next on a link.
type phase uint8

const (
	phaseIdle     phase = iota // a request
	phaseSent                  // reading the response head
	phaseHead                  // reading the body
	phaseSwitched              // the WebSocket session: the server answered 101
)

func newLink(nc net.Conn, t target) *link {
	k := &link{nc: nc, target: t}
	k.reader = http1.NewReader(k, http1.Limits{})
	return k
}

// hangUp closes the connection at once, without a word to the server.
func (k *link) hangUp() {
	k.closed.Store(true)
	_ = hangUp(k.nc) // what fails here was lost already
}

// close closes the connection. Over TLS the server is told, within maxWait.
func (k *link) close(maxWait time.Duration) {
	closeWithin(k.nc, maxWait)
	k.hangUp()
}

// ended reports whether this side has closed the connection; a Socket may have.
func (k *link) ended() bool {
	w, ok := k.nc.(*wire)
	return k.closed.Load() || ok && w.closed.Load()
}

// gone reports whether the connection is of no use for another request. Where
// the server has ended it meanwhile, that is noticed here. So is a server that
// speaks unasked: its words would be taken for the next response.
func (k *link) gone() bool {
	if k.ended() {
		return true
	}
	if k.phase != phaseIdle || !k.used && !k.target.autoReconnect {
		return false
	}
	n, err := route.TryRead(k.nc, make([]byte, 1))
	if n == 0 && errors.Is(err, os.ErrDeadlineExceeded) {
		return false
	}
	k.hangUp()
	return true
}

// longAgo is a deadline that ends a blocked read at once.
var longAgo = time.Unix(1, 0)

// reading makes the reads of the head and the body that follow end with ctx and
// after a pause. Nothing is lost then. The caller ends it with done.
func (k *link) reading(ctx context.Context, idle time.Duration) (done func()) {
	k.ctx, k.idle = ctx, idle
	release := onEnd(ctx, func() { _ = k.nc.SetReadDeadline(longAgo) })
	return func() {
		release()
		_ = k.nc.SetReadDeadline(time.Time{}) // the next owner of the connection sets its own
	}
}

// Read is where the bytes of a response come from, one pause at a time.
func (k *link) Read(p []byte) (int, error) {
	if err := k.nc.SetReadDeadline(after(k.idle)); err != nil {
		return 0, err
	}
	// A context that ended before the deadline was set had no effect.
	if err := k.ctx.Err(); err != nil {
		return 0, err
	}
	return k.nc.Read(p)
}

// pieceSize is how many bytes have one idle timeout for themselves.
const pieceSize = 16 << 10

// write sends b. An error has ended the connection: half a request is of no use.
// A ctx that ends when all is sent does no harm.
func (k *link) write(ctx context.Context, idle time.Duration, b []byte) (n int, err error) {
	release := onEnd(ctx, func() { _ = k.nc.SetWriteDeadline(longAgo) })
	for n < len(b) && err == nil {
		m := 0
		if err = k.nc.SetWriteDeadline(after(idle)); err == nil {
			err = ctx.Err() // one that ended before the deadline was set had no effect
		}
		if err == nil {
			m, err = k.nc.Write(b[n:min(len(b), n+pieceSize)])
		}
		n += m
	}
	release()
	switch {
	case n == len(b):
		err = k.nc.SetWriteDeadline(time.Time{})
	case ctx.Err() != nil:
		err = ctx.Err()
	}
	if err != nil {
		k.hangUp()
	}
	return n, err
}

// onEnd calls act when ctx ends. release stops that, waits for an act that is
// under way, and tells whether there was one.
func onEnd(ctx context.Context, act func()) (release func() (acted bool)) {
	done := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(done)
		act()
	})
	return func() bool {
		if stop() {
			return false
		}
		<-done
		return true
	}
}

// after is a deadline, none for 0.
func after(d time.Duration) time.Time {
	if d == 0 {
		return time.Time{}
	}
	return time.Now().Add(d)
}

// open is watch for a call that tells its log, and the trace that the context of
// SetContext carries, of every step.
func (e events) open(ctx context.Context, l *lasterr.Log) (watched context.Context, stop func()) {
	watched, stop = e.watch(ctx)
	if e.ctx != nil {
		// watch gives a context of the task's when there is one.
		if own := wstrace.FromContext(e.ctx); wstrace.FromContext(watched) != own {
			watched = wstrace.WithTrace(watched, own)
		}
	}
	return wstrace.WithTrace(watched, l.Trace()), stop
}
