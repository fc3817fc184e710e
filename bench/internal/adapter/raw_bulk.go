package adapter

import "github.com/fairlead-ws/fairlead/frame"

// rawChunk is how much a good client reads or writes with one system call when
// messages are small.
const rawChunk = 64 << 10

// Receive reads small frames many at a time, and each large one into the same
// memory again.
func (c *rawConn) Receive(size, n int) error {
	var head [frame.MaxHeaderSize]byte
	frameSize := size + len(frame.AppendHeader(head[:0], frame.Header{Length: int64(size)}))
	if len(c.buf) < max(rawChunk, frameSize) {
		c.buf = make([]byte, max(rawChunk, frameSize))
	}
	if frameSize < rawChunk {
		for c.carry < n*frameSize {
			k, err := c.Read(c.buf[:rawChunk])
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
