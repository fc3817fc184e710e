package fairlead

import (
	crand "crypto/rand"
	"encoding/binary"
	"math/rand/v2"
	"slices"
	"sync"

	"github.com/fairlead-ws/fairlead/frame"
	"github.com/fairlead-ws/fairlead/wstrace"
)

// outbox is a buffer of encoded frames that go out in one write.
type outbox struct {
	b      []byte
	traced []tracedFrame // only when frames are watched
	call   socketWrite   // that is under way
}

type tracedFrame struct {
	off     int
	header  frame.Header
	preview []byte
}

// Buffers for a large frame have a pool of their own: a small frame would keep
// one from those that need it.
var (
	outboxes      = sync.Pool{New: func() any { return new(outbox) }}
	largeOutboxes = sync.Pool{New: func() any { return new(outbox) }}
)

// Buffers up to keepOutbox go back into the pool, those up to keepLarge into that
// of the large ones.
const (
	keepOutbox = chunkSize + frame.MaxHeaderSize + joinMax
	keepLarge  = 2 * socketChunk
)

// newOutbox returns an empty outbox that will hold size bytes, or less than
// keepOutbox if that is 0.
func newOutbox(size int) *outbox {
	if size > chunkSize {
		return largeOutboxes.Get().(*outbox)
	}
	return outboxes.Get().(*outbox)
}

func (x *outbox) free() {
	pool := &outboxes
	switch {
	case cap(x.b) > keepLarge:
		x.b = nil
	case cap(x.b) > keepOutbox:
		pool = &largeOutboxes
	}
	x.b, x.traced = x.b[:0], nil
	pool.Put(x)
}

// encode appends a masked frame.
func (x *outbox) encode(c *Conn, key [4]byte, h frame.Header, p []byte) {
	h.Masked, h.Mask, h.Length = true, key, int64(len(p))
	x.note(c, h, p)
	x.b = slices.Grow(x.b, frame.MaxHeaderSize+len(p))
	x.b = maskOnto(frame.AppendHeader(x.b, h), p, h.Mask, 0)
}

// message appends a message in one frame. It is encode without a Header, whose way
// through memory costs more than to mask a small message.
func (x *outbox) message(c *Conn, key [4]byte, typ MessageType, p []byte) {
	if c.trace.FrameSent != nil {
		x.note(c, frame.Header{Fin: true, Opcode: frame.Opcode(typ), Masked: true, Mask: key, Length: int64(len(p))}, p)
	}
	x.b = frame.AppendMessage(x.b, frame.Opcode(typ), key, p)
}

// maskOnto appends p masked, in one pass over it.
func maskOnto(dst, p []byte, key [4]byte, pos int) []byte {
	n := len(dst)
	dst = slices.Grow(dst, len(p))[:n+len(p)]
	frame.Mask(dst[n:], p, key, pos)
	return dst
}

func (x *outbox) note(c *Conn, h frame.Header, p []byte) {
	if c.trace.FrameSent != nil {
		preview := slices.Clone(p[:min(len(p), wstrace.PreviewBytes)])
		x.traced = append(x.traced, tracedFrame{off: len(x.b), header: h, preview: preview})
	}
}

// announce tells the trace what is about to go out. It does so before the write,
// so that no answer is seen before its question.
func (x *outbox) announce(c *Conn) {
	for _, f := range x.traced {
		c.trace.FrameSent(wstrace.Frame{Header: f.header, Preview: f.preview})
	}
}

// add appends the frames of other and frees it. An empty x just takes them.
func (x *outbox) add(other *outbox) {
	if len(x.b) == 0 {
		x.b, x.traced, other.b, other.traced = other.b, other.traced, x.b, x.traced
	}
	for _, f := range other.traced {
		f.off += len(x.b)
		x.traced = append(x.traced, f)
	}
	x.b = append(x.b, other.b...)
	other.free()
}

// cut takes the frame out that begins at off and has n bytes.
func (x *outbox) cut(off, n int) {
	x.b = slices.Delete(x.b, off, off+n)
	x.traced = slices.DeleteFunc(x.traced, func(f tracedFrame) bool { return f.off == off })
	for i := range x.traced {
		if x.traced[i].off > off {
			x.traced[i].off -= n
		}
	}
}

// maskKeys hands out masking keys (RFC 6455, section 10.3: unpredictable, from a
// strong source of entropy): ChaCha8, which crypto/rand seeds for each connection.
type maskKeys struct {
	source *rand.ChaCha8
	spare  uint32
	has    bool
}

func (k *maskKeys) next() (key [4]byte) {
	if k.has = !k.has; k.has {
		if k.source == nil {
			k.source = seeded()
		}
		two := k.source.Uint64()
		k.spare = uint32(two >> 32)
		binary.LittleEndian.PutUint32(key[:], uint32(two))
		return key
	}
	binary.LittleEndian.PutUint32(key[:], k.spare)
	return key
}

func seeded() *rand.ChaCha8 {
	var seed [32]byte
	_, _ = crand.Read(seed[:]) // never fails: crypto/rand ends the program first
	return rand.NewChaCha8(seed)
}
