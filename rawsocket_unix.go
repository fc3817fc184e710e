//go:build unix

package fairlead

import (
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
	nc  net.Conn
	raw syscall.RawConn

	in           *receiveSide
	out          *sendSide
	dst          []byte // where to read to; nil means into the read buffer
	read         int
	readErr      error
	readFunction func(fd uintptr) bool // made once: a method value would be allocated each time

	src           []byte
	wait          bool // for room
	written       int
	writeErr      error
	writeFunction func(fd uintptr) bool
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
	s := &rawSocket{nc: c.nc, raw: raw, in: &c.in, out: &c.out}
	s.readFunction, s.writeFunction = s.tryRead, s.tryWrite
	return s
}

// Read reads once: into p, or into the free part of the read buffer if p is nil.
func (s *rawSocket) Read(p []byte) (int, error) {
	s.dst, s.read, s.readErr = p, 0, nil
	err := s.raw.Read(s.readFunction)
	s.dst = nil
	if err == nil {
		err = s.readErr
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
		case err == nil:
			s.readErr = io.EOF
			return true
		case err == syscall.EINTR: //nolint:errorlint // a bare Errno; errors.Is needs stack that a waiting goroutine has not
		case err == syscall.EAGAIN: //nolint:errorlint // as above
			s.in.release()
			s.readErr = s.in.arm()
			return s.readErr != nil
		default:
			s.readErr = s.opError("read", err)
			return true
		}
	}
}

// Write writes p whole. The context and the watchdog come in when it has to wait
// for room.
func (s *rawSocket) Write(p []byte) (int, error) { return s.write(p, true) }

// TryWrite writes as much of p as there is room for.
func (s *rawSocket) TryWrite(p []byte) (int, error) { return s.write(p, false) }

func (s *rawSocket) write(p []byte, wait bool) (int, error) {
	s.src, s.wait, s.written, s.writeErr = p, wait, 0, nil
	err := s.raw.Write(s.writeFunction)
	s.src = nil
	if err == nil {
		err = s.writeErr
	}
	return s.written, err
}

func (s *rawSocket) tryWrite(fd uintptr) (done bool) {
	for s.written < len(s.src) {
		n, err := syscall.Write(int(fd), s.src[s.written:])
		switch {
		case n > 0:
			s.written += n
		case errors.Is(err, syscall.EINTR):
		case errors.Is(err, syscall.EAGAIN) && !s.wait:
			return true
		case errors.Is(err, syscall.EAGAIN):
			s.writeErr = s.out.arm()
			return s.writeErr != nil
		case err != nil:
			s.writeErr = s.opError("write", err)
			return true
		default:
			s.writeErr = io.ErrUnexpectedEOF
			return true
		}
	}
	return true
}

func (s *rawSocket) opError(op string, err error) error {
	return &net.OpError{
		Op: op, Net: s.nc.LocalAddr().Network(), Source: s.nc.LocalAddr(), Addr: s.nc.RemoteAddr(),
		Err: os.NewSyscallError(op, err),
	}
}
