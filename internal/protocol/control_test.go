package protocol_test

import (
	"encoding/binary"
	"errors"
	"strings"
	"testing"

	"github.com/fairlead-ws/fairlead/frame"
	"github.com/fairlead-ws/fairlead/internal/protocol"
)

// control gives one control frame to a new Receiver.
func control(t *testing.T, opcode frame.Opcode, payload string) (protocol.Control, bool, error) {
	t.Helper()
	r := protocol.NewReceiver(protocol.ReceiverConfig{})
	if err := r.Header(frame.Header{Fin: true, Opcode: opcode, Length: int64(len(payload))}); err != nil {
		t.Fatal(err)
	}
	c, err := r.Control([]byte(payload))
	return c, r.Closed(), err
}

func TestControl(t *testing.T) {
	longest := strings.Repeat("x", 123)
	for _, tt := range []struct {
		name    string
		opcode  frame.Opcode
		payload string
		want    protocol.Control
	}{
		// Section 5.5.2: a Ping is answered by a Pong.
		{"ping", frame.Ping, "hello", protocol.Control{Opcode: frame.Ping, Answer: frame.Pong, Owed: true}},
		{"empty ping", frame.Ping, "", protocol.Control{Opcode: frame.Ping, Answer: frame.Pong, Owed: true}},
		{"ping that looks like a bad Close", frame.Ping, "\x03", protocol.Control{Opcode: frame.Ping, Answer: frame.Pong, Owed: true}},
		// Section 5.5.3: to an unsolicited Pong no answer is expected.
		{"pong", frame.Pong, "hello", protocol.Control{Opcode: frame.Pong}},
		// Section 5.5.1: a Close is answered by a Close.
		{"empty Close", frame.Close, "", protocol.Control{Opcode: frame.Close, Code: 1005, Answer: frame.Close, Owed: true}},
		{"Close 1000", frame.Close, "\x03\xe8", protocol.Control{Opcode: frame.Close, Code: 1000, Answer: frame.Close, Owed: true}},
		{"Close with reason", frame.Close, "\x0f\xa0bye", protocol.Control{Opcode: frame.Close, Code: 4000, Reason: "bye", Answer: frame.Close, Owed: true}},
		{"Close with the longest reason", frame.Close, "\x03\xe8" + longest, protocol.Control{Opcode: frame.Close, Code: 1000, Reason: longest, Answer: frame.Close, Owed: true}},
	} {
		got, closed, err := control(t, tt.opcode, tt.payload)
		if got != tt.want || err != nil {
			t.Errorf("%s: %+v, %v; want %+v", tt.name, got, err, tt.want)
		}
		if want := tt.opcode == frame.Close; closed != want {
			t.Errorf("%s: Closed() = %v", tt.name, closed)
		}
	}
}

// Sections 5.5.1 and 7.4.
func TestControlFaultyClose(t *testing.T) {
	for _, tt := range []struct {
		name    string
		payload string
		code    frame.StatusCode
	}{
		{"one byte", "\x03", frame.StatusProtocolError},
		{"code 0", "\x00\x00", frame.StatusProtocolError},
		{"code 999", "\x03\xe7", frame.StatusProtocolError},
		{"code 1004", "\x03\xec", frame.StatusProtocolError},
		{"code 1005", "\x03\xed", frame.StatusProtocolError},
		{"code 1006", "\x03\xee", frame.StatusProtocolError},
		{"code 1015", "\x03\xf7", frame.StatusProtocolError},
		{"code 1016", "\x03\xf8", frame.StatusProtocolError},
		{"code 2999", "\x0b\xb7", frame.StatusProtocolError},
		{"code 5000", "\x13\x88", frame.StatusProtocolError},
		{"code 65535", "\xff\xff", frame.StatusProtocolError},
		{"bad code comes before bad reason", "\x03\xed\xff", frame.StatusProtocolError},
		{"reason not UTF-8", "\x03\xe8\xff", frame.StatusInvalidPayload},
		{"surrogate in reason", "\x03\xe8\xed\xa0\x80", frame.StatusInvalidPayload},
		{"reason cut inside a code point", "\x03\xe8\xe6\xb0", frame.StatusInvalidPayload},
	} {
		got, closed, err := control(t, frame.Close, tt.payload)
		var v *protocol.Violation
		if !errors.As(err, &v) || v.Code != tt.code || v.Clause != "RFC 6455 section 5.5.1" {
			t.Errorf("%s: %v, want %d", tt.name, err, tt.code)
		}
		if got != (protocol.Control{}) {
			t.Errorf("%s: %+v beside an error", tt.name, got)
		}
		if !closed {
			t.Errorf("%s: a faulty Close is a Close, but Closed() = false", tt.name)
		}
	}
}

// Every code that may be sent to us may be sent back, and nothing else ever is.
func TestCloseAnswer(t *testing.T) {
	for c := range 1 << 16 {
		code := frame.StatusCode(c)
		_, _, err := control(t, frame.Close, string(binary.BigEndian.AppendUint16(nil, uint16(c))))
		want := code
		if err != nil {
			want = frame.StatusNoStatus
		}
		got := protocol.CloseAnswer(code)
		if got != want {
			t.Errorf("CloseAnswer(%d) = %d, want %d", c, got, want)
		}
		if _, err := frame.AppendClose(nil, got, ""); err != nil {
			t.Errorf("CloseAnswer(%d) cannot be sent: %v", c, err)
		}
	}
}
