package frame

import (
	"encoding/binary"
	"errors"
	"slices"
)

const (
	// MaxHeaderSize is the number of bytes of the longest header: two bytes,
	// a 64-bit length and a masking key.
	MaxHeaderSize = 14

	// MaxControlPayload is the largest payload of a control frame in bytes
	// (RFC 6455 section 5.5).
	MaxControlPayload = 125
)

// The reserved bits as they stand in Header.RSV (RFC 6455 section 5.2). RSV1
// marks a compressed message once permessage-deflate has been negotiated
// (RFC 7692 section 6).
const (
	RSV1 uint8 = 4
	RSV2 uint8 = 2
	RSV3 uint8 = 1
)

// Errors of ParseHeader. Both break a rule of RFC 6455 section 5.2, so the
// connection fails with StatusProtocolError.
var (
	ErrLengthMSB        = errors.New("frame: most significant bit of the 64-bit payload length is set")
	ErrLengthNotMinimal = errors.New("frame: payload length is not in its shortest form")
)

// Octets 0 and 1 of a header, and the two values of the 7-bit length that
// announce a longer one (RFC 6455 section 5.2).
const (
	finBit     = 0x80
	rsvShift   = 4
	opcodeBits = 0x0F
	maskBit    = 0x80
	lengthBits = 0x7F
	length16   = 126
	length64   = 127
)

// Header is everything in a frame that precedes the payload (RFC 6455
// section 5.2).
type Header struct {
	Fin    bool    // last frame of its message
	RSV    uint8   // RSV1, RSV2 and RSV3, or'ed; three bits
	Opcode Opcode  // four bits
	Masked bool    // a masking key is present; set by clients, never by servers
	Mask   [4]byte // the masking key; without meaning unless Masked
	Length int64   // of the payload, in bytes; never negative
}

// AppendHeader appends the wire form of h to dst, the length in the shortest
// of its three forms, and returns the extended slice. It appends at most
// MaxHeaderSize bytes.
//
// Every Header can be encoded: a negative Length counts as 0, and of RSV and
// Opcode the bits that have a place on the wire are used.
func AppendHeader(dst []byte, h Header) []byte {
	first := h.RSV&(RSV1|RSV2|RSV3)<<rsvShift | uint8(h.Opcode)&opcodeBits
	if h.Fin {
		first |= finBit
	}
	var mask byte
	if h.Masked {
		mask = maskBit
	}
	switch length := uint64(max(h.Length, 0)); {
	case length < length16:
		dst = append(dst, first, mask|byte(length))
	case length <= 0xFFFF:
		dst = binary.BigEndian.AppendUint16(append(dst, first, mask|length16), uint16(length))
	default:
		dst = binary.BigEndian.AppendUint64(append(dst, first, mask|length64), length)
	}
	if h.Masked {
		dst = append(dst, h.Mask[:]...)
	}
	return dst
}

// AppendMessage appends a message in one frame, masked with key: what most
// clients send most of the time. p is not changed and must not overlap the spare
// capacity of dst.
func AppendMessage(dst []byte, op Opcode, key [4]byte, p []byte) []byte {
	n := len(dst)
	if len(p) < length16 {
		size := n + smallHeader + len(p)
		if size > cap(dst) {
			dst = slices.Grow(dst, size-n)
		}
		dst = dst[:size]
		d := dst[n:]
		d[0], d[1] = finBit|uint8(op)&opcodeBits, maskBit|uint8(len(p))
		copy(d[2:smallHeader], key[:])
		Mask(d[smallHeader:], p, key, 0)
		return dst
	}
	dst = slices.Grow(dst, MaxHeaderSize+len(p))
	dst = AppendHeader(dst, Header{Fin: true, Opcode: op, Masked: true, Mask: key, Length: int64(len(p))})
	n = len(dst)
	dst = dst[:n+len(p)]
	Mask(dst[n:], p, key, 0)
	return dst
}

const smallHeader = 2 + 4 // with a mask

// ParseHeader reads the header at the start of p and returns it with its
// size in bytes. It looks no further than the header, so p may hold more.
//
// When p ends before the header does, n is 0 and err is nil: call again with
// the same bytes and more. The errors are ErrLengthMSB and
// ErrLengthNotMinimal; each is reported as soon as the bytes that prove it
// are in p, and the Header returned with it is empty. Rules that depend on
// the session, such as those on reserved bits, are not checked here.
func ParseHeader(p []byte) (h Header, n int, err error) {
	if len(p) < 2 {
		return Header{}, 0, nil
	}
	// The comparisons stay on the unsigned value: only a length known to
	// fit is converted, and to int64, so a 32-bit int never meets it.
	length, n := uint64(p[1]&lengthBits), 2
	switch length {
	case length16:
		if len(p) < 4 {
			return Header{}, 0, nil
		}
		length, n = uint64(binary.BigEndian.Uint16(p[2:])), 4
		if length < length16 {
			return Header{}, 0, ErrLengthNotMinimal
		}
	case length64:
		if len(p) > 2 && p[2]&0x80 != 0 {
			return Header{}, 0, ErrLengthMSB
		}
		if len(p) < 10 {
			return Header{}, 0, nil
		}
		length, n = binary.BigEndian.Uint64(p[2:]), 10
		if length <= 0xFFFF {
			return Header{}, 0, ErrLengthNotMinimal
		}
	}
	h = Header{
		Fin:    p[0]&finBit != 0,
		RSV:    p[0] >> rsvShift & (RSV1 | RSV2 | RSV3),
		Opcode: Opcode(p[0] & opcodeBits),
		Masked: p[1]&maskBit != 0,
		Length: int64(length),
	}
	if h.Masked {
		if len(p) < n+len(h.Mask) {
			return Header{}, 0, nil
		}
		n += copy(h.Mask[:], p[n:])
	}
	return h, n, nil
}
