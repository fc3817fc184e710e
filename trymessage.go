package fairlead

import (
	"context"
	"errors"
	"os"

	"github.com/fairlead-ws/fairlead/route"
)

// TryMessage returns the next message if all of it has come, and never waits for
// the network (over a connection that cannot be asked, 1 ms at most). It is for
// programs that wait elsewhere, an event loop say, for the socket to become
// readable: call it until ok is false, then wait again. What came of a message
// that is not complete is kept, for the next read of any kind.
//
// Data is valid until the next read. Errors are those of Read.
func (c *Conn) TryMessage() (m Message, ok bool, err error) {
	for {
		m, err := c.nextMessage(noWait)
		switch {
		case err == nil:
			return m, true, nil
		case err != errWouldWait: //nolint:errorlint // as interrupted made it, and quick
			return Message{}, false, err
		case c.in.sock != nil || !c.glance():
			return Message{}, false, nil
		}
	}
}

// noWait is the context of a read that may begin but must not wait: the gate asks
// it when the read is about to.
var noWait context.Context = waitless{context.Background()}

type waitless struct{ context.Context }

func (waitless) Err() error { return errWouldWait }

var errWouldWait = errors.New("the read would have to wait")

// glance puts what a connection that is no socket has into the buffer, which has
// less than a header. It reports whether anything came, be it an error.
func (c *Conn) glance() bool {
	in := &c.in
	if !in.turn.takePump() {
		return false
	}
	defer in.turn.leavePump()
	in.w = copy(in.buf, in.buf[in.r:in.w])
	in.r = 0
	n, err := route.TryRead(c.nc, in.buf[in.w:])
	in.w += n
	if err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
		in.socketErr = err
		return true
	}
	return n > 0
}
