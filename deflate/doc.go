// Package deflate compresses and inflates WebSocket messages as the extension
// permessage-deflate lays down (RFC 7692 section 7.2), without any I/O.
//
// A [Compressor] and a [Decompressor] each serve one direction of one
// connection, message after message. Both work in pieces: a message may come,
// and go, in any number of fragments. What the two sides agreed on is an
// argument of [NewCompressor] and [NewDecompressor]: the size of the LZ77
// window, as a power of two from 256 bytes (8 bits) to 32 KiB (15 bits), and
// whether the window is kept from one message to the next ("context
// takeover"). The negotiation itself is in package handshake.
//
// # Memory
//
// Without context takeover nothing is held between messages: compressors and
// inflating tables come from pools, and a connection at rest costs a few words.
//
// With it, a Decompressor keeps the bytes of its window, which grows with what
// has come to at most 32 KiB (256 bytes for 8 bits); its tables (10 KiB) are
// borrowed for as long as a message lasts. A Compressor keeps its whole state
// from the first message on: about 800 KiB for a window of 15 bits, about 1060
// KiB for a smaller one (BenchmarkMemory).
package deflate

// Sizes of the LZ77 window, in bits (RFC 7692 section 7.1.2).
const (
	MinWindowBits = 8
	MaxWindowBits = 15
)

// windowSize returns the bytes of a window. What is out of range is taken for
// the default, which is the largest (RFC 7692 section 7.1.2).
func windowSize(bits int) int {
	if bits < MinWindowBits || bits > MaxWindowBits {
		bits = MaxWindowBits
	}
	return 1 << bits
}
