package wstest

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net"

	"github.com/fairlead-ws/fairlead/frame"
)

// readHeader reads one frame header. io.EOF stands between frames only.
func readHeader(in *bufio.Reader) (frame.Header, error) {
	for {
		p, _ := in.Peek(min(in.Buffered(), frame.MaxHeaderSize))
		h, n, err := frame.ParseHeader(p)
		if err != nil {
			return h, err
		}
		if n > 0 {
			_, _ = in.Discard(n)
			return h, nil
		}
		if _, err := in.Peek(len(p) + 1); err != nil {
			if errors.Is(err, io.EOF) && len(p) > 0 {
				err = io.ErrUnexpectedEOF
			}
			return h, err
		}
	}
}

// readPayload gives the payload of h to use, unmasked, in pieces that are
// valid during the call. It stops at the first error of use.
func readPayload(in *bufio.Reader, h frame.Header, use func(p []byte) error) error {
	for left, pos := h.Length, 0; left > 0; {
		if _, err := in.Peek(1); err != nil {
			if errors.Is(err, io.EOF) {
				err = io.ErrUnexpectedEOF
			}
			return err
		}
		p, _ := in.Peek(int(min(left, int64(in.Buffered()))))
		if h.Masked {
			pos = frame.Mask(p, p, h.Mask, pos)
		}
		if err := use(p); err != nil {
			return err
		}
		_, _ = in.Discard(len(p))
		left -= int64(len(p))
	}
	return nil
}

// readAll is readPayload into one slice, for payloads known to be small.
func readAll(in *bufio.Reader, h frame.Header) ([]byte, error) {
	var all bytes.Buffer
	err := readPayload(in, h, func(p []byte) error {
		all.Write(p)
		return nil
	})
	return all.Bytes(), err
}

var errNoHalfClose = errors.New("wstest: the connection cannot close one direction")

// closeWrite ends the direction to the peer only.
func closeWrite(conn net.Conn) error {
	if c, ok := conn.(interface{ CloseWrite() error }); ok {
		return c.CloseWrite()
	}
	return errNoHalfClose
}
