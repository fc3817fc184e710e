package wstest

import (
	"math/rand/v2"
	"net"
	"time"

	"github.com/fairlead-ws/fairlead/frame"
)

// Chaos makes a [Server] difficult in ways that RFC 6455 permits, or that
// networks have. The zero value is none of it. Everything begins after the
// opening handshake.
//
// What is left to chance is decided by Seed and the number of the session,
// counted from 0 in the order in which connections are accepted: clients that
// come in the same order and send the same messages get the same bytes.
type Chaos struct {
	// Seed is where chance begins.
	Seed uint64

	// Fragments sends each echo in 1 to so many frames, of sizes left to
	// chance (empty ones too). Fragments of text end anywhere, also within a
	// character (RFC 6455 section 5.4). 0 and 1 mean one frame.
	Fragments int

	// Pings puts a Ping with a payload left to chance before some of the
	// frames of an echo, about one in two.
	Pings bool

	// Delay waits up to so long before each frame of an echo.
	Delay time.Duration

	// WriteBytes is how many bytes a single write to the connection carries at
	// most: 1 makes a packet of each byte, mostly, and over TLS a record. 0
	// means no limit.
	WriteBytes int

	// DropAfter closes the TCP connection once the server has sent so many
	// bytes after the handshake, without a word; over TLS they are counted
	// before encryption. 0 means never.
	DropAfter int64
}

// chaos is what a session needs of its server's Chaos.
type chaos struct {
	Chaos
	chance  *rand.Rand
	stopped <-chan struct{} // the server is closing
}

func newChaos(c Chaos, session uint64, stopped <-chan struct{}) chaos {
	return chaos{Chaos: c, chance: rand.New(rand.NewPCG(c.Seed, session)), stopped: stopped}
}

// wrap returns conn with the limits on writes.
func (c *chaos) wrap(conn net.Conn) net.Conn {
	if c.WriteBytes <= 0 && c.DropAfter <= 0 {
		return conn
	}
	left := c.DropAfter
	if left <= 0 {
		left = -1
	}
	return &choppy{Conn: conn, piece: c.WriteBytes, left: left}
}

// cuts returns the sizes of the frames that an echo of size bytes goes out in.
func (c *chaos) cuts(size int) []int {
	if c.Fragments <= 1 {
		return []int{size}
	}
	sizes := make([]int, 1+c.chance.IntN(c.Fragments))
	for i := range sizes[1:] {
		sizes[i] = c.chance.IntN(size + 1)
		size -= sizes[i]
	}
	sizes[len(sizes)-1] = size
	return sizes
}

// ping returns the payload of a Ping that is due now, or nil.
func (c *chaos) ping() []byte {
	if !c.Pings || c.chance.IntN(2) == 0 {
		return nil
	}
	payload := make([]byte, c.chance.IntN(frame.MaxControlPayload+1))
	for i := range payload {
		payload[i] = byte(c.chance.Uint32())
	}
	return payload
}

// pause waits before a frame. It returns false when the server closes.
func (c *chaos) pause() bool {
	if c.Delay <= 0 {
		return true
	}
	timer := time.NewTimer(time.Duration(c.chance.Int64N(int64(c.Delay))))
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-c.stopped:
		return false
	}
}

// choppy is a connection whose writes are cut into pieces, and which is closed
// when a number of bytes is used up.
type choppy struct {
	net.Conn
	piece int   // bytes in one write; 0: all
	left  int64 // bytes until the end; negative: no end
}

func (c *choppy) Write(p []byte) (n int, err error) {
	for n < len(p) {
		q := p[n:]
		if c.piece > 0 && len(q) > c.piece {
			q = q[:c.piece]
		}
		if c.left >= 0 && int64(len(q)) > c.left {
			q = q[:c.left]
		}
		m, err := c.Conn.Write(q)
		n += m
		if err != nil {
			return n, err
		}
		if c.left >= 0 {
			if c.left -= int64(m); c.left == 0 {
				_ = c.Conn.Close()
				return n, net.ErrClosed
			}
		}
	}
	return n, nil
}

// CloseWrite lets a session linger as it does without chaos.
func (c *choppy) CloseWrite() error { return closeWrite(c.Conn) }
