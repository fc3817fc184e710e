package protocol

import (
	"encoding/binary"

	"github.com/fairlead-ws/fairlead/frame"
)

// The first octet of a message in one frame without extensions (RFC 6455 section
// 5.2): FIN and the opcode.
const (
	wholeText   = 0x80 | byte(frame.Text)
	wholeBinary = 0x80 | byte(frame.Binary)
)

// Whole is Header, Payload and FrameEnd in one step, for what most frames are: a
// message in a single frame that breaks no rule and lies at the start of p. It
// returns the payload and the size of the frame.
//
// In all other cases n is 0 and nothing has changed: Header and the rest will
// tell what is the matter.
func (r *Receiver) Whole(p []byte) (payload []byte, n int) {
	if len(p) < 2 || p[0] != wholeText && p[0] != wholeBinary || r.open || r.closed {
		return nil, 0
	}
	// A mask bit makes the octet larger than any length that goes on here.
	start, end := 2, 2+int(p[1])
	if p[1] >= 126 {
		if p[1] != 126 || len(p) < 4 {
			return nil, 0
		}
		length := int(binary.BigEndian.Uint16(p[2:]))
		if length < 126 {
			return nil, 0
		}
		start, end = 4, 4+length
	}
	if len(p) < end || int64(end-start) > r.maxMessage {
		return nil, 0
	}
	payload = p[start:end:end]
	if p[0] == wholeText && !r.wholeText(payload) {
		return nil, 0
	}
	r.opcode, r.compressed, r.final = frame.Opcode(p[0]&0x0F), false, true
	r.size, r.fragments = int64(len(payload)), 1
	return payload, end
}

func (r *Receiver) wholeText(p []byte) bool {
	if r.text.Write(p) && r.text.Complete() {
		return true
	}
	r.text.Reset()
	return false
}
