package frame

import (
	"encoding/binary"
	"math/bits"
)

// Mask writes src, masked with key, to dst (RFC 6455 section 5.3): dst[i] is
// src[i] ^ key[(pos+i)&3]. Masking twice with the same key and position
// gives the original back, so Mask also unmasks.
//
// dst must be as long as src, and be either the same memory or memory that
// does not overlap it. When dst is shorter, only what fits is masked. A
// payload may be masked in pieces: pos is the offset of src in the payload,
// and the result is the pos of the next piece, reduced to 0..3.
func Mask(dst, src []byte, key [4]byte, pos int) int {
	n := min(len(dst), len(src))
	dst, src = dst[:n], src[:n]
	// Loads and stores are little-endian on every machine, so byte i of a
	// word is always byte i of the payload.
	k32 := bits.RotateLeft32(binary.LittleEndian.Uint32(key[:]), -8*(pos&3))
	k64 := uint64(k32)<<32 | uint64(k32)
	if n >= vectorBlock {
		done := maskBlocks(dst, src, k64)
		dst, src = dst[done:], src[done:]
	}
	for len(src) >= 16 && len(dst) >= 16 {
		d, s := (*[16]byte)(dst), (*[16]byte)(src)
		binary.LittleEndian.PutUint64(d[0:], binary.LittleEndian.Uint64(s[0:])^k64)
		binary.LittleEndian.PutUint64(d[8:], binary.LittleEndian.Uint64(s[8:])^k64)
		dst, src = dst[16:], src[16:]
	}
	if len(src) >= 8 && len(dst) >= 8 {
		binary.LittleEndian.PutUint64(dst, binary.LittleEndian.Uint64(src)^k64)
		dst, src = dst[8:], src[8:]
	}
	if len(src) >= 4 && len(dst) >= 4 {
		binary.LittleEndian.PutUint32(dst, binary.LittleEndian.Uint32(src)^k32)
		dst, src = dst[4:], src[4:]
	}
	for i, b := range src {
		dst[i] = b ^ byte(k32)
		k32 >>= 8
	}
	return (pos&3 + n) & 3
}
