package deflate

import "slices"

// window holds the last bytes of what was inflated: at most size of them, in a
// buffer that grows with them and is a ring once it is full.
type window struct {
	buf  []byte
	next int // where the next byte goes; the oldest is there once buf is full
	size int
}

// reset empties the window and keeps its memory.
func (w *window) reset(size int) {
	w.buf, w.next, w.size = w.buf[:0], 0, size
}

// add appends p to the history.
func (w *window) add(p []byte) {
	if len(p) >= w.size {
		w.buf = append(w.buf[:0], p[len(p)-w.size:]...)
		w.next = 0
		return
	}
	if free := w.size - len(w.buf); free > 0 {
		n := min(free, len(p))
		if len(w.buf)+n > cap(w.buf) {
			// Never more than size, which append would pass.
			grown := min(w.size, max(len(w.buf)+n, 2*cap(w.buf)))
			w.buf = slices.Clip(append(make([]byte, 0, grown), w.buf...)[:len(w.buf):grown])
		}
		w.buf = append(w.buf, p[:n]...)
		w.next = len(w.buf) % w.size
		p = p[n:]
	}
	for len(p) > 0 {
		n := copy(w.buf[w.next:], p)
		w.next = (w.next + n) % w.size
		p = p[n:]
	}
}

// copyTo fills dst with the bytes from back before the end of the history on,
// as far as they go; 0 < back <= len(w.buf).
func (w *window) copyTo(dst []byte, back int) int {
	end := w.next
	if end == 0 {
		end = len(w.buf)
	}
	if back <= end {
		return copy(dst, w.buf[end-back:end])
	}
	// In front of the seam first; the rest is another call's.
	return copy(dst, w.buf[len(w.buf)-(back-end):])
}
