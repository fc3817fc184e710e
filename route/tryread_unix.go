//go:build unix

package route

import (
	"errors"
	"io"
	"net"
	"os"
	"syscall"
)

type socket interface {
	net.Conn
	syscall.Conn
}

// tryReadSocket reads once. It goes through Control, not through the raw
// connection's Read: that one fails when a deadline has passed, though bytes
// may be there.
func tryReadSocket(conn socket, p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil // what read(2) returns at the end of the stream, too
	}
	raw, err := conn.SyscallConn()
	if err != nil {
		return 0, err
	}
	var n int
	var readErr error
	err = raw.Control(func(fd uintptr) {
		for {
			n, readErr = syscall.Read(int(fd), p)
			if !errors.Is(readErr, syscall.EINTR) {
				return
			}
		}
	})
	switch {
	case err != nil:
		return 0, err
	case errors.Is(readErr, syscall.EAGAIN):
		return 0, os.ErrDeadlineExceeded
	case readErr != nil:
		return 0, &net.OpError{
			Op: "read", Net: conn.LocalAddr().Network(), Source: conn.LocalAddr(), Addr: conn.RemoteAddr(),
			Err: os.NewSyscallError("read", readErr),
		}
	case n == 0:
		return 0, io.EOF
	}
	return n, nil
}
