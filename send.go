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
	c     *Conn
	gate  gate // breaks the write of a lone writer
	watch watchdog

	// Of the write under way.
	ctx   context.Context
	armed bool // it is watched
	gated bool // ctx may break into it

	keys maskKeys

	state   atomic.Uint32 // see stateBusy; read without mu
	ownKeys maskKeys      // of the owner of the socket

	mu        sync.Mutex
	sender    protocol.Sender
	refused   error // why nothing new is accepted
	broken    bool  // the socket is of no use
	alone     int   // writers that wait to own it
	crowd     int   // how often a writer still waits for others that may join it
	streaming *MessageWriter
	batch     *outbox
	joined    []*ticket // the writers in batch, in its order
	spare     []*ticket // not in a sync.Pool: their channels belong to a synctest bubble
	pongs     []pong
	wake      []chan struct{} // closed when something changed
}

// ticket is a writer's place in a batch.
type ticket struct {
	result chan error // capacity 1
	off, n int
	fixed  bool // the state machine has moved on with it: it cannot be taken out
	taken  bool // its bytes are on their way
}

type pong struct {
	n int
	p [frame.MaxControlPayload]byte
}

func (o *sendSide) start(c *Conn) {
	o.c = c
	o.gate.act = func() {
		c.end.cut.Store(cutOffBy(o.gate.ctx)) // a reader may notice first
		c.hangUp()
	}
	o.watch.start(c.stalled)
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
	if isMessage(h) && owner == nil && o.state.CompareAndSwap(0, stateBusy) {
		return c.sendAlone(ctx, h, p)
	}
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
		t := o.join(h, p)
		o.unlock()
		return o.await(ctx, t)
	}
	if o.crowd > 0 {
		t := o.join(h, p)
		o.unlock()
		o.lead()
		return o.await(ctx, t)
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

// sendAlone sends a message when nobody else wants anything: without the lock and
// without the state machine, in which a whole message changes nothing. The caller
// has taken the socket.
func (c *Conn) sendAlone(ctx context.Context, h frame.Header, p []byte) error {
	o := &c.out
	box := newOutbox(0)
	box.encode(c, o.ownKeys.next(), h, p)
	err := c.flush(ctx, box)
	if !o.state.CompareAndSwap(stateBusy, 0) {
		o.mu.Lock()
		o.release()
		o.unlock()
	}
	return err
}

func isMessage(h frame.Header) bool {
	return h.Fin && h.RSV == 0 && (h.Opcode == frame.Text || h.Opcode == frame.Binary)
}

// lead writes for all who come along. Writers were seen to meet, so the others get
// the chance to join first. A socket that takes the bytes at once takes them here;
// what would have to wait is left to a goroutine, because every writer may leave
// when its context ends, this one too.
func (o *sendSide) lead() {
	runtime.Gosched()
	o.mu.Lock()
	box, joined := o.collect()
	if len(joined) < 2 {
		o.crowd--
	}
	o.unlock()
	box.announce(o.c)
	var n int
	var err error
	if s := o.c.in.sock; s != nil {
		if n, err = s.TryWrite(box.b); err != nil {
			err = o.c.writeFailed(err)
		}
	}
	if err == nil && n < len(box.b) {
		go func() { o.delivered(box, joined, o.c.writeSocket(context.Background(), box.b[n:], n > 0)) }()
		return
	}
	o.delivered(box, joined, err)
}

// delivered tells the writers of box what became of it.
func (o *sendSide) delivered(box *outbox, joined []*ticket, err error) {
	box.free()
	settle(joined, err)
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
	o.unlock()
	ferr := c.flush(context.Background(), box)
	settle(others, ferr)
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
		if err := c.writeSocket(ctx, box.b, pos > 0); err != nil {
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

// join puts a frame into the batch.
func (o *sendSide) join(h frame.Header, p []byte) *ticket {
	if o.batch == nil {
		o.batch = newOutbox(0)
	}
	t := o.ticket()
	t.off, t.taken = len(o.batch.b), false
	t.fixed = !h.Fin || h.Opcode == frame.Continuation || h.Opcode == frame.Close
	o.batch.encode(o.c, o.keys.next(), h, p)
	t.n = len(o.batch.b) - t.off
	o.joined = append(o.joined, t)
	return t
}

func (o *sendSide) ticket() *ticket {
	n := len(o.spare)
	if n == 0 {
		return &ticket{result: make(chan error, 1)}
	}
	t := o.spare[n-1]
	o.spare = o.spare[:n-1]
	return t
}

// await waits for the write that carries t. When ctx ends before it began, the
// frame is taken out again.
func (o *sendSide) await(ctx context.Context, t *ticket) error {
	done := ctx.Done()
	if done == nil { // a select costs more
		return o.settled(t, <-t.result)
	}
	select {
	case err := <-t.result:
		return o.settled(t, err)
	case <-done:
	}
	o.mu.Lock()
	defer o.unlock()
	if t.taken || t.fixed {
		return interrupted(ctx, "write given up while the frame was on its way; it may arrive")
	}
	o.takeOut(t)
	return interrupted(ctx, "write given up, nothing was sent")
}

// settled keeps t for another writer.
func (o *sendSide) settled(t *ticket, err error) error {
	o.mu.Lock()
	defer o.unlock()
	o.spare = append(o.spare, t)
	return err
}

func (o *sendSide) takeOut(t *ticket) {
	o.batch.cut(t.off, t.n)
	kept := o.joined[:0]
	for _, other := range o.joined {
		if other == t {
			continue
		}
		if other.off > t.off {
			other.off -= t.n
		}
		kept = append(kept, other)
	}
	o.joined = kept
}

// collect takes what is to be written now: Pongs first, then the batch.
func (o *sendSide) collect() (*outbox, []*ticket) {
	box, joined := o.batch, o.joined
	if box == nil {
		box = newOutbox(0)
	}
	o.batch, o.joined = nil, nil
	for _, t := range joined {
		t.taken = true
	}
	if len(o.pongs) > 0 {
		box = o.pongsBefore(box)
	}
	return box, joined
}

func (o *sendSide) pongsBefore(box *outbox) *outbox {
	front := newOutbox(0)
	for i := range o.pongs {
		front.encode(o.c, o.keys.next(), frame.Header{Fin: true, Opcode: frame.Pong}, o.pongs[i].p[:o.pongs[i].n])
	}
	o.pongs = o.pongs[:0]
	front.add(box)
	return front
}

func (o *sendSide) queued() bool { return !o.broken && (o.batch != nil || len(o.pongs) > 0) }

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
		box, joined := o.collect()
		o.changed()
		o.unlock()
		settle(joined, o.c.flush(context.Background(), box))
	}
}

func settle(joined []*ticket, err error) {
	for _, t := range joined {
		t.result <- err
	}
}

// waitUntil returns when ready does; mu is free while it waits.
func (o *sendSide) waitUntil(ctx context.Context, ready func() bool) error {
	for !ready() {
		ch := make(chan struct{})
		o.wake = append(o.wake, ch)
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

func (o *sendSide) changed() {
	for _, ch := range o.wake {
		close(ch)
	}
	o.wake = o.wake[:0]
}
