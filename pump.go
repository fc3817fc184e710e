package fairlead

import (
	"context"
	"errors"
	"time"
)

// errParked tells a pump that a message came which only a reader may take.
var errParked = errors.New("fairlead: a message waits for a reader")

// readerTime is how long a message waits for a reader before a Close throws it
// away: programs that read in a loop are between two reads most of the time.
const readerTime = 50 * time.Millisecond

// pumpUntil waits until event is closed. While nobody else reads, it reads, and
// leaves messages to a reader. With discard it throws them away when none comes
// for the first of them.
func (c *Conn) pumpUntil(ctx context.Context, event <-chan struct{}, discard bool) error {
	t := &c.in.turn
	t.waiting.Add(1)
	defer t.waiting.Add(-1)
	nobody := false
	var tired <-chan time.Time
	gone := c.end.whenGone()
	for {
		freed := t.nextFree()
		if (nobody || !t.parked.Load()) && t.takePump() {
			err := c.pump(ctx, event, nobody)
			t.leavePump()
			if !errors.Is(err, errAside) && !errors.Is(err, errParked) {
				return err
			}
			nobody, tired = false, nil // somebody came, or may
			continue
		}
		if discard && tired == nil && t.parked.Load() {
			tired = time.After(readerTime)
		}
		select {
		case <-event:
			return nil
		case <-gone:
			return c.Err()
		case <-ctx.Done():
			return interrupted(ctx, "wait")
		case <-freed:
		case <-tired:
			nobody, tired = t.parked.Load(), nil
		}
	}
}

// pump reads until event is closed; it holds the turn.
func (c *Conn) pump(ctx context.Context, event <-chan struct{}, discard bool) error {
	in := &c.in
	in.takeBack()
	for {
		select {
		case <-event:
			return nil
		default:
		}
		ctl, err := c.advance(ctx, true)
		switch {
		case discard && in.idled(err): // the close timeout is what bounds this
		case err != nil:
			return err
		case in.hdr.Opcode.IsControl():
			c.obey(ctl)
		case !discard:
			in.turn.parked.Store(true)
			return errParked
		default:
			in.user, in.stream, in.partial = verbDiscard, nil, nil
			if err := c.discardFrame(ctx, true); err != nil && !in.idled(err) {
				return err
			}
		}
	}
}

// idled reports whether err is a pause that was too long, and no more: a write that
// made no progress for so long has ended the connection.
func (in *receiveSide) idled(err error) bool {
	return in.err == nil && errors.Is(err, ErrIdleTimeout)
}

// discardRest reads to the end of a message of which Close has thrown a part
// away: what is left of it is no message.
func (c *Conn) discardRest(ctx context.Context) error {
	for c.in.user == verbDiscard {
		if err := c.nextData(ctx, false); err != nil {
			return err
		}
		if err := c.discardFrame(ctx, false); err != nil {
			return err
		}
	}
	return nil
}

// discardFrame reads the rest of the current data frame and forgets it. It is
// judged like any other.
func (c *Conn) discardFrame(ctx context.Context, pump bool) error {
	in := &c.in
	if in.inflating {
		if err := c.discardInflated(ctx, pump); err != nil {
			return err
		}
	}
	for in.remaining > 0 {
		if in.r == in.w {
			if err := c.fill(ctx, pump); err != nil {
				return err
			}
		}
		n := int(min(in.remaining, int64(in.w-in.r)))
		p := in.buf[in.r : in.r+n]
		in.r += n
		if err := c.judge(p); err != nil {
			return err
		}
	}
	return c.endFrame()
}
