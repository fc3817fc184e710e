package frame_test

import (
	"testing"

	"github.com/fairlead-ws/fairlead/frame"
)

func TestOpcode(t *testing.T) {
	for _, tt := range []struct {
		opcode            frame.Opcode
		control, reserved bool
		name              string
	}{
		{0x0, false, false, "continuation"},
		{0x1, false, false, "text"},
		{0x2, false, false, "binary"},
		{0x3, false, true, "reserved 0x3"},
		{0x4, false, true, "reserved 0x4"},
		{0x5, false, true, "reserved 0x5"},
		{0x6, false, true, "reserved 0x6"},
		{0x7, false, true, "reserved 0x7"},
		{0x8, true, false, "close"},
		{0x9, true, false, "ping"},
		{0xA, true, false, "pong"},
		{0xB, true, true, "reserved 0xb"},
		{0xC, true, true, "reserved 0xc"},
		{0xD, true, true, "reserved 0xd"},
		{0xE, true, true, "reserved 0xe"},
		{0xF, true, true, "reserved 0xf"},
		{0x10, false, true, "reserved 0x10"},
		{0x19, false, true, "reserved 0x19"},
		{0xFF, false, true, "reserved 0xff"},
	} {
		if got := tt.opcode.IsControl(); got != tt.control {
			t.Errorf("Opcode(%#x).IsControl() = %v", uint8(tt.opcode), got)
		}
		if got := tt.opcode.IsReserved(); got != tt.reserved {
			t.Errorf("Opcode(%#x).IsReserved() = %v", uint8(tt.opcode), got)
		}
		if got := tt.opcode.String(); got != tt.name {
			t.Errorf("Opcode(%#x).String() = %q, want %q", uint8(tt.opcode), got, tt.name)
		}
	}
}

func TestOpcodeConstants(t *testing.T) {
	got := [...]frame.Opcode{frame.Continuation, frame.Text, frame.Binary, frame.Close, frame.Ping, frame.Pong}
	if want := [...]frame.Opcode{0x0, 0x1, 0x2, 0x8, 0x9, 0xA}; got != want {
		t.Errorf("opcodes are %v, want %v", got, want)
	}
}
