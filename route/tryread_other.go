//go:build !unix

package route

import "net"

func tryReadSocket(conn net.Conn, p []byte) (int, error) {
	return tryReadDeadline(conn, p)
}
