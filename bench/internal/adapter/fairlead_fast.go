package adapter

import (
	"context"

	root "github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/bench/internal/client"
)

// fairleadFast reads into its own memory, under a context that never ends.
var fairleadFast = client.Contender{
	Library: "fairlead", Form: client.Fast, Dial: dialFairleadFast, ChecksUTF8: true, Deflates: fairleadDeflates, TakesOver: fairleadDeflates,
}

type fairleadFastConn struct {
	*root.Conn
	typ root.MessageType
	buf []byte
}

func dialFairleadFast(ctx context.Context, o client.Options) (client.Conn, error) {
	conn, err := openFairlead(ctx, o)
	if err != nil {
		return nil, err
	}
	c := &fairleadFastConn{Conn: conn, typ: fairleadType(o)}
	if !o.Lean {
		c.buf = make([]byte, 0, o.Size)
	}
	return c, nil
}

func (c *fairleadFastConn) Echo(msgs [][]byte, n int) error {
	for i := range n {
		p := msgs[i%len(msgs)]
		if err := c.Write(context.Background(), c.typ, p); err != nil {
			return err
		}
		if err := c.Receive(len(p), 1); err != nil {
			return err
		}
	}
	return nil
}

func (c *fairleadFastConn) Receive(size, n int) error {
	for range n {
		_, p, err := c.ReadAppend(context.Background(), c.buf)
		if err == nil {
			err = sized(len(p), size)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (c *fairleadFastConn) Send(p []byte, n int) error {
	for range n {
		if err := c.Write(context.Background(), c.typ, p); err != nil {
			return err
		}
	}
	return nil
}

func (c *fairleadFastConn) Batch(p []byte, n int) error {
	return batchFairlead(context.Background(), c.Conn, c.typ, p, n)
}

func batchFairlead(ctx context.Context, c *root.Conn, typ root.MessageType, p []byte, n int) error {
	return c.Batch(ctx, func(b *root.Batch) error {
		for range n {
			if err := b.Write(typ, p); err != nil {
				return err
			}
		}
		return nil
	})
}

func (c *fairleadFastConn) Close() error { return c.CloseNow() }
