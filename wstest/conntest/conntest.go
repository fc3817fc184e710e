// Package conntest holds a [net.Conn] against what a WebSocket connection, or
// any protocol with timeouts, needs of it. Run [TestConn] on each kind of
// connection that a dialer or a wrapper of yours returns.
//
// It is a package of its own so that programs which embed the servers of wstest
// do not get the flags of package testing.
package conntest

import (
	"fmt"
	"net"
	"testing"
	"time"
)

// Open makes a connection: both ends, and a function that frees what is left,
// the ends included. It may be nil. Each check opens one of its own.
type Open func() (client, server net.Conn, stop func(), err error)

// TestConn runs every check as a subtest on a connection of its own. The client
// end is judged; of the server end only reading, writing and Close are used. A
// run takes about a second, and up to five seconds for each thing that hangs.
// For most, run it under the race detector.
//
// What is demanded, beyond that bytes arrive as they were sent, in both
// directions at once:
//
//   - A read deadline ends reads at its time, not before: one in the past at
//     once, also a read that is blocked when it is set, moved or removed. Bytes
//     are never lost or doubled by it, the next read goes on, writing does not
//     notice, and the buffer of a read that has returned is left alone.
//   - The error of a deadline matches os.ErrDeadlineExceeded and is a net.Error
//     with Timeout; that of a read is also Temporary, by which crypto/tls tells
//     that a connection goes on.
//   - A write deadline ends writes that are blocked. Afterwards reading goes on;
//     later writes may fail, as those of TLS do, but not block.
//   - Close ends blocked reads and writes, with an error that matches
//     net.ErrClosed, as does whatever is called afterwards. A second Close
//     returns nil or such an error.
//   - After the peer's Close come its last bytes and then io.EOF itself, also
//     for a read that is blocked, and writing comes to fail.
//   - If there is CloseWrite, and it does not return errors.ErrUnsupported, the
//     peer reads io.EOF and can still write.
//   - Reading or writing nothing returns at once. Addresses are never nil.
func TestConn(t *testing.T, open Open) {
	for _, c := range checks {
		t.Run(c.name, func(t *testing.T) {
			if err := c.on(open); err != nil {
				t.Error(err)
			}
		})
	}
}

type check struct {
	name string
	run  func(client, server net.Conn) error
}

var checks = []check{
	{"Addresses", addresses},
	{"BothDirections", bothDirections},
	{"Nothing", nothing},
	{"BuffersAreFree", buffersAreFree},
	{"ReadDeadlinePast", readDeadlinePast},
	{"ReadDeadlineFuture", readDeadlineFuture},
	{"ReadDeadlineRemoved", readDeadlineRemoved},
	{"ReadDeadlineMoved", readDeadlineMoved},
	{"ReadsResume", readsResume},
	{"ReadsAreCancelled", readsAreCancelled},
	{"WriteDeadlinePast", writeDeadlinePast},
	{"WriteDeadlineFuture", writeDeadlineFuture},
	{"WriteDeadlineRemoved", writeDeadlineRemoved},
	{"WriteDeadlineMoved", writeDeadlineMoved},
	{"CloseEndsReads", closeEndsReads},
	{"CloseEndsWrites", closeEndsWrites},
	{"Closed", closed},
	{"PeerCloses", peerCloses},
	{"HalfClose", halfClose},
}

// on runs the check on a new connection and frees it.
func (c check) on(open Open) error {
	client, server, stop, err := open()
	if err != nil {
		return fmt.Errorf("no connection: %w", err)
	}
	if stop != nil {
		defer stop()
	}
	err = c.run(client, server)
	// At the same time: each may wait for the other to read its last words.
	done := make(chan struct{}, 2)
	for _, conn := range []net.Conn{client, server} {
		go func() {
			_ = conn.Close()
			done <- struct{}{}
		}()
	}
	expired := time.After(patience)
	for range 2 {
		select {
		case <-done:
		case <-expired:
			if err == nil {
				err = fmt.Errorf("at the end, Close has not returned within %v", patience)
			}
			return err
		}
	}
	return err
}
