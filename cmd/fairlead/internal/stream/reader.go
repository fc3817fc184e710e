// Package stream cuts a stream of bytes into messages and puts messages into a
// stream. Begin with NewReader and Append.
package stream

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// Framing is how messages lie in a stream.
type Framing string

// The framings.
const (
	Lines   Framing = "lines"   // a message is a line
	Null    Framing = "null"    // messages end with a zero byte
	Length4 Framing = "length4" // four bytes of length, big-endian, before each
	JSONL   Framing = "jsonl"   // a line of JSON describes a message
	Raw     Framing = "raw"     // the whole input is one message, messages follow each other without anything between
)

// Known reports whether f is one of the framings.
func (f Framing) Known() bool {
	return f == Lines || f == Null || f == Length4 || f == JSONL || f == Raw
}

// Hold is how much of a message is held in memory. A longer one is streamed.
const Hold = 32 << 20

// Reader cuts a stream into messages.
type Reader struct {
	in    *bufio.Reader
	split func() ([]byte, io.Reader, error)
	delim []byte
	keep  bool
	hold  int
}

// NewReader returns a Reader of in. delim takes the place of the newline of
// Lines, nil for the newline itself; keep leaves it at the end of each message.
func NewReader(in io.Reader, f Framing, delim []byte, keep bool) *Reader {
	r := &Reader{in: bufio.NewReaderSize(in, 64<<10), delim: delim, keep: keep, hold: Hold}
	switch f {
	case Length4:
		r.split = r.counted
	case Raw:
		r.split = r.whole
	case Null:
		r.delim, r.split = []byte{0}, r.delimited
	default:
		if len(delim) == 0 {
			r.delim = []byte{'\n'}
		}
		r.split = r.delimited
	}
	return r
}

// Next returns the next message, io.EOF after the last. What follows the last
// delimiter is a message too. Of a message longer than Hold p is the beginning
// and rest has what follows, and must be read to its end before Next is called
// again; of others rest is nil.
func (r *Reader) Next() (p []byte, rest io.Reader, err error) { return r.split() }

func (r *Reader) delimited() ([]byte, io.Reader, error) {
	var p []byte
	last := r.delim[len(r.delim)-1]
	for {
		piece, err := r.in.ReadSlice(last)
		p = append(p, piece...)
		switch {
		case bytes.HasSuffix(p, r.delim) && err == nil:
			return r.cut(p), nil, nil
		case errors.Is(err, io.EOF) && len(p) > 0:
			return p, nil, nil
		case err != nil && !errors.Is(err, bufio.ErrBufferFull):
			return nil, nil, err
		case len(p) >= r.hold:
			// The delimiter may have begun: its beginning stays with the rest.
			n := len(p) - (len(r.delim) - 1)
			return p[:n:n], &tail{r: r, held: p[n:]}, nil
		}
	}
}

func (r *Reader) cut(p []byte) []byte {
	if r.keep {
		return p
	}
	return p[:len(p)-len(r.delim)]
}

// tail is the rest of a delimited message.
type tail struct {
	r    *Reader
	held []byte // read, not yet given out
	end  bool
}

func (t *tail) Read(p []byte) (int, error) {
	keepBack := len(t.r.delim) - 1
	for !t.end && len(t.held) <= keepBack {
		piece, err := t.r.in.ReadSlice(t.r.delim[keepBack])
		t.held = append(t.held, piece...)
		switch {
		case err == nil && bytes.HasSuffix(t.held, t.r.delim):
			t.held, t.end = t.r.cut(t.held), true
		case errors.Is(err, io.EOF):
			t.end = true
		case err != nil && !errors.Is(err, bufio.ErrBufferFull):
			return 0, err
		}
	}
	ready := t.held
	if !t.end {
		ready = ready[:len(ready)-keepBack]
	}
	n := copy(p, ready)
	t.held = t.held[n:]
	if t.end && len(t.held) == 0 {
		return n, io.EOF
	}
	return n, nil
}

func (r *Reader) counted() ([]byte, io.Reader, error) {
	var head [4]byte
	if _, err := io.ReadFull(r.in, head[:]); err != nil {
		if errors.Is(err, io.ErrUnexpectedEOF) {
			err = fmt.Errorf("the input ends within the four bytes of a length: %w", err)
		}
		return nil, nil, err
	}
	length := int64(binary.BigEndian.Uint32(head[:]))
	var p bytes.Buffer // grows as bytes arrive, whatever the length says
	if _, err := io.CopyN(&p, r.in, min(length, int64(r.hold))); err != nil {
		return nil, nil, cutShort(err)
	}
	if rest := length - int64(p.Len()); rest > 0 {
		return p.Bytes(), &counted{r.in, rest}, nil
	}
	return p.Bytes(), nil, nil
}

// counted is the rest of a message of known length.
type counted struct {
	in   io.Reader
	left int64
}

func (c *counted) Read(p []byte) (int, error) {
	if c.left == 0 {
		return 0, io.EOF
	}
	n, err := c.in.Read(p[:min(int64(len(p)), c.left)])
	c.left -= int64(n)
	if err != nil && c.left > 0 {
		return n, cutShort(err)
	}
	return n, nil
}

func cutShort(err error) error {
	if errors.Is(err, io.EOF) {
		return fmt.Errorf("the input ends within a message: %w", io.ErrUnexpectedEOF)
	}
	return err
}

func (r *Reader) whole() ([]byte, io.Reader, error) {
	p, err := io.ReadAll(io.LimitReader(r.in, int64(r.hold)))
	switch {
	case err != nil:
		return nil, nil, err
	case len(p) == 0:
		return nil, nil, io.EOF
	case len(p) < r.hold:
		return p, nil, nil
	}
	return p, r.in, nil
}

// Append appends a message to dst as f puts it into a stream; JSONL is not done
// here. delim is that of NewReader.
func Append(dst []byte, f Framing, delim, p []byte) ([]byte, error) {
	switch f {
	case Raw:
		return append(dst, p...), nil
	case Null:
		return append(append(dst, p...), 0), nil
	case Length4:
		if len(p) > 1<<32-1 {
			return dst, errors.New("a message of 4 GiB does not fit the framing length4")
		}
		return append(binary.BigEndian.AppendUint32(dst, uint32(len(p))), p...), nil
	}
	if len(delim) == 0 {
		delim = []byte{'\n'}
	}
	return append(append(dst, p...), delim...), nil
}
