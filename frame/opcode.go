package frame

import "strconv"

// Opcode says how the payload of a frame is to be read (RFC 6455 section
// 5.2). Only the lower four bits exist on the wire.
type Opcode uint8

// The opcodes of RFC 6455 section 11.8. All others are reserved.
const (
	Continuation Opcode = 0x0
	Text         Opcode = 0x1
	Binary       Opcode = 0x2
	Close        Opcode = 0x8
	Ping         Opcode = 0x9
	Pong         Opcode = 0xA
)

// IsControl reports whether o is in the range of control frames, 0x8 to 0xF,
// the reserved ones included (RFC 6455 section 5.5).
func (o Opcode) IsControl() bool {
	return o >= 0x8 && o <= 0xF
}

// IsReserved reports whether RFC 6455 gives o no meaning. Values above 0xF
// count as reserved: they have no form on the wire.
func (o Opcode) IsReserved() bool {
	return o > Pong || o > Binary && o < Close
}

// String returns the name of the opcode in lower case, such as "text" or
// "pong", or "reserved 0x3".
func (o Opcode) String() string {
	switch o {
	case Continuation:
		return "continuation"
	case Text:
		return "text"
	case Binary:
		return "binary"
	case Close:
		return "close"
	case Ping:
		return "ping"
	case Pong:
		return "pong"
	}
	return "reserved 0x" + strconv.FormatUint(uint64(o), 16)
}
