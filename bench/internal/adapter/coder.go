package adapter

import (
	"context"
	"net/http"

	"github.com/coder/websocket"

	"github.com/fairlead-ws/fairlead/bench/internal/client"
)

// coder is written as the README of the library, under a context that can be
// cancelled. Its limit of 32 KiB a message has to be lifted.
var coder = client.Contender{Library: "coder", Form: client.Newcomer, Dial: dialCoder, Deflates: true, TakesOver: true}

var coderHTTP = &http.Client{Transport: &http.Transport{}}

type coderConn struct {
	*websocket.Conn
	ctx  context.Context
	stop context.CancelFunc
	typ  websocket.MessageType
}

func dialCoder(ctx context.Context, o client.Options) (client.Conn, error) {
	ctx, stop := context.WithCancel(ctx)
	conn, err := openCoder(ctx, o)
	if err != nil {
		stop()
		return nil, err
	}
	return &coderConn{conn, ctx, stop, coderType(o)}, nil
}

func openCoder(ctx context.Context, o client.Options) (*websocket.Conn, error) {
	d := &websocket.DialOptions{}
	switch o.Deflate {
	case client.NoTakeover:
		d.CompressionMode = websocket.CompressionNoContextTakeover
	case client.Takeover:
		d.CompressionMode = websocket.CompressionContextTakeover
	}
	if o.TLS != nil {
		d.HTTPClient = coderHTTP
		coderHTTP.Transport.(*http.Transport).TLSClientConfig = o.TLS
	}
	conn, _, err := websocket.Dial(ctx, o.URL, d)
	if err == nil {
		conn.SetReadLimit(-1)
	}
	return conn, err
}

func coderType(o client.Options) websocket.MessageType {
	if o.Text {
		return websocket.MessageText
	}
	return websocket.MessageBinary
}

func (c *coderConn) Echo(msgs [][]byte, n int) error {
	for i := range n {
		p := msgs[i%len(msgs)]
		if err := c.Write(c.ctx, c.typ, p); err != nil {
			return err
		}
		if err := c.Receive(len(p), 1); err != nil {
			return err
		}
	}
	return nil
}

func (c *coderConn) Receive(size, n int) error {
	for range n {
		_, p, err := c.Read(c.ctx)
		if err == nil {
			err = sized(len(p), size)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (c *coderConn) Send(p []byte, n int) error {
	for range n {
		if err := c.Write(c.ctx, c.typ, p); err != nil {
			return err
		}
	}
	return nil
}

func (c *coderConn) Close() error {
	defer c.stop()
	return c.CloseNow()
}
