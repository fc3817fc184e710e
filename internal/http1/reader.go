package http1

import (
	"bytes"
	"errors"
	"io"
	"strconv"
	"sync"
)

// Limits bounds what a peer can make a [Reader] keep. A field that is zero or
// negative means the default.
type Limits struct {
	// HeadBytes is the size of a head in bytes, all interim responses before
	// it included. Default 64 KiB.
	HeadBytes int
	// LineBytes is the size in bytes of a start line, and of all chunk
	// extensions and trailers of one body together. Default 8 KiB.
	LineBytes int
	// Fields is the number of fields in one head or trailer. Default 128.
	Fields int
	// Interim is the number of interim (1xx) responses before the final one.
	// Default 8.
	Interim int
}

func (l Limits) withDefaults() Limits {
	set := func(v *int, standard int) {
		if *v <= 0 {
			*v = standard
		}
	}
	set(&l.HeadBytes, 64<<10)
	set(&l.LineBytes, 8<<10)
	set(&l.Fields, 128)
	set(&l.Interim, 8)
	return l
}

// Reader reads messages from a stream. It is not safe for concurrent use.
//
// An error of the source (a timeout, say) leaves what was read so far in
// place: the same call made again goes on. Any other error is final, and every
// later call returns it.
type Reader struct {
	src    io.Reader
	lim    Limits
	buf    []byte // buf[r:w] is read but not consumed
	r, w   int
	noLF   int                // length of the start of buf[r:w] known to hold no LF
	first  *[firstBuffer]byte // of the pool, for Release
	srcErr error              // came together with bytes; reported when they are used up
	failed error              // the stream cannot be understood any further

	// The head being read; kept while the source has nothing to give.
	req     *Request
	resp    *Response
	used    int // bytes of the head so far, interim responses included
	interim int
	body    *body
}

const (
	firstBuffer   = 4 << 10
	maxEmptyReads = 100
)

var errBadCount = errors.New("the reader returned an impossible count")

// NewReader returns a Reader of r. It reads ahead: see [Reader.Buffered].
func NewReader(r io.Reader, lim Limits) *Reader {
	return &Reader{src: r, lim: lim.withDefaults()}
}

// Buffered returns the bytes read beyond what was consumed. After a head they
// are the beginning of what follows it. The slice is valid until the next call.
func (r *Reader) Buffered() []byte { return r.buf[r.r:r.w:r.w] }

// Release gives memory back. Nothing may be read any more, and what Buffered
// returned is not valid any more.
func (r *Reader) Release() {
	if r.first != nil {
		firstBuffers.Put(r.first)
	}
	r.first, r.buf, r.r, r.w, r.failed = nil, nil, 0, 0, errReleased
}

var (
	firstBuffers = sync.Pool{New: func() any { return new([firstBuffer]byte) }}
	errReleased  = errors.New("the reader was released")
)

// fill reads once, making room for at least one byte.
func (r *Reader) fill() error {
	if err := r.srcErr; err != nil {
		r.srcErr = nil
		return err
	}
	if r.r == r.w {
		r.r, r.w = 0, 0
	}
	if r.w == len(r.buf) {
		to := r.buf
		switch {
		case r.buf == nil:
			r.first = firstBuffers.Get().(*[firstBuffer]byte)
			to = r.first[:]
		case r.r == 0:
			to = make([]byte, 2*len(r.buf))
		}
		r.w = copy(to, r.buf[r.r:r.w])
		r.r, r.buf = 0, to
	}
	for range maxEmptyReads {
		n, err := r.src.Read(r.buf[r.w:])
		if n < 0 || n > len(r.buf)-r.w {
			return errBadCount
		}
		r.w += n
		if n > 0 {
			r.srcErr = err
			return nil
		}
		if err != nil {
			return err
		}
	}
	return io.ErrNoProgress
}

// fail makes an error final.
func (r *Reader) fail(part, text string) error {
	r.failed = &Error{Part: part, Text: text}
	return r.failed
}

// A lineRule is what line demands of the next line.
type lineRule struct {
	part  string
	limit int    // of the line in bytes, CRLF included
	what  string // what is too long when the limit is passed
	// judge refuses a line by its first bytes, before its end has come. It
	// gets more of them at each call and looks at a fixed number at most.
	judge func(p []byte) string
}

// line consumes the next line and returns it without its CRLF. The slice is
// valid until the next read.
func (r *Reader) line(rule lineRule) ([]byte, error) {
	for {
		unread := r.buf[r.r:r.w]
		if rule.judge != nil {
			if text := rule.judge(unread); text != "" {
				return nil, r.fail(rule.part, text)
			}
		}
		i := bytes.IndexByte(unread[r.noLF:], '\n')
		n := r.noLF + i + 1 // length of the line if there is an LF
		if i < 0 && len(unread) >= rule.limit || n > rule.limit {
			return nil, r.fail(rule.part, rule.what+" longer than "+strconv.Itoa(rule.limit)+" bytes")
		}
		if i >= 0 {
			if n == 1 || unread[n-2] != '\r' {
				return nil, r.fail(rule.part, "the line ends in LF without CR")
			}
			r.r += n
			r.noLF = 0
			return unread[:n-2], nil
		}
		r.noLF = len(unread)
		if err := r.fill(); err != nil {
			return nil, readError(rule.part, err)
		}
	}
}
