package protocol

import (
	"errors"
	"math"
	"strconv"

	"github.com/fairlead-ws/fairlead/frame"
)

// ReceiverConfig says what was negotiated and how much may arrive.
type ReceiverConfig struct {
	// RSV holds the reserved bits that extensions gave a meaning to.
	RSV uint8

	// MaxMessage is the largest message in bytes, after inflating. Zero or
	// less means no limit but that of an int64.
	MaxMessage int64

	// MaxFragments is the largest number of frames of one message, empty
	// ones counted. Zero or less means no limit.
	MaxFragments int
}

// Receiver judges the frames of one server in the order of their arrival.
// Use NewReceiver to make one. After an error from any method nothing that
// follows on the connection means anything.
type Receiver struct {
	maxMessage   int64
	maxFragments int
	rsv          uint8

	closed  bool
	control frame.Opcode // of the control frame that Header accepted last

	// The message under way or, between messages, the one before.
	open       bool
	opcode     frame.Opcode
	compressed bool
	final      bool // its current frame has FIN
	text       frame.UTF8Validator
	size       int64
	fragments  int
}

// NewReceiver returns a Receiver that expects the first frame of a session.
func NewReceiver(cfg ReceiverConfig) Receiver {
	r := Receiver{rsv: cfg.RSV, maxMessage: cfg.MaxMessage, maxFragments: cfg.MaxFragments}
	if r.maxMessage <= 0 {
		r.maxMessage = math.MaxInt64
	}
	if r.maxFragments <= 0 {
		r.maxFragments = math.MaxInt
	}
	return r
}

// Header judges the header of the next frame, before any of its payload. The
// error is a *Violation: StatusProtocolError for a frame that may not stand
// here, StatusTooBig for a message beyond MaxMessage by its declared length,
// StatusPolicyViolation for one beyond MaxFragments.
//
// The size of a compressed message is not known from its headers; see
// Payload.
func (r *Receiver) Header(h frame.Header) error {
	if r.closed {
		return protocolError("RFC 6455 section 5.5.1", "a frame follows the Close frame")
	}
	if h.Masked {
		return protocolError("RFC 6455 section 5.1", "the server masked a frame")
	}
	if err := r.reservedBits(h); err != nil {
		return err
	}
	if h.Opcode.IsReserved() {
		return protocolError("RFC 6455 section 5.2", "opcode "+h.Opcode.String())
	}
	if h.Length < 0 {
		return protocolError("RFC 6455 section 5.2", "negative payload length")
	}
	if h.Opcode.IsControl() {
		return r.controlHeader(h)
	}
	return r.dataHeader(h)
}

func (r *Receiver) reservedBits(h frame.Header) error {
	if h.RSV&^r.rsv != 0 {
		return protocolError("RFC 6455 section 5.2", "reserved bit set that no extension was negotiated for")
	}
	if h.RSV&frame.RSV1 == 0 {
		return nil
	}
	if h.Opcode.IsControl() {
		return protocolError("RFC 7692 section 6", "RSV1 set on a control frame")
	}
	if h.Opcode == frame.Continuation {
		return protocolError("RFC 7692 section 6", "RSV1 set on a continuation frame")
	}
	return nil
}

func (r *Receiver) controlHeader(h frame.Header) error {
	if !h.Fin {
		return protocolError("RFC 6455 section 5.5", "fragmented "+h.Opcode.String()+" frame")
	}
	if h.Length > frame.MaxControlPayload {
		return protocolError("RFC 6455 section 5.5", h.Opcode.String()+" frame of "+strconv.FormatInt(h.Length, 10)+" bytes, at most 125 are allowed")
	}
	r.control = h.Opcode
	return nil
}

func (r *Receiver) dataHeader(h frame.Header) error {
	first := h.Opcode != frame.Continuation
	if first && r.open {
		return protocolError("RFC 6455 section 5.4", h.Opcode.String()+" frame inside a fragmented message")
	}
	if !first && !r.open {
		return protocolError("RFC 6455 section 5.4", "continuation frame without a message to continue")
	}
	compressed, size, fragments := r.compressed, r.size, r.fragments
	if first {
		compressed, size, fragments = h.RSV&frame.RSV1 != 0, 0, 0
	}
	if !compressed {
		// The difference cannot overflow: 0 <= size <= maxMessage.
		if h.Length > r.maxMessage-size {
			return r.tooBig()
		}
		size += h.Length
	}
	if fragments >= r.maxFragments {
		return &Violation{frame.StatusPolicyViolation, "RFC 6455 section 10.4", "message of more than " + strconv.Itoa(r.maxFragments) + " fragments"}
	}
	if first {
		// The validator is at the start of a code point: the text before, if
		// any, has ended at one.
		r.open, r.opcode = true, h.Opcode
	}
	r.final = h.Fin
	r.compressed, r.size, r.fragments = compressed, size, fragments+1
	return nil
}

