package fairlead

import (
	"context"
	"sync"
	"sync/atomic"
)

// turn decides who reads from the socket. A reader is a call of the user's; a
// pump is a Ping or a Close that reads because nobody else does. A reader sends
// a pump away, a second reader is refused.
type turn struct {
	state   atomic.Int32
	wanted  atomic.Bool   // a reader waits for the pump to go
	granted chan struct{} // capacity 1: the pump went; made by the reader that first waits
	waiting atomic.Int32  // pumps under way
	parked  atomic.Bool   // a data frame has come that only a reader may take

	mu    sync.Mutex
	freed chan struct{} // closed when the turn becomes free
}

const (
	turnFree = iota
	turnReader
	turnPump
)

// takeReader makes the caller the reader. A pump that holds the turn is sent
// away through g.
func (t *turn) takeReader(ctx context.Context, g *gate) error {
	if t.state.CompareAndSwap(turnFree, turnReader) {
		return nil
	}
	return t.contend(ctx, g)
}

func (t *turn) contend(ctx context.Context, g *gate) error {
	if t.state.Load() == turnReader || !t.want() {
		return ErrConcurrentRead
	}
	err := t.displace(ctx, g)
	t.wanted.Store(false)
	g.stepAside(false)
	if err != nil && t.waiting.Load() != 0 {
		t.announce()
	}
	return err
}

// want says that a reader waits, unless another one does.
func (t *turn) want() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.wanted.Load() {
		return false
	}
	if t.granted == nil {
		t.granted = make(chan struct{}, 1)
	}
	t.wanted.Store(true)
	return true
}

func (t *turn) displace(ctx context.Context, g *gate) error {
	g.stepAside(true)
	for !t.state.CompareAndSwap(turnFree, turnReader) {
		if t.state.Load() == turnReader {
			return ErrConcurrentRead
		}
		select {
		case <-t.granted:
		case <-ctx.Done():
			return interrupted(ctx, "read")
		}
	}
	return nil
}

func (t *turn) leaveReader() {
	t.state.Store(turnFree)
	if t.waiting.Load() != 0 {
		t.announce()
	}
}

// takePump makes the caller the pump unless somebody reads or wants to.
func (t *turn) takePump() bool {
	return !t.wanted.Load() && t.state.CompareAndSwap(turnFree, turnPump)
}

func (t *turn) leavePump() {
	t.state.Store(turnFree)
	if t.wanted.Load() {
		select {
		case t.granted <- struct{}{}:
		default:
		}
	}
	if t.waiting.Load() != 0 {
		t.announce()
	}
}

// nextFree returns a channel that is closed when the turn becomes free. A pump
// asks for it before it tries takePump, so that no moment is missed.
func (t *turn) nextFree() <-chan struct{} {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.freed == nil {
		t.freed = make(chan struct{})
	}
	return t.freed
}

// announce tells pumps that wait that the turn is free.
func (t *turn) announce() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.freed != nil {
		close(t.freed)
		t.freed = nil
	}
}
