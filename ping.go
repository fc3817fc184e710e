package fairlead

import (
	"bytes"
	"context"
	"encoding/binary"
	"sync"
	"sync/atomic"
	"time"

	"github.com/fairlead-ws/fairlead/frame"
)

// pingBook knows the Pings that wait for a Pong, in both directions. A nil one knows
// of none.
type pingBook struct {
	swallowed atomic.Uint64

	mu     sync.Mutex
	owed   []byte // payload of the peer's last Ping, while it is unanswered
	isOwed bool
	last   uint64               // number of the last Ping that was sent
	sent   map[uint64]*sentPing // those that wait, by number
}

// sentPing is a Ping of ours; its payload is its number.
type sentPing struct {
	number uint64
	came   chan struct{} // closed when a Pong has answered it, at at
	at     time.Time
}

// Ping sends a Ping and waits for its Pong. It returns the time between them.
//
// Somebody must read for the Pong to be seen. While no other goroutine reads,
// Ping does, and deals with control frames as the Policy says; those that
// ReadFrame would show are not shown then. It never takes a message from a
// reader: when one comes first, Ping waits for somebody to read it, or for ctx.
// A Read that begins meanwhile takes over; one that is under way goes on and
// returns what it would have returned.
//
// A Ping that ctx ends has done no harm. The end of the connection ends it with
// that error.
func (c *Conn) Ping(ctx context.Context) (time.Duration, error) {
	if err := c.usable(ctx); err != nil {
		return 0, err
	}
	book := c.pingBook()
	p := book.book()
	defer book.forget(p)
	begin := time.Now()
	payload := binary.BigEndian.AppendUint64(nil, p.number)
	if err := c.send(ctx, frame.Header{Fin: true, Opcode: frame.Ping}, payload, nil); err != nil {
		return 0, err
	}
	if err := c.pumpUntil(ctx, p.came, false); err != nil {
		return 0, err
	}
	return p.at.Sub(begin), nil
}

// PingPending returns the payload of the peer's last Ping while it is
// unanswered, which it can only be without Policy.AnswerPing. One Pong settles
// all earlier Pings (RFC 6455, section 5.5.3). The caller owns the payload.
func (c *Conn) PingPending() (payload []byte, ok bool) {
	if c == nil {
		return nil, false
	}
	b := c.pings.Load()
	if b == nil {
		return nil, false
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	return bytes.Clone(b.owed), b.isOwed
}

// PongsSwallowed returns how many Pongs Policy.SwallowPong has kept from
// ReadFrame.
func (c *Conn) PongsSwallowed() uint64 {
	if c == nil {
		return 0
	}
	if b := c.pings.Load(); b != nil {
		return b.swallowed.Load()
	}
	return 0
}

// pingBook returns the book, which is made when the first entry is: most connections
// see no Ping that is not answered at once.
func (c *Conn) pingBook() *pingBook {
	if b := c.pings.Load(); b != nil {
		return b
	}
	c.pings.CompareAndSwap(nil, new(pingBook))
	return c.pings.Load()
}

func (b *pingBook) owe(payload []byte) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.owed, b.isOwed = append(b.owed[:0], payload...), true
}

// answered notes that a Pong was sent.
func (b *pingBook) answered() {
	if b == nil {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.isOwed = false
}

// settle hands a Pong to the Pings that it answers: its own, and all before,
// for a peer may answer only the latest.
func (b *pingBook) settle(payload []byte) {
	if b == nil || len(payload) != 8 {
		return
	}
	number := binary.BigEndian.Uint64(payload)
	b.mu.Lock()
	defer b.mu.Unlock()
	if number > b.last {
		return // unsolicited
	}
	now := time.Now()
	for n, p := range b.sent {
		if n <= number {
			p.at = now
			close(p.came)
			delete(b.sent, n)
		}
	}
}

func (b *pingBook) book() *sentPing {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.sent == nil {
		b.sent = make(map[uint64]*sentPing)
	}
	b.last++
	p := &sentPing{number: b.last, came: make(chan struct{})}
	b.sent[b.last] = p
	return p
}

func (b *pingBook) forget(p *sentPing) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.sent, p.number)
}
