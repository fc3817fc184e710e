package model

// header is that of a frame (RFC 6455, section 5.2).
type header struct {
	fin    bool
	rsv    byte // RSV1 is 4, RSV3 is 1
	opcode byte
	masked bool
	length uint64
}

// parse reads a header. size is 0 as long as it is not there whole. Of a length
// that is wrong nothing else is looked at.
func parse(p []byte) (h header, size int, err failure) {
	if len(p) < 2 {
		return h, 0, none
	}
	h.fin = p[0]&0x80 != 0
	h.rsv = p[0] >> 4 & 7
	h.opcode = p[0] & 15
	h.masked = p[1]&0x80 != 0
	size = 2
	switch n := p[1] & 0x7F; n {
	case 126:
		size += 2
	case 127:
		size += 8
		if len(p) > 2 && p[2]&0x80 != 0 { // "the most significant bit MUST be 0"
			return h, 0, protocolError
		}
	default:
		h.length = uint64(n)
	}
	if len(p) < size {
		return h, 0, none
	}
	for _, b := range p[2:size] {
		h.length = h.length<<8 | uint64(b)
	}
	// "the minimal number of bytes MUST be used to encode the length"
	if size == 4 && h.length < 126 || size == 10 && h.length < 65536 {
		return h, 0, protocolError
	}
	if h.masked {
		size += 4
	}
	if len(p) < size {
		return h, 0, none
	}
	return h, size, none
}

// judge says whether a frame may stand here, and takes note of it. What breaks the
// protocol comes before what is only too large.
func (r *receiver) judge(h header) failure {
	control := h.opcode >= 8
	first := h.opcode == text || h.opcode == binary
	compressed := h.rsv == 4
	switch {
	case h.masked: // section 5.1
		return protocolError
	case h.rsv != 0 && !(compressed && r.Deflate && first): // RFC 7692, section 6
		return protocolError
	case h.opcode > binary && h.opcode < closing, h.opcode > pong: // section 5.2
		return protocolError
	case control && (!h.fin || h.length > 125): // section 5.5
		return protocolError
	case control:
		return none
	case first && r.open, !first && !r.open: // section 5.4
		return protocolError
	}
	if first {
		r.open, r.text, r.compressed = true, h.opcode == text, compressed
		r.fragments, r.declared = 0, 0
	}
	r.fragments++
	if !r.compressed {
		r.declared += h.length // both are below 2^63
		if r.declared >= 1<<63 || r.MaxMessage > 0 && r.declared > uint64(r.MaxMessage) {
			return tooBig
		}
	}
	if r.MaxFragments > 0 && r.fragments > r.MaxFragments {
		return policy
	}
	return none
}
