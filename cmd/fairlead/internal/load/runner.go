package load

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/frame"
	"github.com/fairlead-ws/fairlead/wstrace"
)

// maxDials is how many dials are under way at a time, so that the queue of the
// server's listener does not overflow: what is dropped there comes back a
// second later and would look like a slow server.
const maxDials = 128

// closers is how many closing handshakes are under way at a time.
const closers = 256

// Runner is one run, while it goes on. Snapshot may be asked at any time.
type Runner struct {
	opts     Options
	dialer   fairlead.Dialer
	template template
	clock    clock
	pool     *pool

	life    context.Context // of writes and pings
	clients []*client
	readers sync.WaitGroup

	hist   histograms
	total  counters
	faults faults

	state      atomic.Int32
	from       atomic.Int64 // the first intended time that counts
	until      atomic.Int64 // the first that does not; 0 for no limit
	lost       atomic.Int64 // sessions that ended before the run did
	started    atomic.Int64 // messages that count, in closed loop
	draining   atomic.Bool
	drained    chan struct{}
	drainedOne sync.Once
	gone       chan struct{} // closed when no connection is left to send on
	goneOne    sync.Once

	mu     sync.Mutex
	closes map[closeKey]int64
	raw    *bufio.Writer
	rawErr error
}

type closeKey struct {
	code   frame.StatusCode
	remote bool
}

// Begin checks the options.
func Begin(o Options) (*Runner, error) {
	if err := o.complete(); err != nil {
		return nil, err
	}
	r := &Runner{opts: o, template: newTemplate(&o), drained: make(chan struct{}), gone: make(chan struct{}), closes: map[closeKey]int64{}}
	if o.Dialer != nil {
		r.dialer = *o.Dialer
	}
	r.dialer.Trace = wstrace.Join(r.dialer.Trace, r.trace())
	r.pool = newPool(r.template.text)
	r.clock.base = time.Now()
	if o.Latencies != nil {
		r.raw = bufio.NewWriterSize(o.Latencies, 1<<20)
	}
	return r, nil
}

// The states of a run.
const (
	stateConnecting = iota
	stateMeasuring
	stateDraining
	stateClosing
)

// Run does all of it. It may be called once; see the function Run.
func (r *Runner) Run(ctx context.Context) (*Result, error) {
	life, drop := context.WithCancel(context.WithoutCancel(ctx))
	defer drop()
	r.life = life
	begin := r.clock.now()
	r.connect(ctx)
	connected := r.clock.now()
	var measured int64
	if r.total.opened.Load() > 0 && ctx.Err() == nil {
		r.measure(ctx)
		measured = r.clock.now() - r.from.Load()
		r.drain(ctx)
	}
	r.state.Store(stateClosing)
	drop() // ends pings that nobody answers and writes that nobody reads
	r.pool.end()
	r.close()
	if r.total.opened.Load() == 0 && ctx.Err() == nil {
		return nil, fmt.Errorf("none of %d connections could be opened; the first error: %w", len(r.clients), r.faults.first)
	}
	if r.raw != nil {
		r.rawErr = errors.Join(r.rawErr, r.raw.Flush())
	}
	return r.result(ctx.Err() != nil, time.Duration(connected-begin), time.Duration(max(measured, 0))), r.rawErr
}

// connect opens the connections, spread over Ramp.
func (r *Runner) connect(ctx context.Context) {
	perSecond := 1e9
	if r.opts.Ramp > 0 {
		perSecond = float64(r.opts.Connections) / r.opts.Ramp.Seconds()
	}
	r.clients = make([]*client, r.opts.Connections)
	for i := range r.clients {
		r.clients[i] = &client{r: r, index: i}
	}
	var dials sync.WaitGroup
	slots := make(chan struct{}, maxDials)
	r.clock.pacer(ctx, r.clock.now(), perSecond, int64(len(r.clients)), 0, func(k, _ int64) {
		slots <- struct{}{}
		dials.Go(func() {
			defer func() { <-slots }()
			r.clients[k].dial(ctx)
		})
	})
	dials.Wait()
}

func (c *client) dial(ctx context.Context) {
	begin := time.Now()
	conn, err := c.r.dialer.Dial(ctx, c.r.opts.URL)
	if err != nil {
		if ctx.Err() == nil {
			c.r.total.failed.Add(1)
			c.r.faults.add("dial", err)
		}
		return
	}
	c.r.hist.record(c.index, kindDial, time.Since(begin))
	c.r.total.opened.Add(1)
	c.r.total.open.Add(1)
	c.conn = conn
	// A goroutine of its own keeps the small stack that it began with.
	c.r.readers.Go(c.read)
}

