package fairlead

import (
	"bytes"
	"context"
	"fmt"

	"github.com/fairlead-ws/fairlead/frame"
)

// MessageType is the type of a message.
type MessageType uint8

// The two types of messages (RFC 6455, section 5.6). The payload of a Text
// message is valid UTF-8 in both directions.
const (
	Text   = MessageType(frame.Text)
	Binary = MessageType(frame.Binary)
)

// String returns "text" or "binary", or what else t is as an opcode.
func (t MessageType) String() string { return frame.Opcode(t).String() }

// Read returns the next message, whole. The caller owns p.
//
// Control frames that come before and inside the message are dealt with as the
// Policy says. A Close frame ends reading: Read returns a *CloseError, now and
// ever after.
//
// When ctx or the idle timeout ends Read in the middle of a message, nothing is
// lost: the next Read, ReadAppend, Reader or turn of Messages goes on with it.
func (c *Conn) Read(ctx context.Context) (typ MessageType, p []byte, err error) {
	if err := c.beginRead(ctx); err != nil {
		return 0, nil, err
	}
	defer c.in.turn.leaveReader()
	if p, ok := c.whole(); ok {
		return c.in.typ, append([]byte{}, p...), nil
	}
	in := &c.in
	if in.user == verbNone && in.partial == nil {
		if err := c.await(ctx); err != nil {
			return 0, nil, err
		}
		if err := c.nextData(ctx, false); err != nil {
			return 0, nil, err
		}
		if !in.hdr.Fin || in.hdr.Length > growBy || in.inflating {
			return c.gather(ctx)
		}
	}
	return c.message(ctx, nil)
}

// gather reads a message whose memory has to grow as it comes. It does so in a
// buffer that is used again, and copies: what growing leaves behind costs more.
func (c *Conn) gather(ctx context.Context) (MessageType, []byte, error) {
	in := &c.in
	in.partial, in.data = in.scratch(), nil
	typ, p, err := c.message(ctx, nil)
	if err == nil && cap(p) <= keepAtMost {
		in.data = p
		p = append([]byte{}, p...)
	}
	return typ, p, err
}

// ReadAppend is Read into the caller's memory: it appends the message to dst and
// returns the longer slice, and allocates only when dst has too little room.
// When it fails it returns dst as it was.
func (c *Conn) ReadAppend(ctx context.Context, dst []byte) (typ MessageType, p []byte, err error) {
	if err := c.beginRead(ctx); err != nil {
		return 0, dst, err
	}
	if p, ok := c.whole(); ok {
		typ, p = c.in.typ, append(dst, p...)
		c.in.turn.leaveReader()
		return typ, p, nil
	}
	defer c.in.turn.leaveReader()
	if c.in.user > verbMessage {
		return 0, dst, midMessage(c.in.user)
	}
	if err := c.await(ctx); err != nil {
		return 0, dst, err
	}
	typ, p, err = c.message(ctx, dst)
	if err != nil {
		return 0, dst, err
	}
	return typ, p, nil
}

// beginRead makes the caller the one reader.
func (c *Conn) beginRead(ctx context.Context) error {
	if err := c.usable(ctx); err != nil {
		return err
	}
	if err := c.in.turn.takeReader(ctx, &c.in.gate); err != nil {
		return err
	}
	var err error
	switch {
	case c.in.err != nil:
		err = c.in.err
	case c.end.abandoned.Load():
		err = c.Err()
	case ctx.Err() != nil:
		err = interrupted(ctx, "read")
	default:
		if c.in.turn.parked.Load() {
			c.in.turn.parked.Store(false)
		}
		c.in.lent = false
		if c.in.user != verbDiscard {
			return nil
		}
		if err = c.discardRest(ctx); err == nil {
			return nil
		}
	}
	c.in.turn.leaveReader()
	return err
}

// message appends the next message to dst. With a nil dst it allocates one.
func (c *Conn) message(ctx context.Context, dst []byte) (MessageType, []byte, error) {
	in := &c.in
	if in.user > verbMessage {
		return 0, nil, midMessage(in.user)
	}
	own, base := dst == nil, len(dst)
	if own {
		dst = in.partial
	} else {
		dst = append(dst, in.partial...)
	}
	in.partial = nil
	for {
		var err error
		if dst, err = c.appendFrame(ctx, dst); err != nil {
			c.keep(dst[base:], own)
			return 0, nil, err
		}
		if in.user == verbNone {
			return in.typ, dst, nil
		}
	}
}

// appendFrame appends the payload of the next data frame, or what is missing of
// the current one, to dst.
func (c *Conn) appendFrame(ctx context.Context, dst []byte) ([]byte, error) {
	in := &c.in
	if err := c.nextData(ctx, false); err != nil {
		return dst, err
	}
	in.user = verbMessage
	for in.unfinished() {
		dst = in.room(dst)
		n, err := c.take(ctx, dst[len(dst):cap(dst)], false)
		dst = dst[:len(dst)+n]
		if err != nil {
			return dst, err
		}
	}
	return dst, c.endFrame()
}

// keep saves what an interrupted read had gathered.
func (c *Conn) keep(p []byte, own bool) {
	switch in := &c.in; {
	case in.err != nil || len(p) == 0:
	case own:
		in.partial = p
	default:
		in.partial = bytes.Clone(p)
	}
}

func midMessage(v verb) error {
	switch v {
	case verbReader:
		return fmt.Errorf("%w: read the Reader to its end first", ErrMidMessage)
	case verbFrame:
		return fmt.Errorf("%w: ReadFrame returned a part of it: call ReadFrame until a frame has Fin", ErrMidMessage)
	default:
		return fmt.Errorf("%w: Read was interrupted in the middle of it: call Read again", ErrMidMessage)
	}
}
