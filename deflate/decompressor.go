package deflate

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
)

// Errors of a Decompressor.
var (
	// ErrCorrupt is matched when the data is not DEFLATE (RFC 1951), ends in the
	// middle of a block, or refers to what is not there: before the first byte,
	// beyond the window agreed on, or into an earlier message where the window
	// is not kept. RFC 7692 names no status code for it; frame.StatusInvalidPayload
	// fits (RFC 6455 section 7.4.1: data that is not consistent with its type).
	ErrCorrupt = errors.New("deflate: corrupt compressed data")

	// ErrPadded is matched when a message is far larger compressed than
	// inflated: more than 64 KiB, and more than 16 times what it has given so
	// far. No compressor does that; a peer that wants work done for nothing does.
	ErrPadded = errors.New("deflate: the compressed message holds next to nothing for its size")

	// ErrTooLarge is returned by Append for a message beyond its limit.
	ErrTooLarge = errors.New("deflate: the message is larger than allowed when inflated")
)

var (
	errBlockType    = fmt.Errorf("%w: block of the reserved type", ErrCorrupt)
	errStoredLength = fmt.Errorf("%w: the length of a stored block does not match its complement", ErrCorrupt)
	errCodes        = fmt.Errorf("%w: the codes of a block do not fit together", ErrCorrupt)
	errSymbol       = fmt.Errorf("%w: a code that stands for nothing", ErrCorrupt)
	errDistance     = fmt.Errorf("%w: a distance leads out of the window", ErrCorrupt)
	errTruncated    = fmt.Errorf("%w: the message ends inside a block", ErrCorrupt)
)

const (
	padding      = 64 << 10
	paddingRatio = 16
)

// tail is what the sender took off the end of a message (RFC 7692 section
// 7.2.2).
var tail = []byte{0x00, 0x00, 0xff, 0xff}

// Decompressor inflates the messages of one direction, one after the other. Use
// NewDecompressor to make one; only one goroutine may use it at a time.
type Decompressor struct {
	takeover bool
	window   window // kept from message to message
	f        *decoder
	tail     int   // how much of the tail was decoded
	in, out  int64 // bytes of the message so far
	err      error
}

var decoders = sync.Pool{New: func() any { return new(decoder) }}

// NewDecompressor returns a Decompressor for a sender that was told to use a
// window of so many bits, 8 to 15 (anything else means 15), and that keeps the
// window from one message to the next where takeover says so.
func NewDecompressor(windowBits int, takeover bool) *Decompressor {
	d := &Decompressor{takeover: takeover}
	d.window.size = windowSize(windowBits)
	return d
}

// Inflate inflates the next bytes of a message, src, into dst. It returns how
// many bytes of dst it filled and how many of src it used. It stops when dst is
// full or src is used up; n < len(dst) means that more input is needed. src does
// not have to stand at the end of a fragment: pieces may be of any size.
//
// last says that the message ends with src. When all of it has been inflated
// err is io.EOF, together with the last bytes, and the next call begins the next
// message. Otherwise err matches ErrCorrupt or ErrPadded, and comes with what was
// inflated before the fault; the Decompressor is of no use then.
//
// Inflate writes at most len(dst) bytes and holds no more than its window, so a
// limit on a message is the caller's to set, by dst.
//
// The end of a message has some latitude. A message that ends with a whole block
// on a byte boundary is complete, whether or not the octets 00 00 FF FF were
// left on; so one of no bytes is empty. Blocks may follow one that is marked as
// the final one (RFC 7692 section 7.2.3.4): they begin with the next byte.
func (d *Decompressor) Inflate(dst, src []byte, last bool) (n, used int, err error) {
	if d.err != nil {
		return 0, 0, d.err
	}
	w := d.begin()
	n, used, v, err := d.f.run(w, dst, 0, src)
	if last && v == wantInput {
		var of int
		n, of, v, err = d.f.run(w, dst, n, tail[d.tail:])
		d.tail += of
		if v == wantInput {
			err = errTruncated
		}
	}
	d.in += int64(used)
	d.out += int64(n)
	switch {
	case err != nil:
		return n, used, d.fail(err)
	case d.in > padding+paddingRatio*d.out:
		return n, used, d.fail(ErrPadded)
	case last && v == atBoundary:
		if d.takeover {
			w.add(dst[:n])
		}
		d.release()
		return n, used, io.EOF
	}
	w.add(dst[:n])
	return n, used, nil
}

// Append inflates all of src, appends it to dst and returns the longer slice,
// which is the caller's. The limit is on the whole message, in bytes: one that
// is larger gives ErrTooLarge, and no byte beyond the limit. The other errors and
// the meaning of last are those of Inflate, but the end of a message is no error.
func (d *Decompressor) Append(dst, src []byte, last bool, limit int64) ([]byte, error) {
	for {
		already := int64(0) // d.out is that of the message before, between two
		if d.f != nil {
			already = d.out
		}
		left := max(limit-already, 0)
		if len(dst) == cap(dst) {
			dst = slices.Grow(dst, 1+int(min(int64(max(minGrow, 2*len(src))), maxGrow, left)))
		}
		room := dst[len(dst):cap(dst)]
		if int64(len(room)) > left {
			room = room[:left+1]
		}
		n, used, err := d.Inflate(room, src, last)
		if already+int64(n) > limit {
			return dst[:len(dst)+n-1], d.fail(ErrTooLarge)
		}
		full := n == len(room)
		dst, src = dst[:len(dst)+n], src[used:]
		switch {
		case errors.Is(err, io.EOF):
			return dst, nil
		case err != nil:
			return dst, err
		case len(src) == 0 && !full:
			return dst, nil
		}
	}
}

// How much room a message gets at first; it doubles as the message comes.
const minGrow, maxGrow = 512, 64 << 10

// begin returns the window, and a decoder at work.
func (d *Decompressor) begin() *window {
	if d.f == nil {
		d.f = decoders.Get().(*decoder)
		d.f.begin(d.window.size)
		d.tail, d.in, d.out = 0, 0, 0
	}
	if d.takeover {
		return &d.window
	}
	return &d.f.own
}

func (d *Decompressor) release() {
	decoders.Put(d.f)
	d.f = nil
}

// fail ends the use of d; its decoder is as good as new for the next.
func (d *Decompressor) fail(err error) error {
	if d.f != nil {
		d.release()
	}
	d.window.buf = nil
	d.err = err
	return err
}
