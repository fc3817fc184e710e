package wstest

import (
	"cmp"
	"errors"
	"fmt"
	"net"

	"github.com/fairlead-ws/fairlead/frame"
)

const (
	maxMessage = 64 << 20
	// keptMessage is how large a buffer of a message may stay for the next.
	keptMessage = 1 << 20
)

// failure ends a session by a Close with code (RFC 6455 section 7.1.7).
type failure struct {
	code frame.StatusCode
	text string
}

func (f *failure) Error() string { return fmt.Sprintf("%v: %s", f.code, f.text) }

func protocolError(text string) *failure {
	return &failure{code: frame.StatusProtocolError, text: text}
}

// echo reads frames until the session ends. The error is a *failure when the
// client broke a rule, nil after the closing handshake.
func (s *session) echo() error {
	for {
		h, err := readHeader(s.in)
		if errors.Is(err, frame.ErrLengthMSB) || errors.Is(err, frame.ErrLengthNotMinimal) {
			return protocolError("payload length is not in a legal form (RFC 6455 section 5.2)")
		}
		if err != nil {
			return err
		}
		if f := s.judge(h); f != nil {
			return f
		}
		if h.Opcode.IsControl() {
			done, err := s.control(h)
			if done || err != nil {
				return err
			}
			continue
		}
		if err := s.data(h); err != nil {
			return err
		}
	}
}

// judge says what is wrong with a frame that begins with h.
func (s *session) judge(h frame.Header) *failure {
	switch {
	case !h.Masked:
		return protocolError("frame is not masked (RFC 6455 section 5.1)")
	case h.RSV != 0 && (h.RSV != frame.RSV1 || s.deflate == nil || h.Opcode == frame.Continuation || h.Opcode.IsControl()):
		return protocolError("reserved bit without an extension (RFC 6455 section 5.2)")
	case h.Opcode.IsReserved():
		return protocolError("reserved opcode (RFC 6455 section 5.2)")
	case h.Opcode.IsControl() && !h.Fin:
		return protocolError("fragmented control frame (RFC 6455 section 5.5)")
	case h.Opcode.IsControl() && h.Length > frame.MaxControlPayload:
		return protocolError("control frame of more than 125 bytes (RFC 6455 section 5.5)")
	case h.Opcode.IsControl():
		return nil
	case h.Opcode == frame.Continuation && !s.inMessage:
		return protocolError("continuation without a message (RFC 6455 section 5.4)")
	case h.Opcode != frame.Continuation && s.inMessage:
		return protocolError("new message inside a message (RFC 6455 section 5.4)")
	case h.Length > maxMessage-s.msgSize:
		return &failure{code: frame.StatusTooBig, text: "message of more than 64 MiB"}
	}
	return nil
}

// control handles one control frame; done means the closing handshake is over.
func (s *session) control(h frame.Header) (done bool, err error) {
	payload, err := readAll(s.in, h)
	if err != nil {
		return false, err
	}
	switch {
	case h.Opcode == frame.Close:
		return true, s.answerClose(payload)
	case h.Opcode == frame.Ping && !s.closeSent:
		return false, s.sendControl(frame.Pong, payload)
	}
	return false, nil
}

func (s *session) answerClose(payload []byte) error {
	code, _, err := frame.ParseClose(payload)
	switch {
	case errors.Is(err, frame.ErrCloseUTF8):
		return &failure{code: frame.StatusInvalidPayload, text: "close reason is not UTF-8 (RFC 6455 section 5.5.1)"}
	case errors.Is(err, frame.ErrCloseCode):
		return protocolError("close code is not allowed on the wire (RFC 6455 section 7.4)")
	case err != nil:
		return protocolError("close payload of one byte (RFC 6455 section 5.5.1)")
	case s.closeSent:
		return nil
	}
	return s.sendClose(code, "")
}

// data takes one data frame, and answers the message that it completes. After
// our Close the message is read and dropped.
func (s *session) data(h frame.Header) error {
	if !s.inMessage {
		s.inMessage = true
		s.msgOpcode = h.Opcode
		s.text.Reset()
		s.msg = append(s.msg[:0], make([]byte, frame.MaxHeaderSize)...)
	}
	use := func(p []byte) error {
		if s.msgOpcode == frame.Text && !s.text.Write(p) {
			return errBadText
		}
		if !s.closeSent {
			s.msg = append(s.msg, p...)
		}
		return nil
	}
	var err error
	if s.compressed(h) {
		err = readPayload(s.in, h, func(p []byte) error { return s.inflate(p, false, use) })
		if err == nil && h.Fin {
			err = s.inflate(nil, true, use)
		}
	} else {
		s.msgSize += h.Length
		err = readPayload(s.in, h, use)
	}
	if err != nil || !h.Fin {
		return err
	}
	s.inMessage = false
	s.msgSize = 0
	if s.msgOpcode == frame.Text && !s.text.Complete() {
		return errBadText
	}
	if s.closeSent {
		return nil
	}
	if err := s.sendMessage(); err != nil {
		return err
	}
	if s.echoes++; s.echoes != s.opts.CloseAfter {
		return nil
	}
	return s.sendClose(cmp.Or(s.opts.CloseCode, frame.StatusNormal), "")
}

var errBadText = &failure{code: frame.StatusInvalidPayload, text: "text is not UTF-8 (RFC 6455 section 8.1)"}

// sendMessage writes the message, each frame in one call: its header goes into
// the room before the message, and later ones over what has gone out.
func (s *session) sendMessage() error {
	pos, op, rsv := frame.MaxHeaderSize, s.msgOpcode, uint8(0)
	if s.deflate != nil {
		s.squeeze()
		rsv = frame.RSV1
	}
	sizes := s.chaos.cuts(len(s.msg) - pos)
	for i, size := range sizes {
		if err := s.disturb(); err != nil {
			return err
		}
		header := frame.AppendHeader(s.out[:0], frame.Header{Fin: i == len(sizes)-1, RSV: rsv, Opcode: op, Length: int64(size)})
		start := pos - len(header)
		copy(s.msg[start:], header)
		if _, err := s.conn.Write(s.msg[start : pos+size]); err != nil {
			return err
		}
		pos, op, rsv = pos+size, frame.Continuation, 0
	}
	s.msg = s.msg[:0]
	if cap(s.msg) > keptMessage {
		s.msg = nil
	}
	return nil
}

// disturb is what chaos does before a frame.
func (s *session) disturb() error {
	if !s.chaos.pause() {
		return net.ErrClosed
	}
	if payload := s.chaos.ping(); payload != nil {
		return s.sendControl(frame.Ping, payload)
	}
	return nil
}
