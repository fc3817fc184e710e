package adapter

import (
	"context"

	"github.com/gorilla/websocket"

	"github.com/fairlead-ws/fairlead/bench/internal/client"
)

// gorilla is written as the examples of the library: DefaultDialer, ReadMessage,
// WriteMessage. It checks no UTF-8 and has no context takeover.
var gorilla = client.Contender{Library: "gorilla", Form: client.Newcomer, Dial: dialGorilla, NeedsLock: true, Deflates: true}

type gorillaConn struct {
	*websocket.Conn
	typ int
}

func dialGorilla(ctx context.Context, o client.Options) (client.Conn, error) {
	d := *websocket.DefaultDialer
	d.TLSClientConfig = o.TLS
	d.EnableCompression = o.Deflate != client.NoDeflate
	conn, _, err := d.DialContext(ctx, o.URL, nil)
	if err != nil {
		return nil, err
	}
	return &gorillaConn{conn, gorillaType(o)}, nil
}

func gorillaType(o client.Options) int {
	if o.Text {
		return websocket.TextMessage
	}
	return websocket.BinaryMessage
}

func (c *gorillaConn) Echo(msgs [][]byte, n int) error {
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

func (c *gorillaConn) Receive(size, n int) error {
	for range n {
		_, p, err := c.ReadMessage()
		if err == nil {
			err = sized(len(p), size)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (c *gorillaConn) Send(p []byte, n int) error {
	for range n {
		if err := c.WriteMessage(c.typ, p); err != nil {
			return err
		}
	}
	return nil
}
