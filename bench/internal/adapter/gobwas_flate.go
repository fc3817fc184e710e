package adapter

import (
	"bytes"
	"compress/flate"
	"io"
	"net"

	"github.com/gobwas/httphead"
	"github.com/gobwas/ws"
	"github.com/gobwas/ws/wsflate"

	"github.com/fairlead-ws/fairlead/bench/internal/client"
)

// The compressing forms of gobwas. The library has no context takeover.

var gobwasExtensions = []httphead.Option{wsflate.DefaultParameters.Option()}

// gobwasHelperConn is the newcomer's: the helpers of wsflate, as its
// documentation shows first.
type gobwasHelperConn struct {
	net.Conn
	op ws.OpCode
}

var _ client.Conn = (*gobwasHelperConn)(nil)

func (c *gobwasHelperConn) Echo(msgs [][]byte, n int) error {
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

func (c *gobwasHelperConn) Send(p []byte, n int) error {
	for range n {
		f, err := wsflate.CompressFrame(ws.NewFrame(c.op, true, p))
		if err == nil {
			err = ws.WriteFrame(c, ws.MaskFrameInPlace(f))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (c *gobwasHelperConn) Receive(size, n int) error {
	for range n {
		h, err := ws.ReadHeader(c)
		if err != nil {
			return err
		}
		f := ws.Frame{Header: h, Payload: make([]byte, h.Length)}
		if _, err := io.ReadFull(c, f.Payload); err != nil {
			return err
		}
		if f, err = wsflate.DecompressFrame(f); err == nil {
			err = sized(len(f.Payload), size)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// gobwasFlateConn is the fast one: its flate streams and buffers are used again.
type gobwasFlateConn struct {
	*gobwasFastConn
	r          *wsflate.Reader
	w          *wsflate.Writer
	src        bytes.Reader
	comp, data bytes.Buffer
}

func newGobwasFlate(c *gobwasFastConn) *gobwasFlateConn {
	return &gobwasFlateConn{
		gobwasFastConn: c,
		r:              wsflate.NewReader(nil, func(r io.Reader) wsflate.Decompressor { return flate.NewReader(r) }),
		w: wsflate.NewWriter(nil, func(w io.Writer) wsflate.Compressor {
			f, _ := flate.NewWriter(w, flate.BestSpeed) // the level is valid
			return f
		}),
	}
}
