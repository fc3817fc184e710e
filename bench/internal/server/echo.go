package server

import (
	"errors"
	"fmt"
	"net"

	"github.com/fairlead-ws/fairlead/bench/internal/client"
	"github.com/fairlead-ws/fairlead/frame"
)

// maxMessage is the largest message that is echoed.
const maxMessage = 4 << 20

// headRoom is kept before a message for the header of its echo.
const headRoom = frame.MaxHeaderSize

// echoer is the state of an echo connection.
type echoer struct {
	nc  net.Conn
	in  []byte // bytes that came and were not taken
	buf []byte // the memory of in
	msg []byte // headRoom bytes, then the message that is coming
	op  frame.Opcode
	rsv uint8
	*codec
}

// echo sends each message back in one frame and one write, however many frames
// it came in: what a library gets back must not depend on how it sends.
func echo(nc net.Conn, rest []byte, deflate client.Deflate) error {
	e := &echoer{nc: nc, buf: make([]byte, 256<<10), msg: make([]byte, headRoom, 256<<10), codec: newCodec(deflate)}
	e.in = e.buf[:copy(e.buf, rest)]
	for {
		h, n, err := frame.ParseHeader(e.in)
		if err != nil {
			return err
		}
		if n == 0 {
			if err := e.more(); err != nil {
				return err
			}
			continue
		}
		e.in = e.in[n:]
		if err := e.frame(h); err != nil {
			return err
		}
	}
}

// more reads once behind what is there, which is less than a header.
func (e *echoer) more() error {
	k := copy(e.buf, e.in)
	n, err := e.nc.Read(e.buf[k:])
	e.in = e.buf[:k+n]
	if n > 0 {
		return nil
	}
	return err
}

func (e *echoer) frame(h frame.Header) error {
	start := len(e.msg)
	switch {
	case !h.Masked:
		return errors.New("server: a frame without a mask")
	case int64(start)+h.Length > maxMessage:
		return fmt.Errorf("server: a message of more than %d bytes", maxMessage)
	case h.Opcode == frame.Continuation && e.op == 0, !h.Opcode.IsControl() && h.Opcode != frame.Continuation && e.op != 0:
		return errors.New("server: a frame that does not continue its message")
	case !h.Opcode.IsControl() && h.Opcode != frame.Continuation:
		e.op, e.rsv = h.Opcode, h.RSV
	}
	for pos, left := 0, int(h.Length); left > 0; {
		if len(e.in) == 0 {
			if err := e.more(); err != nil {
				return err
			}
		}
		n := min(left, len(e.in))
		e.msg = append(e.msg, e.in[:n]...)
		pos = frame.Mask(e.msg[len(e.msg)-n:], e.in[:n], h.Mask, pos)
		e.in, left = e.in[n:], left-n
	}
	switch {
	case h.Opcode == frame.Close:
		_ = e.reply(frame.Close, 0, start)
		return net.ErrClosed
	case h.Opcode == frame.Ping:
		err := e.reply(frame.Pong, 0, start)
		e.msg = e.msg[:start]
		return err
	case h.Opcode == frame.Pong:
		e.msg = e.msg[:start]
		return nil
	case !h.Fin:
		return nil
	}
	op := e.op
	e.op = 0
	if e.codec == nil {
		err := e.reply(op, 0, headRoom)
		e.msg = e.msg[:headRoom]
		return err
	}
	if err := e.recode(e.rsv&frame.RSV1 != 0); err != nil {
		return err
	}
	err := e.reply(op, frame.RSV1, headRoom)
	e.msg = e.msg[:headRoom]
	return err
}

// reply sends what e.msg holds from start on. There are always headRoom bytes
// before that may be overwritten: a control frame amid a message is the one
// exception, and gets a write of its own.
func (e *echoer) reply(op frame.Opcode, rsv uint8, start int) error {
	var head [frame.MaxHeaderSize]byte
	header := frame.AppendHeader(head[:0], frame.Header{Fin: true, RSV: rsv, Opcode: op, Length: int64(len(e.msg) - start)})
	if start != headRoom {
		_, err := e.nc.Write(append(header, e.msg[start:]...))
		return err
	}
	from := headRoom - len(header)
	copy(e.msg[from:], header)
	_, err := e.nc.Write(e.msg[from:])
	return err
}

// recode inflates the message if it is compressed, and compresses it for the way
// back.
func (e *echoer) recode(compressed bool) error {
	plain := e.msg[headRoom:]
	if compressed {
		var err error
		if plain, err = e.inflate(plain); err != nil {
			return err
		}
	}
	p, err := e.deflate(plain)
	e.msg = append(e.msg[:headRoom], p...)
	return err
}
