package adapter

import (
	"context"

	"github.com/lxzan/gws"

	"github.com/fairlead-ws/fairlead/bench/internal/client"
)

// gwsFast has a read buffer of 64 KiB, a small one where memory counts. Handlers
// run in the goroutine that reads, which is the default.
var gwsFast = client.Contender{Library: "gws", Form: client.Fast, Dial: dialGWSFast, ChecksUTF8: true, Deflates: true, TakesOver: true}

func dialGWSFast(_ context.Context, o client.Options) (client.Conn, error) {
	opt := &gws.ClientOption{ReadBufferSize: 64 << 10}
	if o.Lean {
		opt.ReadBufferSize = 1024
	}
	return openGWS(o, opt)
}

// Receive, Send and Close of both forms.

func (c *gwsConn) ReadsItself() {}

func (c *gwsConn) Receive(size, n int) error {
	c.jobs <- gwsJob{size: size, n: n}
	return <-c.done
}

func (c *gwsConn) Send(p []byte, n int) error {
	for range n {
		if err := c.WriteMessage(c.op, p); err != nil {
			return err
		}
	}
	return nil
}

// Close drops the connection and lets ReadLoop end, also where it waits for a
// job.
func (c *gwsConn) Close() error {
	err := c.NetConn().Close()
	select {
	case c.jobs <- gwsJob{n: -1}:
	default:
	}
	return err
}
