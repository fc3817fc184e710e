//go:build !unix

package fairlead

import "context"

// rawSocket exists on systems whose sockets are read and written like files.
type rawSocket struct{}

type socketWrite struct{}

func (s *rawSocket) Read([]byte) (int, error) { return 0, nil }

func (s *rawSocket) Write(context.Context, *outbox, int) (int, error) { return 0, nil }

func (s *rawSocket) TryWrite(*outbox) (int, error) { return 0, nil }

func newRawSocket(*Conn) *rawSocket { return nil }
