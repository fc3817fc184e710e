package fairlead

import (
	"context"
	"sync"
)

// gate lets a context break into a call that is blocked in the socket, and only
// then: a context that ends between two calls does nothing, so that it cannot
// poison the next one.
//
// There is one gate for each direction and one registration in each gate. It is
// keyed by ctx.Done(), because comparing contexts can panic, and it is kept from
// call to call: a context that is used again costs nothing.
type gate struct {
	side breaker

	mu      sync.Mutex
	ctx     context.Context
	blocked bool
	broken  bool // act has run for the blocked call
	aside   bool // a reader waits for a pump to step aside
	closed  bool
	done    <-chan struct{}
	stop    func() bool
}

// breaker is a side of a Conn. breakIn breaks its blocked call; it runs under the
// mutex of the gate.
type breaker interface{ breakIn() }

// enter says that a call is about to block under ctx. It returns false, and the
// call must not block, when there is a reason to break it already.
func (g *gate) enter(ctx context.Context, pump bool) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.listen(ctx)
	if ctx.Err() != nil || pump && g.aside {
		return false
	}
	g.ctx, g.blocked = ctx, true
	return true
}

// register does ahead what enter would do the first time that it sees ctx.
func (g *gate) register(ctx context.Context) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.listen(ctx)
}

// listen makes the end of ctx call poke.
func (g *gate) listen(ctx context.Context) {
	done := ctx.Done()
	if done == g.done {
		return
	}
	if g.stop != nil {
		g.stop()
	}
	g.done, g.stop = done, nil
	if done != nil && !g.closed {
		g.stop = context.AfterFunc(ctx, g.poke)
	}
}

// leave says that the call came back, and whether it was broken.
func (g *gate) leave() (broken bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	broken = g.broken
	g.ctx, g.blocked, g.broken = nil, false, false
	return broken
}

// poke breaks the blocked call if there is a reason to.
func (g *gate) poke() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.blocked && !g.broken && (g.aside || g.ctx.Err() != nil) {
		g.broken = true
		g.side.breakIn()
	}
}

// stepAside asks a pump that is blocked, or about to, to make room for a reader.
func (g *gate) stepAside(on bool) {
	g.mu.Lock()
	g.aside = on
	g.mu.Unlock()
	if on {
		g.poke()
	}
}

// close ends the registration, so that a long-lived context does not keep the
// connection.
func (g *gate) close() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.closed = true
	if g.stop != nil {
		g.stop()
	}
	g.done, g.stop = nil, nil
}
