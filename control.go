package fairlead

import (
	"context"
	"time"

	"github.com/fairlead-ws/fairlead/frame"
	"github.com/fairlead-ws/fairlead/internal/protocol"
)

// lingerTime bounds how long a side that is done waits for the peer to close
// the TCP connection first (RFC 6455, section 7.1.1), lingerBytes what it reads
// meanwhile: more than sockets hold, and less than a flood keeps a processor busy
// with.
const (
	lingerTime  = time.Second
	lingerBytes = 16 << 20
)

// nextData goes on to the next data frame and deals with the control frames
// before it.
func (c *Conn) nextData(ctx context.Context, pump bool) error {
	for {
		ctl, err := c.advance(ctx, pump)
		if err != nil {
			return err
		}
		if !c.in.hdr.Opcode.IsControl() {
			return nil
		}
		c.obey(ctl)
	}
}

// obey does what a control frame asks for, as far as the policy says so. It
// reports whether ReadFrame shows the frame to its caller.
func (c *Conn) obey(ctl protocol.Control) (show bool) {
	payload := c.in.ctl[:c.in.hdr.Length]
	switch ctl.Opcode {
	case frame.Ping:
		if c.does(answerPing) {
			c.out.queuePong(payload)
			c.pings.Load().answered()
			return false
		}
		c.pingBook().owe(payload)
		return true
	case frame.Pong:
		c.pings.Load().settle(payload)
		if c.does(swallowPong) {
			c.pingBook().swallowed.Add(1)
			return false
		}
		return true
	default:
		c.closeCame(ctl)
		return true
	}
}

// closeCame handles the peer's Close frame (RFC 6455, section 5.5.1). Reading
// is over; whether the session is depends on who has sent a Close.
func (c *Conn) closeCame(ctl protocol.Control) {
	sent := c.out.closeSent()
	c.noteClose(ctl.Code, ctl.Reason, true)
	cause := &CloseError{Code: ctl.Code, Reason: ctl.Reason, Remote: !sent}
	if c.in.recv.InMessage() {
		cause.Err = errUnfinished
	}
	c.in.err = cause
	c.end.mu.Lock()
	c.end.remote = cause
	c.end.closeCame.happen()
	c.end.mu.Unlock()
	if !sent && c.does(answerClose) {
		c.lastWords(protocol.CloseAnswer(ctl.Code))
		sent = true
	}
	if sent {
		c.bothClosed()
	}
}

// bothClosed ends the session after Close frames went both ways. It does nothing
// before that.
func (c *Conn) bothClosed() {
	c.end.mu.Lock()
	cause := c.end.remote
	c.end.mu.Unlock()
	if cause == nil || !c.out.closeSent() {
		return
	}
	c.conclude(cause)
	c.startLinger(false)
}

// startLinger closes the connection in the background, once.
func (c *Conn) startLinger(half bool) {
	c.end.mu.Lock()
	again := c.end.lingering
	c.end.lingering = true
	c.end.mu.Unlock()
	if !again {
		go c.linger(half)
	}
}

// linger lets the last Close frame out and gives the peer the time to close the
// TCP connection first; bytes that are not read when a socket is closed would
// make TCP reset it and take our last frames from the peer. half closes the
// sending direction, for a peer that may not know that it is over.
func (c *Conn) linger(half bool) {
	limit := time.AfterFunc(c.closeTimeout, func() { c.drop(c.Err()) })
	defer limit.Stop()

	c.out.drain(c.end.whenGone())
	if hc, ok := c.nc.(interface{ CloseWrite() error }); ok && half {
		_ = hc.CloseWrite()
	}
	stop := time.Now().Add(lingerTime)
	if err := c.nc.SetReadDeadline(stop); err == nil {
		scratch := make([]byte, 1024)
		for read := 0; read < lingerBytes && time.Now().Before(stop); {
			n, err := c.nc.Read(scratch)
			if err != nil {
				break
			}
			read += n
		}
	}
	_ = c.nc.Close() // over TLS this says close_notify, which drop would not
	c.drop(c.Err())
}
