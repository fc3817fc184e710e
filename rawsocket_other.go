//go:build !unix

package fairlead

import "net"

// rawSocket exists on systems whose sockets are read and written like files.
type rawSocket struct{ net.Conn }

// TryWrite would write what there is room for.
func (s *rawSocket) TryWrite([]byte) (int, error) { return 0, nil }

func newRawSocket(*Conn) *rawSocket { return nil }
