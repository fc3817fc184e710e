package fairlead

import (
	"context"
	"errors"
	"fmt"

	"github.com/fairlead-ws/fairlead/frame"
)

// Close performs the closing handshake (RFC 6455, section 7.1.2): it sends a
// Close frame, waits for the peer's, and closes the connection. It is bounded by
// ctx and by ConnConfig.CloseTimeout, 5 s by default; when they end first the
// connection is dropped. nil means that Close frames went both ways, whoever
// began; after that, and at any later call, the connection is closed.
//
// Nothing is sent when code may not stand in a Close frame or reason is longer
// than 123 bytes of UTF-8; frame.StatusNoStatus sends a Close without a code.
//
// While no other goroutine reads, Close does, and throws away the messages that
// still come when nobody has begun to read the first of them for 50 ms. A goroutine
// that reads in a loop goes on: it gets the messages that come before the peer's
// Close and then a *CloseError.
func (c *Conn) Close(ctx context.Context, code frame.StatusCode, reason string) error {
	if err := c.usable(ctx); err != nil {
		return err
	}
	payload, err := frame.AppendClose(nil, code, reason)
	if err != nil {
		return fmt.Errorf("fairlead: Close sent nothing: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, c.closeTimeout)
	defer cancel()
	if c.Err() != nil {
		return c.ended(ctx)
	}
	err = c.send(ctx, frame.Header{Fin: true, Opcode: frame.Close}, payload, nil)
	switch {
	case err == nil:
		c.noteClose(code, reason, false)
		c.bothClosed()
	case c.Err() != nil:
		return c.ended(ctx)
	case !c.out.closeSent():
		return c.giveUp(err)
	}
	if err := c.pumpUntil(ctx, c.end.whenCloseCame(), true); err != nil {
		if c.Err() != nil {
			return c.ended(ctx)
		}
		return c.giveUp(err)
	}
	c.bothClosed() // whoever received the Close may not have come that far
	return c.ended(ctx)
}

// giveUp drops the connection because the closing handshake did not end.
func (c *Conn) giveUp(err error) error {
	c.abandon(lost(false, fmt.Errorf("closing handshake not completed: %w", err)))
	return c.Err()
}

var errUnsent = errors.New("closing handshake not completed: the peer took nothing more, so our Close frame never went out")

// ended waits for the connection of an ended session to be closed, and closes it
// if nobody does. It returns nil after a complete closing handshake.
func (c *Conn) ended(ctx context.Context) error {
	c.end.mu.Lock()
	lingering := c.end.lingering
	c.end.mu.Unlock()
	if lingering {
		select {
		case <-c.end.whenGone():
		case <-ctx.Done():
		}
	}
	c.abandon(c.Err())
	<-c.end.whenGone() // somebody else may be on the way to it
	if err := c.Err(); !isClean(err) {
		return err
	}
	if c.end.unsent.Load() {
		return lost(false, errUnsent)
	}
	return nil
}
