package frame_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"math"
	"testing"

	"github.com/fairlead-ws/fairlead/frame"
)

// unhex decodes literal wire bytes; spaces are for the reader.
func unhex(t testing.TB, s string) []byte {
	t.Helper()
	p, err := hex.DecodeString(string(bytes.ReplaceAll([]byte(s), []byte(" "), nil)))
	if err != nil {
		t.Fatalf("bad hex in the test itself: %v", err)
	}
	return p
}

// headers pairs each form of a header with its wire bytes. The first six are
// those of RFC 6455 section 5.7.
var headers = []struct {
	name   string
	wire   string
	header frame.Header
}{
	{"unmasked text", "81 05", frame.Header{Fin: true, Opcode: frame.Text, Length: 5}},
	{"masked text", "81 85 37fa213d", frame.Header{Fin: true, Opcode: frame.Text, Masked: true, Mask: [4]byte{0x37, 0xfa, 0x21, 0x3d}, Length: 5}},
	{"first fragment", "01 03", frame.Header{Opcode: frame.Text, Length: 3}},
	{"last fragment", "80 02", frame.Header{Fin: true, Opcode: frame.Continuation, Length: 2}},
	{"256 bytes", "82 7e 0100", frame.Header{Fin: true, Opcode: frame.Binary, Length: 256}},
	{"64 KiB", "82 7f 0000000000010000", frame.Header{Fin: true, Opcode: frame.Binary, Length: 65536}},

	{"all zero", "00 00", frame.Header{}},
	{"RSV1", "c1 00", frame.Header{Fin: true, RSV: frame.RSV1, Opcode: frame.Text}},
	{"RSV2", "a1 00", frame.Header{Fin: true, RSV: frame.RSV2, Opcode: frame.Text}},
	{"RSV3", "91 00", frame.Header{Fin: true, RSV: frame.RSV3, Opcode: frame.Text}},
	{"all RSV", "70 00", frame.Header{RSV: 7}},
	{"close", "88 02", frame.Header{Fin: true, Opcode: frame.Close, Length: 2}},
	{"ping", "89 00", frame.Header{Fin: true, Opcode: frame.Ping}},
	{"masked pong", "8a 80 00000000", frame.Header{Fin: true, Opcode: frame.Pong, Masked: true}},
	{"reserved opcode", "8f 00", frame.Header{Fin: true, Opcode: 0xF}},

	{"largest 7-bit length", "02 7d", frame.Header{Opcode: frame.Binary, Length: 125}},
	{"smallest 16-bit length", "02 7e 007e", frame.Header{Opcode: frame.Binary, Length: 126}},
	{"127", "02 7e 007f", frame.Header{Opcode: frame.Binary, Length: 127}},
	{"largest 16-bit length", "02 7e ffff", frame.Header{Opcode: frame.Binary, Length: 65535}},
	{"smallest 64-bit length", "02 7f 0000000000010000", frame.Header{Opcode: frame.Binary, Length: 65536}},
	{"2 GiB", "02 7f 0000000080000000", frame.Header{Opcode: frame.Binary, Length: 1 << 31}},
	{"4 GiB", "02 7f 0000000100000000", frame.Header{Opcode: frame.Binary, Length: 1 << 32}},
	{"2^62", "02 7f 4000000000000000", frame.Header{Opcode: frame.Binary, Length: 1 << 62}},
	{"largest length", "02 7f 7fffffffffffffff", frame.Header{Opcode: frame.Binary, Length: math.MaxInt64}},

	{"masked, 16-bit length", "81 fe 007e 01020304", frame.Header{Fin: true, Opcode: frame.Text, Masked: true, Mask: [4]byte{1, 2, 3, 4}, Length: 126}},
	{"longest header", "81 ff 7fffffffffffffff 01020304", frame.Header{Fin: true, Opcode: frame.Text, Masked: true, Mask: [4]byte{1, 2, 3, 4}, Length: math.MaxInt64}},
}

func TestAppendHeader(t *testing.T) {
	for _, tt := range headers {
		want := append([]byte("before"), unhex(t, tt.wire)...)
		if got := frame.AppendHeader([]byte("before"), tt.header); !bytes.Equal(got, want) {
			t.Errorf("%s: AppendHeader(%+v) = %x, want %x", tt.name, tt.header, got, want)
		}
	}
}

