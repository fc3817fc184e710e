package adapter

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"strings"

	"github.com/fairlead-ws/fairlead/bench/internal/client"
	"github.com/fairlead-ws/fairlead/frame"
)

// raw moves the bytes of a WebSocket session that somebody else has thought out:
// frames are made before the measurement, and what comes is counted, not read.
var raw = client.Contender{Library: "raw", Form: client.Raw, Dial: dialRaw, NeedsLock: true}

type rawConn struct {
	net.Conn
	head  frame.Header
	made  *byte    // first byte of the payload that frames are made of
	count int      // frames in one piece
	out   [][]byte // frames, or batches of them
	buf   []byte
	chunk int // what one read asks for
	carry int // bytes that were read ahead
}

func dialRaw(ctx context.Context, o client.Options) (client.Conn, error) {
	host, path, _ := strings.Cut(o.URL[strings.Index(o.URL, "://")+3:], "/")
	var d net.Dialer
	nc, err := d.DialContext(ctx, "tcp", host)
	if err != nil {
		return nil, err
	}
	if o.TLS != nil {
		nc = tls.Client(nc, o.TLS)
	}
	c := &rawConn{Conn: nc, head: frame.Header{Fin: true, Opcode: frame.Binary, Masked: true, Mask: [4]byte{1, 2, 3, 4}}, chunk: rawChunk}
	if o.Text {
		c.head.Opcode = frame.Text
	}
	if o.Lean {
		c.chunk = 512
	}
	var answer [256]byte
	if _, err = io.WriteString(nc, "GET /"+path+rawRequest); err == nil {
		var n int
		n, err = nc.Read(answer[:])
		if err == nil && !bytes.HasSuffix(answer[:n], []byte("\r\n\r\n")) {
			err = errors.New("the answer came in pieces")
		}
	}
	if err != nil {
		_ = nc.Close()
		return nil, err
	}
	return c, nil
}

// frames makes the frames of msgs, count of each in one piece.
func (c *rawConn) frames(count int, msgs [][]byte) [][]byte {
	if c.made == &msgs[0][0] && c.count == count {
		return c.out
	}
	c.made, c.count, c.out = &msgs[0][0], count, nil
	for _, p := range msgs {
		c.head.Length = int64(len(p))
		f := frame.AppendHeader(nil, c.head)
		f = append(f, p...)
		frame.Mask(f[len(f)-len(p):], p, c.head.Mask, 0)
		c.out = append(c.out, bytes.Repeat(f, count))
	}
	return c.out
}

func (c *rawConn) Echo(msgs [][]byte, n int) error {
	frames := c.frames(1, msgs)
	for i := range n {
		if _, err := c.Write(frames[i%len(frames)]); err != nil {
			return err
		}
		if err := c.Receive(len(msgs[i%len(msgs)]), 1); err != nil {
			return err
		}
	}
	return nil
}
