package fairlead

import (
	"context"
	"errors"
	"iter"
)

// Message is a message as Messages gives it.
type Message struct {
	Type MessageType
	// Data is valid until the next turn of the loop.
	Data []byte
}

// Messages returns the messages that come, one a turn, without an allocation
// each. The last turn has an error and no message: the *CloseError of a closed
// connection, or whatever else ended the read. Breaking out of the loop leaves
// the connection as it is. Errors and interruptions are those of Read.
func (c *Conn) Messages(ctx context.Context) iter.Seq2[Message, error] {
	return func(yield func(Message, error) bool) {
		for {
			m, err := c.readyMessage(ctx)
			if err == errToCome { //nolint:errorlint // it is never wrapped
				m, err = c.awaitMessage(ctx) // from here, because each frame more would grow the stack
			}
			if !yield(m, err) || err != nil {
				return
			}
		}
	}
}

// nextMessage returns a message in memory of the connection's.
func (c *Conn) nextMessage(ctx context.Context) (Message, error) {
	m, err := c.readyMessage(ctx)
	if err == errToCome { //nolint:errorlint // it is never wrapped
		return c.awaitMessage(ctx)
	}
	return m, err
}

// readyMessage returns a message that lies in the buffer. With errToCome the caller
// keeps the turn, and calls awaitMessage next.
func (c *Conn) readyMessage(ctx context.Context) (Message, error) {
	if err := c.beginRead(ctx); err != nil {
		return Message{}, err
	}
	if p, ok := c.whole(); ok {
		in := &c.in
		in.lent = true
		m := Message{Type: in.typ, Data: p}
		in.turn.leaveReader()
		return m, nil
	}
	if user := c.in.user; user > verbMessage { // what ReadFrame has gathered lies in c.in.data
		c.in.turn.leaveReader()
		return Message{}, midMessage(user)
	}
	return Message{}, errToCome
}

var errToCome = errors.New("fairlead: the message has not come as a whole")

// awaitMessage waits for what readyMessage did not find. It is apart, as is
// lendMessage, so that a goroutine which waits keeps its small stack.
func (c *Conn) awaitMessage(ctx context.Context) (m Message, err error) {
	defer c.in.turn.leaveReader()
	if err = c.await(ctx); err == nil {
		m, err = c.lendMessage(ctx)
	}
	return m, err
}

// lendMessage reads a message of which something has come.
func (c *Conn) lendMessage(ctx context.Context) (Message, error) {
	in := &c.in
	if in.user == verbNone {
		if err := c.nextData(ctx, false); err != nil {
			return Message{}, err
		}
		if in.hdr.Fin {
			in.user = verbMessage
			if p, ok, err := c.inPlace(); err != nil {
				return Message{}, err
			} else if ok {
				if err := c.endFrame(); err != nil {
					return Message{}, err
				}
				return Message{Type: in.typ, Data: p}, nil
			}
		}
	}
	if in.partial == nil {
		in.partial, in.data = in.scratch(), nil
	}
	typ, p, err := c.message(ctx, nil)
	if err != nil {
		return Message{}, err
	}
	in.data, in.lent = p, true
	return Message{Type: typ, Data: p}, nil
}
