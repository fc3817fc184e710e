package fairlead

import (
	"context"
	"fmt"
	"sync"

	"github.com/fairlead-ws/fairlead/deflate"
	"github.com/fairlead-ws/fairlead/frame"
	"github.com/fairlead-ws/fairlead/handshake"
)

// compression compresses what goes out.
//
// With context takeover there is one compressor, and messages must go out in the
// order in which it saw them: whoever compresses has the turn until the last frame
// is on its way. Whoever waits for the turn holds nothing that others wait for.
type compression struct {
	c        *Conn
	agreed   handshake.Deflate
	bits     int
	one      *deflate.Compressor // with takeover
	turn     chan struct{}       // capacity 1; with takeover
	frames   chan struct{}       // capacity 1; held by a WriteFrame that compresses
	unending *deflate.Compressor // of a message that WriteFrame has begun; under frames
	open     bool                // there is such a message, for those without frames; under c.out.mu
}

// compressors has those without context takeover, by the bits of their window.
var compressors [deflate.MaxWindowBits + 1]sync.Pool

func newCompression(c *Conn, d handshake.Deflate) *compression {
	z := &compression{c: c, agreed: d, bits: d.ClientMaxWindowBits, frames: make(chan struct{}, 1)}
	if z.bits < deflate.MinWindowBits || z.bits > deflate.MaxWindowBits {
		z.bits = deflate.MaxWindowBits
	}
	if !d.ClientNoContextTakeover {
		z.one = deflate.NewCompressor(z.bits, true)
		z.turn = make(chan struct{}, 1)
	}
	return z
}

// begin returns a compressor for one message, which end gives back.
func (z *compression) begin(ctx context.Context) (*deflate.Compressor, error) {
	if ctx.Err() != nil {
		return nil, interrupted(ctx, "write")
	}
	if z.one == nil {
		if d, ok := compressors[z.bits].Get().(*deflate.Compressor); ok {
			return d, nil
		}
		return deflate.NewCompressor(z.bits, false), nil
	}
	if z.isOpen() {
		if err := z.c.Err(); err != nil {
			return nil, err
		}
		return nil, fmt.Errorf("%w: WriteFrame began it", ErrMidMessage)
	}
	if err := z.wait(ctx, z.turn); err != nil {
		return nil, err
	}
	return z.one, nil
}

// wait puts a token into ch, which has room for one.
func (z *compression) wait(ctx context.Context, ch chan struct{}) error {
	select {
	case ch <- struct{}{}:
		return nil
	default:
	}
	select {
	case ch <- struct{}{}:
		return nil
	case <-z.c.end.whenGone():
		return z.c.Err()
	case <-ctx.Done():
		return interrupted(ctx, "write given up, nothing was sent")
	}
}

// end gives the compressor of a message back. What the peer has not got, as err
// tells, nothing later may refer to.
func (z *compression) end(d *deflate.Compressor, err error) {
	if err != nil {
		d.Reset()
	}
	if d == z.one {
		<-z.turn
	} else {
		compressors[z.bits].Put(d)
	}
}

func (z *compression) isOpen() bool {
	z.c.out.mu.Lock()
	defer z.c.out.mu.Unlock()
	return z.open
}

func (z *compression) setOpen(open bool) {
	z.c.out.mu.Lock()
	defer z.c.out.mu.Unlock()
	z.open = open
}

// sendMessage sends p as one message, compressed if that pays.
func (c *Conn) sendMessage(ctx context.Context, typ MessageType, p []byte) error {
	z := c.deflate
	if z == nil || !deflate.Worthwhile(p, z.one != nil) {
		return c.sendPlain(ctx, typ, p)
	}
	d, err := z.begin(ctx)
	if err != nil {
		return err
	}
	scratch := newOutbox(len(p))
	defer scratch.free()
	var small bool
	if scratch.b, small = z.squeeze(d, scratch.b, p); small {
		err = c.send(ctx, frame.Header{Fin: true, RSV: frame.RSV1, Opcode: frame.Opcode(typ)}, scratch.b, nil)
	} else {
		err = c.sendPlain(ctx, typ, p)
	}
	z.end(d, err)
	return err
}

// squeeze compresses p, a whole message, onto dst. small is false when there is
// nothing in it for p, which may be sent as it is then.
func (z *compression) squeeze(d *deflate.Compressor, dst, p []byte) (wire []byte, small bool) {
	wire = d.Append(dst, p, true)
	// With takeover the compressor counts on the peer to get what it has seen.
	return wire, z.one != nil || len(wire)-len(dst) < len(p)
}

// sendPiece compresses p, sends it as a frame of a message that goes out in
// several, and sets RSV1 on the first. An error leaves nothing for later pieces
// to refer to.
func (c *Conn) sendPiece(ctx context.Context, d *deflate.Compressor, h frame.Header, p []byte, owner *MessageWriter) error {
	scratch := newOutbox(len(p))
	defer scratch.free()
	scratch.b = d.Append(scratch.b, p, h.Fin)
	if h.RSV = 0; h.Opcode != frame.Continuation {
		h.RSV = frame.RSV1 // RFC 7692, section 6.1
	}
	err := c.send(ctx, h, scratch.b, owner)
	if err != nil {
		d.Reset()
	}
	return err
}

// writeFrame is what WriteFrame does to frames of compressed messages; handled is
// false for all others.
func (z *compression) writeFrame(ctx context.Context, h frame.Header, p []byte) (handled bool, err error) {
	first := h.RSV == frame.RSV1 && (h.Opcode == frame.Text || h.Opcode == frame.Binary)
	if !first && h.Opcode != frame.Continuation {
		return false, nil
	}
	if err := z.wait(ctx, z.frames); err != nil {
		return true, err
	}
	defer func() { <-z.frames }()
	d := z.unending
	if first == (d != nil) || h.RSV != 0 && !first {
		return false, nil // the state machine says what is wrong, or it is not compressed
	}
	if first {
		if d, err = z.begin(ctx); err != nil {
			return true, err
		}
	}
	err = z.c.sendPiece(ctx, d, h, p, nil)
	switch {
	case h.Fin && (err == nil || first), first && err != nil:
		z.unending = nil
		z.setOpen(false)
		z.end(d, err)
	case first:
		z.unending = d
		z.setOpen(true)
	}
	return true, err
}
