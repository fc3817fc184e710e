package fairlead

import (
	"bytes"
	"context"

	"github.com/fairlead-ws/fairlead/frame"
)

// writeQueued writes box, which others had queued before the frame h of the caller,
// who owns the socket. When ctx ends meanwhile it returns an error and left, and the
// caller owns the socket no longer: a goroutine goes on and gives it back. A frame
// that is a part of a message follows all the same, because the state machine has
// moved on with it; whole messages do not.
func (c *Conn) writeQueued(ctx context.Context, box *outbox, g *group, h frame.Header, p []byte) (left bool, err error) {
	if len(box.b) == 0 {
		box.free()
		return false, nil
	}
	if ctx.Done() == nil {
		err := c.flush(ctx, box)
		g.settle(err)
		return false, err
	}
	written := make(chan error, 1)
	go func() {
		err := c.flush(context.Background(), box)
		g.settle(err)
		written <- err
	}()
	select {
	case err := <-written:
		return false, err
	case <-ctx.Done():
	}
	part := !h.Fin || h.Opcode == frame.Continuation
	var kept []byte
	if part {
		kept = bytes.Clone(p)
	}
	go func() {
		if err := <-written; err == nil && part {
			_ = c.writeChunks(context.Background(), h, kept) // who waited for it has left
		}
		c.out.mu.Lock()
		c.out.release()
		c.out.unlock()
	}()
	if part {
		return true, interrupted(ctx, "write given up while the frame was on its way; it may arrive")
	}
	return true, interrupted(ctx, "write given up, nothing was sent")
}
