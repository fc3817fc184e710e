package hostile_test

import (
	"fmt"
	"slices"
	"strings"

	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/deflate"
	"github.com/fairlead-ws/fairlead/frame"
	"github.com/fairlead-ws/fairlead/handshake"
	"github.com/fairlead-ws/fairlead/wstest"
)

// What a server may agree to.
const (
	takeover   = "permessage-deflate"
	noTakeover = "permessage-deflate; server_no_context_takeover; client_no_context_takeover"
)

// deflateCases is section C: permessage-deflate, and the rows of section B that
// need it.
func deflateCases() []Case {
	return slices.Concat(
		reservedBitCases(), bombCases(), paddingCases(), corruptCases(), windowCases(), formCases(), takeoverCases(), pieceCases(), poolCases(), outputCases(),
	)
}

// agreeing has permessage-deflate agreed on as value says.
func (c Case) agreeing(value string) Case {
	c.Dialer.Compression = fairlead.CompressionTakeover
	if strings.Contains(value, "client_no_context_takeover") {
		c.Dialer.Compression = fairlead.CompressionNoTakeover
	}
	c.Peer = slices.Clone(c.Peer)
	c.Peer[0] = wstest.Upgrade(handshake.Field{Name: "Sec-WebSocket-Extensions", Value: value})
	return c
}

// inflated is a session with takeover that gives these messages; corrupt one
// that must be failed.
func inflated(id string, wire []byte, messages ...string) Case {
	return delivered(id, wire, messages...).agreeing(takeover)
}

func corrupt(id string, code frame.StatusCode, wire ...[]byte) Case {
	return failing(id, code, wire...).agreeing(takeover)
}

// ztext and zfirst are frames with RSV1.
func ztext(payload string) []byte { return zframe(frame.Text, true, payload) }

func zfirst(payload string) []byte { return zframe(frame.Text, false, payload) }

func zframe(op frame.Opcode, fin bool, payload string) []byte {
	return encode(frame.Header{Fin: fin, RSV: frame.RSV1, Opcode: op}, payload)
}

// zcut cuts a compressed message into fragments of so many bytes.
func zcut(payload string, size int) []byte {
	b := zframe(frame.Binary, false, payload[:size])
	for payload = payload[size:]; len(payload) > size; payload = payload[size:] {
		b = append(b, next(payload[:size])...)
	}
	return append(b, final(payload)...)
}

// Vectors of RFC 7692, sections 7.2.3.1 and 7.2.3.2: the second refers to the
// message before.
const (
	zHello      = "\xf2\x48\xcd\xc9\xc9\x07\x00"
	zHelloAgain = "\xf2\x00\x11\x00\x00"
)

// reservedBitCases are rows B02 to B04 and B32.
func reservedBitCases() []Case {
	var cases []Case
	for _, rsv := range []uint8{frame.RSV2, frame.RSV3, frame.RSV2 | frame.RSV3, frame.RSV1 | frame.RSV2, frame.RSV1 | frame.RSV3, 7} {
		for _, op := range []frame.Opcode{frame.Text, frame.Binary, frame.Ping} {
			cases = append(cases, corrupt(fmt.Sprintf("B02/RSV-%03b-on-%v", rsv, op), protocolError, encode(frame.Header{Fin: true, RSV: rsv, Opcode: op}, "")))
		}
	}
	for _, op := range []frame.Opcode{frame.Ping, frame.Pong, frame.Close} {
		cases = append(cases, corrupt(fmt.Sprintf("B03/%v", op), protocolError, zframe(op, true, "")))
	}
	for _, op := range []frame.Opcode{3, 7, 11, 15} {
		cases = append(cases, corrupt(fmt.Sprintf("B05/opcode-%X-with-RSV1", uint8(op)), protocolError, zframe(op, true, zHello)))
	}
	cases = underLimits(cases...)
	cases = append(cases,
		corrupt("B04/of-a-compressed-message", protocolError, zfirst(zHello[:3]), zframe(frame.Continuation, true, zHello[3:])),
		corrupt("B04/of-an-uncompressed-message", protocolError, first("He"), zframe(frame.Continuation, true, zHello)),
		corrupt("B04/without-a-message", protocolError, zframe(frame.Continuation, true, zHello)),
		corrupt("B03/ping-inside-a-message", protocolError, zfirst(zHello[:3]), zframe(frame.Ping, true, "")),
		corrupt("B10/2^63-1-compressed", invalidPayload, long64(0xC1, 1<<63-1), []byte("\x06")).limited(-1, -1).allocating(small).teaches("L01", "L05", "L08").
			because("a compressed length says nothing of the message; what is inside decides"),
		corrupt("B09/MSB-compressed", protocolError, long64(0xC1, 1<<63)).teaches("L01"),
	)
	for _, s := range notUTF8 {
		cases = append(cases,
			corrupt("B32/"+s.name, invalidPayload, ztext(deflated("text "+s.bytes+"z"))).teaches("L99"),
			inflated("B32/"+s.name+"-in-binary", zframe(frame.Binary, true, deflated(s.bytes)), s.bytes))
	}
	for _, s := range cutUTF8 {
		cases = append(cases, corrupt("B32/ends-in-"+s.name, invalidPayload, ztext(deflated("text "+s.bytes))).teaches("L99"))
	}
	return append(cases,
		corrupt("B32/in-a-fragment", invalidPayload, zfirst(flushed("text \xff z"))).because("the message goes on, and need not be waited for"),
		inflated("B32/split-code-point", join(zfirst(flushed("\xe2")), final(flushed("\x82\xac"))), "€"),
	)
}

// deflated is a message as a compressor sends it; flushed the part of one, to
// the end of a byte.
func deflated(s string) string {
	return string(deflate.NewCompressor(15, false).Append(nil, []byte(s), true))
}

func flushed(s string) string {
	return string(deflate.NewCompressor(15, false).Append(nil, []byte(s), false))
}
