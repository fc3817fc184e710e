package fairlead

import (
	"context"
	"errors"
	"io"
)

// MessageReader reads one message as it comes. See Conn.Reader.
type MessageReader struct {
	c       *Conn
	ctx     context.Context
	typ     MessageType
	started []byte // what an interrupted Read had gathered
	err     error
}

// Reader waits for the next message and returns an io.Reader of it, which gives
// io.EOF at its end and never before. It holds no more of the message than the
// connection's read buffer.
//
// ctx bounds the wait and every Read of the MessageReader. After an idle timeout
// the MessageReader may be read again; after the end of ctx, another call of
// Reader gives the rest of the message.
//
// The message must be read to its end before another is asked for: until then
// the other verbs give ErrMidMessage. io.Copy(io.Discard, r) passes over it.
func (c *Conn) Reader(ctx context.Context) (*MessageReader, error) {
	if err := c.beginRead(ctx); err != nil {
		return nil, err
	}
	defer c.in.turn.leaveReader()
	in := &c.in
	r := &MessageReader{c: c, ctx: ctx, started: in.partial}
	switch {
	case in.user == verbReader && in.stream.ctx.Err() != nil:
		r.started = in.stream.started
	case in.user > verbMessage:
		return nil, midMessage(in.user)
	case in.user == verbNone:
		if err := c.nextData(ctx, false); err != nil {
			return nil, err
		}
	}
	in.partial = nil
	r.typ = in.typ
	in.user, in.stream = verbReader, r
	return r, nil
}

// Type returns the type of the message.
func (r *MessageReader) Type() MessageType { return r.typ }

// Read reads the next bytes of the message, or returns io.EOF at its end. A text
// message is checked as its bytes come.
func (r *MessageReader) Read(p []byte) (int, error) {
	if r.err != nil {
		return 0, r.err
	}
	if len(p) == 0 {
		return 0, nil
	}
	c := r.c
	if err := c.beginRead(r.ctx); err != nil {
		return 0, err
	}
	defer c.in.turn.leaveReader()
	if c.in.stream != r {
		return 0, midMessage(verbReader)
	}
	if len(r.started) > 0 {
		n := copy(p, r.started)
		r.started = r.started[n:]
		return n, nil
	}
	n, err := c.streamInto(r.ctx, p)
	if errors.Is(err, io.EOF) || c.in.err != nil {
		r.err = err
	}
	return n, err
}

// streamInto reads payload of the message that a MessageReader holds.
func (c *Conn) streamInto(ctx context.Context, p []byte) (int, error) {
	in := &c.in
	for {
		if !in.open || in.hdr.Opcode.IsControl() {
			if err := c.nextData(ctx, false); err != nil {
				return 0, err
			}
		}
		if in.unfinished() {
			if n, err := c.take(ctx, p, false); n > 0 || err != nil {
				return n, err
			}
			continue
		}
		if err := c.endFrame(); err != nil {
			return 0, err
		}
		if in.user == verbNone {
			return 0, io.EOF
		}
	}
}
