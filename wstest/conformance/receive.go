package conformance

import (
	"bufio"
	"errors"
	"fmt"
	"io"

	"github.com/fairlead-ws/fairlead/deflate"
	"github.com/fairlead-ws/fairlead/frame"
)

// maxMessage is more than any echo has; a client that sends more is stopped.
const maxMessage = 32 << 20

// breach is a frame that RFC 6455 forbids a client to send.
type breach struct{ text string }

func (b *breach) Error() string { return b.text }

func breachf(format string, args ...any) error { return &breach{fmt.Sprintf(format, args...)} }

// receiver reads the frames of the client.
type receiver struct {
	in      *bufio.Reader
	scratch []byte
	keep    bool // messages, not only their lengths

	inflater *deflate.Decompressor // nil without compression
	deflated bool                  // the message under way is
	plain    []byte                // scratch for what it gives

	open bool // a message is under way
	kind string
	body []byte
	size int
	utf8 frame.UTF8Validator
}

// next returns the next event, or the Close that ends the stream: then kind is
// "close".
func (r *receiver) next() (event, error) {
	for {
		h, err := r.header()
		if err != nil {
			return event{}, err
		}
		if err := r.check(h); err != nil {
			return event{}, err
		}
		if h.Opcode.IsControl() {
			p := make([]byte, h.Length)
			if _, err := io.ReadFull(r.in, p); err != nil {
				return event{}, inside(err)
			}
			frame.Mask(p, p, h.Mask, 0)
			return eventOf(h.Opcode.String(), p), nil
		}
		if err := r.data(h); err != nil {
			return event{}, err
		}
		if h.Fin {
			r.open = false
			return event{kind: r.kind, payload: r.body, length: r.size}, nil
		}
	}
}

func (r *receiver) header() (frame.Header, error) {
	for size := 2; ; size++ {
		p, err := r.in.Peek(size)
		if err != nil {
			if len(p) > 0 {
				err = inside(err)
			}
			return frame.Header{}, err
		}
		h, n, err := frame.ParseHeader(p)
		if err != nil {
			return h, breachf("%v", err)
		}
		if n > 0 {
			_, err := r.in.Discard(n)
			return h, err
		}
	}
}

// check holds a header against RFC 6455 sections 5.1 to 5.5.
func (r *receiver) check(h frame.Header) error {
	starts := h.Opcode != frame.Continuation
	switch {
	case !h.Masked:
		return breachf("a frame without a mask")
	case h.RSV != 0 && (h.RSV != frame.RSV1 || r.inflater == nil || !starts || h.Opcode.IsControl()):
		return breachf("reserved bits %03b", h.RSV)
	case h.Opcode.IsReserved():
		return breachf("opcode %v", h.Opcode)
	case h.Opcode.IsControl() && (!h.Fin || h.Length > frame.MaxControlPayload):
		return breachf("a %v with fin=%t and %d bytes", h.Opcode, h.Fin, h.Length)
	case h.Opcode.IsControl():
		return nil
	case starts && r.open:
		return breachf("a %v frame inside a message", h.Opcode)
	case !starts && !r.open:
		return breachf("a continuation of nothing")
	}
	if starts {
		r.deflated = h.RSV == frame.RSV1
		r.open, r.kind, r.size, r.body = true, h.Opcode.String(), 0, nil
		r.utf8.Reset()
	}
	if h.Length > int64(maxMessage-r.size) {
		return breachf("a message of more than %d bytes", maxMessage)
	}
	return nil
}

// data takes the payload of a data frame.
func (r *receiver) data(h frame.Header) error {
	for left, pos := int(h.Length), 0; left > 0; {
		n, err := r.in.Read(r.scratch[:min(left, len(r.scratch))])
		if err != nil {
			return inside(err)
		}
		p := r.scratch[:n]
		pos = frame.Mask(p, p, h.Mask, pos)
		left -= n
		if err := r.content(p, false); err != nil {
			return err
		}
	}
	if h.Fin && r.deflated {
		if err := r.content(nil, true); err != nil {
			return err
		}
	}
	if h.Fin && r.kind == "text" && !r.utf8.Complete() {
		return breachf("a text message that ends inside a code point")
	}
	return nil
}

// content takes payload, which may be compressed. last says that it was all.
func (r *receiver) content(p []byte, last bool) error {
	if r.deflated {
		var err error
		if p, err = r.inflater.Append(r.plain[:0], p, last, maxMessage); err != nil {
			return breachf("%v", err)
		}
		r.plain = p
	}
	r.size += len(p)
	if r.kind == "text" && !r.utf8.Write(p) {
		return breachf("a text message that is not UTF-8")
	}
	if r.keep {
		r.body = append(r.body, p...)
	}
	return nil
}

// inside is the error of a stream that ended within a frame.
func inside(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}
