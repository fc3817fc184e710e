package wstest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"syscall"

	"github.com/fairlead-ws/fairlead/frame"
)

// Expect demands exactly the bytes b next, and fails at the first that
// differs.
func Expect(b []byte) Step {
	return step{"Expect " + show(b), func(s *script) error {
		for done := 0; done < len(b); {
			if _, err := s.in.Peek(1); err != nil {
				return fmt.Errorf("%d bytes came and were right, then: %w", done, cameError(err))
			}
			got, _ := s.in.Peek(min(s.in.Buffered(), len(b)-done))
			if want := b[done : done+len(got)]; !bytes.Equal(got, want) {
				i := 0
				for got[i] == want[i] {
					i++
				}
				return fmt.Errorf("at byte %d: expected %s, got %s", done+i, show(b[done+i:]), show(got[i:]))
			}
			_, _ = s.in.Discard(len(got))
			done += len(got)
		}
		return nil
	}}
}

// ExpectFrame demands one frame next, as a client must send it: masked, the
// length in its shortest form, no reserved bit. Any masking key will do, a key
// of four zeros too, which is as likely as any other. The payload is compared
// after unmasking; nil and empty are the same.
func ExpectFrame(op frame.Opcode, fin bool, payload []byte) Step {
	return step{fmt.Sprintf("ExpectFrame %v fin=%t, %s", op, fin, show(payload)), func(s *script) error {
		h, start, err := s.frame(int64(len(payload)))
		if err != nil {
			return err
		}
		if h.Opcode == op && h.Fin == fin && h.Length == int64(len(payload)) && bytes.Equal(start, payload) {
			return nil
		}
		got := fmt.Sprintf("%v fin=%t, %s", h.Opcode, h.Fin, show(start))
		if h.Length > int64(len(start)) {
			got += fmt.Sprintf(" of %d bytes", h.Length)
		}
		if i := firstDifference(start, payload); h.Length == int64(len(payload)) && i > shownBytes/2 {
			got += fmt.Sprintf(", the payload differs at byte %d", i)
		}
		return errors.New("got " + got)
	}}
}

func firstDifference(a, b []byte) int {
	n := min(len(a), len(b))
	for i := range n {
		if a[i] != b[i] {
			return i
		}
	}
	return n
}

// frame reads a frame of the client, all of it when its payload has at most
// whole bytes; of a longer payload it returns the first shownBytes and leaves
// the rest.
func (s *script) frame(whole int64) (frame.Header, []byte, error) {
	h, err := readHeader(s.in)
	if err != nil {
		return h, nil, cameError(err)
	}
	if !h.Masked {
		return h, nil, fmt.Errorf("got a frame without a mask: %v fin=%t, %d bytes (RFC 6455 section 5.1)", h.Opcode, h.Fin, h.Length)
	}
	if h.RSV != 0 {
		return h, nil, fmt.Errorf("got reserved bits %03b: %v fin=%t, %d bytes (RFC 6455 section 5.2)", h.RSV, h.Opcode, h.Fin, h.Length)
	}
	part := h
	if h.Length > whole {
		part.Length = min(h.Length, shownBytes)
	}
	payload, err := readAll(s.in, part)
	if err != nil {
		return h, payload, fmt.Errorf("got %v fin=%t of %d bytes, %d of them before the end: %w", h.Opcode, h.Fin, h.Length, len(payload), cameError(err))
	}
	return h, payload, nil
}

// ExpectClose demands a Close frame next, with that code and any valid reason.
// [frame.StatusNoStatus] stands for a Close without a payload.
func ExpectClose(code frame.StatusCode) Step {
	return step{fmt.Sprintf("ExpectClose %v", code), func(s *script) error {
		h, payload, err := s.frame(frame.MaxControlPayload)
		if err != nil {
			return err
		}
		if h.Opcode != frame.Close || !h.Fin || h.Length > frame.MaxControlPayload {
			return fmt.Errorf("got %v fin=%t of %d bytes, %s", h.Opcode, h.Fin, h.Length, show(payload))
		}
		got, reason, err := frame.ParseClose(payload)
		if err != nil {
			return fmt.Errorf("got a Close that is not valid, %s: %w", show(payload), err)
		}
		if got != code {
			return fmt.Errorf("got a Close with %v, reason %q", got, reason)
		}
		return nil
	}}
}

// ExpectEOF demands that the client sends nothing more and ends the
// connection. A reset counts as an end, and so does TLS without close_notify.
func ExpectEOF() Step {
	return step{"ExpectEOF", func(s *script) error {
		_, err := s.in.Peek(1)
		switch {
		case err == nil:
			more, _ := s.in.Peek(s.in.Buffered())
			return fmt.Errorf("got %s", show(more))
		case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET):
			return nil
		}
		return cameError(err)
	}}
}
