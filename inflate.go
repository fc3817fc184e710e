package fairlead

import (
	"context"
	"errors"
	"io"

	"github.com/fairlead-ws/fairlead/deflate"
	"github.com/fairlead-ws/fairlead/frame"
	"github.com/fairlead-ws/fairlead/handshake"
	"github.com/fairlead-ws/fairlead/internal/protocol"
)

// inflateAtOnce bounds what is inflated before its size and its text are judged.
const inflateAtOnce = 64 << 10

// negotiate makes the receiving side accept compressed messages.
func (in *receiveSide) negotiate(d handshake.Deflate) {
	in.inflater = deflate.NewDecompressor(d.ServerMaxWindowBits, !d.ServerNoContextTakeover)
}

// unfinished reports whether more is to be taken of the current data frame. Of a
// compressed one there may be, also when all its bytes have been used.
func (in *receiveSide) unfinished() bool { return in.remaining > 0 || in.inflating }

// takeInflated is take for a frame of a compressed message. It may return 0 at the
// end of a frame.
func (c *Conn) takeInflated(ctx context.Context, p []byte, pump bool) (int, error) {
	in := &c.in
	p = p[:min(len(p), inflateAtOnce)]
	for {
		src := in.buf[in.r:in.w]
		if int64(len(src)) > in.remaining {
			src = src[:in.remaining]
		}
		last := in.hdr.Fin && int64(len(src)) == in.remaining
		n, used, err := in.inflater.Inflate(p, src, last)
		in.r += used
		in.passed(src[:used])
		if errors.Is(err, io.EOF) || in.remaining == 0 && n < len(p) {
			in.inflating = false
		}
		in.backlog = in.inflating && n == len(p)
		if verr := in.recv.Payload(p[:n]); verr != nil {
			return 0, c.breach(verr)
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return 0, c.breach(inflateViolation(err))
		}
		if n > 0 || !in.inflating {
			return n, nil
		}
		if err := c.fill(ctx, pump); err != nil {
			return 0, err
		}
	}
}

// inflateViolation chooses the status code: RFC 7692 leaves it open.
func inflateViolation(err error) error {
	if errors.Is(err, deflate.ErrPadded) {
		return &protocol.Violation{Code: frame.StatusTooBig, Clause: "RFC 6455 section 10.4", Text: err.Error()}
	}
	return &protocol.Violation{Code: frame.StatusInvalidPayload, Clause: "RFC 7692 section 7.2.2", Text: err.Error()}
}

// discardInflated reads the rest of a frame of a compressed message and forgets
// it. The inflater has to see it all the same.
func (c *Conn) discardInflated(ctx context.Context, pump bool) error {
	scratch := make([]byte, 4<<10)
	for c.in.inflating {
		if _, err := c.takeInflated(ctx, scratch, pump); err != nil {
			return err
		}
	}
	return nil
}
