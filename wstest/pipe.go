package wstest

import (
	"net"
	"time"
)

// defaultPipeSize is the buffer of one direction of a [Pipe], in bytes.
const defaultPipeSize = 64 << 10

// Pipe returns the two ends of a connection in memory. Each direction has a
// buffer of 64 KiB: a Write returns when its last byte is in the buffer and
// blocks while the buffer is full, as with a socket.
//
// Both ends are of type [*PipeConn], which can do more than a net.Conn: close
// one direction, or break.
//
// Blocked calls are durably blocked in the sense of testing/synctest, and
// deadlines follow the clock of the bubble that sets them.
func Pipe() (client, server net.Conn) {
	return PipeSize(defaultPipeSize)
}

// PipeSize is [Pipe] with buffers of that many bytes a direction. A size below
// one means the default of 64 KiB. Memory is taken as bytes are written.
func PipeSize(bytes int) (client, server net.Conn) {
	if bytes < 1 {
		bytes = defaultPipeSize
	}
	up, down := newPipeHalf(bytes), newPipeHalf(bytes)
	return &PipeConn{in: down, out: up}, &PipeConn{in: up, out: down}
}

// PipeConn is one end of a [Pipe]. Its methods may be called at the same time.
//
// Errors are of type *net.OpError and match by errors.Is: os.ErrDeadlineExceeded
// after a deadline (Timeout and Temporary are true), net.ErrClosed after this
// end's Close, io.ErrClosedPipe for writing to an end that is gone. The end of
// the other side's bytes is io.EOF itself.
type PipeConn struct {
	in, out *pipeHalf
}

// Read returns what is buffered, at most len(p) bytes, and waits when there is
// nothing. After the other end's Close or CloseWrite the buffered bytes come
// first, then io.EOF.
func (c *PipeConn) Read(p []byte) (int, error) {
	n, err := c.in.read(p)
	return n, opError("read", err)
}

// Write puts p into the buffer, waiting for room as often as needed. Two writes
// at the same time never mix their bytes. When the result is an error, n bytes
// had been written before it.
func (c *PipeConn) Write(p []byte) (int, error) {
	n, err := c.out.write(p)
	return n, opError("write", err)
}

// Close ends both directions. The other end reads what is buffered and then
// io.EOF; what this end had not read yet is gone. Further calls do nothing.
func (c *PipeConn) Close() error {
	c.CloseWithError(nil)
	return nil
}

// CloseWrite ends the direction from this end to the other, which reads what
// is buffered and then io.EOF. Reading goes on.
func (c *PipeConn) CloseWrite() error {
	c.out.closeWriter(nil)
	return nil
}

// CloseWithError is like Close, but the other end gets err in place of io.EOF
// after the buffered bytes. A nil err means io.EOF.
func (c *PipeConn) CloseWithError(err error) {
	c.out.closeWriter(err)
	c.out.leave()
	c.in.closeReader()
}

// Break cuts the connection as a reset does: at both ends reads and writes,
// those under way too, fail with err, and what was buffered is gone. A nil err
// means io.ErrUnexpectedEOF. Close the ends none the less.
func (c *PipeConn) Break(err error) {
	c.in.breakDown(err)
	c.out.breakDown(err)
}

// LocalAddr returns an address with the network "pipe".
func (c *PipeConn) LocalAddr() net.Addr { return pipeAddr{} }

// RemoteAddr returns an address with the network "pipe".
func (c *PipeConn) RemoteAddr() net.Addr { return pipeAddr{} }

// SetDeadline sets both deadlines. The zero time means none; a time in the
// past ends blocked calls at once.
func (c *PipeConn) SetDeadline(t time.Time) error {
	if err := c.SetReadDeadline(t); err != nil {
		return err
	}
	return c.SetWriteDeadline(t)
}

// SetReadDeadline sets the deadline of reads, those under way too.
func (c *PipeConn) SetReadDeadline(t time.Time) error {
	return opError("set", c.in.setReadDeadline(t))
}

// SetWriteDeadline sets the deadline of writes, those under way too.
func (c *PipeConn) SetWriteDeadline(t time.Time) error {
	return opError("set", c.out.setWriteDeadline(t))
}

type pipeAddr struct{}

func (pipeAddr) Network() string { return "pipe" }
func (pipeAddr) String() string  { return "pipe" }
