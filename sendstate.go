package fairlead

// Bits of sendSide.state. A writer may go from 0 to stateBusy and back without
// the lock; whoever holds the lock keeps the other two true when it gives it back.
const (
	stateBusy    = 1 << iota // somebody owns the socket
	stateWaiting             // somebody waits for the owner to be done
	stateSpecial             // more than whole messages is under way
)

func (o *sendSide) free() bool { return o.state.Load()&stateBusy == 0 }

// take makes the caller the owner of the socket, unless there is one.
func (o *sendSide) take() bool { return o.state.Or(stateBusy)&stateBusy == 0 }

// release gives the socket back. The owner holds mu, and unlocks it next.
func (o *sendSide) release() {
	o.state.And(^uint32(stateBusy))
	o.changed()
}

// unlock gives mu back. It tells those who write without it how things stand, and
// only then starts the goroutine that writes what is queued, if nobody else will:
// an owner that did not see the news has left the socket free by now.
func (o *sendSide) unlock() {
	var bits uint32
	if o.queued() || o.alone > 0 || o.wake != nil {
		bits |= stateWaiting
	}
	if o.refused != nil || o.broken || o.streaming != nil || o.crowd > 0 || o.sender.InMessage() || o.sender.CloseSent() {
		bits |= stateSpecial
	}
	for old := o.state.Load(); old&^stateBusy != bits; old = o.state.Load() {
		o.state.CompareAndSwap(old, old&stateBusy|bits)
	}
	if o.queued() && o.alone == 0 && o.take() {
		go o.flushAll()
	}
	o.mu.Unlock()
}
