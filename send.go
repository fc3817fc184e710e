package fairlead

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/fairlead-ws/fairlead/frame"
	"github.com/fairlead-ws/fairlead/internal/protocol"
)

const (
	// joinMax is the largest payload that shares a write with others. A larger
	// one has the socket for itself and goes out in pieces of chunkSize, or of
	// socketChunk where a long write can be seen to go on.
	joinMax     = 32 << 10
	chunkSize   = 64 << 10
	socketChunk = 1 << 20
	// batchMax is when writers wait instead of joining: what is queued is
	// bounded (by this and one frame for each waiting writer at most).
	batchMax = 256 << 10
	// crowdMemory is how many writes in a row without company it takes until a
	// writer counts as alone again.
	crowdMemory = 16
	// pongMax is how many automatic Pongs wait at most. Beyond that the newest
	// takes the place of the one before (RFC 6455, section 5.5.3).
	pongMax = 16
)

// sendSide is the state of writing.
//
// Frames are encoded into a batch under mu, which is never held while the
// socket is written. A writer that finds the socket free writes at once, in its
// own goroutine. Writers that find it busy join the batch; when the socket is
// free again a goroutine writes the batch for all of them, and goes on as long
// as others have joined meanwhile. Where writers have met, the next one lets
// others join before it writes. So a lone writer costs one system call and no
// hand-over, and many writers share system calls.
//
// The batch holds something only while somebody owns the socket or is about to.
type sendSide struct {
	c *Conn

	// Of the owner of the socket.
	state   atomic.Uint32 // see stateBusy; read without mu
	ownKeys maskKeys
	breaks  *breaks // made under mu, when the first write has to wait

	mu        sync.Mutex
	keys      maskKeys
	sender    protocol.Sender
	broken    bool  // the socket is of no use
	refused   error // why nothing new is accepted
	alone     int32 // writers that wait to own it
	crowd     int32 // how often a writer still waits for others that may join it
	streaming *MessageWriter
	batch     *outbox
	group     *group  // the writers that wait for batch, nil if none does
	places    []place // theirs, in its order
	pongs     *outbox // automatic Pongs, nil if none waits
	pongCount int32
	lastPong  int32         // where it begins
	wake      chan struct{} // closed when something changes; nil if nobody waits
}

// group is the writers that share a write.
type group struct {
	done  chan struct{} // closed when the bytes are with the kernel, or lost
	err   error         // what became of them, once done is closed
	taken bool          // they are on their way
}

// place is where a writer's frame lies in a batch.
type place struct {
	off, n int
	fixed  bool // the state machine has moved on with it: it cannot be taken out
}

// send sends one frame and returns when its bytes are with the kernel. owner is
// the MessageWriter it belongs to, if any.
//
// The context of a lone writer that ends in the middle of its write takes the
// connection with it: half a frame is on the wire. A writer that shares a write
// with others leaves alone.
func (c *Conn) send(ctx context.Context, h frame.Header, p []byte, owner *MessageWriter) error {
	if ctx.Err() != nil {
		return interrupted(ctx, "write")
	}
	if len(p) > joinMax {
		return c.sendLarge(ctx, h, p, owner)
	}
	o := &c.out
	o.mu.Lock()
	if err := o.waitUntil(ctx, func() bool { return o.mayJoin(h, owner) }); err != nil {
		o.unlock()
		return err
	}
	if err := o.admit(h, len(p), owner); err != nil {
		o.unlock()
		return err
	}
	if o.alone > 0 || !o.take() {
		o.crowd = crowdMemory
		g, i := o.join(h, p)
		o.unlock()
		return o.await(ctx, g, i)
	}
	if o.crowd > 0 {
		g, i := o.join(h, p)
		o.unlock()
		o.lead()
		return o.await(ctx, g, i)
	}
	box, _ := o.collect()
	box.encode(c, o.keys.next(), h, p)
	o.unlock()
	err := c.flush(ctx, box)
	o.mu.Lock()
	o.release()
	o.unlock()
	return err
}

