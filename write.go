package fairlead

import (
	"context"
	"errors"
	"fmt"
	"unsafe"

	"github.com/fairlead-ws/fairlead/frame"
)

var errNotText = errors.New("fairlead: the text is not valid UTF-8 and was not sent: send it as Binary, or mend it")

// Write sends p as one message in one frame and returns when its bytes are with
// the kernel. Where compression was agreed on, p is compressed if that seems to
// pay. p is not changed, and may be used again when Write returns.
//
// Any number of goroutines may write; frames never mix, and writers that meet
// share system calls. A text message must be valid UTF-8: otherwise nothing is
// sent. While a Writer has a message open, Write waits for its end.
//
// When ctx ends before the message is on its way, nothing is sent and the
// connection lives. When it ends while the message shares a write with others,
// Write returns, and the message may arrive. When it ends in the middle of a
// write of its own, half a frame is on the wire and the connection is lost: the
// error matches net.ErrClosed then. ConnConfig.WriteTimeout bounds each write in
// any case.
func (c *Conn) Write(ctx context.Context, typ MessageType, p []byte) error {
	if c == nil || c.nc == nil {
		return errNoConn
	}
	if err := checkMessage(ctx, typ, p); err != nil {
		return err
	}
	return c.sendMessage(ctx, typ, p)
}

// WriteText sends s as a text message. See Write.
func (c *Conn) WriteText(ctx context.Context, s string) error {
	// Write only reads p, so the string's bytes need not be copied.
	return c.Write(ctx, Text, unsafe.Slice(unsafe.StringData(s), len(s)))
}

// WriteUncompressed is Write without compression, for a message whose size must
// not tell what is in it. See Compression.
func (c *Conn) WriteUncompressed(ctx context.Context, typ MessageType, p []byte) error {
	if c == nil || c.nc == nil {
		return errNoConn
	}
	if err := checkMessage(ctx, typ, p); err != nil {
		return err
	}
	return c.sendPlain(ctx, typ, p)
}

// checkMessage refuses what cannot be a message, before a byte is sent.
func checkMessage(ctx context.Context, typ MessageType, p []byte) error {
	if ctx == nil {
		return errNilContext
	}
	switch typ {
	case Text:
		var text frame.UTF8Validator // several times as fast as utf8.Valid outside ASCII
		if !text.Write(p) || !text.Complete() {
			return errNotText
		}
		return nil
	case Binary:
		return nil
	default:
		return fmt.Errorf("fairlead: message type %d is neither Text nor Binary", typ)
	}
}
