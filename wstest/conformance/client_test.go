package conformance_test

import (
	"bufio"
	"encoding/binary"
	"io"
	"net"
	"slices"

	"github.com/fairlead-ws/fairlead/frame"
)

// rawClient is an echo client written on package frame alone. Its zero faults
// are none: it keeps every rule.
type rawClient struct {
	conn net.Conn
	in   *bufio.Reader
	faults

	open bool
	op   frame.Opcode
	body []byte
	n    int // fragments of the message under way
	utf8 frame.UTF8Validator
	pong []byte // kept back
	wire []byte // buffer of put
}

// faults are what a rawClient does wrong.
type faults struct {
	shortLengths     bool // frames of 65536 octets and more are cut to 16 bits
	newestPong       bool // of several pings at hand only the last is answered
	longPings        bool // pings of any length are answered
	answersPongs     bool
	ignoresRSV       bool
	ignoresOpcodes   bool // frames with reserved opcodes are skipped
	echoesFragments  bool
	ignoresStray     bool // continuations of nothing are skipped
	pongsLate        bool // pings within a message are answered after it
	noUTF8           bool
	lateUTF8         bool // text is checked when it is complete
	echoesCodes      bool // any Close is answered with its own payload
	noClose          bool
	closes1005       bool // an empty Close is answered with 1005
	readsOn          bool // reads on after the Close, and answers it at the end
	maxMessage       int
	maxFragments     int
	dropsFailed      bool // fails the connection at once, without what it owes
	wrongCode        bool // fails with 1011
	unmasked, extras bool // extras: a ping behind each echo
	noEcho           bool
	closesFirst      bool // in place of the first echo
	binaryAsText     bool
}

func (c *rawClient) run() {
	defer c.conn.Close()
	c.in = bufio.NewReader(c.conn)
	for {
		code := c.next()
		if code == 0 {
			continue
		}
		if code != frame.StatusNoStatus && !c.dropsFailed {
			if c.wrongCode {
				code = frame.StatusInternalError
			}
			c.put(frame.Close, true, binary.BigEndian.AppendUint16(nil, uint16(code)))
			if half, ok := c.conn.(interface{ CloseWrite() error }); ok {
				half.CloseWrite()
			}
			io.Copy(io.Discard, c.conn)
		}
		return
	}
}

// next takes a frame. The result is 0 to go on, 1005 at the end, or the code to
// fail the connection with.
func (c *rawClient) next() frame.StatusCode {
	h, err := c.header()
	if err != nil {
		return frame.StatusNoStatus
	}
	switch {
	case h.RSV != 0 && !c.ignoresRSV, h.Masked:
		return frame.StatusProtocolError
	case h.Opcode.IsReserved() && !c.ignoresOpcodes:
		return frame.StatusProtocolError
	case h.Opcode.IsReserved():
		c.in.Discard(int(h.Length))
		return 0
	case h.Opcode.IsControl():
		return c.control(h)
	case c.open == (h.Opcode != frame.Continuation):
		if c.ignoresStray && !c.open {
			c.in.Discard(int(h.Length))
			return 0
		}
		return frame.StatusProtocolError
	}
	if !c.open {
		c.open, c.op, c.body, c.n = true, h.Opcode, c.body[:0], 0
		c.utf8.Reset()
	}
	return c.data(h)
}

func (c *rawClient) header() (h frame.Header, err error) {
	for size := 2; ; size++ {
		p, err := c.in.Peek(size)
		if err != nil {
			return h, err
		}
		h, n, err := frame.ParseHeader(p)
		if err != nil || n > 0 {
			c.in.Discard(n)
			return h, err
		}
	}
}

func (c *rawClient) data(h frame.Header) frame.StatusCode {
	c.n++
	if c.maxMessage > 0 && len(c.body)+int(h.Length) > c.maxMessage || c.maxFragments > 0 && c.n > c.maxFragments {
		return frame.StatusTooBig
	}
	c.body = slices.Grow(c.body, int(h.Length))
	check := c.op == frame.Text && !c.noUTF8
	for left := int(h.Length); left > 0; {
		if _, err := c.in.Peek(1); err != nil {
			return frame.StatusNoStatus
		}
		p, _ := c.in.Peek(min(left, c.in.Buffered()))
		if check && !c.lateUTF8 && !c.utf8.Write(p) {
			return frame.StatusInvalidPayload
		}
		c.body = append(c.body, p...)
		left -= len(p)
		c.in.Discard(len(p))
	}
	if !h.Fin && !c.echoesFragments {
		return 0
	}
	if c.lateUTF8 {
		c.utf8.Write(c.body)
	}
	if check && h.Fin && !c.utf8.Complete() {
		return frame.StatusInvalidPayload
	}
	if h.Fin {
		c.open = false
	}
	if c.binaryAsText && c.op == frame.Binary {
		c.op, c.body = frame.Text, make([]byte, len(c.body))
	}
	if c.closesFirst {
		return frame.StatusNormal
	}
	if !c.noEcho {
		c.put(c.op, true, c.body)
	}
	if c.extras {
		c.put(frame.Ping, true, nil)
	}
	c.body = c.body[:0]
	if c.pong != nil {
		c.put(frame.Pong, true, c.pong)
		c.pong = nil
	}
	return 0
}

func (c *rawClient) control(h frame.Header) frame.StatusCode {
	if (h.Length > frame.MaxControlPayload || !h.Fin) && !(c.longPings && h.Opcode == frame.Ping) {
		return frame.StatusProtocolError
	}
	p := make([]byte, h.Length)
	if _, err := io.ReadFull(c.in, p); err != nil {
		return frame.StatusNoStatus
	}
	switch {
	case h.Opcode == frame.Ping && c.pongsLate && c.open:
		c.pong = p
	case h.Opcode == frame.Ping && c.newestPong && c.in.Buffered() > 0:
	case h.Opcode == frame.Ping, h.Opcode == frame.Pong && c.answersPongs:
		c.put(frame.Pong, true, p)
	case h.Opcode == frame.Close:
		return c.close(p)
	}
	return 0
}

func (c *rawClient) close(p []byte) frame.StatusCode {
	_, _, err := frame.ParseClose(p)
	switch {
	case c.noClose:
		return 0
	case err != nil && !c.echoesCodes:
		return frame.StatusProtocolError
	case c.closes1005 && len(p) == 0:
		p = []byte("\x03\xed")
	}
	if c.readsOn {
		for c.in.Buffered() > 0 && c.next() == 0 {
		}
	}
	c.put(frame.Close, true, p)
	io.Copy(io.Discard, c.conn)
	return frame.StatusNoStatus
}

// put sends a frame. The session's end is seen by reading.
func (c *rawClient) put(op frame.Opcode, fin bool, p []byte) {
	if c.shortLengths && len(p) > 0xffff {
		p = p[:len(p)&0xffff]
	}
	h := frame.Header{Fin: fin, Opcode: op, Masked: !c.unmasked, Mask: [4]byte{1, 2, 3, 4}, Length: int64(len(p))}
	wire := append(frame.AppendHeader(c.wire[:0], h), p...)
	c.wire = wire
	if h.Masked {
		body := wire[len(wire)-len(p):]
		frame.Mask(body, body, h.Mask, 0)
	}
	c.conn.Write(wire)
}
