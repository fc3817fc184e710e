package adapter

import "github.com/fairlead-ws/fairlead/frame"

// rawChunk is how much a good client reads or writes with one system call when
// messages are small.
const rawChunk = 64 << 10

const rawRequest = " HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
	"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"

// Receive reads small frames many at a time, and each large one into the same
// memory again.
func (c *rawConn) Receive(size, n int) error {
	var head [frame.MaxHeaderSize]byte
	frameSize := size + len(frame.AppendHeader(head[:0], frame.Header{Length: int64(size)}))
	if len(c.buf) < max(c.chunk, frameSize) {
		c.buf = make([]byte, max(c.chunk, frameSize))
	}
	if frameSize < c.chunk {
		for c.carry < n*frameSize {
			k, err := c.Read(c.buf[:c.chunk])
			if err != nil {
				return err
			}
			c.carry += k
		}
		c.carry -= n * frameSize
		return nil
	}
	for range n {
		for got := 0; got < frameSize; {
			k, err := c.Read(c.buf[got:frameSize])
			if err != nil {
				return err
			}
			got += k
		}
	}
	return nil
}

func (c *rawConn) Batch(p []byte, n int) error {
	one := len(p) + len(frame.AppendHeader(nil, frame.Header{Masked: true, Length: int64(len(p))}))
	count := max(1, rawChunk/one)
	chunk := c.frames(count, [][]byte{p})[0]
	for ; n >= count; n -= count {
		if _, err := c.Write(chunk); err != nil {
			return err
		}
	}
	_, err := c.Write(chunk[:n*one])
	return err
}

func (c *rawConn) Send(p []byte, n int) error {
	f := c.frames(1, [][]byte{p})[0]
	for range n {
		if _, err := c.Write(f); err != nil {
			return err
		}
	}
	return nil
}
