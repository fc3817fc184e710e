package deflate

import (
	"sync"

	"github.com/klauspost/compress/flate"
)

// level is the effort for a window of 15 bits. Level 6 takes half as long again
// for 64 KiB of JSON, twice as long for text, and makes them a tenth smaller at
// most: see BenchmarkLevels.
const level = 1

// Compressor compresses the messages of one direction, one after the other. Use
// NewCompressor to make one; only one goroutine may use it at a time.
type Compressor struct {
	bits     int
	takeover bool
	w        *writer // of the message under way, or of all with takeover
}

// writer is a compressor and the slice that it writes to.
type writer struct {
	*flate.Writer
	out appender
}

type appender struct{ b []byte }

func (a *appender) Write(p []byte) (int, error) {
	a.b = append(a.b, p...)
	return len(p), nil
}

// writers has those that no message uses, by the bits of their window.
var writers [MaxWindowBits + 1]sync.Pool

// NewCompressor returns a Compressor whose output needs a window of so many bits
// to be inflated, 8 to 15 (anything else means 15), and that refers to earlier
// messages where takeover says so.
func NewCompressor(windowBits int, takeover bool) *Compressor {
	if windowBits < MinWindowBits || windowBits > MaxWindowBits {
		windowBits = MaxWindowBits
	}
	return &Compressor{bits: windowBits, takeover: takeover}
}

// Append compresses the next bytes of a message, appends the result to dst and
// returns the longer slice. The result can be inflated as far as p goes, so it
// may be sent as a fragment at once; the payload of a message is what all its
// calls have appended, the octets 00 00 FF FF taken off the end (RFC 7692 section
// 7.2.1).
//
// last says that the message ends with p, which may be empty. With takeover, what
// was compressed must be sent, in this order, or Reset be called.
func (c *Compressor) Append(dst, p []byte, last bool) []byte {
	if c.w == nil {
		c.w = newWriter(c.bits)
	}
	w := c.w
	w.out.b = dst
	// Neither fails: the appender takes everything.
	_, _ = w.Write(p)
	_ = w.Flush()
	dst, w.out.b = w.out.b, nil
	if last {
		dst = dst[:len(dst)-len(tail)]
		if !c.takeover {
			c.Reset()
		}
	}
	return dst
}

// Reset forgets the message under way and all before. What is appended from now
// on refers to nothing earlier, which is legal at any time.
func (c *Compressor) Reset() {
	if c.w != nil {
		c.w.Reset(nil)
		writers[c.bits].Put(c.w)
		c.w = nil
	}
}

func newWriter(bits int) *writer {
	w, ok := writers[bits].Get().(*writer)
	if !ok {
		w = new(writer)
		// Neither fails: level and size are constants in range.
		if bits == MaxWindowBits {
			w.Writer, _ = flate.NewWriter(&w.out, level)
		} else {
			w.Writer, _ = flate.NewWriterWindow(&w.out, windowSize(bits))
		}
	}
	w.Reset(&w.out)
	return w
}
