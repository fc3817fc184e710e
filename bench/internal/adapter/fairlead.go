package adapter

import (
	"context"

	root "github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/bench/internal/client"
)

// fairlead is written as the README shows: Messages and Write, under a context
// that can be cancelled.
var fairlead = client.Contender{
	Library: "fairlead", Form: client.Newcomer, Dial: dialFairlead, ChecksUTF8: true, Deflates: fairleadDeflates, TakesOver: fairleadDeflates,
}

type fairleadConn struct {
	*root.Conn
	ctx  context.Context
	stop context.CancelFunc
	typ  root.MessageType
}

func dialFairlead(ctx context.Context, o client.Options) (client.Conn, error) {
	ctx, stop := context.WithCancel(ctx)
	conn, err := openFairlead(ctx, o)
	if err != nil {
		stop()
		return nil, err
	}
	return &fairleadConn{Conn: conn, ctx: ctx, stop: stop, typ: fairleadType(o)}, nil
}

func openFairlead(ctx context.Context, o client.Options) (*root.Conn, error) {
	d := root.Dialer{TLS: o.TLS}
	if o.Deflate != client.NoDeflate {
		compressFairlead(&d, o.Deflate)
	}
	return d.Dial(ctx, o.URL)
}

func fairleadType(o client.Options) root.MessageType {
	if o.Text {
		return root.Text
	}
	return root.Binary
}

func (c *fairleadConn) Echo(msgs [][]byte, n int) error {
	if err := c.Write(c.ctx, c.typ, msgs[0]); err != nil {
		return err
	}
	i := 0
	for m, err := range c.Messages(c.ctx) {
		if err == nil {
			err = sized(len(m.Data), len(msgs[i%len(msgs)]))
		}
		if i++; err != nil || i == n {
			return err
		}
		if err := c.Write(c.ctx, c.typ, msgs[i%len(msgs)]); err != nil {
			return err
		}
	}
	return nil
}

func (c *fairleadConn) Receive(size, n int) error {
	for m, err := range c.Messages(c.ctx) {
		if err == nil {
			err = sized(len(m.Data), size)
		}
		if n--; err != nil || n == 0 {
			return err
		}
	}
	return nil
}

func (c *fairleadConn) Send(p []byte, n int) error {
	for range n {
		if err := c.Write(c.ctx, c.typ, p); err != nil {
			return err
		}
	}
	return nil
}

func (c *fairleadConn) Batch(p []byte, n int) error {
	return c.Conn.Batch(c.ctx, func(b *root.Batch) error {
		for range n {
			if err := b.Write(c.typ, p); err != nil {
				return err
			}
		}
		return nil
	})
}

func (c *fairleadConn) Close() error {
	c.stop()
	return c.CloseNow()
}
