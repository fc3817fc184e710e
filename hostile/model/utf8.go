package model

// isText says whether p is a text as it stands (RFC 3629).
func isText(p []byte) bool {
	for len(p) > 0 {
		n, bad := codePoint(p)
		if bad >= 0 || n > len(p) {
			return false
		}
		p = p[n:]
	}
	return true
}

// codePoint returns how many bytes the code point has that p begins with, which may
// be more than there are, and which byte of it is wrong, -1 if none. It goes by the
// table of RFC 3629, section 4.
func codePoint(p []byte) (n, bad int) {
	low, high := byte(0x80), byte(0xBF) // of the second byte
	switch b := p[0]; {
	case b <= 0x7F:
		return 1, -1
	case 0xC2 <= b && b <= 0xDF:
		n = 2
	case b == 0xE0:
		n, low = 3, 0xA0
	case b == 0xED:
		n, high = 3, 0x9F
	case 0xE1 <= b && b <= 0xEF:
		n = 3
	case b == 0xF0:
		n, low = 4, 0x90
	case 0xF1 <= b && b <= 0xF3:
		n = 4
	case b == 0xF4:
		n, high = 4, 0x8F
	default:
		return 1, 0
	}
	for i := 1; i < n && i < len(p); i++ {
		if p[i] < low || p[i] > high {
			return n, i
		}
		low, high = 0x80, 0xBF
	}
	return n, -1
}
