package hostile_test

import (
	"context"
	"encoding/binary"
	"fmt"
	"slices"
	"time"

	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/frame"
)

const protocolError, invalidPayload, tooBig, tooMany = frame.StatusProtocolError, frame.StatusInvalidPayload, frame.StatusTooBig, frame.StatusPolicyViolation

// frameCases is section B: frames.
func frameCases() []Case {
	return slices.Concat(
		headerCases(), lengthCases(), sizeCases(), controlCases(), pingCases(), fragmentCases(), floodCases(),
		textCases(), closeCases(), closingCases(), endCases(), streamCases(),
	)
}

// headerCases are rows B01 to B06: bits of the first two bytes.
func headerCases() []Case {
	var cases []Case
	for rsv := uint8(1); rsv < 8; rsv++ {
		for _, op := range []frame.Opcode{frame.Text, frame.Binary, frame.Ping, frame.Close} {
			cases = append(cases, failing(fmt.Sprintf("B01/RSV-%03b-on-%v", rsv, op), protocolError, encode(frame.Header{Fin: true, RSV: rsv, Opcode: op}, "")))
		}
	}
	cases = append(cases,
		failing("B01/RSV1-on-a-continuation", protocolError, first("a"), encode(frame.Header{Fin: true, RSV: frame.RSV1, Opcode: frame.Continuation}, "b")),
		failing("B01/RSV1-on-a-later-message", protocolError, encode(frame.Header{Fin: true, RSV: frame.RSV1, Opcode: frame.Text}, "b")).teaches("L27"),
	)
	for _, op := range []frame.Opcode{3, 4, 5, 6, 7, 11, 12, 13, 14, 15} {
		for _, fin := range []bool{true, false} {
			for _, p := range []string{"", "hello"} {
				id := fmt.Sprintf("B05/opcode-%X-fin-%t-of-%d", uint8(op), fin, len(p))
				cases = append(cases, failing(id, protocolError, encode(frame.Header{Fin: fin, Opcode: op}, p)))
			}
		}
	}
	masked := func(op frame.Opcode, key [4]byte, payload string) []byte {
		b := encode(frame.Header{Fin: true, Opcode: op, Masked: true, Mask: key}, payload)
		p := b[len(b)-len(payload):]
		frame.Mask(p, p, key, 0)
		return b
	}
	for _, k := range []struct {
		name string
		key  [4]byte
	}{{"zero", [4]byte{}}, {"some", [4]byte{0x37, 0xfa, 0x21, 0x3d}}} {
		for _, op := range []frame.Opcode{frame.Text, frame.Binary, frame.Ping, frame.Pong} {
			cases = append(cases, failing(fmt.Sprintf("B06/%s-key-%v", k.name, op), protocolError, masked(op, k.key, "hello")))
		}
		cases = append(cases, failing("B06/"+k.name+"-key-close", protocolError, masked(frame.Close, k.key, "\x03\xe8")))
	}
	cases = underLimits(cases...)
	return append(cases,
		Case{ID: "B06/our-keys-of-10000-frames", Peer: after(), Reads: true, Unsent: true, Within: 3 * time.Second, Do: func(ctx context.Context, c *fairlead.Conn, _ *Outcome) error {
			for range 10_000 {
				if err := c.WriteText(ctx, "key"); err != nil {
					return err
				}
			}
			return nil
		}, Check: keysDiffer}.teaches("L37", "L38"),
		failing("B06/continuation", protocolError, first("a"), masked(frame.Continuation, [4]byte{}, "b")),
	)
}

// keysDiffer demands that no masking key comes back: of 10,000 random ones two are
// the same once in 86 times, four once in many thousand.
func keysDiffer(o *Outcome) error {
	keys := map[[4]byte]bool{}
	for _, f := range o.Frames {
		keys[f.Mask] = true
	}
	if len(o.Frames) < 10_000 || len(keys) < len(o.Frames)-1 {
		return fmt.Errorf("%d frames have %d keys", len(o.Frames), len(keys))
	}
	return nil
}

// long is a frame header with its length in the 16-bit or the 64-bit form.
func long16(firstByte byte, n uint16) []byte {
	return binary.BigEndian.AppendUint16([]byte{firstByte, 126}, n)
}

func long64(firstByte byte, n uint64) []byte {
	return binary.BigEndian.AppendUint64([]byte{firstByte, 127}, n)
}

// lengthCases are rows B07 to B09: lengths in a form that is none.
func lengthCases() []Case {
	var cases []Case
	for _, b := range []struct {
		name string
		b    byte
	}{{"text", 0x81}, {"binary", 0x82}, {"ping", 0x89}, {"close", 0x88}} {
		for _, n := range []uint16{0, 1, 2, 125} {
			p := times(int(n), "x")
			cases = append(cases,
				failing(fmt.Sprintf("B07/%s-of-%d", b.name, n), protocolError, long16(b.b, n), []byte(p)),
				failing(fmt.Sprintf("B08/%s-of-%d", b.name, n), protocolError, long64(b.b, uint64(n)), []byte(p)))
		}
		for _, n := range []uint64{126, 65535} {
			cases = append(cases, failing(fmt.Sprintf("B08/%s-of-%d", b.name, n), protocolError, long64(b.b, n)))
		}
		for _, n := range []uint64{1 << 63, 1<<63 + 1, 1<<64 - 1, 1<<63 | 5} {
			cases = append(cases, failing(fmt.Sprintf("B09/%s-%x", b.name, n), protocolError, long64(b.b, n)).teaches("L01", "L02", "L03", "L04"))
		}
	}
	cases = underLimits(cases...)
	for _, n := range []uint64{1 << 63, 1<<64 - 1} {
		cases = append(cases, failing(fmt.Sprintf("B09/continuation-%x", n), protocolError, first("a"), long64(0x80, n)).teaches("L01", "L02", "L03", "L04"))
	}
	return append(cases,
		failing("B09/only-nine-bytes", protocolError, long64(0x82, 1<<63)[:3]).because("the third byte decides"),
		delivered("B07/126-is-right", join(long16(0x81, 126), []byte(times(126, "x"))), times(126, "x")),
		delivered("B08/65536-is-right", join(long64(0x81, 65536), []byte(times(65536, "x"))), times(65536, "x")),
	)
}
