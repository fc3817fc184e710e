package adapter

import (
	"bufio"
	"bytes"
	"context"
	"net"

	"github.com/gobwas/ws"

	"github.com/fairlead-ws/fairlead/bench/internal/client"
)

// gobwasFast is a frame loop of its own on package ws, with buffers of its own:
// one write per message, a bufio.Reader of 64 KiB, and the checks that wsutil
// would do, of headers and of text.
var gobwasFast = client.Contender{Library: "gobwas", Form: client.Fast, Dial: dialGobwasFast, NeedsLock: true, ChecksUTF8: true, Deflates: true}

type gobwasFastConn struct {
	net.Conn
	op       ws.OpCode
	br       *bufio.Reader
	head     []byte // scratch of ReadHeaderBuffer
	in       []byte
	out      bytes.Buffer
	headOut  []byte // scratch of WriteHeaderBuffer
	maxBatch int
}

func dialGobwasFast(ctx context.Context, o client.Options) (client.Conn, error) {
	conn, err := openGobwas(ctx, o)
	if err != nil {
		return nil, err
	}
	size := 64 << 10
	if o.Lean {
		size = 1024
	}
	c := &gobwasFastConn{
		Conn: conn, op: gobwasType(o), br: bufio.NewReaderSize(conn, size),
		head: make([]byte, ws.MaxHeaderSize), headOut: make([]byte, ws.MaxHeaderSize), maxBatch: size,
	}
	if o.Deflate != client.NoDeflate {
		return newGobwasFlate(c), nil
	}
	return c, nil
}

func (c *gobwasFastConn) Echo(msgs [][]byte, n int) error {
	for i := range n {
		p := msgs[i%len(msgs)]
		if err := c.Send(p, 1); err != nil {
			return err
		}
		if err := c.Receive(len(p), 1); err != nil {
			return err
		}
	}
	return nil
}

func (c *gobwasFastConn) Receive(size, n int) error {
	for range n {
		_, p, err := c.frame()
		if err == nil {
			err = sized(len(p), size)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
