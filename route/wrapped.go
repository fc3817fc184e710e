package route

import (
	"errors"
	"net"
	"syscall"
)

// What a connection that wraps another passes on, if the other has it.

func closeWrite(conn net.Conn) error {
	if half, ok := conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return errors.ErrUnsupported
}

func syscallConn(conn net.Conn) (syscall.RawConn, error) {
	if raw, ok := conn.(syscall.Conn); ok {
		return raw.SyscallConn()
	}
	return nil, errors.ErrUnsupported
}

// opError dresses err as those of conn are.
func opError(conn net.Conn, op string, err error) error {
	return &net.OpError{Op: op, Net: conn.LocalAddr().Network(), Source: conn.LocalAddr(), Addr: conn.RemoteAddr(), Err: err}
}
