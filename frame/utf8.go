package frame

import "encoding/binary"

// UTF8Validator checks text that arrives in pieces, cut anywhere (RFC 6455
// section 8.1). It fails at the first byte that no continuation could make
// valid, without waiting for the rest of the code point. The zero value is
// ready to use.
type UTF8Validator struct {
	state uint8
}

// Write takes the next piece and reports whether the text so far is the
// beginning of valid UTF-8. Once it has reported false, it always does until
// Reset.
func (v *UTF8Validator) Write(p []byte) bool {
	v.state = utf8Walk(v.state, p)
	return v.state != utf8Reject
}

// Complete reports whether the text is valid as it stands: nothing failed,
// and the last piece did not end inside a code point.
func (v *UTF8Validator) Complete() bool {
	return v.state == utf8Accept
}

// Reset makes v ready for another text.
func (v *UTF8Validator) Reset() {
	v.state = utf8Accept
}

// The states of the validator: which bytes may come next (RFC 3629 section
// 4). The value of a state is the place of its six bits in a row of
// utf8Table, so that shifting the row by the state yields the next state.
// This takes no branch for a byte: in text that mixes short and long code
// points branches are mispredicted, and utf8.Valid is several times slower.
const (
	utf8Accept  = 6 * iota // between code points
	utf8Reject             // never leaves
	utf8Last               // one continuation byte
	utf8Last2              // two
	utf8Last3              // three
	utf8AfterE0            // like utf8Last2, the first one not below A0: overlong
	utf8AfterED            // like utf8Last2, the first one not above 9F: surrogates
	utf8AfterF0            // like utf8Last3, the first one not below 90: overlong
	utf8AfterF4            // like utf8Last3, the first one not above 8F: beyond U+10FFFF
	utf8End
	utf8Bits = 0x3F
)

// utf8Table has a row for each byte, with the next state for each state.
var utf8Table = func() (table [256]uint64) {
	for b := range table {
		for state := 0; state < utf8End; state += 6 {
			table[b] |= utf8Reject << state
		}
	}
	for _, step := range []struct {
		from   uint8
		lo, hi byte
		to     uint64
	}{
		{utf8Accept, 0x00, 0x7F, utf8Accept},
		{utf8Accept, 0xC2, 0xDF, utf8Last},
		{utf8Accept, 0xE0, 0xE0, utf8AfterE0},
		{utf8Accept, 0xE1, 0xEC, utf8Last2},
		{utf8Accept, 0xED, 0xED, utf8AfterED},
		{utf8Accept, 0xEE, 0xEF, utf8Last2},
		{utf8Accept, 0xF0, 0xF0, utf8AfterF0},
		{utf8Accept, 0xF1, 0xF3, utf8Last3},
		{utf8Accept, 0xF4, 0xF4, utf8AfterF4},
		{utf8Last, 0x80, 0xBF, utf8Accept},
		{utf8Last2, 0x80, 0xBF, utf8Last},
		{utf8Last3, 0x80, 0xBF, utf8Last2},
		{utf8AfterE0, 0xA0, 0xBF, utf8Last},
		{utf8AfterED, 0x80, 0x9F, utf8Last},
		{utf8AfterF0, 0x90, 0xBF, utf8Last2},
		{utf8AfterF4, 0x80, 0x8F, utf8Last2},
	} {
		for b := int(step.lo); b <= int(step.hi); b++ {
			table[b] = table[b]&^(utf8Bits<<step.from) | step.to<<step.from
		}
	}
	return table
}()

// utf8Walk returns the state after p.
func utf8Walk(from uint8, p []byte) uint8 {
	state := uint64(from) // above utf8Bits: rest of the row, without meaning
	for len(p) >= 8 {
		if state&utf8Bits == utf8Accept {
			p = skipThrees(skipASCII(p))
			if len(p) < 8 {
				break
			}
		}
		q := (*[8]byte)(p)
		state = utf8Table[q[0]] >> (state & utf8Bits)
		state = utf8Table[q[1]] >> (state & utf8Bits)
		state = utf8Table[q[2]] >> (state & utf8Bits)
		state = utf8Table[q[3]] >> (state & utf8Bits)
		state = utf8Table[q[4]] >> (state & utf8Bits)
		state = utf8Table[q[5]] >> (state & utf8Bits)
		state = utf8Table[q[6]] >> (state & utf8Bits)
		state = utf8Table[q[7]] >> (state & utf8Bits)
		if state&utf8Bits == utf8Reject {
			return utf8Reject
		}
		p = p[8:]
	}
	for _, b := range p {
		state = utf8Table[b] >> (state & utf8Bits)
	}
	return uint8(state & utf8Bits)
}

// A pair of three-byte code points in the low six bytes of a word: the bits
// that say so, and their values (RFC 3629 section 3).
const (
	threesMask = 0xC0C0F0C0C0F0
	threesBits = 0x8080E08080E0
)

// threesAllowed has a bit for each low half of a first byte and, below it, the
// bit 0x20 of the second: E0 needs the latter set, ED needs it clear.
const threesAllowed = ^uint32(1<<(0x0<<1) | 1<<(0xD<<1|1))

// skipThrees returns p without the valid pairs of three-byte code points at its
// beginning: most of the world's text that is not Latin is made of them.
func skipThrees(p []byte) []byte {
	for len(p) >= 8 {
		w := binary.LittleEndian.Uint64(p)
		first := threesAllowed >> ((w<<1&0x1E | w>>13&1) & 31)
		second := threesAllowed >> ((w>>23&0x1E | w>>37&1) & 31)
		if w&threesMask != threesBits || first&second&1 == 0 {
			break
		}
		p = p[6:]
	}
	return p
}

// notASCII is the bit of each byte of a word that no ASCII has.
const notASCII = 0x8080808080808080

// skipASCII returns p without the leading groups of eight bytes that are
// all ASCII. Only a long run is worth a call of asciiBlocks: most are short in text
// that is not English.
func skipASCII(p []byte) []byte {
	if len(p) >= 32 && isASCII((*[32]byte)(p)) {
		p = p[32:]
		p = p[asciiBlocks(p):]
	}
	for len(p) >= 8 && binary.LittleEndian.Uint64(p)&notASCII == 0 {
		p = p[8:]
	}
	return p
}

func isASCII(p *[32]byte) bool {
	return (binary.LittleEndian.Uint64(p[0:])|binary.LittleEndian.Uint64(p[8:])|
		binary.LittleEndian.Uint64(p[16:])|binary.LittleEndian.Uint64(p[24:]))&notASCII == 0
}
