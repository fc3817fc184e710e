package load

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/fairlead-ws/fairlead"
)

// client is one connection.
type client struct {
	r     *Runner
	index int
	conn  *fairlead.Conn

	pinging atomic.Bool

	mu      sync.Mutex
	over    bool  // the session has ended; nothing more is to be sent
	waiting int64 // messages that are due or not answered
	due     queue // intended times of messages that wait to be sent
	sending bool  // a worker is at it
	asked   queue // without stamps: intended times and times sent, in turn
}

// queue is a queue of times. The zero value is empty.
type queue struct {
	items []int64
	first int
}

func (q *queue) len() int { return len(q.items) - q.first }

func (q *queue) push(v int64) {
	if q.first > 0 && len(q.items) == cap(q.items) {
		q.items = q.items[:copy(q.items, q.items[q.first:])]
		q.first = 0
	}
	q.items = append(q.items, v)
}

func (q *queue) pop() int64 {
	v := q.items[q.first]
	if q.first++; q.first == len(q.items) {
		q.items, q.first = q.items[:0], 0
	}
	return v
}

// send has a message with the intended time sent, after those before it, and
// does not wait for it.
func (c *client) send(intended int64) {
	c.mu.Lock()
	over, start := c.over, !c.sending
	if !over {
		c.r.total.outstanding.Add(1)
		c.waiting++
		c.due.push(intended)
		c.sending = true
	}
	c.mu.Unlock()
	switch {
	case over:
		c.r.total.unsent.Add(1)
	case start:
		c.r.pool.do(job{c, (*client).sendDue})
	}
}

// sendDue sends what is due. buf holds the message and is the worker's own.
func (c *client) sendDue(buf []byte) {
	typ := fairlead.Text
	if c.r.opts.Binary {
		typ = fairlead.Binary
	}
	t := &c.r.template
	for {
		c.mu.Lock()
		if c.due.len() == 0 {
			c.sending = false
			c.mu.Unlock()
			return
		}
		intended, now := c.due.pop(), c.r.clock.now()
		if !t.stamped() {
			c.asked.push(intended)
			c.asked.push(now)
		}
		c.mu.Unlock()
		if t.stamped() {
			t.put(buf, c.index, intended, now)
		}
		c.r.total.writing.Add(1)
		err := c.conn.Write(c.r.life, typ, buf)
		if err == nil {
			c.r.sent(c, intended, now)
		} else {
			c.r.total.unsent.Add(1)
			if c.settled() {
				c.r.faults.add("send", err)
			}
		}
		c.r.total.writing.Add(-1)
		c.r.settle()
	}
}

// read takes answers until the session ends.
func (c *client) read() {
	for msg, err := range c.conn.Messages(context.Background()) {
		if err != nil {
			c.end()
			c.r.ended(c, err)
			return
		}
		c.answer(msg.Data)
	}
}

func (c *client) answer(p []byte) {
	came := c.r.clock.now()
	from, intended, sent, ok := c.index, int64(0), int64(0), false
	if c.r.template.stamped() {
		from, intended, sent, ok = c.r.template.find(p)
	} else {
		c.mu.Lock()
		if ok = c.asked.len() > 0; ok {
			intended, sent = c.asked.pop(), c.asked.pop()
		}
		c.mu.Unlock()
	}
	if !ok {
		c.r.total.foreign.Add(1)
		return
	}
	c.r.answered(c, from, intended, sent, came, len(p))
}

// settled says that no answer to one of the messages is waited for any more. It
// returns false when that was known, because the session has ended.
func (c *client) settled() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.over {
		return false
	}
	c.waiting--
	c.r.total.outstanding.Add(-1)
	return true
}

// end gives up all messages that wait.
func (c *client) end() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.over = true
	c.r.total.outstanding.Add(-c.waiting)
}

func (c *client) ended() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.over
}

// ping measures one round trip, unless the last one is still under way.
func (c *client) ping([]byte) {
	defer c.pinging.Store(false)
	rtt, err := c.conn.Ping(c.r.life)
	switch {
	case err == nil:
		c.r.total.pongs.Add(1)
		c.r.hist.record(c.index, kindPing, rtt)
	case !c.ended() && c.r.life.Err() == nil:
		c.r.faults.add("ping", err)
	}
}
