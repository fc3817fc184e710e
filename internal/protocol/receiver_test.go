package protocol_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/fairlead-ws/fairlead/frame"
	"github.com/fairlead-ws/fairlead/internal/protocol"
)

// streams are bytes of a server and what a client makes of them.
var streams = []struct {
	name string
	rsv  uint8
	wire string
	want []string
}{
	// RFC 6455 section 5.7.
	{"text", 0, "81 05 48656c6c6f", []string{`text "Hello"`}},
	{"text in two fragments", 0, "01 03 48656c 80 02 6c6f", []string{`text "Hel" ...`, `continuation "lo"`}},
	{"binary", 0, "82 02 00ff", []string{`binary "\x00\xff"`}},
	{"empty text", 0, "81 00", []string{`text ""`}},
	{"two messages", 0, "81 01 61 82 01 62", []string{`text "a"`, `binary "b"`}},

	// Section 5.4: fragments.
	{"empty first, middle and last fragments", 0, "01 00 00 00 00 01 61 00 00 80 00", []string{
		`text "" ...`, `continuation "" ...`, `continuation "a" ...`, `continuation "" ...`, `continuation ""`,
	}},
	{"control frames between fragments", 0, "01 01 61 89 01 70 00 01 62 8a 00 80 01 63", []string{
		`text "a" ...`, `ping "p"`, `continuation "b" ...`, `pong ""`, `continuation "c"`,
	}},
	{"message after a fragmented one", 0, "02 01 61 80 01 62 81 01 63", []string{
		`binary "a" ...`, `continuation "b"`, `text "c"`,
	}},
	{"continuation of nothing", 0, "80 01 61", []string{"1002 RFC 6455 section 5.4"}},
	{"first fragment of nothing", 0, "00 00", []string{"1002 RFC 6455 section 5.4"}},
	{"continuation after the last fragment", 0, "01 00 80 00 80 00", []string{
		`text "" ...`, `continuation ""`, "1002 RFC 6455 section 5.4",
	}},
	{"continuation after a whole message", 0, "81 00 00 00", []string{`text ""`, "1002 RFC 6455 section 5.4"}},
	{"continuation after a ping", 0, "89 00 80 00", []string{`ping ""`, "1002 RFC 6455 section 5.4"}},
	{"text inside a text", 0, "01 00 81 00", []string{`text "" ...`, "1002 RFC 6455 section 5.4"}},
	{"binary inside a text", 0, "01 00 02 00", []string{`text "" ...`, "1002 RFC 6455 section 5.4"}},
	{"text inside a binary, after a ping", 0, "02 00 89 00 81 00", []string{
		`binary "" ...`, `ping ""`, "1002 RFC 6455 section 5.4",
	}},

	// Section 5.1: masking.
	{"masked", 0, "81 81 01020304 60", []string{"1002 RFC 6455 section 5.1"}},
	{"masked with key zero", 0, "82 80 00000000", []string{"1002 RFC 6455 section 5.1"}},
	{"masked ping", 0, "89 80 01020304", []string{"1002 RFC 6455 section 5.1"}},
	{"masked comes before RSV", 0, "f1 80 01020304", []string{"1002 RFC 6455 section 5.1"}},

	// Section 5.2: reserved bits.
	{"RSV1", 0, "c1 00", []string{"1002 RFC 6455 section 5.2"}},
	{"RSV2", 0, "a1 00", []string{"1002 RFC 6455 section 5.2"}},
	{"RSV3", 0, "91 00", []string{"1002 RFC 6455 section 5.2"}},
	{"RSV1 on a ping", 0, "c9 00", []string{"1002 RFC 6455 section 5.2"}},
	{"all RSV on a Close", 0, "f8 00", []string{"1002 RFC 6455 section 5.2"}},
	{"RSV before opcode and sequence", 0, "c0 00", []string{"1002 RFC 6455 section 5.2"}},
	{"compressed: RSV2", frame.RSV1, "a1 00", []string{"1002 RFC 6455 section 5.2"}},
	{"compressed: RSV3", frame.RSV1, "91 00", []string{"1002 RFC 6455 section 5.2"}},
	{"compressed: RSV1 and RSV2", frame.RSV1, "e2 00", []string{"1002 RFC 6455 section 5.2"}},
	{"compressed: RSV2 on a ping", frame.RSV1, "a9 00", []string{"1002 RFC 6455 section 5.2"}},
	{"another extension's RSV2 and RSV3", frame.RSV2 | frame.RSV3, "b1 00 b9 00", []string{`text ""`, `ping ""`}},
	{"only RSV2 negotiated", frame.RSV2, "c1 00", []string{"1002 RFC 6455 section 5.2"}},

	// RFC 7692 section 6: RSV1.
	{"compressed text", frame.RSV1, "c1 01 61", []string{`text "a"`}},
	{"compressed binary in fragments", frame.RSV1, "42 01 61 89 00 80 01 62", []string{
		`binary "a" ...`, `ping ""`, `continuation "b"`,
	}},
	{"uncompressed though negotiated", frame.RSV1, "81 01 61", []string{`text "a"`}},
	{"compressed: continuation", frame.RSV1, "41 00 c0 00", []string{`text "" ...`, "1002 RFC 7692 section 6"}},
	{"compressed: continuation of nothing", frame.RSV1, "c0 00", []string{"1002 RFC 7692 section 6"}},
	{"compressed: ping", frame.RSV1, "c9 00", []string{"1002 RFC 7692 section 6"}},
	{"compressed: pong", frame.RSV1, "ca 00", []string{"1002 RFC 7692 section 6"}},
	{"compressed: Close", frame.RSV1, "c8 00", []string{"1002 RFC 7692 section 6"}},
	{"compressed: reserved opcode", frame.RSV1, "c3 00", []string{"1002 RFC 6455 section 5.2"}},

	// Section 5.2: lengths.
	{"length of 0 in 16 bits", 0, "82 7e 0000", []string{frame.ErrLengthNotMinimal.Error()}},
	{"length with the top bit", 0, "82 7f 80", []string{frame.ErrLengthMSB.Error()}},

	// Section 5.5: control frames.
	{"ping of 125 bytes", 0, "89 7d" + strings.Repeat("78", 125), []string{`ping "` + strings.Repeat("x", 125) + `"`}},
	{"ping of 126 bytes", 0, "89 7e 007e", []string{"1002 RFC 6455 section 5.5"}},
	{"pong of 126 bytes", 0, "8a 7e 007e", []string{"1002 RFC 6455 section 5.5"}},
	{"Close of 126 bytes", 0, "88 7e 007e", []string{"1002 RFC 6455 section 5.5"}},
	{"ping of 2^62 bytes", 0, "89 7f 4000000000000000", []string{"1002 RFC 6455 section 5.5"}},
	{"ping without FIN", 0, "09 00", []string{"1002 RFC 6455 section 5.5"}},
	{"pong without FIN", 0, "0a 00", []string{"1002 RFC 6455 section 5.5"}},
	{"Close without FIN", 0, "08 02 03e8", []string{"1002 RFC 6455 section 5.5"}},
	{"ping without FIN inside a message", 0, "01 00 09 00", []string{`text "" ...`, "1002 RFC 6455 section 5.5"}},
	{"unsolicited pong", 0, "8a 02 7878", []string{`pong "xx"`}},

	// Section 5.5.1: Close.
	{"empty Close", 0, "88 00", []string{`close 1005 ""`}},
	{"Close", 0, "88 05 03e8 627965", []string{`close 1000 "bye"`}},
	{"Close of one byte", 0, "88 01 03", []string{"1002 RFC 6455 section 5.5.1"}},
	{"Close 1005", 0, "88 02 03ed", []string{"1002 RFC 6455 section 5.5.1"}},
	{"Close with reason cut", 0, "88 04 03e8 e6b0", []string{"1007 RFC 6455 section 5.5.1"}},
	{"Close inside a message", 0, "01 01 61 88 00", []string{`text "a" ...`, `close 1005 ""`, "message cut"}},
	{"text after Close", 0, "88 00 81 00", []string{`close 1005 ""`, "1002 RFC 6455 section 5.5.1"}},
	{"ping after Close", 0, "88 02 03e8 89 00", []string{`close 1000 ""`, "1002 RFC 6455 section 5.5.1"}},
	{"second Close", 0, "88 02 03e8 88 00", []string{`close 1000 ""`, "1002 RFC 6455 section 5.5.1"}},
	{"masked frame after Close", 0, "88 00 81 80 00000000", []string{`close 1005 ""`, "1002 RFC 6455 section 5.5.1"}},

	// Section 8.1: text is UTF-8. conformance cases 6.2 to 6.4.
	{"code point over fragments", 0, "01 01 e6 00 01 b0 89 00 80 01 b4", []string{
		`text "\xe6" ...`, `continuation "\xb0" ...`, `ping ""`, `continuation "\xb4"`,
	}},
	{"not UTF-8", 0, "81 01 ff", []string{"1007 RFC 6455 section 8.1"}},
	{"text ends inside a code point", 0, "81 02 e6b0", []string{"1007 RFC 6455 section 8.1"}},
	{"fragments end inside a code point", 0, "01 02 e6b0 80 00", []string{`text "\xe6\xb0" ...`, "1007 RFC 6455 section 8.1"}},
	{"code point not continued", 0, "01 02 e6b0 80 01 61", []string{`text "\xe6\xb0" ...`, "1007 RFC 6455 section 8.1"}},
	{"fails before the end of the message", 0, "01 01 f4 00 01 90", []string{`text "\xf4" ...`, "1007 RFC 6455 section 8.1"}},
	{"fails before the end of the frame", 0, "81 7d 61f490", []string{"1007 RFC 6455 section 8.1"}},
	{"binary is not checked", 0, "02 01 ff 80 02 e6b0", []string{`binary "\xff" ...`, `continuation "\xe6\xb0"`}},
	{"text after a binary that ends inside a code point", 0, "82 01 e6 81 01 61", []string{`binary "\xe6"`, `text "a"`}},
	{"binary after a text", 0, "81 01 61 82 01 ff", []string{`text "a"`, `binary "\xff"`}},
	{"inflated text is checked", frame.RSV1, "c1 01 ff", []string{"1007 RFC 6455 section 8.1"}},

	// What is not a WebSocket at all, and what breaks off.
	{"HTTP in mid-stream", 0, "48 54 54 50", []string{"1002 RFC 6455 section 5.2"}},
	{"header cut", 0, "82 7e 01", []string{"frame cut"}},
	{"payload cut", 0, "82 02 61", []string{"frame cut"}},
	{"ping cut", 0, "89 02 61", []string{"frame cut"}},
	{"message cut", 0, "01 01 61", []string{`text "a" ...`, "message cut"}},
}

