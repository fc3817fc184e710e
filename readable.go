package fairlead

import (
	"errors"
	"os"

	"github.com/fairlead-ws/fairlead/route"
)

// Readable reports whether a read has something to begin with: bytes that came,
// the end of the connection, or an error. It never waits for the network (over a
// connection that cannot be asked, at most 1 ms). It returns false while another
// call reads.
//
// true does not promise a whole frame: a read may still wait for the rest of
// one, or for what follows a control frame.
func (c *Conn) Readable() bool {
	if c == nil || c.nc == nil {
		return true // an error
	}
	in := &c.in
	if !in.turn.takePump() {
		return false
	}
	defer in.turn.leavePump()
	if in.err != nil || in.socketErr != nil || in.r < in.w || in.partial != nil || in.backlog || c.end.abandoned.Load() {
		return true
	}
	if err := in.setPause(0); err != nil {
		return true
	}
	in.takeBack()
	in.r, in.w = 0, 0
	n, err := route.TryRead(c.nc, in.roomToFill())
	in.w = n
	in.release()
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return n > 0
	}
	in.socketErr = err
	return n > 0 || err != nil
}
