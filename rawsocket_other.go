//go:build !unix

package fairlead

import "net"

// rawSocket exists on systems whose sockets are read and written like files.
type rawSocket struct{ net.Conn }

func newRawSocket(*Conn) *rawSocket { return nil }
