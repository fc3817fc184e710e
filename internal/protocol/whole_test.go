package protocol_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/fairlead-ws/fairlead/frame"
	"github.com/fairlead-ws/fairlead/internal/protocol"
)

func TestWhole(t *testing.T) {
	long := strings.Repeat("x", 126)
	largest := strings.Repeat("y", 65535)
	for _, tt := range []struct {
		name    string
		wire    string
		max     int64
		payload string
		n       int // 0: left to the other methods
	}{
		{"text", "\x81\x05Hello", 0, "Hello", 7},
		{"binary", "\x82\x02\x00\xff", 0, "\x00\xff", 4},
		{"empty", "\x81\x00", 0, "", 2},
		{"more behind it", "\x81\x01a\x81\x01b", 0, "a", 3},
		{"125 bytes", "\x82\x7d" + long[:125], 0, long[:125], 127},
		{"126 bytes", "\x82\x7e\x00\x7e" + long, 0, long, 130},
		{"65535 bytes", "\x82\x7e\xff\xff" + largest, 0, largest, 65539},
		{"as large as allowed", "\x82\x03abc", 3, "abc", 5},

		{"nothing", "", 0, "", 0},
		{"one byte", "\x81", 0, "", 0},
		{"payload not whole", "\x81\x05Hell", 0, "", 0},
		{"length not whole", "\x82\x7e\x00", 0, "", 0},
		{"long payload not whole", "\x82\x7e\x00\x7e" + long[:125], 0, "", 0},
		{"length not minimal", "\x82\x7e\x00\x7d" + long[:125], 0, "", 0},
		{"64-bit length", "\x82\x7f\x00\x00\x00\x00\x00\x01\x00\x00" + largest + "y", 0, "", 0},
		{"masked", "\x81\x81\x01\x02\x03\x04\x60", 0, "", 0},
		{"masked, long", "\x82\xfe\x00\x7e\x01\x02\x03\x04" + long, 0, "", 0},
		{"too large", "\x82\x03abc", 2, "", 0},
		{"first fragment", "\x01\x01a", 0, "", 0},
		{"continuation", "\x80\x01a", 0, "", 0},
		{"ping", "\x89\x01a", 0, "", 0},
		{"RSV1", "\xc1\x01a", 0, "", 0},
		{"RSV3", "\x91\x01a", 0, "", 0},
		{"not UTF-8", "\x81\x01\xff", 0, "", 0},
		{"ends inside a code point", "\x81\x01\xc3", 0, "", 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := protocol.NewReceiver(protocol.ReceiverConfig{MaxMessage: tt.max})
			payload, n := r.Whole([]byte(tt.wire))
			if n != tt.n || string(payload) != tt.payload {
				t.Fatalf("%d bytes, payload %.20q; want %d, %.20q", n, payload, tt.n, tt.payload)
			}
			if n == 0 {
				return
			}
			if cap(payload) != len(payload) {
				t.Error("the payload can be appended to: what follows it would be overwritten")
			}
			if r.InMessage() || r.Compressed() || r.MessageOpcode() != frame.Opcode(tt.wire[0]&0x0F) {
				t.Errorf("in a message: %v, compressed: %v, opcode %v", r.InMessage(), r.Compressed(), r.MessageOpcode())
			}
		})
	}
}

// TestWholeAgrees gives all streams to a receiver that takes whole messages in one
// step where it can. It must say what the others say.
func TestWholeAgrees(t *testing.T) {
	took := 0
	for _, tt := range streams {
		s := &stream{receiver: protocol.NewReceiver(protocol.ReceiverConfig{RSV: tt.rsv}), whole: true}
		s.write(unhex(t, tt.wire))
		took += s.took
		if got := s.result(); !slices.Equal(got, tt.want) {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
	if took == 0 {
		t.Error("nothing was taken in one step")
	}
}

func TestWholeAfterAClose(t *testing.T) {
	r := protocol.NewReceiver(protocol.ReceiverConfig{})
	if err := r.Header(frame.Header{Fin: true, Opcode: frame.Close}); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Control(nil); err != nil {
		t.Fatal(err)
	}
	if _, n := r.Whole([]byte("\x81\x01a")); n != 0 {
		t.Error("a message was taken after the Close frame")
	}
}

// TestWholeChangesNothing: text that Whole has refused is judged from its
// beginning by the other methods.
func TestWholeChangesNothing(t *testing.T) {
	r := protocol.NewReceiver(protocol.ReceiverConfig{})
	if _, n := r.Whole([]byte("\x81\x01\xc3")); n != 0 {
		t.Fatal("taken")
	}
	if err := r.Header(frame.Header{Fin: true, Opcode: frame.Text, Length: 1}); err != nil {
		t.Fatal(err)
	}
	if err := r.Payload([]byte("a")); err != nil {
		t.Errorf("a rest of the refused text is left: %v", err)
	}
	if err := r.FrameEnd(); err != nil {
		t.Error(err)
	}
}

func TestWholeDoesNotAllocate(t *testing.T) {
	r := protocol.NewReceiver(protocol.ReceiverConfig{})
	wire := append([]byte{0x81, 100}, bytes.Repeat([]byte("x"), 100)...)
	if n := testing.AllocsPerRun(100, func() { r.Whole(wire) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