// Whole and in pieces of every size the result is the same.
func TestReceiverStreams(t *testing.T) {
	for _, tt := range streams {
		wire := unhex(t, tt.wire)
		for size := 1; size <= len(wire); size++ {
			got := play(protocol.ReceiverConfig{RSV: tt.rsv}, wire, size).result()
			if !slices.Equal(got, tt.want) {
				t.Errorf("%s, in pieces of %d: %q, want %q", tt.name, size, got, tt.want)
				break
			}
		}
	}
}

// Section 5.2: opcodes 3 to 7 and B to F, with and without FIN and payload,
// alone and inside a message.
func TestReceiverReservedOpcodes(t *testing.T) {
	for _, opcode := range []byte{3, 4, 5, 6, 7, 0xB, 0xC, 0xD, 0xE, 0xF} {
		for _, fin := range []byte{0x80, 0} {
			for _, length := range []byte{0, 1, 126} {
				header := []byte{fin | opcode, length, 0, 126}
				got := play(protocol.ReceiverConfig{}, header, 4).result()
				if want := []string{"1002 RFC 6455 section 5.2"}; !slices.Equal(got, want) {
					t.Errorf("%x: %q, want %q", header, got, want)
				}
				got = play(protocol.ReceiverConfig{}, append([]byte{0x01, 0x00}, header...), 6).result()
				if want := []string{`text "" ...`, "1002 RFC 6455 section 5.2"}; !slices.Equal(got, want) {
					t.Errorf("0100%x: %q, want %q", header, got, want)
				}
			}
		}
	}
}

