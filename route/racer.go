package route

import (
	"context"
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/fairlead-ws/fairlead/wstrace"
)

const (
	// attemptDelay is the Connection Attempt Delay that RFC 8305 section 5
	// recommends.
	attemptDelay = 250 * time.Millisecond
	// serialShare is the least that one of several addresses gets of a deadline.
	serialShare = 2 * time.Second
)

// racer opens one connection to one of several addresses (RFC 8305 section 5).
type racer struct {
	network string
	dial    func(ctx context.Context, network, addr string) (net.Conn, error)
	serial  bool // an attempt begins only when the one before has failed
}

// outcome is how the attempt to connect to addr ended.
type outcome struct {
	addr  string
	start time.Time
	conn  net.Conn
	err   error
}

// run returns when every attempt that it began has ended. All hooks are called
// on its own goroutine.
func (r *racer) run(ctx context.Context, addrs []string) (net.Conn, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if len(addrs) == 1 {
		return r.alone(ctx, addrs[0])
	}
	trace := wstrace.FromContext(ctx)
	attempts, cancel := context.WithCancel(ctx)
	defer cancel()
	delay := time.NewTimer(attemptDelay)
	defer delay.Stop()

	results := make(chan outcome)
	running := 0
	begin := func() {
		if len(addrs) == 0 || attempts.Err() != nil {
			return
		}
		o := outcome{addr: addrs[0], start: time.Now()}
		limited, stop := r.limit(attempts, len(addrs))
		addrs = addrs[1:]
		running++
		wstrace.Call(trace.ConnectStart, wstrace.ConnectStart{Network: r.network, Addr: o.addr})
		go func() {
			defer stop()
			o.conn, o.err = r.dial(limited, r.network, o.addr)
			results <- o
		}()
		if r.serial {
			delay.Stop()
		} else {
			delay.Reset(attemptDelay)
		}
	}

	var winner net.Conn
	var failed failures
	begin()
	for running > 0 {
		select {
		case <-delay.C:
			begin()
			continue
		case o := <-results:
			running--
			switch {
			case o.err != nil && winner == nil:
				failed = append(failed, o.err)
			case o.err == nil && winner == nil:
				winner = o.conn
				cancel()
			case o.err == nil:
				_ = o.conn.Close()
				o.err = context.Canceled
			}
			r.tell(trace, o)
			begin()
		}
	}
	if winner != nil {
		return winner, nil
	}
	if len(failed) == 1 {
		return nil, failed[0]
	}
	return nil, failed
}

// alone is run without the race, which takes a goroutine whose stack has to grow.
func (r *racer) alone(ctx context.Context, addr string) (net.Conn, error) {
	trace := wstrace.FromContext(ctx)
	wstrace.Call(trace.ConnectStart, wstrace.ConnectStart{Network: r.network, Addr: addr})
	o := outcome{addr: addr, start: time.Now()}
	o.conn, o.err = r.dial(ctx, r.network, addr)
	r.tell(trace, o)
	return o.conn, o.err
}

// tell tells the trace how an attempt ended.
func (r *racer) tell(trace *wstrace.Trace, o outcome) {
	if trace.ConnectDone == nil {
		return
	}
	done := wstrace.ConnectDone{Network: r.network, Addr: o.addr, Duration: time.Since(o.start), Err: o.err}
	if o.err == nil {
		done.LocalAddr = o.conn.LocalAddr().String()
	}
	trace.ConnectDone(done)
}

// limit gives an attempt that others wait for its share of the deadline.
func (r *racer) limit(ctx context.Context, left int) (context.Context, context.CancelFunc) {
	deadline, ok := ctx.Deadline()
	if !r.serial || !ok {
		return ctx, func() {}
	}
	return context.WithTimeout(ctx, max(time.Until(deadline)/time.Duration(left), serialShare))
}

// failures are the errors of several attempts, in the order in which they ended.
type failures []error

// maxFailures is how many addresses an error speaks of.
const maxFailures = 4

func (f failures) Error() string {
	var b strings.Builder
	for i, err := range f {
		if i == maxFailures {
			fmt.Fprintf(&b, "; and %d more", len(f)-i)
			break
		}
		if i > 0 {
			b.WriteString("; ")
		}
		b.WriteString(err.Error())
	}
	return b.String()
}

func (f failures) Unwrap() []error { return f }
