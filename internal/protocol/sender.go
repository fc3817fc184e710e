package protocol

import (
	"errors"

	"github.com/fairlead-ws/fairlead/frame"
)

// Errors of Sender.Send: what a client may not send, or not now.
var (
	ErrCloseSent         = errors.New("protocol: the Close frame was sent, nothing may follow it")                 // RFC 6455 section 5.5.1
	ErrReservedOpcode    = errors.New("protocol: reserved opcode")                                                 // RFC 6455 section 5.2
	ErrReservedBits      = errors.New("protocol: reserved bit set that was not negotiated for this kind of frame") // RFC 6455 section 5.2
	ErrNegativeLength    = errors.New("protocol: negative payload length")                                         // RFC 6455 section 5.2
	ErrControlFragmented = errors.New("protocol: control frame without FIN")                                       // RFC 6455 section 5.5
	ErrControlLength     = errors.New("protocol: control frame of more than 125 bytes")                            // RFC 6455 section 5.5
	ErrMessageOpen       = errors.New("protocol: a new message cannot begin inside an unfinished one")             // RFC 6455 section 5.4
	ErrNoMessage         = errors.New("protocol: continuation frame without a message to continue")                // RFC 6455 section 5.4
)

// Sender decides what a client may send now. The zero value expects the
// first frame of a session without extensions.
type Sender struct {
	RSV uint8 // reserved bits that extensions gave a meaning to

	open      bool
	closeSent bool
}

// Send asks whether a frame with header h may be sent next, and if so takes
// it as sent. On an error nothing has changed: a frame that may go can be
// asked for next. Masking is the business of the caller: Masked and Mask are
// not looked at.
func (s *Sender) Send(h frame.Header) error {
	if s.closeSent {
		return ErrCloseSent
	}
	if h.Opcode.IsReserved() {
		return ErrReservedOpcode
	}
	first := h.Opcode == frame.Text || h.Opcode == frame.Binary
	// RFC 7692 section 6: RSV1 stands on the first frame of a message only.
	if h.RSV&^s.RSV != 0 || h.RSV&frame.RSV1 != 0 && !first {
		return ErrReservedBits
	}
	if h.Length < 0 {
		return ErrNegativeLength
	}
	if h.Opcode.IsControl() {
		return s.control(h)
	}
	if first && s.open {
		return ErrMessageOpen
	}
	if !first && !s.open {
		return ErrNoMessage
	}
	s.open = !h.Fin
	return nil
}

func (s *Sender) control(h frame.Header) error {
	if !h.Fin {
		return ErrControlFragmented
	}
	if h.Length > frame.MaxControlPayload {
		return ErrControlLength
	}
	s.closeSent = h.Opcode == frame.Close
	return nil
}

// InMessage reports whether a message was begun and its final frame not yet
// sent.
func (s *Sender) InMessage() bool { return s.open }

// CloseSent reports whether the Close frame was sent.
func (s *Sender) CloseSent() bool { return s.closeSent }

// CloseAnswer returns the code to answer a Close frame with (RFC 6455
// section 5.5.1: typically the one received). For a code that cannot be
// sent, StatusNoStatus first of all, it is StatusNoStatus: an empty Close.
func CloseAnswer(received frame.StatusCode) frame.StatusCode {
	if !received.OnWire() {
		return frame.StatusNoStatus
	}
	return received
}