// sendPlain sends a message in one frame. When nobody else wants anything it does
// so without the lock and without the state machine, in which a whole message
// changes nothing.
func (c *Conn) sendPlain(ctx context.Context, typ MessageType, p []byte) error {
	o := &c.out
	if len(p) > joinMax || ctx.Err() != nil || !o.state.CompareAndSwap(0, stateBusy) {
		return c.send(ctx, frame.Header{Fin: true, Opcode: frame.Opcode(typ)}, p, nil)
	}
	box := newOutbox(0)
	box.message(c, o.ownKeys.next(), typ, p)
	err := c.flush(ctx, box)
	if !o.state.CompareAndSwap(stateBusy, 0) {
		o.mu.Lock()
		o.release()
		o.unlock()
	}
	return err
}

// lead writes for all who come along. Writers were seen to meet, so the others get
// the chance to join first. A socket that takes the bytes at once takes them here;
// what would have to wait is left to a goroutine, because every writer may leave
// when its context ends, this one too.
func (o *sendSide) lead() {
	runtime.Gosched()
	o.mu.Lock()
	if len(o.places) < 2 {
		o.crowd--
	}
	box, g := o.collect()
	o.unlock()
	box.announce(o.c)
	var n int
	var err error
	if s := o.c.in.sock; s != nil {
		if n, err = s.TryWrite(box); err != nil {
			err = o.c.writeFailed(err)
		}
	}
	if err == nil && n < len(box.b) {
		go func() { o.delivered(box, g, o.c.writeSocket(context.Background(), box, n, n > 0)) }()
		return
	}
	o.delivered(box, g, err)
}

// delivered tells the writers of box what became of it.
func (o *sendSide) delivered(box *outbox, g *group, err error) {
	box.free()
	g.settle(err)
	o.mu.Lock()
	defer o.unlock()
	o.release()
}

// sendLarge sends a frame whose payload is masked and written piece by piece.
func (c *Conn) sendLarge(ctx context.Context, h frame.Header, p []byte, owner *MessageWriter) error {
	o := &c.out
	o.mu.Lock()
	if err := o.own(ctx, h, owner); err != nil {
		o.unlock()
		return err
	}
	box, others := o.collect()
	err := o.admit(h, len(p), owner)
	h.Masked, h.Mask, h.Length = true, o.keys.next(), int64(len(p))
	if err != nil {
		h.Fin, h.Opcode = true, frame.Binary // nothing has to follow
	}
	o.unlock()
	left, ferr := c.writeQueued(ctx, box, others, h, p)
	if left {
		return cmp.Or(err, ferr)
	}
	if err = cmp.Or(err, ferr); err == nil {
		err = c.writeChunks(ctx, h, p)
	}
	o.mu.Lock()
	o.release()
	o.unlock()
	return err
}

// writeChunks masks and writes p, which is larger than a chunk is worth.
func (c *Conn) writeChunks(ctx context.Context, h frame.Header, p []byte) error {
	chunk := min(len(p), chunkSize)
	if c.in.sock != nil {
		chunk = min(len(p), socketChunk)
	}
	box := newOutbox(chunk)
	defer box.free()
	box.note(c, h, p)
	box.announce(c)
	box.b = frame.AppendHeader(box.b, h)
	for pos := 0; pos < len(p); pos += chunk {
		box.b = maskOnto(box.b, p[pos:min(pos+chunk, len(p))], h.Mask, pos)
		if err := c.writeSocket(ctx, box, 0, pos > 0); err != nil {
			return err
		}
		box.b = box.b[:0]
	}
	return nil
}

// own waits until the socket is free and takes it.
func (o *sendSide) own(ctx context.Context, h frame.Header, owner *MessageWriter) error {
	for {
		if err := o.waitUntil(ctx, func() bool { return o.mayJoin(h, owner) }); err != nil {
			return err
		}
		o.alone++
		o.state.Or(stateWaiting) // before free is asked: then the owner will wake us
		err := o.waitUntil(ctx, o.free)
		o.alone--
		if err != nil {
			return err
		}
		if o.mayJoin(h, owner) && o.take() {
			return nil
		}
	}
}

// mayJoin reports whether a frame need not wait: data waits while another
// message is being written in parts, and everything while too much is queued.
func (o *sendSide) mayJoin(h frame.Header, owner *MessageWriter) bool {
	if o.refused != nil {
		return true // admit says why not
	}
	if o.streaming != nil && o.streaming != owner && !h.Opcode.IsControl() && h.Fin && h.Opcode != frame.Continuation {
		return false
	}
	return o.batch == nil || len(o.batch.b) < batchMax
}