func (r *Receiver) tooBig() error {
	return &Violation{frame.StatusTooBig, "RFC 6455 section 10.4", "message of more than " + strconv.FormatInt(r.maxMessage, 10) + " bytes"}
}

// Payload judges the next bytes of the current data frame, unmasked and
// inflated; a frame may be given in any number of pieces. The error is a
// *Violation: StatusInvalidPayload as soon as a text message can no longer
// be UTF-8, StatusTooBig when a compressed message has grown beyond
// MaxMessage.
func (r *Receiver) Payload(p []byte) error {
	beyond := false
	if r.compressed {
		// Wire lengths say nothing about the size of the message (RFC 7692
		// section 6), so it is counted here. What still fits is judged
		// first: the verdict must not depend on where the pieces were cut.
		if room := r.maxMessage - r.size; int64(len(p)) > room {
			p, beyond = p[:room], true
		}
		r.size += int64(len(p))
	}
	if r.opcode == frame.Text && !r.text.Write(p) {
		return &Violation{frame.StatusInvalidPayload, "RFC 6455 section 8.1", "text message is not UTF-8"}
	}
	if beyond {
		return r.tooBig()
	}
	return nil
}

// FrameEnd says that the current data frame is complete. After the final
// frame the message is over; the error is a *Violation with
// StatusInvalidPayload when a text message ends inside a code point.
func (r *Receiver) FrameEnd() error {
	if !r.final {
		return nil
	}
	r.open = false
	if r.opcode == frame.Text && !r.text.Complete() {
		return &Violation{frame.StatusInvalidPayload, "RFC 6455 section 8.1", "text message ends inside a code point"}
	}
	return nil
}

// Control is a control frame that was received whole.
type Control struct {
	Opcode frame.Opcode // Close, Ping or Pong

	// Code and Reason are those of a Close frame; StatusNoStatus stands for
	// a Close frame without a code.
	Code   frame.StatusCode
	Reason string

	// Owed reports that RFC 6455 demands a frame in answer, with opcode
	// Answer: a Pong with the same payload (section 5.5.2), or a Close
	// unless one was sent before (section 5.5.1); see CloseAnswer.
	Answer frame.Opcode
	Owed   bool
}

// Control judges the whole payload of the control frame that Header accepted
// just before. The error is a *Violation: for a Close frame
// StatusProtocolError when its payload is a single byte or its code may not
// be sent, StatusInvalidPayload when its reason is not UTF-8. After a Close
// frame, also a faulty one, Closed reports true.
func (r *Receiver) Control(p []byte) (Control, error) {
	c := Control{Opcode: r.control}
	switch r.control {
	case frame.Ping:
		c.Answer, c.Owed = frame.Pong, true
	case frame.Close:
		r.closed = true
		var err error
		if c.Code, c.Reason, err = frame.ParseClose(p); err != nil {
			return Control{}, closeViolation(err)
		}
		c.Answer, c.Owed = frame.Close, true
	}
	return c, nil
}

func closeViolation(err error) error {
	if errors.Is(err, frame.ErrCloseUTF8) {
		return &Violation{frame.StatusInvalidPayload, "RFC 6455 section 5.5.1", err.Error()}
	}
	return protocolError("RFC 6455 section 5.5.1", err.Error())
}

// InMessage reports whether a message is under way: its first header has
// come, the end of its final frame has not.
func (r *Receiver) InMessage() bool { return r.open }

// MessageOpcode returns Text or Binary for the message under way or, between
// messages, for the one before; Continuation when none has come yet.
func (r *Receiver) MessageOpcode() frame.Opcode { return r.opcode }

// Compressed reports whether that message is compressed (RFC 7692 section 6).
func (r *Receiver) Compressed() bool { return r.compressed }

// Closed reports whether a Close frame was received. Every later Header is
// an error then: the peer must send nothing more, and what it does send is
// to be discarded (RFC 6455 sections 1.4 and 5.5.1).
func (r *Receiver) Closed() bool { return r.closed }
