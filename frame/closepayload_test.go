package frame_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"strings"
	"testing"

	"github.com/fairlead-ws/fairlead/frame"
)

func TestClosePayload(t *testing.T) {
	longest := strings.Repeat("x", 123)
	for _, tt := range []struct {
		name   string
		wire   string
		code   frame.StatusCode
		reason string
	}{
		{"empty", "", frame.StatusNoStatus, ""},
		{"1000", "\x03\xe8", 1000, ""},
		{"1000 and reason", "\x03\xe8Hello World!", 1000, "Hello World!"},
		{"longest reason", "\x03\xe8" + longest, 1000, longest},
		{"reason in Greek", "\x03\xe9\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5", 1001, "\u03ba\u1f79\u03c3\u03bc\u03b5"},
		{"reason of control characters", "\x03\xe8\x00\x1b[31m\x7f", 1000, "\x00\x1b[31m\x7f"},
		{"1001", "\x03\xe9", 1001, ""},
		{"1002", "\x03\xea", 1002, ""},
		{"1003", "\x03\xeb", 1003, ""},
		{"1007", "\x03\xef", 1007, ""},
		{"1008", "\x03\xf0", 1008, ""},
		{"1009", "\x03\xf1", 1009, ""},
		{"1010", "\x03\xf2", 1010, ""},
		{"1011", "\x03\xf3", 1011, ""},
		{"1012", "\x03\xf4", 1012, ""},
		{"1013", "\x03\xf5", 1013, ""},
		{"1014", "\x03\xf6", 1014, ""},
		{"3000", "\x0b\xb8", 3000, ""},
		{"3999", "\x0f\x9f", 3999, ""},
		{"4000", "\x0f\xa0", 4000, ""},
		{"4999", "\x13\x87", 4999, ""},
	} {
		code, reason, err := frame.ParseClose([]byte(tt.wire))
		if code != tt.code || reason != tt.reason || err != nil {
			t.Errorf("%s: ParseClose = %d, %q, %v; want %d, %q", tt.name, code, reason, err, tt.code, tt.reason)
		}
		p, err := frame.AppendClose([]byte("before"), tt.code, tt.reason)
		if string(p) != "before"+tt.wire || err != nil {
			t.Errorf("%s: AppendClose = %q, %v; want %q", tt.name, p, err, "before"+tt.wire)
		}
	}
}

func TestParseCloseErrors(t *testing.T) {
	for _, tt := range []struct {
		name string
		wire string
		code frame.StatusCode
		err  error
	}{
		{"one byte", "\x03", 0, frame.ErrCloseLength},
		{"126 bytes", "\x03\xe8" + strings.Repeat("x", 124), 0, frame.ErrCloseLength},
		{"code 0", "\x00\x00", 0, frame.ErrCloseCode},
		{"code 0 and bad UTF-8", "\x00\x00\xff", 0, frame.ErrCloseCode},
		{"code 999", "\x03\xe7", 999, frame.ErrCloseCode},
		{"code 1004", "\x03\xec", 1004, frame.ErrCloseCode},
		{"code 1005", "\x03\xed", 1005, frame.ErrCloseCode},
		{"code 1005 and reason", "\x03\xedbye", 1005, frame.ErrCloseCode},
		{"code 1006", "\x03\xee", 1006, frame.ErrCloseCode},
		{"code 1015", "\x03\xf7", 1015, frame.ErrCloseCode},
		{"code 1016", "\x03\xf8", 1016, frame.ErrCloseCode},
		{"code 1100", "\x04\x4c", 1100, frame.ErrCloseCode},
		{"code 2000", "\x07\xd0", 2000, frame.ErrCloseCode},
		{"code 2999", "\x0b\xb7", 2999, frame.ErrCloseCode},
		{"code 5000", "\x13\x88", 5000, frame.ErrCloseCode},
		{"code 65535", "\xff\xff", 65535, frame.ErrCloseCode},
		{"surrogate in reason", "\x03\xe8\xce\xba\xed\xa0\x80", 1000, frame.ErrCloseUTF8},
		{"overlong in reason", "\x03\xe8\xc0\xaf", 1000, frame.ErrCloseUTF8},
		{"reason cut inside a code point", "\x0f\xa0\xe2\x82", 4000, frame.ErrCloseUTF8},
	} {
		code, reason, err := frame.ParseClose([]byte(tt.wire))
		if code != tt.code || reason != "" || !errors.Is(err, tt.err) {
			t.Errorf("%s: ParseClose = %d, %q, %v; want %d, %v", tt.name, code, reason, err, tt.code, tt.err)
		}
	}
}

func TestAppendCloseErrors(t *testing.T) {
	for _, tt := range []struct {
		name   string
		code   frame.StatusCode
		reason string
		err    error
	}{
		{"code 0", 0, "", frame.ErrCloseCode},
		{"code 1004", 1004, "", frame.ErrCloseCode},
		{"code 1006", frame.StatusAbnormal, "", frame.ErrCloseCode},
		{"code 1015", frame.StatusTLSHandshake, "", frame.ErrCloseCode},
		{"code 5000", 5000, "bye", frame.ErrCloseCode},
		{"reason without code", frame.StatusNoStatus, "bye", frame.ErrCloseReason},
		{"reason of 124 bytes", frame.StatusNormal, strings.Repeat("x", 124), frame.ErrCloseLength},
		{"reason not UTF-8", frame.StatusNormal, "\xff", frame.ErrCloseUTF8},
		{"reason cut inside a code point", frame.StatusNormal, "κόσμε"[:3], frame.ErrCloseUTF8},
	} {
		p, err := frame.AppendClose([]byte("before"), tt.code, tt.reason)
		if string(p) != "before" || !errors.Is(err, tt.err) {
			t.Errorf("%s: AppendClose = %q, %v; want %v", tt.name, p, err, tt.err)
		}
	}
}

// Sending and receiving agree on every code there is.
func TestCloseEveryCode(t *testing.T) {
	for c := range 1 << 16 {
		code := frame.StatusCode(c)
		wire := binary.BigEndian.AppendUint16(nil, uint16(c))
		if got, _, err := frame.ParseClose(wire); (err == nil) != code.OnWire() || got != code {
			t.Errorf("ParseClose(%x) = %d, %v", wire, got, err)
		}
		if code == frame.StatusNoStatus {
			continue // stands for the empty payload
		}
		if got, err := frame.AppendClose(nil, code, ""); (err == nil) != code.OnWire() || err == nil && !bytes.Equal(got, wire) {
			t.Errorf("AppendClose(%d) = %x, %v", c, got, err)
		}
	}
}
