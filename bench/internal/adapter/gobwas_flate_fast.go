package adapter

// Echo, Send and Receive of the fast compressing form of gobwas.

func (c *gobwasFlateConn) Echo(msgs [][]byte, n int) error {
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

// Send compresses each message into memory, so that it is one frame.
func (c *gobwasFlateConn) Send(p []byte, n int) error {
	const rsv1 = 4
	for range n {
		c.comp.Reset()
		c.w.Reset(&c.comp)
		if _, err := c.w.Write(p); err != nil {
			return err
		}
		if err := c.w.Close(); err != nil {
			return err
		}
		if err := c.add(rsv1, c.comp.Bytes()); err != nil {
			return err
		}
		if err := c.flush(); err != nil {
			return err
		}
	}
	return nil
}

func (c *gobwasFlateConn) Receive(size, n int) error {
	for range n {
		_, p, err := c.frame()
		if err != nil {
			return err
		}
		c.src.Reset(p)
		c.r.Reset(&c.src)
		c.data.Reset()
		if _, err = c.data.ReadFrom(c.r); err == nil {
			err = sized(c.data.Len(), size)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
