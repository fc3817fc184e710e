// Package load measures a WebSocket server under load. In open loop, the
// default, each message has its intended time, and its latency is counted from
// there: a server that stalls is charged for every message that should have
// gone out meanwhile, which a client that waits for it would hide (coordinated
// omission). Begin with Run.
package load

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/fairlead-ws/fairlead"
)

// Options say what to do to which server.
type Options struct {
	// Dialer opens every connection. Its Trace is joined with one of Run's.
	Dialer *fairlead.Dialer
	URL    string

	// Connections is how many are open at once. 0 means 50.
	Connections int
	// Ramp is the time over which they are opened, evenly. 0 means as fast as
	// 128 dials at a time go.
	Ramp time.Duration

	// Rate is how many messages a second all connections send together. 0 means
	// one for each connection.
	Rate float64
	// Closed sends the next message of a connection when the last one was
	// answered, and takes no notice of Rate. Latencies then hide stalls.
	Closed bool
	// Idle sends no messages: the connections are held.
	Idle bool
	// Warmup is how long messages go out before they count.
	Warmup time.Duration
	// Duration is how long messages count. 0 means 10 s, or no limit where
	// Messages is set.
	Duration time.Duration
	// Messages is how many messages count. 0 means as many as Duration allows.
	Messages int64
	// Drain is how long answers are waited for at the end. 0 means 5 s.
	Drain time.Duration

	// Size is the length of a message in bytes. 0 means 64. Messages shorter
	// than StampBytes carry no stamp: the answers of a connection are then taken
	// to come in order, one for each message.
	Size int
	// Data is the message itself in place of Size. Where it holds Placeholder a
	// stamp goes in; without, answers are taken to come in order.
	Data []byte
	// Binary sends binary messages.
	Binary bool
	// Ping is the pause between the pings of a connection. 0 means none.
	Ping time.Duration

	// Latencies gets one line for each answer that counts: its intended time,
	// the time it was sent and the time the answer came, in nanoseconds from the
	// beginning, and the number of the connection. May be nil.
	Latencies io.Writer
}

// maxSize keeps a slip of the hand from filling the memory.
const maxSize = 64 << 20

func (o *Options) complete() error {
	if o.Connections == 0 {
		o.Connections = 50
	}
	if o.Rate == 0 {
		o.Rate = float64(o.Connections)
	}
	if o.Duration == 0 && o.Messages == 0 {
		o.Duration = 10 * time.Second
	}
	if o.Drain == 0 {
		o.Drain = 5 * time.Second
	}
	if o.Size == 0 {
		o.Size = 64
	}
	switch {
	case o.Connections < 0:
		return errors.New("a number of connections cannot be negative")
	case o.Connections > 1<<20:
		return errors.New("more than 1,048,576 connections are not supported")
	case !(o.Rate > 0) || o.Rate > 1e9:
		return errors.New("the rate must be above 0 and at most a billion a second")
	case o.Size < 0 || o.Size > maxSize || len(o.Data) > maxSize:
		return fmt.Errorf("a message has 1 byte to %d MiB", maxSize>>20)
	case min(o.Ramp, o.Warmup, o.Duration, o.Drain, o.Ping) < 0 || o.Messages < 0:
		return errors.New("a time or a number cannot be negative")
	case o.Idle && o.Closed:
		return errors.New("connections that are only held cannot send in closed loop")
	case o.Idle && o.Duration == 0:
		return errors.New("connections that are only held need a duration")
	}
	return nil
}

// Run opens the connections, sends, waits for answers and closes. The end of ctx
// ends it early and is no error: the Result says so. The error is one of the
// options, or that of the first dial when no connection could be opened.
func Run(ctx context.Context, o Options) (*Result, error) {
	r, err := Begin(o)
	if err != nil {
		return nil, err
	}
	return r.Run(ctx)
}
