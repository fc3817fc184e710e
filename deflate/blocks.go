package deflate

import "encoding/binary"

// decoder decodes the blocks of RFC 1951. It takes input as it comes and stops
// wherever it ends: what is begun with too few bits is begun again with more.
type decoder struct {
	bits  uint64 // input that is not decoded, the next bit lowest
	nbits uint   // how many bits those are
	step  step
	final bool // the block under way has BFINAL

	stored   int // bytes of a stored block still to come
	length   int // bytes still to copy
	distance int

	// The codes of a block with dynamic codes.
	nlit, ndist, nlengths, have int
	lengths                     [maxLitCodes + maxDistCodes]uint8
	lit                         [litTable]uint32
	dist                        [distTable]uint32
	codes                       [1 << lengthBits]uint32
	fixed                       bool

	own window // for a message, where no window outlives it
}

// step is what comes next in the input.
type step uint8

const (
	atHeader step = iota
	atStored
	inStored
	atCounts
	inCodeLengths
	inLengths
	inSymbols
	inCopy
)

// verdict is why the decoder stopped.
type verdict uint8

const (
	goOn       verdict = iota
	wantInput          // src is used up
	wantOutput         // dst is full
	atBoundary         // between blocks, with nothing left of the last byte
	failed
)

// begin makes the decoder expect the first block of a message, with no history of
// its own.
func (f *decoder) begin(windowSize int) {
	f.bits, f.nbits, f.step, f.final = 0, 0, atHeader, false
	f.own.reset(windowSize)
}

// run decodes src into dst, of which n bytes are filled, as far as both go. w is
// what came before dst. It returns how much of each it has used.
func (f *decoder) run(w *window, dst []byte, n int, src []byte) (filled, used int, v verdict, err error) {
	in, out := input{src: src}, output{dst: dst, n: n, before: w}
	for v == goOn {
		switch f.step {
		case atHeader:
			v, err = f.header(&in)
		case atStored:
			v, err = f.storedLength(&in)
		case inStored:
			v = f.copyStored(&in, &out)
		case atCounts:
			v, err = f.counts(&in)
		case inCodeLengths:
			v, err = f.codeLengths(&in)
		case inLengths:
			v, err = f.symbolLengths(&in)
		case inSymbols:
			if v, err = f.fast(&in, &out); v == goOn && f.step == inSymbols {
				v, err = f.symbol(&in, &out)
			}
		case inCopy:
			if f.length -= out.repeat(f.distance, f.length); f.length > 0 {
				v = wantOutput
			} else {
				f.step = inSymbols
			}
		}
	}
	return out.n, in.i, v, err
}

type input struct {
	src []byte
	i   int
}

// need reports whether there are n bits, n at most 48, after taking what input
// there is.
func (f *decoder) need(in *input, n uint) bool {
	for f.nbits < 56 && in.i < len(in.src) {
		f.bits |= uint64(in.src[in.i]) << f.nbits
		in.i++
		f.nbits += 8
	}
	return f.nbits >= n
}

func (f *decoder) take(n uint) uint64 {
	b := f.bits & (1<<n - 1)
	f.drop(n)
	return b
}

func (f *decoder) drop(n uint) {
	f.bits >>= n
	f.nbits -= n
}

// header begins a block. After one with BFINAL, what is left of its last byte is
// no data; another block may follow on the next byte (RFC 7692 section 7.2.3.4).
func (f *decoder) header(in *input) (verdict, error) {
	if f.final {
		f.drop(f.nbits % 8)
		f.final = false
	}
	if !f.need(in, 3) {
		if f.nbits == 0 {
			return atBoundary, nil
		}
		return wantInput, nil
	}
	f.final = f.take(1) == 1
	switch f.take(2) {
	case 0:
		f.step = atStored
	case 1:
		f.fixed, f.step = true, inSymbols
	case 2:
		f.fixed, f.step = false, atCounts
	default:
		return failed, errBlockType
	}
	return goOn, nil
}

