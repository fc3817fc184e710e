package flood_test

import (
	"io"
	"net"
	"strings"
	"sync"
	"time"

	"github.com/fairlead-ws/fairlead/frame"
	"github.com/fairlead-ws/fairlead/handshake"
)

// torrent is what a peer sends: start, then again for ever, or so many times and
// then end.
type torrent struct {
	start, again, end string
	times             int // how often again comes; 0 is for ever
	// decides is how many bytes the client needs for its verdict. It may read
	// ahead, but little; 0 is any number.
	decides int64
	// most is the number of bytes that a Read gets at most; 0 is any.
	most int
	// deaf is a peer that does not take what is written.
	deaf bool
}

const (
	// spare is what a client may have read ahead of its verdict.
	spare = 64 << 10
	// acceptHere stands for the right Sec-WebSocket-Accept in start.
	acceptHere = "{accept}"
	switching  = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " + acceptHere + "\r\n"
)

// at is a piece of the stream from an offset on, "" behind its end.
func (f *torrent) at(off int64) string {
	if off < int64(len(f.start)) {
		return f.start[off:]
	}
	off -= int64(len(f.start))
	if all := int64(f.times) * int64(len(f.again)); f.again == "" || f.times > 0 && off >= all {
		return f.end[min(off-all, int64(len(f.end))):]
	}
	return f.again[off%int64(len(f.again)):]
}

// on is the client's end of a connection to such a peer. The stream is made as it
// is read, so the peer has no part in what is measured.
func (f torrent) on(g *gauge) *torrentConn {
	g.calm.Store(true)
	return &torrentConn{torrent: f, gauge: g, ended: make(chan struct{})}
}

type torrentConn struct {
	torrent
	gauge *gauge
	ended chan struct{} // closed by Close
	once  sync.Once

	mu      sync.Mutex
	given   int64
	refused int64 // what was given when the client's Close frame came; 0 before
	request int   // bytes of the first write
}

func (c *torrentConn) Read(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	select {
	case <-c.ended:
		return 0, net.ErrClosed
	default:
	}
	if c.most > 0 {
		p = p[:min(len(p), c.most)]
	}
	c.gauge.sample()
	n := 0
	for n < len(p) {
		piece := c.at(c.given + int64(n))
		if piece == "" {
			break
		}
		n += copy(p[n:], piece)
	}
	if c.given += int64(n); c.decides > 0 && c.given >= c.decides {
		c.gauge.decided()
	}
	if n == 0 {
		return 0, io.EOF
	}
	return n, nil
}

func (c *torrentConn) Write(p []byte) (int, error) {
	if c.deaf {
		<-c.ended
		return 0, net.ErrClosed
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.request == 0 {
		c.request = len(p)
	}
	if _, after, ok := strings.Cut(string(p), "Sec-WebSocket-Key: "); ok && strings.Contains(c.start, acceptHere) {
		key, _, _ := strings.Cut(after, "\r\n")
		c.start = strings.ReplaceAll(c.start, acceptHere, handshake.AcceptKey(key))
	}
	if c.refused == 0 && hasClose(p) {
		c.refused = c.given
	}
	return len(p), nil
}

// hasClose reports whether there is a Close among the frames of p.
func hasClose(p []byte) bool {
	for {
		h, n, err := frame.ParseHeader(p)
		if err != nil || n == 0 || int64(len(p)-n) < h.Length {
			return false
		}
		if h.Opcode == frame.Close {
			return true
		}
		p = p[n+int(h.Length):]
	}
}

func (c *torrentConn) Close() error {
	c.once.Do(func() { close(c.ended) })
	return nil
}

func (c *torrentConn) LocalAddr() net.Addr              { return &net.TCPAddr{} }
func (c *torrentConn) RemoteAddr() net.Addr             { return &net.TCPAddr{} }
func (c *torrentConn) SetDeadline(time.Time) error      { return nil }
func (c *torrentConn) SetReadDeadline(time.Time) error  { return nil }
func (c *torrentConn) SetWriteDeadline(time.Time) error { return nil }

// ahead is how many bytes were read beyond those that the verdict needs. What is
// read and thrown away behind a Close frame does not count.
func (c *torrentConn) ahead() int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.decides == 0:
		return 0
	case c.refused > 0:
		return c.refused - c.decides
	}
	return c.given - c.decides
}
