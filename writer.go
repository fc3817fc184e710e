package fairlead

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/fairlead-ws/fairlead/deflate"
	"github.com/fairlead-ws/fairlead/frame"
)

// MessageWriter sends one message in fragments. See Conn.Writer.
type MessageWriter struct {
	c      *Conn
	ctx    context.Context
	typ    MessageType
	text   frame.UTF8Validator
	closed bool
	z      *deflate.Compressor // nil without compression, and before the first fragment
}

var errWriterClosed = errors.New("fairlead: write to a closed message Writer")

// Writer begins a message that goes out in fragments, each Write one frame (RFC
// 6455, section 5.4). Close ends the message and must be called: until then
// messages of other goroutines wait, while control frames do not. Put a
// bufio.Writer before it for many small writes.
//
// Where compression was agreed on, the message is compressed, and each fragment so
// that it can be read as soon as it has come: that costs 6 bytes a fragment or so.
//
// ctx bounds the wait for another Writer, every Write and Close. A fragment that
// is given up with ctx may still arrive. When Close fails, the message stays
// unfinished and no other can be sent: only the closing handshake is left.
func (c *Conn) Writer(ctx context.Context, typ MessageType) io.WriteCloser {
	return &MessageWriter{c: c.orLost(), ctx: ctx, typ: typ}
}

// Write sends p as a fragment; an empty p sends nothing. A text message is
// checked over the seams of its fragments: a p that cannot continue it is not
// sent, and the message cannot be ended then.
func (w *MessageWriter) Write(p []byte) (int, error) {
	if w.closed {
		return 0, errWriterClosed
	}
	if err := w.send(p, false); err != nil {
		return 0, err
	}
	return len(p), nil
}

// Close sends the final fragment, which is empty. A second Close does nothing.
func (w *MessageWriter) Close() error {
	if w.closed {
		return nil
	}
	w.closed = true
	defer w.c.out.endStream(w)
	err := w.send(nil, true)
	w.endCompression(err)
	return err
}

func (w *MessageWriter) send(p []byte, fin bool) error {
	if err := checkMessage(w.ctx, w.typ, nil); err != nil {
		return err
	}
	if len(p) == 0 && !fin {
		return nil
	}
	if w.typ == Text && (!w.text.Write(p) || fin && !w.text.Complete()) {
		return errNotText
	}
	// The compressor comes first: whoever waits for it must hold nothing.
	if w.c.deflate != nil && w.z == nil {
		var err error
		if w.z, err = w.c.deflate.begin(w.ctx); err != nil {
			return err
		}
	}
	begun, err := w.c.out.beginStream(w.ctx, w)
	if err != nil {
		if !begun {
			w.endCompression(err)
		}
		return err
	}
	h := frame.Header{Fin: fin, Opcode: frame.Opcode(w.typ)}
	if begun {
		h.Opcode = frame.Continuation
	}
	if w.z != nil {
		err = w.c.sendPiece(w.ctx, w.z, h, p, w)
	} else {
		err = w.c.send(w.ctx, h, p, w)
	}
	if err != nil && w.c.out.endUnbegun(w) {
		w.endCompression(err)
	}
	return err
}

func (w *MessageWriter) endCompression(err error) {
	if w.z != nil {
		w.c.deflate.end(w.z, err)
		w.z = nil
	}
}

// beginStream claims the message for w, unless w has it. begun reports whether a
// fragment of it went out.
func (o *sendSide) beginStream(ctx context.Context, w *MessageWriter) (begun bool, err error) {
	o.mu.Lock()
	defer o.unlock()
	free := func() bool { return o.refused != nil || o.streaming == nil || o.streaming == w }
	if err := o.waitUntil(ctx, free); err != nil {
		return false, err
	}
	switch {
	case o.refused != nil:
		return false, o.refused
	case o.streaming == w:
		return o.sender.InMessage(), nil
	case o.sender.InMessage():
		return false, fmt.Errorf("%w: WriteFrame began it", ErrMidMessage)
	}
	o.streaming = w
	return false, nil
}

// endUnbegun gives the claim back when no fragment has gone out, and reports
// whether that is so.
func (o *sendSide) endUnbegun(w *MessageWriter) bool {
	o.mu.Lock()
	begun := o.sender.InMessage()
	o.unlock()
	if !begun {
		o.endStream(w)
	}
	return !begun
}

func (o *sendSide) endStream(w *MessageWriter) {
	o.mu.Lock()
	defer o.unlock()
	if o.streaming == w {
		o.streaming = nil
		o.changed()
	}
}
