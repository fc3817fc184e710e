package fairlead

import (
	"context"

	"github.com/fairlead-ws/fairlead/frame"
)

// ReadFrame returns the next frame, its header as it came and its payload. It is the
// verb beneath the message verbs: data frames are not put together, and a Close
// frame is returned like any other, after which every read fails with a
// *CloseError. Which control frames it passes over is a matter of the Policy;
// they may come between the frames of a message.
//
// RSV1 on the first frame of a message says that it came compressed (RFC 7692,
// section 6). p is inflated already, also then and frame by frame: it holds what
// the frame adds to the message, while h.Length is the size on the wire.
//
// p is valid until the next read on c. The payload of a text frame has been
// checked as far as it goes; a code point may continue in the next frame.
//
// When ctx or the idle timeout ends ReadFrame, nothing is lost: the next call
// goes on with the frame. Between a ReadFrame that returned a data frame without
// Fin and the one that returns its end, the message verbs give ErrMidMessage, as
// ReadFrame does after a message verb that stopped half-way.
func (c *Conn) ReadFrame(ctx context.Context) (h frame.Header, p []byte, err error) {
	if err := c.beginRead(ctx); err != nil {
		return frame.Header{}, nil, err
	}
	defer c.in.turn.leaveReader()
	in := &c.in
	if in.user == verbMessage || in.user == verbReader {
		return frame.Header{}, nil, midMessage(in.user)
	}
	for {
		ctl, err := c.advance(ctx, false)
		if err != nil {
			return frame.Header{}, nil, err
		}
		if !in.hdr.Opcode.IsControl() {
			break
		}
		if c.obey(ctl) {
			in.lent = true
			return in.hdr, in.ctl[:in.hdr.Length:in.hdr.Length], nil
		}
	}
	in.user = verbFrame
	if p, err = c.framePayload(ctx); err != nil {
		return frame.Header{}, nil, err
	}
	return in.hdr, p, nil
}

// framePayload gathers the payload of the current data frame: in the read buffer
// when it is there already, else in the buffer that the connection keeps.
func (c *Conn) framePayload(ctx context.Context) ([]byte, error) {
	in := &c.in
	if in.remaining == in.hdr.Length {
		p, ok, err := c.inPlace()
		if err != nil {
			return nil, err
		}
		if ok {
			return p, c.endFrame()
		}
		in.data = in.scratch()
	}
	for in.unfinished() {
		in.data = in.room(in.data)
		n, err := c.take(ctx, in.data[len(in.data):cap(in.data)], false)
		in.data = in.data[:len(in.data)+n]
		if err != nil {
			return nil, err
		}
	}
	in.lent = true
	return in.data, c.endFrame()
}

// WriteFrame sends one frame. Fin, RSV and Opcode of h count; the mask, its key
// and the length are set by c. p is not changed and may be used again when
// WriteFrame returns.
//
// Where compression was agreed on, RSV1 on the first frame of a message asks for
// the message to be compressed: p is the content all the same, and c compresses
// it, here and in the frames that continue the message. So what ReadFrame gave can
// go to another connection as it is. Without RSV1 nothing is compressed.
//
// WriteFrame refuses what would break the framing: a data frame that does not
// fit the message under way (ErrMidMessage), a control frame of more than 125
// bytes or without Fin, a reserved opcode or bit, anything after a Close. What
// is inside a text or a Close frame is the caller's affair. Once Close frames
// were sent and received, the connection is closed.
//
// A Pong answers the Ping that PingPending tells of. See Write for ctx; a frame
// that begins or continues a message in several frames goes out even when ctx
// ends while it waits.
func (c *Conn) WriteFrame(ctx context.Context, h frame.Header, p []byte) error {
	if err := c.usable(ctx); err != nil {
		return err
	}
	h = frame.Header{Fin: h.Fin, RSV: h.RSV, Opcode: h.Opcode}
	if c.deflate != nil {
		if handled, err := c.deflate.writeFrame(ctx, h, p); handled {
			return err
		}
	}
	if err := c.send(ctx, h, p, nil); err != nil {
		return err
	}
	switch h.Opcode {
	case frame.Pong:
		c.pings.Load().answered()
	case frame.Close:
		code, reason, _ := frame.ParseClose(p)
		c.noteClose(code, reason, false)
		c.bothClosed()
	}
	return nil
}