func (f *decoder) storedLength(in *input) (verdict, error) {
	f.drop(f.nbits % 8)
	if !f.need(in, 32) {
		return wantInput, nil
	}
	length, check := uint16(f.take(16)), uint16(f.take(16))
	if length != ^check {
		return failed, errStoredLength
	}
	f.stored, f.step = int(length), inStored
	return goOn, nil
}

func (f *decoder) copyStored(in *input, out *output) verdict {
	for f.stored > 0 {
		if out.full() {
			return wantOutput
		}
		if f.nbits > 0 { // whole bytes that were taken with the length
			out.literal(byte(f.take(8)))
			f.stored--
			continue
		}
		src := in.src[in.i:min(len(in.src), in.i+f.stored)]
		if len(src) == 0 {
			return wantInput
		}
		n := copy(out.dst[out.n:], src)
		in.i += n
		out.n += n
		f.stored -= n
	}
	f.step = atHeader
	return goOn
}

// counts begins the codes of a block (RFC 1951 section 3.2.7).
func (f *decoder) counts(in *input) (verdict, error) {
	if !f.need(in, 14) {
		return wantInput, nil
	}
	f.nlit, f.ndist, f.nlengths = int(f.take(5))+257, int(f.take(5))+1, int(f.take(4))+4
	if f.nlit > maxLitCodes || f.ndist > maxDistCodes {
		return failed, errCodes
	}
	f.have, f.step = 0, inCodeLengths
	clear(f.lengths[:len(lengthSymbols)])
	return goOn, nil
}

// lengthOrder is the order in which the lengths of the codes for lengths come.
var lengthOrder = [...]uint8{16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15}

func (f *decoder) codeLengths(in *input) (verdict, error) {
	for ; f.have < f.nlengths; f.have++ {
		if !f.need(in, 3) {
			return wantInput, nil
		}
		f.lengths[lengthOrder[f.have]] = uint8(f.take(3))
	}
	if !buildTable(f.codes[:], lengthBits, f.lengths[:len(lengthSymbols)], lengthSymbols[:]) {
		return failed, errCodes
	}
	f.have, f.step = 0, inLengths
	return goOn, nil
}

func (f *decoder) symbolLengths(in *input) (verdict, error) {
	all := f.nlit + f.ndist
	for f.have < all {
		f.need(in, 14)
		e := look(f.codes[:], lengthBits, f.bits)
		n, s := uint(e&15), uint8(e>>valueShift)
		if e == 0 && f.nbits > 0 {
			return failed, errCodes
		}
		extra, base := uint(0), 1
		switch s {
		case 16:
			extra, base = 2, 3
		case 17:
			extra, base = 3, 3
		case 18:
			extra, base = 7, 11
		}
		if f.nbits < max(n+extra, 1) {
			return wantInput, nil
		}
		f.drop(n)
		value, times := s, base+int(f.take(extra))
		if s >= 16 {
			if value = 0; s == 16 {
				if f.have == 0 {
					return failed, errCodes
				}
				value = f.lengths[f.have-1]
			}
		}
		if times > all-f.have {
			return failed, errCodes
		}
		for range times {
			f.lengths[f.have] = value
			f.have++
		}
	}
	lit, dist := f.lengths[:f.nlit], f.lengths[f.nlit:all]
	if lit[256] == 0 || !buildTable(f.lit[:], litBits, lit, litSymbols[:]) || !buildTable(f.dist[:], distBits, dist, distSymbols[:]) {
		return failed, errCodes
	}
	f.step = inSymbols
	return goOn, nil
}

func (f *decoder) tables() (lit *[litTable]uint32, dist *[distTable]uint32) {
	if f.fixed {
		return &fixedLit, &fixedDist
	}
	return &f.lit, &f.dist
}

