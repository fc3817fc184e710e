package deflate

import "math/bits"

// An entry of a decoding table, found by the next bits of the input:
//
//	bits 0-3    length of the code; 0 in an entry without a code
//	bits 4-7    extra bits that follow the code, or those that index a link
//	bits 8-11   what it is
//	bits 16-31  the literal, the base of a length or distance, or the start of
//	            the table linked to
const (
	isLiteral = 1 << (8 + iota)
	isEnd
	isLink
	isBad // a symbol that must not occur (RFC 1951 section 3.2.6)

	valueShift = 16
)

// The tables have a first level of so many bits; longer codes are in tables
// linked to. The sizes are the most that complete codes need.
const (
	litBits    = 10
	distBits   = 8
	lengthBits = 7

	litTable  = 1334
	distTable = 402

	maxCodeLength = 15
	maxLitCodes   = 286
	maxDistCodes  = 30
)

// What each symbol stands for, an entry without the length of its code
// (RFC 1951 section 3.2.5).
var (
	litSymbols    [288]uint32
	distSymbols   [32]uint32
	lengthSymbols [19]uint32
)

// The tables of blocks with fixed codes (RFC 1951 section 3.2.6).
var (
	fixedLit  [litTable]uint32
	fixedDist [distTable]uint32
)

func init() {
	for i := range 256 {
		litSymbols[i] = isLiteral | uint32(i)<<valueShift
	}
	litSymbols[256] = isEnd
	base := uint32(3)
	for i := range uint32(28) {
		extra := uint32(0)
		if i >= 8 {
			extra = i/4 - 1
		}
		litSymbols[257+i] = base<<valueShift | extra<<4
		base += 1 << extra
	}
	litSymbols[285] = 258 << valueShift
	litSymbols[286], litSymbols[287] = isBad, isBad
	base = 1
	for i := range uint32(maxDistCodes) {
		extra := uint32(0)
		if i >= 4 {
			extra = i/2 - 1
		}
		distSymbols[i] = base<<valueShift | extra<<4
		base += 1 << extra
	}
	distSymbols[30], distSymbols[31] = isBad, isBad
	for i := range lengthSymbols {
		lengthSymbols[i] = isLiteral | uint32(i)<<valueShift
	}

	var lengths [288]uint8
	for i := range lengths {
		switch {
		case i < 144, i >= 280:
			lengths[i] = 8
		case i < 256:
			lengths[i] = 9
		default:
			lengths[i] = 7
		}
	}
	buildTable(fixedLit[:], litBits, lengths[:], litSymbols[:])
	for i := range 32 {
		lengths[i] = 5
	}
	buildTable(fixedDist[:], distBits, lengths[:32], distSymbols[:])
}

// buildTable fills table, whose first level has root bits, from the lengths of
// the codes. It reports false unless the codes are complete, so that every
// sequence of bits is one of them. As with zlib, no code at all or a single one
// of one bit will do: some compressors write that where no distance is used.
func buildTable(table []uint32, root uint, lengths []uint8, symbols []uint32) bool {
	var count [maxCodeLength + 1]int
	for _, n := range lengths {
		count[n]++
	}
	longest := maxCodeLength
	for longest > 0 && count[longest] == 0 {
		longest--
	}
	left := 1
	for n := 1; n <= longest; n++ {
		if left = left<<1 - count[n]; left < 0 {
			return false
		}
	}
	if left > 0 && longest > 1 {
		return false
	}

	var first [maxCodeLength + 1]int // where symbols of a length begin in sorted
	for n := 1; n < maxCodeLength; n++ {
		first[n+1] = first[n] + count[n]
	}
	var sorted [288]uint16
	used := 0
	for s, n := range lengths {
		if n > 0 {
			sorted[first[n]] = uint16(s)
			first[n]++
			used++
		}
	}

	// The first level is filled for codes of up to filled bits, and doubled
	// whenever they grow longer.
	filled := uint(0)
	table[0] = 0
	double := func(to uint) {
		for ; filled < to; filled++ {
			copy(table[1<<filled:1<<(filled+1)], table[:1<<filled])
		}
	}
	code, length := uint(0), uint(0) // code has its first bit in bit length-1
	link, linkBits, linkStart, linkEnd := ^uint(0), uint(0), uint(0), uint(1)<<root
	for _, s := range sorted[:used] {
		n := uint(lengths[s])
		code <<= n - length
		length = n
		reversed := uint(bits.Reverse16(uint16(code))) >> (16 - n)
		entry := symbols[s] | uint32(n)
		if n <= root {
			double(n)
			table[reversed] = entry
		} else {
			double(root)
			if prefix := reversed & (1<<root - 1); prefix != link {
				link, linkBits, linkStart = prefix, n-root, linkEnd
				for room := 1<<linkBits - count[n]; room > 0; room = room<<1 - count[root+linkBits] {
					linkBits++
				}
				linkEnd += 1 << linkBits
				table[prefix] = isLink | uint32(linkBits)<<4 | uint32(linkStart)<<valueShift
			}
			for i := reversed >> root; i < 1<<linkBits; i += 1 << (n - root) {
				table[linkStart+i] = entry
			}
		}
		count[n]--
		code++
	}
	double(root)
	return true
}

// look finds the entry of the code that begins at the lowest bit of b.
func look(table []uint32, root uint, b uint64) uint32 {
	e := table[b&(1<<root-1)]
	if e&isLink != 0 {
		e = table[e>>valueShift+uint32(b>>root)&(1<<(e>>4&15)-1)]
	}
	return e
}
