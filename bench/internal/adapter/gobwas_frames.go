package adapter

import (
	"errors"
	"io"
	"unicode/utf8"

	"github.com/gobwas/ws"
	"github.com/gobwas/ws/wsutil"
)

// The frame loop of gobwasFast.

func (c *gobwasFastConn) Send(p []byte, n int) error {
	for range n {
		if err := c.add(0, p); err != nil {
			return err
		}
		if err := c.flush(); err != nil {
			return err
		}
	}
	return nil
}

func (c *gobwasFastConn) Batch(p []byte, n int) error {
	for range n {
		if err := c.add(0, p); err != nil {
			return err
		}
		if c.out.Len()+len(p)+ws.MaxHeaderSize > c.maxBatch {
			if err := c.flush(); err != nil {
				return err
			}
		}
	}
	return c.flush()
}

// add puts a frame behind those that wait.
func (c *gobwasFastConn) add(rsv byte, p []byte) error {
	h := ws.Header{Fin: true, Rsv: rsv, OpCode: c.op, Masked: true, Mask: ws.NewMask(), Length: int64(len(p))}
	if err := ws.WriteHeaderBuffer(&c.out, h, c.headOut); err != nil {
		return err
	}
	start := c.out.Len()
	_, err := c.out.Write(p)
	ws.Cipher(c.out.Bytes()[start:], h.Mask, 0)
	return err
}

func (c *gobwasFastConn) flush() error {
	_, err := c.Write(c.out.Bytes())
	c.out.Reset()
	return err
}

// frame reads the next data frame, valid until the next call.
func (c *gobwasFastConn) frame() (ws.Header, []byte, error) {
	for {
		h, err := ws.ReadHeaderBuffer(c.br, c.head)
		if err == nil && !h.Fin {
			err = errors.New("these servers send no fragments")
		}
		if err == nil && h.Rsv == 0 {
			err = ws.CheckHeader(h, ws.StateClientSide)
		}
		if err != nil {
			return h, nil, err
		}
		if h.OpCode.IsControl() {
			if err := wsutil.ControlFrameHandler(c, ws.StateClientSide)(h, io.LimitReader(c.br, h.Length)); err != nil {
				return h, nil, err
			}
			continue
		}
		if int64(cap(c.in)) < h.Length {
			c.in = make([]byte, h.Length)
		}
		p := c.in[:h.Length]
		_, err = io.ReadFull(c.br, p)
		if err == nil && h.OpCode == ws.OpText && h.Rsv == 0 && !utf8.Valid(p) {
			err = wsutil.ErrInvalidUTF8
		}
		return h, p, err
	}
}
