package simulation_test

import (
	"encoding/binary"
	"fmt"
	"strings"

	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/deflate"
	"github.com/fairlead-ws/fairlead/frame"
)

// wire judges what the client sends: every byte of it.
type wire struct {
	z      *deflate.Decompressor // nil without compression
	server *server

	rest    []byte // the beginning of a frame
	out     map[string]*outgoing
	arrived map[string]int // the number of the last message of each lane, +1

	opcode     frame.Opcode // of the message under way; Continuation without
	compressed bool
	message    []byte

	pings     []string // of the client's
	lastPong  int      // index of the Ping that was answered last, +1
	byHand    map[string]bool
	closes    int
	closeCode frame.StatusCode
}

// outgoing is a message that a call sends.
type outgoing struct {
	message
	pieces  [][]byte // of a Writer
	tainted bool     // some of them may be missing
	begun   bool     // its end may be sent
	never   bool     // a call said that it was not sent
	arrived bool
}

func newWire(s *server) *wire {
	return &wire{server: s, out: make(map[string]*outgoing), arrived: make(map[string]int), byHand: make(map[string]bool)}
}

func key(from string, number int) string { return fmt.Sprint(from, number) }

// judge takes the client's next bytes and says what is wrong with them.
func (w *wire) judge(p []byte) error {
	w.rest = append(w.rest, p...)
	for {
		h, n, err := frame.ParseHeader(w.rest)
		if err != nil {
			return err
		}
		if n == 0 || int64(len(w.rest)-n) < h.Length {
			return nil
		}
		payload := w.rest[n : n+int(h.Length)]
		w.rest = w.rest[n+int(h.Length):]
		if !h.Masked {
			return fmt.Errorf("a %v frame without a mask", h.Opcode)
		}
		frame.Mask(payload, payload, h.Mask, 0)
		if err := w.frame(h, payload); err != nil {
			return err
		}
	}
}

func (w *wire) frame(h frame.Header, p []byte) error {
	if w.closes > 0 {
		return fmt.Errorf("a %v frame after the Close", h.Opcode)
	}
	if h.Opcode.IsControl() {
		if !h.Fin || h.RSV != 0 || len(p) > frame.MaxControlPayload {
			return fmt.Errorf("control frame %+v", h)
		}
		return w.control(h.Opcode, p)
	}
	first := h.Opcode != frame.Continuation
	switch {
	case h.Opcode.IsReserved():
		return fmt.Errorf("opcode %v", h.Opcode)
	case first && w.opcode != 0:
		return fmt.Errorf("a %v frame inside a message", h.Opcode)
	case !first && w.opcode == 0:
		return fmt.Errorf("a continuation of nothing")
	case h.RSV != 0 && (!first || h.RSV != frame.RSV1 || w.z == nil):
		return fmt.Errorf("RSV %d on a %v frame", h.RSV, h.Opcode)
	}
	if first {
		w.opcode, w.compressed, w.message = h.Opcode, h.RSV != 0, nil
	}
	if w.compressed {
		var err error
		if w.message, err = w.z.Append(w.message, p, h.Fin, 1<<20); err != nil {
			return err
		}
	} else {
		w.message = append(w.message, p...)
	}
	if !h.Fin {
		return nil
	}
	typ := fairlead.MessageType(w.opcode)
	w.opcode = 0
	return w.arrive(typ, w.message)
}

func (w *wire) arrive(typ fairlead.MessageType, p []byte) error {
	from, number, ok := signature(p)
	o := w.out[key(from, number)]
	switch {
	case !ok || o == nil:
		return fmt.Errorf("a message that nobody sent: %v, %.30q", typ, p)
	case o.arrived:
		return fmt.Errorf("message %s%d came twice", from, number)
	case number < w.arrived[from]:
		return fmt.Errorf("message %s%d came after %s%d", from, number, from, w.arrived[from]-1)
	case o.never:
		return fmt.Errorf("message %s%d came, although its call said that nothing was sent", from, number)
	case o.pieces != nil && !o.begun:
		return fmt.Errorf("message %s%d came before its Writer was closed", from, number)
	case typ != o.typ, !o.made(p):
		return fmt.Errorf("message %s%d of %d bytes came as %d bytes of %v, or with other content", from, number, len(o.data), len(p), typ)
	}
	o.arrived = true
	w.arrived[from] = number + 1
	return nil
}

// made says whether the message can have become p.
func (o *outgoing) made(p []byte) bool {
	if o.pieces == nil {
		return string(o.data) == string(p)
	}
	return o.fits(o.pieces, string(p))
}

func (o *outgoing) fits(pieces [][]byte, p string) bool {
	if len(pieces) == 0 {
		return p == ""
	}
	rest, ok := strings.CutPrefix(p, string(pieces[0]))
	return ok && o.fits(pieces[1:], rest) || o.tainted && o.fits(pieces[1:], p)
}

func (w *wire) control(op frame.Opcode, p []byte) error {
	switch op {
	case frame.Ping:
		w.pings = append(w.pings, string(p))
	case frame.Pong:
		if w.byHand[string(p)] {
			return nil
		}
		for i, ping := range w.server.pings {
			if ping.payload != string(p) {
				continue
			}
			if i < w.lastPong {
				return fmt.Errorf("Ping %d is answered after Ping %d", i, w.lastPong-1)
			}
			if ping.end > w.server.delivered {
				return fmt.Errorf("Ping %d is answered before it came", i)
			}
			w.lastPong = i + 1
			return nil
		}
		return fmt.Errorf("a Pong to no Ping: %.20q", p)
	default:
		w.closes++
		code, _, err := frame.ParseClose(p)
		if err != nil {
			return err
		}
		w.closeCode = code
	}
	return nil
}

// highest is the number of the client's latest Ping, and its payload.
func (w *wire) highest() (number uint64, payload []byte) {
	for _, p := range w.pings {
		if n := binary.BigEndian.Uint64([]byte(p)); n > number {
			number, payload = n, []byte(p)
		}
	}
	return number, payload
}
