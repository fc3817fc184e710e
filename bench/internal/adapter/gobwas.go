package adapter

import (
	"context"
	"net"

	"github.com/gobwas/ws"
	"github.com/gobwas/ws/wsutil"

	"github.com/fairlead-ws/fairlead/bench/internal/client"
)

// gobwas is written as the first example of the library: the helpers of wsutil on
// the bare connection. Compression is by the helpers of wsflate.
var gobwas = client.Contender{Library: "gobwas", Form: client.Newcomer, Dial: dialGobwas, NeedsLock: true, ChecksUTF8: true, Deflates: true}

type gobwasConn struct {
	net.Conn
	op ws.OpCode
}

func dialGobwas(ctx context.Context, o client.Options) (client.Conn, error) {
	conn, err := openGobwas(ctx, o)
	if err != nil {
		return nil, err
	}
	if o.Deflate != client.NoDeflate {
		return &gobwasHelperConn{conn, gobwasType(o)}, nil
	}
	return &gobwasConn{conn, gobwasType(o)}, nil
}

// openGobwas dials. What the server sends with its handshake is in the
// bufio.Reader that Dial returns; these servers send nothing unasked.
func openGobwas(ctx context.Context, o client.Options) (net.Conn, error) {
	d := ws.Dialer{TLSConfig: o.TLS}
	if o.Deflate != client.NoDeflate {
		d.Extensions = gobwasExtensions
	}
	conn, br, _, err := d.Dial(ctx, o.URL)
	if br != nil {
		ws.PutReader(br)
	}
	return conn, err
}

func gobwasType(o client.Options) ws.OpCode {
	if o.Text {
		return ws.OpText
	}
	return ws.OpBinary
}

func (c *gobwasConn) Echo(msgs [][]byte, n int) error {
	for i := range n {
		p := msgs[i%len(msgs)]
		if err := wsutil.WriteClientMessage(c, c.op, p); err != nil {
			return err
		}
		if err := c.Receive(len(p), 1); err != nil {
			return err
		}
	}
	return nil
}

func (c *gobwasConn) Receive(size, n int) error {
	for range n {
		p, _, err := wsutil.ReadServerData(c)
		if err == nil {
			err = sized(len(p), size)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (c *gobwasConn) Send(p []byte, n int) error {
	for range n {
		if err := wsutil.WriteClientMessage(c, c.op, p); err != nil {
			return err
		}
	}
	return nil
}
