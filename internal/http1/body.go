package http1

import (
	"errors"
	"io"
	"math"
	"strconv"
)

// bodyState is what comes next in a body.
type bodyState uint8

const (
	bodyDone    bodyState = iota
	bodyLength            // left bytes of content
	bodyToEnd             // content until the end of the stream
	chunkSize             // a chunk-size line
	chunkData             // left bytes of a chunk
	chunkEnd              // the CRLF after a chunk
	bodyTrailer           // the trailer section
)

// body is the progress in the body of resp; kept while the source has nothing
// to give.
type body struct {
	resp      *Response
	state     bodyState
	left      int64
	extra     int // bytes of chunk extensions and trailers so far
	trailers  int
	data      []byte
	truncated bool
}

// ReadBody reads the body of resp, the response that was read last, to a
// request with the given method (RFC 9112 section 6.3). It keeps at most
// maxBytes bytes: when there are more, truncated is true, the rest is not read, and the
// connection cannot carry another response. The content is never decoded
// (Content-Encoding); trailers are checked and dropped.
//
// Responses to HEAD, 1xx, 204, 304 and 2xx to CONNECT have no body, whatever
// their fields say. Refused are a Content-Length that is doubled, not a number
// or beside Transfer-Encoding, and any transfer coding other than chunked.
//
// With an error, body is what had arrived until then. The end of the stream
// before the end of the body is io.ErrUnexpectedEOF.
func (r *Reader) ReadBody(method string, resp *Response, maxBytes int64) (body []byte, truncated bool, err error) {
	b := r.body
	if b == nil || b.resp != resp {
		if r.failed != nil {
			return nil, false, r.failed
		}
		if b, err = r.newBody(method, resp); err != nil {
			return nil, false, err
		}
		r.body = b
	}
	for b.state != bodyDone {
		if r.failed != nil {
			return b.data, false, r.failed
		}
		if err := r.step(b, maxBytes); err != nil {
			return b.data, false, err
		}
	}
	return b.data, b.truncated, nil
}

// newBody decides how the body of resp is framed.
func (r *Reader) newBody(method string, resp *Response) (*body, error) {
	const part = "body"
	b := &body{resp: resp}
	switch s := resp.Status; {
	case method == "HEAD", s < 200, s == 204, s == 304, method == "CONNECT" && s < 300:
		return b, nil
	}
	lengths := resp.Values("Content-Length")
	codings := resp.Values("Transfer-Encoding")
	switch {
	case len(codings) > 0:
		switch {
		case len(codings) > 1 || !EqualFold(codings[0], "chunked"):
			return nil, r.fail(part, "a transfer coding other than chunked")
		case len(lengths) > 0:
			return nil, r.fail(part, "both Transfer-Encoding and Content-Length")
		case resp.Major == 1 && resp.Minor == 0:
			// RFC 9112 section 6.1: the framing is faulty.
			return nil, r.fail(part, "Transfer-Encoding in an HTTP/1.0 response")
		}
		b.state = chunkSize
	case len(lengths) > 1:
		return nil, r.fail(part, "more than one Content-Length")
	case len(lengths) == 1:
		n, err := strconv.ParseUint(lengths[0], 10, 63)
		if err != nil {
			return nil, r.fail(part, "Content-Length is not a number that fits 63 bits")
		}
		b.state, b.left = bodyLength, int64(n)
	default:
		b.state, b.left = bodyToEnd, math.MaxInt64
	}
	return b, nil
}

// step takes one step in a body.
func (r *Reader) step(b *body, maxBytes int64) error {
	switch b.state {
	case bodyLength, bodyToEnd, chunkData:
		return r.content(b, maxBytes)
	case chunkSize:
		return r.chunkSize(b)
	case chunkEnd:
		_, err := r.line(lineRule{
			part: "chunk", limit: len("\r\n"), what: "what should be the CRLF after the data is",
		})
		if err == nil {
			b.state = chunkSize
		}
		return err
	default:
		return r.trailer(b)
	}
}

// content moves bytes of the content to b.data.
func (r *Reader) content(b *body, maxBytes int64) error {
	room := maxBytes - int64(len(b.data))
	if b.left > 0 && (room > 0 || b.state == bodyToEnd) && r.r == r.w {
		if err := r.fill(); err != nil {
			if b.state == bodyToEnd && errors.Is(err, io.EOF) {
				b.state = bodyDone
				return nil
			}
			return readError("body", err)
		}
	}
	switch {
	case b.left == 0 && b.state == chunkData:
		b.state = chunkEnd
		return nil
	case b.left == 0:
		b.state = bodyDone
		return nil
	case room <= 0:
		b.state, b.truncated = bodyDone, true
		r.failed = &Error{Part: "body", Text: "not read to its end, so nothing can follow it"}
		return nil
	}
	n := min(b.left, room, int64(r.w-r.r))
	b.data = append(b.data, r.buf[r.r:r.r+int(n)]...)
	r.r += int(n)
	b.left -= n
	return nil
}