// admit asks the state machine whether a frame may be sent now, and moves it on.
func (o *sendSide) admit(h frame.Header, size int, owner *MessageWriter) error {
	if o.refused != nil {
		return o.refused
	}
	if o.streaming != owner && o.streaming != nil && !h.Opcode.IsControl() {
		return fmt.Errorf("%w: a Writer has it open", ErrMidMessage)
	}
	h.Length = int64(size)
	switch err := o.sender.Send(h); {
	case err == nil:
		return nil
	case errors.Is(err, protocol.ErrCloseSent):
		return &CloseError{Code: frame.StatusNoStatus, Err: errCloseSent}
	case errors.Is(err, protocol.ErrMessageOpen), errors.Is(err, protocol.ErrNoMessage):
		return fmt.Errorf("%w: %w", ErrMidMessage, err)
	default:
		return fmt.Errorf("fairlead: frame refused: %w", err)
	}
}

var errCloseSent = errors.New("a Close frame was sent: nothing may follow it")

// join puts a frame into the batch: it has place i of the group.
func (o *sendSide) join(h frame.Header, p []byte) (g *group, i int) {
	if o.batch == nil {
		o.batch = newOutbox(0)
	}
	if o.group == nil {
		o.group = &group{done: make(chan struct{})}
	}
	off := len(o.batch.b)
	o.batch.encode(o.c, o.keys.next(), h, p)
	o.places = append(o.places, place{
		off: off, n: len(o.batch.b) - off,
		fixed: !h.Fin || h.Opcode == frame.Continuation || h.Opcode == frame.Close,
	})
	return o.group, len(o.places) - 1
}

// await waits for the write of g. When ctx ends before it began, the frame in
// place i is taken out again.
func (o *sendSide) await(ctx context.Context, g *group, i int) error {
	select { // most often the write was the caller's own; and a select of two costs more
	case <-g.done:
		return g.err
	default:
	}
	if ctx.Done() == nil {
		<-g.done
		return g.err
	}
	select {
	case <-g.done:
		return g.err
	case <-ctx.Done():
	}
	o.mu.Lock()
	defer o.unlock()
	if g.taken || o.places[i].fixed {
		return interrupted(ctx, "write given up while the frame was on its way; it may arrive")
	}
	o.takeOut(i)
	return interrupted(ctx, "write given up, nothing was sent")
}

// takeOut takes the frame in place i out of the batch. Its place stays, empty: the
// others know theirs by number.
func (o *sendSide) takeOut(i int) {
	n := o.places[i].n
	o.batch.cut(o.places[i].off, n)
	o.places[i].n = 0
	for k := range o.places[i+1:] {
		o.places[i+1+k].off -= n
	}
}

// collect takes what is to be written now: Pongs first, then the batch.
func (o *sendSide) collect() (*outbox, *group) {
	box, g := o.batch, o.group
	if box == nil {
		box = newOutbox(0)
	}
	if g != nil {
		g.taken = true
	}
	o.batch, o.group, o.places = nil, nil, o.places[:0]
	if front := o.pongs; front != nil {
		o.pongs = nil
		front.add(box)
		box = front
	}
	return box, g
}

func (o *sendSide) queued() bool { return !o.broken && (o.batch != nil || o.pongs != nil) }

// flushAll writes batch after batch until none is left.
func (o *sendSide) flushAll() {
	for {
		runtime.Gosched() // lets writers that are ready join
		o.mu.Lock()
		if !o.queued() || o.alone > 0 {
			o.release()
			o.unlock()
			return
		}
		box, g := o.collect()
		o.changed()
		o.unlock()
		g.settle(o.c.flush(context.Background(), box))
	}
}

// settle tells the writers of g, if there are any, what became of their bytes.
func (g *group) settle(err error) {
	if g != nil {
		g.err = err
		close(g.done)
	}
}

// waitUntil returns when ready does; mu is free while it waits.
func (o *sendSide) waitUntil(ctx context.Context, ready func() bool) error {
	for !ready() {
		ch := o.nextChange()
		o.unlock()
		select {
		case <-ch:
		case <-ctx.Done():
		}
		o.mu.Lock()
		if ctx.Err() != nil {
			return interrupted(ctx, "write given up, nothing was sent")
		}
	}
	return nil
}

func (o *sendSide) nextChange() <-chan struct{} {
	if o.wake == nil {
		o.wake = make(chan struct{})
	}
	return o.wake
}

func (o *sendSide) changed() {
	if o.wake != nil {
		close(o.wake)
		o.wake = nil
	}
}
