package protocol_test

import (
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/fairlead-ws/fairlead/frame"
	"github.com/fairlead-ws/fairlead/internal/protocol"
)

// stream plays the connection: it takes bytes as they come, asks a Receiver
// about them and notes what it was told. Compression is the identity here: a
// compressed payload stands for what it inflates to.
type stream struct {
	receiver protocol.Receiver
	events   []string // a line for each whole frame
	err      error    // the first one; nothing is taken after it
	whole    bool     // take messages in one step where that can be
	took     int      // how many were

	pending   []byte // beginning of a header, or of a control payload
	header    frame.Header
	inFrame   bool
	remaining int64
	payload   []byte // of the current data frame
}

func (s *stream) write(p []byte) {
	for s.err == nil {
		used, more := s.step(p)
		if !more {
			return
		}
		p = p[used:]
	}
}

// step takes what it can use of p, and reports false when it waits for more.
func (s *stream) step(p []byte) (used int, more bool) {
	if s.whole && !s.inFrame && len(s.pending) == 0 {
		if payload, n := s.receiver.Whole(p); n > 0 {
			s.took++
			s.note("%v %q", s.receiver.MessageOpcode(), payload)
			return n, true
		}
	}
	switch {
	case !s.inFrame:
		had := len(s.pending)
		s.pending = append(s.pending, p...)
		h, n, err := frame.ParseHeader(s.pending)
		if err != nil {
			s.err = err
			return 0, false
		}
		if n == 0 {
			return 0, false
		}
		s.pending = s.pending[:0]
		s.err = s.receiver.Header(h)
		s.header, s.inFrame, s.remaining, s.payload = h, true, h.Length, nil
		return n - had, true
	case s.header.Opcode.IsControl():
		n := int(min(s.remaining, int64(len(p))))
		s.pending = append(s.pending, p[:n]...)
		if s.remaining -= int64(n); s.remaining > 0 {
			return 0, false
		}
		s.control()
		s.pending, s.inFrame = s.pending[:0], false
		return n, true
	default:
		n := int(min(s.remaining, int64(len(p))))
		if s.err = s.receiver.Payload(p[:n]); s.err != nil {
			return 0, false
		}
		s.payload = append(s.payload, p[:n]...)
		if s.remaining -= int64(n); s.remaining > 0 {
			return 0, false
		}
		if s.err = s.receiver.FrameEnd(); s.err == nil {
			s.note("%v %q%s", s.header.Opcode, s.payload, map[bool]string{false: " ..."}[s.header.Fin])
		}
		s.inFrame = false
		return n, true
	}
}

func (s *stream) control() {
	c, err := s.receiver.Control(s.pending)
	if s.err = err; err != nil {
		return
	}
	if c.Opcode == frame.Close {
		s.note("close %d %q", c.Code, c.Reason)
		return
	}
	s.note("%v %q", c.Opcode, s.pending)
}

func (s *stream) note(format string, args ...any) {
	s.events = append(s.events, fmt.Sprintf(format, args...))
}

// result is what was noted, with the verdict at the end: the status code and
// the clause of a violation, "message cut" or "frame cut" where the bytes
// break off, or nothing.
func (s *stream) result() []string {
	var verdict *protocol.Violation
	switch {
	case errors.As(s.err, &verdict):
		return append(s.events, fmt.Sprintf("%d %s", verdict.Code, verdict.Clause))
	case s.err != nil:
		return append(s.events, s.err.Error())
	case s.inFrame || len(s.pending) > 0:
		return append(s.events, "frame cut")
	case s.receiver.InMessage():
		return append(s.events, "message cut")
	}
	return s.events
}

// play gives wire to a new stream in pieces of size bytes.
func play(cfg protocol.ReceiverConfig, wire []byte, size int) *stream {
	s := &stream{receiver: protocol.NewReceiver(cfg)}
	for len(wire) > 0 {
		n := min(size, len(wire))
		s.write(wire[:n])
		wire = wire[n:]
	}
	return s
}

// unhex decodes literal wire bytes; spaces are for the reader.
func unhex(t testing.TB, s string) []byte {
	t.Helper()
	p, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		t.Fatalf("bad hex in the test itself: %v", err)
	}
	return p
}