// measure sends messages and pings until that is done.
func (r *Runner) measure(ctx context.Context) {
	open := make([]*client, 0, len(r.clients))
	for _, c := range r.clients {
		if c.conn != nil {
			open = append(open, c)
		}
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	start := r.clock.now()
	r.from.Store(start + int64(r.opts.Warmup))
	if r.opts.Duration > 0 {
		r.until.Store(r.from.Load() + int64(r.opts.Duration))
	}
	until := r.until.Load()
	r.state.Store(stateMeasuring)
	var others sync.WaitGroup
	defer others.Wait()
	others.Go(func() {
		r.lastOne()
		select {
		case <-r.gone:
			stop()
		case <-ctx.Done():
		}
	})
	if r.opts.Ping > 0 {
		perSecond := float64(len(open)) / r.opts.Ping.Seconds()
		others.Go(func() {
			r.clock.pacer(ctx, start, perSecond, 0, until, func(k, _ int64) {
				c := open[k%int64(len(open))]
				if !c.ended() && c.pinging.CompareAndSwap(false, true) {
					r.pool.do(job{c, (*client).ping})
				}
			})
		})
	}
	switch {
	case r.opts.Idle:
		r.clock.until(ctx.Done(), until)
	case r.opts.Closed:
		r.sendClosed(ctx, open)
	default:
		count := r.opts.Messages
		if count > 0 {
			count += int64(r.opts.Warmup.Seconds() * r.opts.Rate)
		}
		r.clock.pacer(ctx, start, r.opts.Rate, count, until, func(k, at int64) {
			open[k%int64(len(open))].send(at)
		})
	}
	stop()
}

// sendClosed lets each connection send one message; its answer sends the next.
func (r *Runner) sendClosed(ctx context.Context, open []*client) {
	for _, c := range open {
		c.next()
	}
	end := r.until.Load()
	if end == 0 {
		end = 1 << 62
	}
	timer := time.NewTimer(time.Duration(min(end-r.clock.now(), 1<<60)))
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	case <-r.drained:
	}
}

// next sends the next message in closed loop, if there is to be one.
func (c *client) next() {
	now := c.r.clock.now()
	if end := c.r.until.Load(); c.r.draining.Load() || end != 0 && now >= end {
		return
	}
	if n := c.r.opts.Messages; n > 0 && now >= c.r.from.Load() && c.r.started.Add(1) > n {
		c.r.draining.Store(true)
		c.r.settle()
		return
	}
	c.send(now)
}

// drain waits for the answers that are still to come.
func (r *Runner) drain(ctx context.Context) {
	r.state.Store(stateDraining)
	r.draining.Store(true)
	r.settle()
	timer := time.NewTimer(r.opts.Drain)
	defer timer.Stop()
	select {
	case <-r.drained:
	case <-timer.C:
	case <-ctx.Done():
	}
}

// settle ends the wait for answers when none is missing.
func (r *Runner) settle() {
	if r.draining.Load() && r.total.outstanding.Load() == 0 && r.total.writing.Load() == 0 {
		r.drainedOne.Do(func() { close(r.drained) })
	}
}

func (r *Runner) counts(intended int64) bool { return intended >= r.from.Load() }

func (r *Runner) sent(c *client, intended, now int64) {
	if !r.counts(intended) {
		return
	}
	r.total.sent.Add(1)
	r.total.payloadOut.Add(int64(len(r.template.text)))
	r.total.note(now)
	r.hist.record(c.index, kindLag, time.Duration(now-intended))
}

func (r *Runner) answered(c *client, from int, intended, sent, came int64, size int) {
	if from != c.index {
		if r.counts(intended) {
			r.total.fanout.Add(1)
			r.hist.record(c.index, kindFanout, time.Duration(came-intended))
		}
		return
	}
	if r.counts(intended) {
		r.total.received.Add(1)
		r.total.payloadIn.Add(int64(size))
		r.hist.answer(c.index, intended, sent, came)
		if r.raw != nil {
			r.write(c.index, intended, sent, came)
		}
	}
	c.settled()
	r.settle()
	if r.opts.Closed {
		c.next()
	}
}

func (r *Runner) write(connection int, intended, sent, came int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	line := r.raw.AvailableBuffer()
	for _, v := range [...]int64{intended, sent, came, int64(connection)} {
		line = append(strconv.AppendInt(line, v, 10), ' ')
	}
	line[len(line)-1] = '\n'
	if _, err := r.raw.Write(line); err != nil && r.rawErr == nil {
		r.rawErr = fmt.Errorf("cannot write the latencies: %w", err)
	}
}

// ended notes how a session ended.
func (r *Runner) ended(c *client, err error) {
	r.total.open.Add(-1)
	end := closeKey{code: frame.StatusAbnormal, remote: true}
	if e, ok := errors.AsType[*fairlead.CloseError](err); ok {
		end = closeKey{e.Code, e.Remote}
	} else if code, ok := fairlead.CloseCode(err); ok {
		end = closeKey{code, false}
	}
	r.mu.Lock()
	r.closes[end]++
	r.mu.Unlock()
	if r.state.Load() < stateClosing {
		r.lost.Add(1)
		r.faults.add("session", err)
	}
	_ = c.conn.CloseNow()
	r.settle()
	r.lastOne()
}

// lastOne ends the sending when there is nobody left to send.
func (r *Runner) lastOne() {
	if r.state.Load() == stateMeasuring && r.total.open.Load() == 0 {
		r.goneOne.Do(func() { close(r.gone) })
	}
}

// close ends every session.
func (r *Runner) close() {
	var running sync.WaitGroup
	work := make(chan *client)
	for range min(closers, len(r.clients)) {
		running.Go(func() {
			for c := range work {
				// How it went is in the distribution of the status codes.
				_ = c.conn.Close(context.Background(), frame.StatusNormal, "")
				_ = c.conn.CloseNow()
			}
		})
	}
	for _, c := range r.clients {
		if c.conn != nil {
			work <- c
		}
	}
	close(work)
	running.Wait()
	r.readers.Wait()
}
