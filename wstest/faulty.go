package wstest

import (
	"errors"
	"io"
	"net"
	"sync"
	"time"
)

// Op is a kind of call of a [FaultyConn].
type Op uint8

// The kinds of calls.
const (
	OnRead     Op = iota // Read
	OnWrite              // Write
	OnClose              // Close
	OnDeadline           // SetDeadline, SetReadDeadline and SetWriteDeadline
	ops        = iota
)

// Fault says what goes wrong in one call of a [FaultyConn], in the order of the
// fields. Only On and Call say when; the others do nothing when they are zero.
type Fault struct {
	// On is the kind of the call.
	On Op
	// Call is its number among those of its kind, from 1; 0 means every call.
	Call int
	// Do is called first: the cancel function of a context, or one that closes
	// a channel to say that the call has come.
	Do func()
	// Delay is how long the call waits next. Close ends the wait, a deadline
	// does not.
	Delay time.Duration
	// Short is how many bytes a Read or Write moves at most. A Write that
	// would have moved more returns Err, or [io.ErrShortWrite].
	Short int
	// Err is what the call returns, after the bytes that Short lets through;
	// without Short none are read or written. A Close closes all the same.
	Err error
}

// FaultyConn is a connection on which some calls go wrong. Its methods may be
// called at the same time.
type FaultyConn struct {
	net.Conn
	faults []Fault
	gone   chan struct{}

	mu     sync.Mutex
	calls  [ops]int
	closed bool
}

// Faulty returns conn with faults. Of several that fit a call the first counts.
// To fail at each call in turn, raise the fault's Call until [FaultyConn.Calls]
// stays below it.
func Faulty(conn net.Conn, faults ...Fault) *FaultyConn {
	return &FaultyConn{Conn: conn, faults: faults, gone: make(chan struct{})}
}

// Calls returns how many calls of that kind have begun.
func (c *FaultyConn) Calls(on Op) int {
	if on >= ops {
		return 0
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.calls[on]
}

// strike counts a call and returns its fault, the zero Fault if there is none,
// after what the fault does first.
func (c *FaultyConn) strike(on Op) Fault {
	c.mu.Lock()
	c.calls[on]++
	n := c.calls[on]
	c.mu.Unlock()
	for _, f := range c.faults {
		if f.On != on || f.Call != 0 && f.Call != n {
			continue
		}
		if f.Do != nil {
			f.Do()
		}
		if f.Delay > 0 {
			timer := time.NewTimer(f.Delay)
			defer timer.Stop()
			select {
			case <-timer.C:
			case <-c.gone:
			}
		}
		return f
	}
	return Fault{}
}

// Read reads, unless a fault is due.
func (c *FaultyConn) Read(p []byte) (int, error) {
	f := c.strike(OnRead)
	if f.Short > 0 && len(p) > f.Short {
		p = p[:f.Short]
	}
	if f.Err == nil {
		return c.Conn.Read(p)
	}
	if f.Short <= 0 {
		return 0, f.Err
	}
	n, err := c.Conn.Read(p)
	if err == nil {
		err = f.Err
	}
	return n, err
}

// Write writes, unless a fault is due.
func (c *FaultyConn) Write(p []byte) (int, error) {
	f := c.strike(OnWrite)
	short := f.Short > 0 && len(p) > f.Short
	switch {
	case short && f.Err == nil:
		f.Err = io.ErrShortWrite
	case f.Short <= 0 && f.Err != nil:
		return 0, f.Err
	}
	if short {
		p = p[:f.Short]
	}
	n, err := c.Conn.Write(p)
	if err == nil {
		err = f.Err
	}
	return n, err
}

// Close closes, whatever a fault says about the result.
func (c *FaultyConn) Close() error {
	f := c.strike(OnClose)
	c.mu.Lock()
	if !c.closed {
		c.closed = true
		close(c.gone)
	}
	c.mu.Unlock()
	return errors.Join(f.Err, c.Conn.Close())
}

// SetDeadline sets both deadlines, unless a fault is due.
func (c *FaultyConn) SetDeadline(t time.Time) error {
	return c.deadline(c.Conn.SetDeadline, t)
}

// SetReadDeadline sets the deadline of reads, unless a fault is due.
func (c *FaultyConn) SetReadDeadline(t time.Time) error {
	return c.deadline(c.Conn.SetReadDeadline, t)
}

// SetWriteDeadline sets the deadline of writes, unless a fault is due.
func (c *FaultyConn) SetWriteDeadline(t time.Time) error {
	return c.deadline(c.Conn.SetWriteDeadline, t)
}

func (c *FaultyConn) deadline(set func(time.Time) error, t time.Time) error {
	if f := c.strike(OnDeadline); f.Err != nil {
		return f.Err
	}
	return set(t)
}

// CloseWrite ends the direction to the peer, if the connection can; it returns
// [errors.ErrUnsupported] if not.
func (c *FaultyConn) CloseWrite() error {
	if err := closeWrite(c.Conn); !errors.Is(err, errNoHalfClose) {
		return err
	}
	return errors.ErrUnsupported
}

// NetConn returns the connection without faults.
func (c *FaultyConn) NetConn() net.Conn { return c.Conn }
