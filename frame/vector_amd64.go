//go:build !purego && !race

package frame

// vectorBlock is what maskVector and asciiVector take at a time. SSE2, which they
// use, is part of every amd64. The race detector does not see what assembly reads
// and writes, so with it vector_generic.go stands in.
const vectorBlock = 64

//go:noescape
func maskVector(dst, src *byte, n int, key uint64)

//go:noescape
func asciiVector(p *byte, n int) int

// maskBlocks masks the whole blocks at the beginning of src, at least one, and
// returns how many bytes they are. dst is as long as src.
func maskBlocks(dst, src []byte, key uint64) int {
	n := len(src) &^ (vectorBlock - 1)
	maskVector(&dst[0], &src[0], n, key)
	return n
}

// asciiBlocks returns how many bytes the blocks at the beginning of p are that hold
// nothing but ASCII.
func asciiBlocks(p []byte) int {
	n := len(p) &^ (vectorBlock - 1)
	if n > 0 {
		n = asciiVector(&p[0], n)
	}
	return n
}
