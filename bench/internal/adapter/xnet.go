package adapter

import (
	"context"

	"golang.org/x/net/websocket"

	"github.com/fairlead-ws/fairlead/bench/internal/client"
)

// xnet is written as the example of golang.org/x/net/websocket: Message.Send and
// Message.Receive. It has one form, no check of UTF-8 and no compression.
var xnet = client.Contender{Library: "x/net", Form: client.Newcomer, Dial: dialXNet}

type xnetConn struct {
	*websocket.Conn
	text bool
	msgs *byte // first byte of what texts are made of
	strs []string
}

func dialXNet(ctx context.Context, o client.Options) (client.Conn, error) {
	cfg, err := websocket.NewConfig(o.URL, "http://127.0.0.1/")
	if err != nil {
		return nil, err
	}
	cfg.TlsConfig = o.TLS
	conn, err := cfg.DialContext(ctx)
	if err != nil {
		return nil, err
	}
	return &xnetConn{Conn: conn, text: o.Text}, nil
}

func (c *xnetConn) Echo(msgs [][]byte, n int) error {
	c.strings(msgs)
	for i := range n {
		if err := c.send(msgs, i%len(msgs)); err != nil {
			return err
		}
		if err := c.Receive(len(msgs[i%len(msgs)]), 1); err != nil {
			return err
		}
	}
	return nil
}

func (c *xnetConn) Receive(size, n int) error {
	for range n {
		var p []byte
		err := websocket.Message.Receive(c.Conn, &p)
		if err == nil {
			err = sized(len(p), size)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (c *xnetConn) Send(p []byte, n int) error {
	msgs := [1][]byte{p}
	for range n {
		if err := c.send(msgs[:], 0); err != nil {
			return err
		}
	}
	return nil
}

// send sends text as a string: that is how this library tells the types apart.
func (c *xnetConn) send(msgs [][]byte, i int) error {
	if c.text && len(c.strs) > 0 {
		return websocket.Message.Send(c.Conn, c.strs[i])
	}
	return websocket.Message.Send(c.Conn, msgs[i])
}

// strings makes strings of msgs once: a program would have them as such.
func (c *xnetConn) strings(msgs [][]byte) {
	if !c.text || c.msgs == &msgs[0][0] {
		return
	}
	c.msgs, c.strs = &msgs[0][0], nil
	for _, p := range msgs {
		c.strs = append(c.strs, string(p))
	}
}
