package fairlead

import (
	"context"

	"github.com/fairlead-ws/fairlead/route"
)

// breaks is what may end a write that has to wait: its context, and the watchdog. Over
// a socket that takes what it gets none is ever made.
type breaks struct {
	gate  gate
	watch watchdog

	// Of the write under way.
	armed bool // it is watched
	gated bool // its context may break in
}

// arm prepares the write under way for a wait: the context may break in, and the
// watchdog looks at it. A socket does so only when it is about to block.
func (o *sendSide) arm(ctx context.Context) error {
	b := o.breaks
	if b == nil {
		b = o.makeBreaks()
	}
	b.watch.begin(o.c.patience())
	if b.armed {
		return nil
	}
	b.armed = true
	b.gated = ctx.Done() != nil && b.gate.enter(ctx, false)
	if !b.gated && ctx.Err() != nil {
		return errNotArmed
	}
	return nil
}

func (o *sendSide) makeBreaks() *breaks {
	b := new(breaks)
	b.gate.side = o
	b.watch.start(o.c)
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.breaks = b; o.broken {
		b.stop()
	}
	return b
}

// disarm reports whether the context broke in.
func (o *sendSide) disarm() (broken bool) {
	b := o.breaks
	if b == nil || !b.armed {
		return false
	}
	b.armed = false
	b.watch.end()
	return b.gated && b.gate.leave()
}

func (o *sendSide) breakIn() {
	o.c.end.cut.Store(cutOffBy(o.breaks.gate.ctx)) // a reader may notice first
	_ = route.HangUp(o.c.nc)
}

// stop ends both for good, if there are any.
func (b *breaks) stop() {
	if b != nil {
		b.watch.stop()
		b.gate.close()
	}
}
