package model

import "errors"

// inflate decompresses a message, or the beginning of one (RFC 7692, section 7.2.2),
// from its first byte each time. history is what messages before it held; window is
// how far back a distance may reach. last says that wire is all of it. What was
// decompressed before a fault is returned with it.
//
// The RFC has the receiver append 00 00 FF FF, and does not say what becomes of a
// message that is complete without: behind one that ends with a block on the last
// bit of a byte, these octets would begin a block and not end it. Such a message is
// taken as it is, also one of no bytes.
func inflate(history, wire []byte, window int, last bool) (message []byte, err failure) {
	message, stop := decompress(history, wire, window)
	if last && errors.Is(stop, errMore) {
		message, stop = decompress(history, append(append([]byte(nil), wire...), 0x00, 0x00, 0xFF, 0xFF), window)
	}
	if errors.Is(stop, errCorrupt) || last && !errors.Is(stop, errBoundary) {
		return message, invalidPayload
	}
	return message, none
}

func decompress(history, wire []byte, window int) (message []byte, stop error) {
	z := &inflater{in: wire, out: append([]byte(nil), history...), window: window}
	stop = z.blocks()
	return z.out[len(history):], stop
}

var (
	errCorrupt  = errors.New("no DEFLATE")
	errMore     = errors.New("the input ends inside a block")
	errBoundary = errors.New("the input ends between blocks")
)

// inflater reads blocks bit by bit (RFC 1951). What goes wrong is a panic with one
// of the errors above.
type inflater struct {
	in     []byte
	pos    int // in bits
	out    []byte
	window int
}

func (z *inflater) blocks() (stop error) {
	defer func() {
		if err, ok := recover().(error); ok && (errors.Is(err, errCorrupt) || errors.Is(err, errMore)) {
			stop = err
		}
	}()
	for z.pos < 8*len(z.in) {
		final := z.bits(1) == 1
		switch z.bits(2) {
		case 0:
			z.stored()
		case 1:
			z.symbols(fixedLiterals, fixedDistances)
		case 2:
			z.symbols(z.dynamicCodes())
		default:
			panic(errCorrupt)
		}
		if final { // another block may follow, on the next byte (RFC 7692, section 7.2.3.4)
			z.align()
		}
	}
	return errBoundary
}

// bits reads n bits, the least significant first.
func (z *inflater) bits(n int) int {
	if z.pos+n > 8*len(z.in) {
		panic(errMore)
	}
	v := 0
	for i := range n {
		v |= int(z.in[z.pos/8]>>(z.pos%8)&1) << i
		z.pos++
	}
	return v
}

func (z *inflater) align() { z.pos = (z.pos + 7) / 8 * 8 }

// stored is a block without compression (section 3.2.4).
func (z *inflater) stored() {
	z.align()
	start := z.pos
	if z.pos+32 > 8*len(z.in) {
		z.pos = start
		panic(errMore)
	}
	n, check := z.bits(16), z.bits(16)
	if n^check != 0xFFFF {
		panic(errCorrupt)
	}
	for range n {
		z.out = append(z.out, byte(z.bits(8)))
	}
}

// codes are canonical ones (section 3.2.2): symbol by length and code.
type codes map[[2]int]int

// newCodes gives each symbol its code. The codes must be complete; no code, or one
// of a single bit, will do for a block that needs no other.
func newCodes(lengths []int) codes {
	c := make(codes)
	code, room := 0, 0
	for n := 1; n <= 15; n++ {
		code <<= 1
		for symbol, length := range lengths {
			if length == n {
				c[[2]int{n, code}] = symbol
				code++
				room += 1 << (15 - n)
			}
		}
	}
	if room > 1<<15 || room < 1<<15 && (len(c) > 1 || room%(1<<14) != 0) {
		panic(errCorrupt)
	}
	return c
}

func (z *inflater) symbol(c codes) int {
	code := 0
	if len(c) == 0 {
		z.bits(1)
		panic(errCorrupt)
	}
	for n := 1; n <= 15; n++ {
		code = code<<1 | z.bits(1)
		if symbol, ok := c[[2]int{n, code}]; ok {
			return symbol
		}
		if len(c) == 1 {
			break
		}
	}
	panic(errCorrupt)
}

// The codes of section 3.2.6.
var fixedLiterals, fixedDistances = fixedCodes()

func fixedCodes() (literals, distances codes) {
	lengths := make([]int, 288)
	for i := range lengths {
		switch {
		case i <= 143:
			lengths[i] = 8
		case i <= 255:
			lengths[i] = 9
		case i <= 279:
			lengths[i] = 7
		default:
			lengths[i] = 8
		}
	}
	fives := make([]int, 32)
	for i := range fives {
		fives[i] = 5
	}
	return newCodes(lengths), newCodes(fives)
}

// dynamicCodes reads those of section 3.2.7.
func (z *inflater) dynamicCodes() (literals, distances codes) {
	counts := z.bits(14)
	nlit, ndist, ncodes := counts&31+257, counts>>5&31+1, counts>>10+4
	if nlit > 286 || ndist > 30 {
		panic(errCorrupt)
	}
	lengths := make([]int, 19)
	for _, i := range []int{16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15}[:ncodes] {
		lengths[i] = z.bits(3)
	}
	c := newCodes(lengths)
	lengths = nil
	for len(lengths) < nlit+ndist {
		symbol, value, times := z.symbol(c), 0, 1
		switch symbol {
		case 16:
			times = 3 + z.bits(2)
			if len(lengths) == 0 {
				panic(errCorrupt)
			}
			value = lengths[len(lengths)-1]
		case 17:
			times = 3 + z.bits(3)
		case 18:
			times = 11 + z.bits(7)
		default:
			value = symbol
		}
		for range times {
			lengths = append(lengths, value)
		}
	}
	// Without a code for its end a block has none.
	if len(lengths) > nlit+ndist || lengths[256] == 0 {
		panic(errCorrupt)
	}
	return newCodes(lengths[:nlit]), newCodes(lengths[nlit:])
}

// The tables of section 3.2.5: base and extra bits.
var (
	lengthBase    = []int{3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258}
	lengthExtra   = []int{0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0}
	distanceBase  = []int{1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145, 8193, 12289, 16385, 24577}
	distanceExtra = []int{0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13}
)

// symbols is the content of a compressed block (section 3.2.3).
func (z *inflater) symbols(literals, distances codes) {
	for {
		symbol := z.symbol(literals)
		switch {
		case symbol < 256:
			z.out = append(z.out, byte(symbol))
			continue
		case symbol == 256:
			return
		case symbol > 285:
			panic(errCorrupt)
		}
		length := lengthBase[symbol-257] + z.bits(lengthExtra[symbol-257])
		symbol = z.symbol(distances)
		if symbol > 29 {
			panic(errCorrupt)
		}
		distance := distanceBase[symbol] + z.bits(distanceExtra[symbol])
		if distance > len(z.out) || distance > z.window {
			panic(errCorrupt)
		}
		for range length {
			z.out = append(z.out, z.out[len(z.out)-distance])
		}
	}
}
