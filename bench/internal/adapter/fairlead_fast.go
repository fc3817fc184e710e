package adapter

import (
	"context"

	"github.com/fairlead-ws/fairlead/bench/internal/client"
)

// fairleadFast does the same under a context that never ends, and a connection
// that only waits does so in ReadAppend, which needs less stack than a loop.
var fairleadFast = client.Contender{
	Library: "fairlead", Form: client.Fast, Dial: dialFairleadFast, ChecksUTF8: true, Deflates: fairleadDeflates, TakesOver: fairleadDeflates,
}

func dialFairleadFast(ctx context.Context, o client.Options) (client.Conn, error) {
	conn, err := openFairlead(ctx, o)
	if err != nil {
		return nil, err
	}
	c := &fairleadConn{Conn: conn, ctx: context.Background(), stop: func() {}, typ: fairleadType(o)}
	if o.Lean {
		return &fairleadLeanConn{fairleadConn: c}, nil
	}
	return c, nil
}

type fairleadLeanConn struct{ *fairleadConn }

func (c *fairleadLeanConn) Receive(size, n int) error {
	for range n {
		_, p, err := c.ReadAppend(context.Background(), nil)
		if err == nil {
			err = sized(len(p), size)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