// symbol decodes one literal, or a length with its distance.
func (f *decoder) symbol(in *input, out *output) (verdict, error) {
	lit, dist := f.tables()
	f.need(in, 48)
	e := look(lit[:], litBits, f.bits)
	n := uint(e & 15)
	switch {
	case f.nbits < max(n, 1):
		return wantInput, nil
	case e&isLiteral != 0:
		if out.full() {
			return wantOutput, nil
		}
		f.drop(n)
		out.literal(byte(e >> valueShift))
		return goOn, nil
	case e&isEnd != 0:
		f.drop(n)
		f.step = atHeader
		return goOn, nil
	case e == 0 || e&isBad != 0:
		return failed, errSymbol
	}
	extra := uint(e >> 4 & 15)
	length := int(e>>valueShift) + int(f.bits>>n&(1<<extra-1))
	n += extra
	if f.nbits <= n {
		return wantInput, nil
	}
	e = look(dist[:], distBits, f.bits>>n)
	if e == 0 || e&isBad != 0 && f.nbits >= n+uint(e&15) {
		return failed, errSymbol
	}
	n += uint(e & 15)
	extra = uint(e >> 4 & 15)
	distance := int(e>>valueShift) + int(f.bits>>n&(1<<extra-1))
	n += extra
	if f.nbits < n {
		return wantInput, nil
	}
	f.drop(n)
	if !out.reaches(distance) {
		return failed, errDistance
	}
	f.length, f.distance, f.step = length, distance, inCopy
	return goOn, nil
}

// The fast path needs no checks of single bits or bytes while so much is left.
const (
	fastInput  = 16
	fastOutput = 2
)

// fast decodes symbols for as long as there is plenty of input and some room.
func (f *decoder) fast(in *input, out *output) (verdict, error) {
	lit, dist := f.tables()
	src, dst := in.src, out.dst
	i, n, b, nb := in.i, out.n, f.bits, f.nbits
	v, err := goOn, error(nil)
	for len(src)-i >= fastInput && len(dst)-n >= fastOutput {
		// As many whole bytes as fit. Bits above nb are those of the byte that
		// comes next: the next refill sets them to the same.
		b |= binary.LittleEndian.Uint64(src[i:]) << (nb & 63)
		i += int((63 - nb) >> 3)
		nb |= 56
		e := lit[b&(1<<litBits-1)]
		if e&isLiteral != 0 {
			b >>= e & 15
			nb -= uint(e & 15)
			dst[n] = byte(e >> valueShift)
			n++
			e = lit[b&(1<<litBits-1)]
			if e&isLiteral != 0 {
				b >>= e & 15
				nb -= uint(e & 15)
				dst[n] = byte(e >> valueShift)
				n++
				continue
			}
			b |= binary.LittleEndian.Uint64(src[i:]) << (nb & 63)
			i += int((63 - nb) >> 3)
			nb |= 56
		}
		if e&isLink != 0 {
			e = lit[e>>valueShift+uint32(b>>litBits)&(1<<(e>>4&15)-1)]
			if e&isLiteral != 0 {
				b >>= e & 15
				nb -= uint(e & 15)
				dst[n] = byte(e >> valueShift)
				n++
				continue
			}
		}
		b >>= e & 15
		nb -= uint(e & 15)
		if e&isEnd != 0 {
			f.step = atHeader
			break
		}
		if e == 0 || e&isBad != 0 {
			v, err = failed, errSymbol
			break
		}
		extra := e >> 4 & 15
		length := int(e>>valueShift) + int(b&(1<<extra-1))
		b >>= extra
		nb -= uint(extra)
		e = dist[b&(1<<distBits-1)]
		if e&isLink != 0 {
			e = dist[e>>valueShift+uint32(b>>distBits)&(1<<(e>>4&15)-1)]
		}
		if e == 0 || e&isBad != 0 {
			v, err = failed, errSymbol
			break
		}
		b >>= e & 15
		nb -= uint(e & 15)
		extra = e >> 4 & 15
		distance := int(e>>valueShift) + int(b&(1<<extra-1))
		b >>= extra
		nb -= uint(extra)
		end := n + length
		if distance > out.before.size || distance > n || end > len(dst) {
			if out.n = n; !out.reaches(distance) {
				v, err = failed, errDistance
				break
			}
			f.length, f.distance, f.step = length, distance, inCopy
			break
		}
		for from := n - distance; n < end; {
			n += copy(dst[n:end], dst[from:n])
		}
	}
	in.i, out.n, f.bits, f.nbits = i, n, b&(1<<nb-1), nb
	return v, err
}