// Headers that no parser returns get an answer too.
func TestReceiverImpossibleHeaders(t *testing.T) {
	for _, h := range []frame.Header{
		{Fin: true, Opcode: frame.Text, Length: -1},
		{Fin: true, Opcode: frame.Ping, Length: -1},
		{Fin: true, Opcode: 0x11},
		{Fin: true, Opcode: frame.Text, RSV: 8},
	} {
		r := protocol.NewReceiver(protocol.ReceiverConfig{})
		var v *protocol.Violation
		if err := r.Header(h); !errors.As(err, &v) || v.Code != frame.StatusProtocolError || v.Clause != "RFC 6455 section 5.2" {
			t.Errorf("Header(%+v) = %v", h, err)
		}
	}
}

func TestReceiverState(t *testing.T) {
	r := protocol.NewReceiver(protocol.ReceiverConfig{RSV: frame.RSV1})
	check := func(when string, inMessage bool, opcode frame.Opcode, compressed, closed bool) {
		t.Helper()
		if r.InMessage() != inMessage || r.MessageOpcode() != opcode || r.Compressed() != compressed || r.Closed() != closed {
			t.Errorf("%s: InMessage %v, MessageOpcode %v, Compressed %v, Closed %v",
				when, r.InMessage(), r.MessageOpcode(), r.Compressed(), r.Closed())
		}
	}
	ok := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	check("at first", false, frame.Continuation, false, false)
	ok(r.Header(frame.Header{Opcode: frame.Binary, RSV: frame.RSV1, Length: 1}))
	check("after the first header", true, frame.Binary, true, false)
	ok(r.Payload([]byte("a")))
	ok(r.FrameEnd())
	check("after the first fragment", true, frame.Binary, true, false)
	ok(r.Header(frame.Header{Fin: true, Opcode: frame.Ping}))
	_, err := r.Control(nil)
	ok(err)
	check("after a ping", true, frame.Binary, true, false)
	ok(r.Header(frame.Header{Fin: true, Opcode: frame.Continuation}))
	check("after the last header", true, frame.Binary, true, false)
	ok(r.FrameEnd())
	check("between messages", false, frame.Binary, true, false)
	ok(r.Header(frame.Header{Fin: true, Opcode: frame.Text}))
	check("after the header of a whole message", true, frame.Text, false, false)
	ok(r.FrameEnd())
	ok(r.Header(frame.Header{Fin: true, Opcode: frame.Close}))
	check("before the payload of Close", false, frame.Text, false, false)
	_, err = r.Control(nil)
	ok(err)
	check("after Close", false, frame.Text, false, true)
}

// A header that is refused leaves no trace in the state.
func TestReceiverRefusedHeader(t *testing.T) {
	r := protocol.NewReceiver(protocol.ReceiverConfig{RSV: frame.RSV1, MaxMessage: 10})
	if err := r.Header(frame.Header{Opcode: frame.Text, Length: 11}); err == nil {
		t.Fatal("11 bytes were taken")
	}
	if r.InMessage() || r.MessageOpcode() != frame.Continuation {
		t.Error("a refused header opened a message")
	}
	if err := r.Header(frame.Header{Opcode: frame.Text, Length: 10}); err != nil {
		t.Errorf("the refused length was counted: %v", err)
	}
}

func TestViolationError(t *testing.T) {
	r := protocol.NewReceiver(protocol.ReceiverConfig{})
	err := r.Header(frame.Header{Fin: true, Opcode: frame.Ping, Length: 200})
	if want := "ping frame of 200 bytes, at most 125 are allowed (RFC 6455 section 5.5)"; err == nil || err.Error() != want {
		t.Errorf("error %q, want %q", err, want)
	}
}
