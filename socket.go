package fairlead

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/fairlead-ws/fairlead/frame"
)

// flush writes the frames of box and frees it. ctx is that of a lone writer.
func (c *Conn) flush(ctx context.Context, box *outbox) error {
	if len(box.b) == 0 {
		box.free()
		return nil
	}
	box.announce(c)
	err := c.writeSocket(ctx, box, 0, false)
	box.free()
	return err
}

// writeSocket writes what is in box from start on; the caller owns the socket. An
// error has ended the connection: nobody knows how much of a frame went out. begun
// says that a part of the frame went out before.
func (c *Conn) writeSocket(ctx context.Context, box *outbox, start int, begun bool) error {
	o := &c.out
	if begun && ctx.Err() != nil {
		return c.cutOff(ctx)
	}
	var n int
	var err error
	b := box.b[start:]
	if s := c.in.sock; s != nil {
		n, err = s.Write(ctx, box, start)
	} else {
		// A context that ended since the frame was admitted does not keep it
		// back: the frame counts as sent.
		_ = o.arm(ctx)
		n, err = c.nc.Write(b)
	}
	if o.disarm() || errors.Is(err, errNotArmed) {
		return c.cutOff(ctx)
	}
	if err == nil && n < len(b) {
		err = io.ErrShortWrite
	}
	if err != nil {
		return c.writeFailed(err)
	}
	return nil
}

// cutOff drops the connection after a frame that its writer gave up half-way.
func (c *Conn) cutOff(ctx context.Context) error {
	c.abandon(cutOffBy(ctx))
	return c.Err()
}

// endedBy is the end of the connection when reading fails with err: it may be that a
// writer's context has closed the socket.
func (c *Conn) endedBy(remote bool, err error) *CloseError {
	if cut := c.end.cut.Load(); cut != nil {
		return cut
	}
	return lost(remote, err)
}

func cutOffBy(ctx context.Context) *CloseError {
	return lost(false, fmt.Errorf("write given up in the middle of a frame: %w", ctx.Err()))
}

// writeFailed ends the session for writers. What the peer had sent before can
// still be read for the close timeout: a peer that closes is often noticed by a
// write first, and its Close frame says why.
func (c *Conn) writeFailed(err error) error {
	c.conclude(lost(true, err))
	// A closed socket is often this side's doing: the first cause counts.
	cause := c.Err()
	c.out.discard(cause)
	c.end.mu.Lock()
	defer c.end.mu.Unlock()
	if c.end.grace == nil && !c.end.closed {
		c.end.grace = time.AfterFunc(c.closeTimeout, func() { c.drop(cause) })
	}
	return cause
}

// patience is how long one write may last, 0 for ever.
func (c *Conn) patience() time.Duration {
	limit := max(c.writeTimeout, 0)
	if idle := time.Duration(c.idle.Load()); idle > 0 && (limit == 0 || idle < limit) {
		limit = idle
	}
	return limit
}

// stalled ends the connection when a write has made no progress for too long.
// No write deadline is used for it: over TLS a deadline in the past ends writing
// for good, even one that passes between two writes.
func (c *Conn) stalled(limit time.Duration) {
	err := fmt.Errorf("write timeout: the peer has taken no byte for %v: %w", limit, os.ErrDeadlineExceeded)
	if time.Duration(c.idle.Load()) == limit {
		err = fmt.Errorf("%w (write)", ErrIdleTimeout)
	}
	c.drop(lost(true, err))
}

// refuse makes every later write fail with cause. What is queued still goes out.
func (o *sendSide) refuse(cause error) {
	o.mu.Lock()
	defer o.unlock()
	if o.refused == nil {
		o.refused = cause
	}
	o.changed()
}

// discard drops what is queued: the socket is gone.
func (o *sendSide) discard(cause error) {
	o.mu.Lock()
	o.broken = true
	box, g, pongs := o.batch, o.group, o.pongs
	// Nothing follows a Close frame: what is under way after one is, or holds, it.
	if o.sender.CloseSent() && (box != nil || !o.free()) {
		o.c.end.unsent.Store(true)
	}
	if g != nil {
		g.taken = true
	}
	o.batch, o.group, o.places, o.pongs = nil, nil, nil, nil
	if o.refused == nil {
		o.refused = cause
	}
	b := o.breaks
	o.changed()
	o.unlock()
	g.settle(cause)
	for _, box := range []*outbox{box, pongs} {
		if box != nil {
			box.free()
		}
	}
	b.stop()
}

// drain waits until nothing is queued and nobody writes, or until stop.
func (o *sendSide) drain(stop <-chan struct{}) {
	o.mu.Lock()
	defer o.unlock()
	for o.state.Or(stateWaiting); !o.free() || o.queued(); o.state.Or(stateWaiting) {
		ch := o.nextChange()
		o.unlock()
		select {
		case <-ch:
			o.mu.Lock()
		case <-stop:
			o.mu.Lock()
			return
		}
	}
}

// queuePong answers a Ping without waiting for the socket: a reader that waits
// for a write, and a peer that does the same, would wait for ever.
func (o *sendSide) queuePong(payload []byte) {
	o.mu.Lock()
	defer o.unlock()
	if o.refused != nil || o.sender.CloseSent() {
		return
	}
	switch {
	case o.pongs == nil:
		o.pongs, o.pongCount = newOutbox(0), 1
	case o.pongCount < pongMax:
		o.pongCount++
	default:
		o.pongs.cut(int(o.lastPong), len(o.pongs.b)-int(o.lastPong))
	}
	o.lastPong = int32(len(o.pongs.b))
	o.pongs.encode(o.c, o.keys.next(), frame.Header{Fin: true, Opcode: frame.Pong}, payload)
}

// lastWords queues a Close frame unless one was sent, and waits a moment for it to
// go out: callers tend to drop the connection, or to end the program, as soon as a
// read tells them that it is over. Nothing more is read, and the wait is bounded,
// so that two full sockets do not wait for each other.
func (c *Conn) lastWords(code frame.StatusCode) {
	c.out.queueClose(code)
	ctx, cancel := context.WithTimeout(context.Background(), lastWordsTime)
	defer cancel()
	c.out.drain(ctx.Done())
}

const lastWordsTime = 50 * time.Millisecond

func (o *sendSide) queueClose(code frame.StatusCode) {
	o.mu.Lock()
	defer o.unlock()
	if o.broken || o.sender.CloseSent() {
		return
	}
	payload, err := frame.AppendClose(nil, code, "")
	if err != nil {
		payload = nil // never: every code comes from a table, or from a judged Close
	}
	h := frame.Header{Fin: true, Opcode: frame.Close, Length: int64(len(payload))}
	if o.sender.Send(h) != nil {
		return
	}
	if o.batch == nil {
		o.batch = newOutbox(0)
	}
	o.batch.encode(o.c, o.keys.next(), h, payload)
}

func (o *sendSide) closeSent() bool {
	o.mu.Lock()
	defer o.unlock()
	return o.sender.CloseSent()
}

var errNilContext = errors.New("fairlead: nil context: pass context.Background()")
