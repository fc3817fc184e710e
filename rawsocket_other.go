//go:build !unix

package fairlead

import "net"

// rawSocket exists on systems whose sockets are read and written like files.
type rawSocket struct{ net.Conn }

func newRawSocket(net.Conn, *receiveSide, func()) *rawSocket { return nil }
