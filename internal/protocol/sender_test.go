package protocol_test

import (
	"errors"
	"testing"

	"github.com/fairlead-ws/fairlead/frame"
	"github.com/fairlead-ws/fairlead/internal/protocol"
)

var (
	text         = frame.Header{Fin: true, Opcode: frame.Text, Length: 1 << 40}
	firstText    = frame.Header{Opcode: frame.Text}
	binaryFrame  = frame.Header{Fin: true, Opcode: frame.Binary}
	firstBinary  = frame.Header{Opcode: frame.Binary}
	continuation = frame.Header{Opcode: frame.Continuation}
	last         = frame.Header{Fin: true, Opcode: frame.Continuation}
	ping         = frame.Header{Fin: true, Opcode: frame.Ping, Length: 125}
	pong         = frame.Header{Fin: true, Opcode: frame.Pong, Length: 125}
	closing      = frame.Header{Fin: true, Opcode: frame.Close, Length: 125}
)

func with(h frame.Header, rsv uint8) frame.Header {
	h.RSV = rsv
	return h
}

// All headers before the last one are taken; err is for the last.
func TestSender(t *testing.T) {
	for _, tt := range []struct {
		name    string
		rsv     uint8
		headers []frame.Header
		err     error
	}{
		{"whole messages", 0, []frame.Header{text, binaryFrame, text}, nil},
		{"fragments", 0, []frame.Header{firstText, continuation, continuation, last, firstBinary, last}, nil},
		{"control frames between fragments", 0, []frame.Header{firstText, ping, continuation, pong, last}, nil},
		{"control frames between messages", 0, []frame.Header{ping, text, pong, text}, nil},
		{"Close", 0, []frame.Header{text, closing}, nil},
		{"Close inside a message", 0, []frame.Header{firstText, closing}, nil},

		{"text after Close", 0, []frame.Header{closing, text}, protocol.ErrCloseSent},
		{"last fragment after Close", 0, []frame.Header{firstText, closing, last}, protocol.ErrCloseSent},
		{"ping after Close", 0, []frame.Header{closing, ping}, protocol.ErrCloseSent},
		{"pong after Close", 0, []frame.Header{closing, pong}, protocol.ErrCloseSent},
		{"Close after Close", 0, []frame.Header{closing, closing}, protocol.ErrCloseSent},

		{"text inside a message", 0, []frame.Header{firstText, text}, protocol.ErrMessageOpen},
		{"binary inside a message", 0, []frame.Header{firstText, firstBinary}, protocol.ErrMessageOpen},
		{"text inside a message, after a ping", 0, []frame.Header{firstBinary, ping, firstText}, protocol.ErrMessageOpen},
		{"continuation of nothing", 0, []frame.Header{continuation}, protocol.ErrNoMessage},
		{"last fragment of nothing", 0, []frame.Header{last}, protocol.ErrNoMessage},
		{"continuation after a whole message", 0, []frame.Header{text, last}, protocol.ErrNoMessage},
		{"continuation after the last fragment", 0, []frame.Header{firstText, last, continuation}, protocol.ErrNoMessage},

		{"ping of 126 bytes", 0, []frame.Header{{Fin: true, Opcode: frame.Ping, Length: 126}}, protocol.ErrControlLength},
		{"pong of 126 bytes", 0, []frame.Header{{Fin: true, Opcode: frame.Pong, Length: 126}}, protocol.ErrControlLength},
		{"Close of 126 bytes", 0, []frame.Header{{Fin: true, Opcode: frame.Close, Length: 126}}, protocol.ErrControlLength},
		{"ping without FIN", 0, []frame.Header{{Opcode: frame.Ping}}, protocol.ErrControlFragmented},
		{"pong without FIN", 0, []frame.Header{{Opcode: frame.Pong}}, protocol.ErrControlFragmented},
		{"Close without FIN", 0, []frame.Header{{Opcode: frame.Close}}, protocol.ErrControlFragmented},

		{"opcode 3", 0, []frame.Header{{Fin: true, Opcode: 0x3}}, protocol.ErrReservedOpcode},
		{"opcode 7 inside a message", 0, []frame.Header{firstText, {Opcode: 0x7}}, protocol.ErrReservedOpcode},
		{"opcode B", 0, []frame.Header{{Fin: true, Opcode: 0xB}}, protocol.ErrReservedOpcode},
		{"opcode F", 0, []frame.Header{{Fin: true, Opcode: 0xF}}, protocol.ErrReservedOpcode},
		{"opcode 11", 0, []frame.Header{{Fin: true, Opcode: 0x11}}, protocol.ErrReservedOpcode},

		{"negative length", 0, []frame.Header{{Fin: true, Opcode: frame.Text, Length: -1}}, protocol.ErrNegativeLength},
		{"ping of negative length", 0, []frame.Header{{Fin: true, Opcode: frame.Ping, Length: -1}}, protocol.ErrNegativeLength},

		{"RSV1", 0, []frame.Header{with(text, frame.RSV1)}, protocol.ErrReservedBits},
		{"RSV2", 0, []frame.Header{with(text, frame.RSV2)}, protocol.ErrReservedBits},
		{"RSV3", 0, []frame.Header{with(ping, frame.RSV3)}, protocol.ErrReservedBits},
		{"RSV of a fourth bit", 0, []frame.Header{with(text, 8)}, protocol.ErrReservedBits},
		{"compressed text", frame.RSV1, []frame.Header{with(text, frame.RSV1)}, nil},
		{"compressed binary in fragments", frame.RSV1, []frame.Header{with(firstBinary, frame.RSV1), continuation, last}, nil},
		{"uncompressed though negotiated", frame.RSV1, []frame.Header{text}, nil},
		{"compressed: RSV1 on a continuation", frame.RSV1, []frame.Header{with(firstText, frame.RSV1), with(last, frame.RSV1)}, protocol.ErrReservedBits},
		{"compressed: RSV1 on a ping", frame.RSV1, []frame.Header{with(ping, frame.RSV1)}, protocol.ErrReservedBits},
		{"compressed: RSV1 on a Close", frame.RSV1, []frame.Header{with(closing, frame.RSV1)}, protocol.ErrReservedBits},
		{"compressed: RSV2", frame.RSV1, []frame.Header{with(text, frame.RSV1|frame.RSV2)}, protocol.ErrReservedBits},
		{"another extension's RSV2 and RSV3", frame.RSV2 | frame.RSV3, []frame.Header{
			with(firstText, frame.RSV2), with(ping, frame.RSV3), with(last, frame.RSV2|frame.RSV3),
		}, nil},
	} {
		s := protocol.Sender{RSV: tt.rsv}
		for i, h := range tt.headers {
			var want error
			if i == len(tt.headers)-1 {
				want = tt.err
			}
			if err := s.Send(h); !errors.Is(err, want) {
				t.Errorf("%s: frame %d: %v, want %v", tt.name, i, err, want)
			}
		}
	}
}

func TestSenderState(t *testing.T) {
	var s protocol.Sender
	for i, tt := range []struct {
		header               frame.Header
		inMessage, closeSent bool
	}{
		{text, false, false},
		{last, false, false}, // refused
		{firstText, true, false},
		{ping, true, false},
		{text, true, false},                                 // refused
		{frame.Header{Opcode: frame.Close}, true, false},    // refused
		{frame.Header{Fin: true, Opcode: 0x3}, true, false}, // refused
		{continuation, true, false},
		{last, false, false},
		{firstBinary, true, false},
		{closing, true, true},
		{last, true, true}, // refused
	} {
		_ = s.Send(tt.header) // TestSender checks the errors
		if s.InMessage() != tt.inMessage || s.CloseSent() != tt.closeSent {
			t.Errorf("after frame %d: InMessage %v, CloseSent %v", i, s.InMessage(), s.CloseSent())
		}
	}
}