func TestAppendHeaderOfImpossibleValues(t *testing.T) {
	for _, tt := range []struct {
		name   string
		header frame.Header
		wire   string
	}{
		{"negative length", frame.Header{Fin: true, Opcode: frame.Text, Length: -1}, "81 00"},
		{"smallest length", frame.Header{Fin: true, Opcode: frame.Text, Length: math.MinInt64}, "81 00"},
		{"RSV of more than three bits", frame.Header{RSV: 0xFA, Opcode: frame.Text}, "21 00"},
		{"opcode of more than four bits", frame.Header{Opcode: 0xF2}, "02 00"},
		{"key without Masked", frame.Header{Opcode: frame.Binary, Mask: [4]byte{1, 2, 3, 4}, Length: 1}, "02 01"},
	} {
		if got, want := frame.AppendHeader(nil, tt.header), unhex(t, tt.wire); !bytes.Equal(got, want) {
			t.Errorf("%s: got %x, want %x", tt.name, got, want)
		}
	}
}

func TestParseHeader(t *testing.T) {
	for _, tt := range headers {
		wire := unhex(t, tt.wire)
		if len(wire) > frame.MaxHeaderSize {
			t.Errorf("%s: %d bytes are more than MaxHeaderSize", tt.name, len(wire))
		}
		for _, rest := range []string{"", "\x00", "payload and the next frame"} {
			h, n, err := frame.ParseHeader(append(bytes.Clone(wire), rest...))
			if h != tt.header || n != len(wire) || err != nil {
				t.Errorf("%s: ParseHeader(%x...) = %+v, %d, %v; want %+v, %d", tt.name, wire, h, n, err, tt.header, len(wire))
			}
		}
		for cut := range wire {
			h, n, err := frame.ParseHeader(wire[:cut])
			if h != (frame.Header{}) || n != 0 || err != nil {
				t.Errorf("%s: the first %d bytes gave %+v, %d, %v; want to be asked for more", tt.name, cut, h, n, err)
			}
		}
	}
}

// Each row is as many bytes as prove the error, not one more.
func TestParseHeaderErrors(t *testing.T) {
	for _, tt := range []struct {
		name string
		wire string
		err  error
	}{
		{"16 bits for 0", "82 7e 0000", frame.ErrLengthNotMinimal},
		{"16 bits for 125", "82 7e 007d", frame.ErrLengthNotMinimal},
		{"16 bits for 5, masked", "82 fe 0005", frame.ErrLengthNotMinimal},
		{"64 bits for 0", "82 7f 0000000000000000", frame.ErrLengthNotMinimal},
		{"64 bits for 126", "82 7f 000000000000007e", frame.ErrLengthNotMinimal},
		{"64 bits for 65535", "82 7f 000000000000ffff", frame.ErrLengthNotMinimal},
		{"64 bits for 65535, masked", "82 ff 000000000000ffff", frame.ErrLengthNotMinimal},
		{"most significant bit", "82 7f 80", frame.ErrLengthMSB},
		{"all bits", "82 7f ff", frame.ErrLengthMSB},
		{"most significant bit, masked", "82 ff 80", frame.ErrLengthMSB},
	} {
		wire := unhex(t, tt.wire)
		for _, rest := range []string{"", "\x00", "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00", "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"} {
			h, n, err := frame.ParseHeader(append(bytes.Clone(wire), rest...))
			if h != (frame.Header{}) || n != 0 || !errors.Is(err, tt.err) {
				t.Errorf("%s: ParseHeader(%x%x) = %+v, %d, %v; want %v", tt.name, wire, rest, h, n, err, tt.err)
			}
		}
		for cut := range wire {
			if _, n, err := frame.ParseHeader(wire[:cut]); n != 0 || err != nil {
				t.Errorf("%s: the first %d bytes gave %d, %v; want to be asked for more", tt.name, cut, n, err)
			}
		}
	}
}

func TestHeaderAllocatesNothing(t *testing.T) {
	wire := unhex(t, "81 ff 7fffffffffffffff 01020304")
	buf := make([]byte, 0, frame.MaxHeaderSize)
	if allocs := testing.AllocsPerRun(100, func() {
		h, _, _ := frame.ParseHeader(wire)
		buf = frame.AppendHeader(buf[:0], h)
	}); allocs != 0 {
		t.Errorf("%v allocations for a header, want none", allocs)
	}
}
