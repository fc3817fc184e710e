package fairlead

import (
	"cmp"
	"context"
	"errors"
	"sync"

	"github.com/fairlead-ws/fairlead/deflate"
	"github.com/fairlead-ws/fairlead/frame"
)

// Batch gathers messages that go out together. See Conn.Batch.
type Batch struct {
	c    *Conn
	ctx  context.Context
	box  *outbox
	keys *maskKeys
	err  error

	// Where compression was agreed on, messages wait as they are until flush: the
	// compressor may belong to others while the function runs.
	plain   []byte
	waiting []waitingMessage
}

type waitingMessage struct {
	typ MessageType
	end int // in plain
}

// Batch calls f and sends the messages that f gives to b in as few writes as
// possible: one for each 64 KiB or so. It returns when all are with the kernel.
// Messages of other goroutines may stand between the writes.
//
// When f returns an error, Batch returns it, and what was not yet sent is not
// sent. b must not be used after f has returned. Contexts work as in Write.
func (c *Conn) Batch(ctx context.Context, f func(b *Batch) error) error {
	if err := c.usable(ctx); err != nil {
		return err
	}
	if f == nil {
		return errors.New("fairlead: Batch needs a function")
	}
	b := &Batch{c: c, ctx: ctx, box: newOutbox(0), keys: batchKeys.Get().(*maskKeys)}
	err := f(b)
	switch {
	case b.err != nil:
		err = b.err
	case err == nil:
		err = b.flush()
	}
	b.box.free()
	batchKeys.Put(b.keys)
	b.err = errBatchOver
	return err
}

// batchKeys are used again: to seed them costs more than to mask a short batch.
var batchKeys = sync.Pool{New: func() any { return new(maskKeys) }}

var errBatchOver = errors.New("fairlead: a Batch was used after its function had returned")

// Write adds a message. p may be used again at once. The first error ends the
// Batch.
func (b *Batch) Write(typ MessageType, p []byte) error {
	if b.err != nil {
		return b.err
	}
	if typ != Binary {
		if b.err = checkMessage(b.ctx, typ, p); b.err != nil {
			return b.err
		}
	}
	gathered := 0
	switch {
	case len(p) > joinMax:
		if b.err = b.flush(); b.err == nil {
			b.err = b.c.sendMessage(b.ctx, typ, p)
		}
	case b.c.deflate != nil:
		b.plain = append(b.plain, p...)
		b.waiting = append(b.waiting, waitingMessage{typ, len(b.plain)})
		gathered = len(b.plain)
	default:
		b.box.message(b.c, b.keys.next(), typ, p)
		gathered = len(b.box.b)
	}
	if gathered >= chunkSize {
		b.err = b.flush()
	}
	return b.err
}

// flush sends what was gathered.
func (b *Batch) flush() error {
	z := b.c.deflate
	if z == nil || len(b.waiting) == 0 {
		return b.send()
	}
	d, err := z.begin(b.ctx)
	if err != nil {
		return err
	}
	scratch := newOutbox(0)
	defer scratch.free()
	start := 0
	for _, m := range b.waiting {
		h, p := frame.Header{Fin: true, Opcode: frame.Opcode(m.typ)}, b.plain[start:m.end]
		start = m.end
		if deflate.Worthwhile(p, z.one != nil) {
			var small bool
			if scratch.b, small = z.squeeze(d, scratch.b[:0], p); small {
				h.RSV, p = frame.RSV1, scratch.b
			}
		}
		b.box.encode(b.c, b.keys.next(), h, p)
	}
	b.plain, b.waiting = b.plain[:0], b.waiting[:0]
	err = b.send()
	z.end(d, err)
	return err
}

// send writes the frames in the box.
func (b *Batch) send() error {
	if len(b.box.b) == 0 {
		return nil
	}
	if b.ctx.Err() != nil {
		return interrupted(b.ctx, "write")
	}
	o := &b.c.out
	h := frame.Header{Fin: true, Opcode: frame.Binary}
	o.mu.Lock()
	if err := o.own(b.ctx, h, nil); err != nil {
		o.unlock()
		return err
	}
	err := o.admit(h, 0, nil)
	box, g := o.collect()
	o.unlock()
	if g != nil || err != nil {
		left, ferr := b.c.writeQueued(b.ctx, box, g, h, nil)
		if left {
			return ferr
		}
		err = cmp.Or(err, ferr)
	} else {
		box.add(b.box)
		b.box = box
	}
	if err == nil {
		err = b.c.flush(b.ctx, b.box)
		b.box = newOutbox(0)
	}
	o.mu.Lock()
	o.release()
	o.unlock()
	return err
}
