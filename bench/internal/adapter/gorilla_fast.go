package adapter

import (
	"context"
	"errors"
	"io"
	"sync"

	"github.com/gorilla/websocket"

	"github.com/fairlead-ws/fairlead/bench/internal/client"
)

// gorillaFast has a read buffer of 64 KiB, a write buffer that holds a whole
// message, so that each goes out in one frame and one write, and reads into its
// own memory by NextReader. Where memory counts its buffers are small and the
// write buffer is taken from a pool.
var gorillaFast = client.Contender{Library: "gorilla", Form: client.Fast, Dial: dialGorillaFast, NeedsLock: true, Deflates: true}

type gorillaFastConn struct {
	*websocket.Conn
	typ int
	buf []byte
}

var gorillaWriteBuffers sync.Pool

func dialGorillaFast(ctx context.Context, o client.Options) (client.Conn, error) {
	d := websocket.Dialer{
		TLSClientConfig: o.TLS, EnableCompression: o.Deflate != client.NoDeflate,
		ReadBufferSize: 64 << 10, WriteBufferSize: max(o.Size, 4096),
	}
	if o.Lean {
		d.ReadBufferSize, d.WriteBufferSize, d.WriteBufferPool = 1024, 1024, &gorillaWriteBuffers
	}
	conn, _, err := d.DialContext(ctx, o.URL, nil)
	if err != nil {
		return nil, err
	}
	return &gorillaFastConn{conn, gorillaType(o), nil}, nil
}

func (c *gorillaFastConn) Echo(msgs [][]byte, n int) error {
	for i := range n {
		p := msgs[i%len(msgs)]
		if err := c.WriteMessage(c.typ, p); err != nil {
			return err
		}
		if err := c.Receive(len(p), 1); err != nil {
			return err
		}
	}
	return nil
}

func (c *gorillaFastConn) Receive(size, n int) error {
	for range n {
		_, r, err := c.NextReader()
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

func (c *gorillaFastConn) Send(p []byte, n int) error {
	for range n {
		if err := c.WriteMessage(c.typ, p); err != nil {
			return err
		}
	}
	return nil
}
