package server

import (
	"bytes"
	"io"

	"github.com/klauspost/compress/flate"

	"github.com/fairlead-ws/fairlead/bench/internal/client"
)

const (
	window    = 32 << 10
	emptyTail = "\x00\x00\xff\xff"
	// lastBlock ends the stream for the inflater: without takeover every
	// message is one, with takeover the window carries over.
	lastBlock = "\x01\x00\x00\xff\xff"
)

// codec inflates and deflates messages for real (RFC 7692, section 7.2), so that
// what a client has to inflate is what a server sends that was asked for takeover.
type codec struct {
	takeover bool
	r        io.ReadCloser
	w        *flate.Writer
	in, out  bytes.Buffer
	dict     []byte // the last 32 KiB of the client's messages
}

// newCodec returns nil where nothing is compressed.
func newCodec(deflate client.Deflate) *codec {
	if deflate == client.NoDeflate {
		return nil
	}
	c := &codec{takeover: deflate == client.Takeover, r: flate.NewReader(nil)}
	// The level is known to be valid.
	c.w, _ = flate.NewWriter(&c.out, flate.BestSpeed)
	return c
}

// inflate returns the message of p, valid until the next call.
func (c *codec) inflate(p []byte) ([]byte, error) {
	src := io.MultiReader(bytes.NewReader(p), bytes.NewReader([]byte(emptyTail+lastBlock)))
	if err := c.r.(flate.Resetter).Reset(src, c.dict); err != nil {
		return nil, err
	}
	c.in.Reset()
	if _, err := c.in.ReadFrom(io.LimitReader(c.r, maxMessage)); err != nil {
		return nil, err
	}
	plain := c.in.Bytes()
	if c.takeover {
		c.dict = append(c.dict, plain...)
		c.dict = c.dict[max(0, len(c.dict)-window):]
	}
	return plain, nil
}

// deflate returns p compressed, valid until the next call.
func (c *codec) deflate(p []byte) ([]byte, error) {
	c.out.Reset()
	if !c.takeover {
		c.w.Reset(&c.out)
	}
	if _, err := c.w.Write(p); err != nil {
		return nil, err
	}
	if err := c.w.Flush(); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(c.out.Bytes(), []byte(emptyTail)), nil
}
