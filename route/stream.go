package route

import (
	"errors"
	"io"
	"net"
	"os"
	"sync"
)

// streamBuffer is how many bytes one read or write of the stream moves at most.
const streamBuffer = 32 << 10

// WithDeadlines makes a [net.Conn] of a stream that has no deadlines, an SSH
// channel for instance or the pipes of a process. One goroutine may read, one
// write, and any goroutine may call the other methods at any time; each deadline
// and Close end the calls that are blocked, whatever the stream does.
//
// A read of the stream is started when a Read needs one, and at most one is
// under way. When the deadline of a Read passes, what the stream brings later is
// kept for the next Read: nothing is lost. The error matches
// [os.ErrDeadlineExceeded] and is Temporary, so that TLS may run over it.
//
// A write deadline that has passed before anything was written does no harm
// either. One that passes while the stream is writing is fatal for that
// direction: nobody knows how much went out, so every later write fails with the
// same error, which says so, matches os.ErrDeadlineExceeded and is not
// Temporary. Reading goes on.
//
// Close closes the stream, which must end the Read and the Write of the stream
// under way: until it has, they each hold a goroutine. The addresses are those
// of the stream, if it has the methods, and so is CloseWrite, which otherwise
// returns [errors.ErrUnsupported]. A nil stream makes a closed connection.
func WithDeadlines(stream io.ReadWriteCloser) net.Conn {
	c := &streamConn{stream: stream, closed: stream == nil}
	c.changed.L = &c.mu
	return c
}

// streamConn calls the stream on goroutines of their own; its methods wait for
// them or leave them behind.
type streamConn struct {
	stream io.ReadWriteCloser

	mu      sync.Mutex
	changed sync.Cond // any field below may have changed
	closed  bool

	in      []byte // the goroutine's while reading
	reading bool   // a Read of the stream is under way
	unread  []byte // part of in
	readErr error  // comes after unread

	out      []byte // the goroutine's while writing
	turn     bool   // a Write or CloseWrite of ours is under way
	writing  bool   // a call of the stream is under way for it
	written  int    // what that call returned
	wroteErr error
	cut      bool // a call of the stream was left behind

	readDeadline, writeDeadline streamDeadline
}

// Read returns what has come, at most len(p) bytes, and waits when there is
// nothing.
func (c *streamConn) Read(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for {
		switch {
		case c.closed:
			return 0, c.opError("read", net.ErrClosed)
		case c.readDeadline.expired:
			return 0, c.opError("read", os.ErrDeadlineExceeded)
		case len(p) == 0:
			return 0, nil
		case len(c.unread) > 0:
			n := copy(p, c.unread)
			c.unread = c.unread[n:]
			return n, nil
		case c.readErr != nil:
			return 0, c.opError("read", c.readErr)
		case !c.reading:
			c.reading = true
			if c.in == nil {
				c.in = make([]byte, streamBuffer)
			}
			go c.fill()
		}
		c.changed.Wait()
	}
}

// maxEmptyReads is how many reads in a row may bring neither bytes nor an error.
const maxEmptyReads = 100

// fill performs one Read of the stream.
func (c *streamConn) fill() {
	n, err := 0, error(nil)
	for i := 0; n == 0 && err == nil; i++ {
		if i == maxEmptyReads {
			err = io.ErrNoProgress
			break
		}
		n, err = c.stream.Read(c.in)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.reading = false
	if n < 0 || n > len(c.in) {
		n, err = 0, errBadCount
	}
	if !c.closed {
		c.unread, c.readErr = c.in[:n], err
	}
	c.changed.Broadcast()
}

// Write returns when the stream has taken p, which is copied piece by piece:
// nobody reads it afterwards. When the result is an error, n bytes are known to
// have been written before it.
func (c *streamConn) Write(p []byte) (n int, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.takeTurn(); err != nil {
		return 0, err
	}
	defer c.leaveTurn()
	for n < len(p) {
		if err := c.writeError(); err != nil {
			return n, err
		}
		c.out = append(c.out[:0], p[n:min(len(p), n+streamBuffer)]...)
		size := len(c.out)
		m, err := c.perform(c.flush)
		if err == nil && m < size {
			err = c.opError("write", io.ErrShortWrite)
		}
		n += m
		if err != nil {
			return n, err
		}
	}
	return n, nil
}

func (c *streamConn) flush() (int, error) {
	n, err := c.stream.Write(c.out)
	if n < 0 || n > len(c.out) {
		return 0, errBadCount
	}
	return n, err
}

// CloseWrite ends the direction to the peer, if the stream can.
func (c *streamConn) CloseWrite() error {
	half, ok := c.stream.(interface{ CloseWrite() error })
	if !ok {
		return errors.ErrUnsupported
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.takeTurn(); err != nil {
		return err
	}
	defer c.leaveTurn()
	_, err := c.perform(func() (int, error) { return 0, half.CloseWrite() })
	return err
}

// perform runs a call of the stream that writes, and waits until it has
// returned, or must be left behind. The turn is ours; mu is held.
func (c *streamConn) perform(call func() (int, error)) (int, error) {
	c.writing = true
	go func() {
		n, err := call()
		c.mu.Lock()
		defer c.mu.Unlock()
		c.writing, c.written, c.wroteErr = false, n, err
		c.changed.Broadcast()
	}()
	for c.writing {
		if c.closed || c.writeDeadline.expired {
			c.cut = true
			return 0, c.writeError()
		}
		c.changed.Wait()
	}
	if c.closed && c.wroteErr != nil {
		return c.written, c.writeError()
	}
	if errors.Is(c.wroteErr, io.EOF) {
		// What an SSH channel says when its peer is gone; to our caller EOF
		// would be the proper end of what can be read.
		c.wroteErr = io.ErrClosedPipe
	}
	return c.written, c.opError("write", c.wroteErr)
}

// takeTurn waits until no other Write is under way; mu is held.
func (c *streamConn) takeTurn() error {
	for c.turn && c.writeError() == nil {
		c.changed.Wait()
	}
	if err := c.writeError(); err != nil {
		return err
	}
	c.turn = true
	return nil
}

func (c *streamConn) leaveTurn() {
	c.turn = false
	c.changed.Broadcast()
}

// writeError says why nothing may be written now; mu is held.
func (c *streamConn) writeError() error {
	switch {
	case c.closed:
		return c.opError("write", net.ErrClosed)
	case c.cut:
		return c.opError("write", cutError{})
	case c.writeDeadline.expired:
		return c.opError("write", os.ErrDeadlineExceeded)
	}
	return nil
}

// Close ends both directions. Further calls do nothing.
func (c *streamConn) Close() error {
	c.mu.Lock()
	closed := c.closed
	c.closed, c.unread = true, nil
	c.readDeadline.stop()
	c.writeDeadline.stop()
	c.changed.Broadcast()
	c.mu.Unlock()
	if closed {
		return nil
	}
	return c.stream.Close()
}
