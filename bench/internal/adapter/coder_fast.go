package adapter

import (
	"context"
	"errors"
	"io"

	"github.com/coder/websocket"

	"github.com/fairlead-ws/fairlead/bench/internal/client"
)

// coderFast reads into its own memory by Reader, under a context that never
// ends. Write is the fastest way to send: it makes one frame of a message, while
// Writer makes two.
var coderFast = client.Contender{Library: "coder", Form: client.Fast, Dial: dialCoderFast, Deflates: true, TakesOver: true}

type coderFastConn struct {
	*websocket.Conn
	typ websocket.MessageType
	buf []byte
}

func dialCoderFast(ctx context.Context, o client.Options) (client.Conn, error) {
	conn, err := openCoder(ctx, o)
	if err != nil {
		return nil, err
	}
	return &coderFastConn{conn, coderType(o), nil}, nil
}

func (c *coderFastConn) Echo(msgs [][]byte, n int) error {
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

func (c *coderFastConn) Receive(size, n int) error {
	for range n {
		_, r, err := c.Reader(context.Background())
		if err != nil {
			return err
		}
		if c.buf == nil {
			c.buf = make([]byte, size+1) // one more, to meet the end of the message
		}
		got, err := io.ReadFull(r, c.buf)
		if errors.Is(err, io.ErrUnexpectedEOF) {
			err = sized(got, size)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (c *coderFastConn) Send(p []byte, n int) error {
	for range n {
		if err := c.Write(context.Background(), c.typ, p); err != nil {
			return err
		}
	}
	return nil
}

func (c *coderFastConn) Close() error { return c.CloseNow() }
