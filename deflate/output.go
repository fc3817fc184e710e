package deflate

// output is where a decoder writes, and what lies before it.
type output struct {
	dst    []byte
	n      int
	before *window
}

func (o *output) full() bool { return o.n == len(o.dst) }

func (o *output) literal(b byte) {
	o.dst[o.n] = b
	o.n++
}

// reaches reports whether a copy may begin so far back: inside the window that
// was agreed on (RFC 7692 section 7.1.2), and not before the first byte.
func (o *output) reaches(distance int) bool {
	return distance <= o.before.size && distance <= o.n+len(o.before.buf)
}

// repeat copies length bytes from distance back, as many as there is room for,
// and returns how many. Those bytes may be of its own making.
func (o *output) repeat(distance, length int) int {
	begin := o.n
	end := min(begin+length, len(o.dst))
	for o.n < end {
		if back := distance - o.n; back > 0 {
			o.n += o.before.copyTo(o.dst[o.n:end], back)
		} else {
			o.n += copy(o.dst[o.n:end], o.dst[-back:o.n])
		}
	}
	return o.n - begin
}
