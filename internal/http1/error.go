package http1

import (
	"bytes"
	"errors"
	"io"
	"strconv"
)

// Error says which part of a message could not be read or written, and why.
// It never holds the value of a field.
type Error struct {
	Part string // "status line", "request line", "head", "header field", "body", "chunk", "trailer"
	Text string // what is wrong; empty when Err says it
	Err  error  // what the underlying reader reported, or nil
}

func (e *Error) Error() string {
	s := "http1: " + e.Part
	if e.Text != "" {
		s += ": " + e.Text
	}
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

// Unwrap returns what the underlying reader reported, or nil.
func (e *Error) Unwrap() error { return e.Err }

// readError wraps an error of the source. The end of the stream inside a
// message is never io.EOF: a caller must not take it for an orderly end.
func readError(part string, err error) error {
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return &Error{Part: part, Err: err}
}

// quoteLimit bounds what an error repeats of a peer's bytes.
const quoteLimit = 32

// quote returns the beginning of the first line in p, escaped to plain ASCII
// so that it cannot drive a terminal. It stops at the end of that line: what
// follows may be the value of a field.
func quote(p []byte) string {
	p = p[:min(len(p), quoteLimit)]
	if i := bytes.IndexAny(p, "\r\n"); i >= 0 {
		p = p[:i+1]
	}
	return strconv.QuoteToASCII(string(p))
}

// clip returns at most quoteLimit bytes of a name that is a token.
func clip(name string) string { return name[:min(len(name), quoteLimit)] }
