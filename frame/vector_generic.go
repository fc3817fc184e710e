//go:build !amd64 || purego || race

package frame

import "encoding/binary"

const vectorBlock = 64

// maskBlocks masks the whole blocks at the beginning of src, and returns how many
// bytes they are. dst is as long as src.
//
// It is written out: a loop of single words is three times slower.
// crypto/subtle.XORBytes with a block of repeated keys is slower too, up to tens of
// KiB: the block has to be filled first.
func maskBlocks(dst, src []byte, key uint64) (n int) {
	for len(src) >= vectorBlock && len(dst) >= vectorBlock {
		d, s := (*[vectorBlock]byte)(dst), (*[vectorBlock]byte)(src)
		binary.LittleEndian.PutUint64(d[0:], binary.LittleEndian.Uint64(s[0:])^key)
		binary.LittleEndian.PutUint64(d[8:], binary.LittleEndian.Uint64(s[8:])^key)
		binary.LittleEndian.PutUint64(d[16:], binary.LittleEndian.Uint64(s[16:])^key)
		binary.LittleEndian.PutUint64(d[24:], binary.LittleEndian.Uint64(s[24:])^key)
		binary.LittleEndian.PutUint64(d[32:], binary.LittleEndian.Uint64(s[32:])^key)
		binary.LittleEndian.PutUint64(d[40:], binary.LittleEndian.Uint64(s[40:])^key)
		binary.LittleEndian.PutUint64(d[48:], binary.LittleEndian.Uint64(s[48:])^key)
		binary.LittleEndian.PutUint64(d[56:], binary.LittleEndian.Uint64(s[56:])^key)
		dst, src, n = dst[vectorBlock:], src[vectorBlock:], n+vectorBlock
	}
	return n
}

// asciiBlocks returns how many bytes the blocks of 32 at the beginning of p are that
// hold nothing but ASCII.
func asciiBlocks(p []byte) (n int) {
	for len(p) >= 32 && isASCII((*[32]byte)(p)) {
		p, n = p[32:], n+32
	}
	return n
}
