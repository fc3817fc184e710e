//go:build unix

package fairlead

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"syscall"
)

// rawSocket reads and writes a socket of the operating system without the layer
// of package net that would hide two things: when a read would block, so that a
// connection which waits holds no buffer, and how far a long write has come, so
// that it need not be cut into pieces. Deadlines and Close work as they do on the
// connection itself. A read must never wait before it has tried: readiness is
// reported once.
type rawSocket struct {
	in  *receiveSide
	raw syscall.RawConn

	// Of the read under way.
	dst      []byte // where to read to; nil means into the read buffer
	read     int
	err      error
	function func(fd uintptr) bool // made once: a method value would be allocated each time
}

// socketWrite is a write under way. It belongs to an outbox, because most
// connections wait for something to read, and few for room to write.
type socketWrite struct {
	out      *sendSide
	wait     context.Context // nil to write only what there is room for
	src      []byte
	written  int
	err      error
	function func(fd uintptr) bool // made once, as above
}

// newRawSocket returns nil when nc is not a socket of the operating system.
func newRawSocket(c *Conn) *rawSocket {
	switch c.nc.(type) {
	case *net.TCPConn, *net.UnixConn:
	default:
		return nil
	}
	raw, err := c.nc.(syscall.Conn).SyscallConn()
	if err != nil {
		return nil
	}
	s := &rawSocket{in: &c.in, raw: raw}
	s.function = s.tryRead
	return s
}

// Read reads once: into p, or into the free part of the read buffer if p is nil.
func (s *rawSocket) Read(p []byte) (int, error) {
	s.dst, s.read, s.err = p, 0, nil
	err := s.raw.Read(s.function)
	s.dst = nil
	if err == nil {
		err = s.err
	}
	return s.read, err
}

func (s *rawSocket) tryRead(fd uintptr) (done bool) {
	p := s.dst
	if p == nil {
		p = s.in.roomToFill()
	}
	for {
		n, err := syscall.Read(int(fd), p)
		switch {
		case n > 0:
			s.read = n
			return true
		case err == syscall.EINTR: //nolint:errorlint // a bare Errno; errors.Is needs stack that a waiting goroutine has not
		case err == syscall.EAGAIN: //nolint:errorlint // as above
			s.in.release()
			s.err = s.in.arm()
			return s.err != nil
		default:
			s.end(err)
			return true
		}
	}
}

// end notes that there is nothing more to read.
func (s *rawSocket) end(err error) {
	s.in.release()
	s.err = io.EOF
	if err != nil {
		s.err = opError(s.in.c.nc, "read", err)
	}
}

// Write writes what is in box from start on. The context and the watchdog come in
// when it has to wait for room.
func (s *rawSocket) Write(ctx context.Context, box *outbox, start int) (int, error) {
	box.call.wait = ctx
	return s.write(box, start)
}

// TryWrite writes as much of box as there is room for.
func (s *rawSocket) TryWrite(box *outbox) (int, error) {
	box.call.wait = nil
	return s.write(box, 0)
}

func (s *rawSocket) write(box *outbox, start int) (int, error) {
	w := &box.call
	if w.function == nil {
		w.function = w.try
	}
	w.out, w.src, w.written, w.err = &s.in.c.out, box.b[start:], 0, nil
	err := s.raw.Write(w.function)
	if err == nil {
		err = w.err
	}
	w.out, w.wait, w.src, w.err = nil, nil, nil, nil
	return w.written, err
}

func (w *socketWrite) try(fd uintptr) (done bool) {
	for w.written < len(w.src) {
		n, err := syscall.Write(int(fd), w.src[w.written:])
		switch {
		case n > 0:
			w.written += n
		case errors.Is(err, syscall.EINTR):
		case errors.Is(err, syscall.EAGAIN) && w.wait == nil:
			return true
		case errors.Is(err, syscall.EAGAIN):
			w.err = w.out.arm(w.wait)
			return w.err != nil
		case err != nil:
			w.err = opError(w.out.c.nc, "write", err)
			return true
		default:
			w.err = io.ErrUnexpectedEOF
			return true
		}
	}
	return true
}

func opError(nc net.Conn, op string, err error) error {
	return &net.OpError{
		Op: op, Net: nc.LocalAddr().Network(), Source: nc.LocalAddr(), Addr: nc.RemoteAddr(),
		Err: os.NewSyscallError(op, err),
	}
}
