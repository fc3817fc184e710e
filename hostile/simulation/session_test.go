package simulation_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"sync"
	"testing/synctest"
	"time"

	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/frame"
)

// session is one connection and what is known of it. The simulation does one thing,
// or a few at once, and waits until nothing moves any more; then it looks.
type session struct {
	seed   uint64
	chance *rand.Rand
	begun  time.Time
	conn   *fairlead.Conn
	link   *link
	server *server
	wire   *wire

	limits                    fairlead.Limits
	idle, writeLimit, closing time.Duration
	answers                   bool // pings were answered by policy all the time
	calm                      bool // everything arrives at once
	shared                    context.Context
	endShared                 context.CancelFunc

	numbered int
	calls    []*call
	reader   *call
	lanes    map[string]*call
	sent     map[string]int
	cancels  []context.CancelFunc // of calls, to be used one day
	atEnd    []context.CancelFunc

	// Receiving.
	events      []event
	next        int // message of the server's
	mid         string
	interrupted bool
	stream      *fairlead.MessageReader
	resumed     int // how much of partial was there when stream began
	streamCtx   context.Context
	partial     []byte
	frameType   fairlead.MessageType
	shownPing   int

	// Sending a message in pieces.
	writer     io.WriteCloser
	writerOut  *outgoing
	streamCall *call
	pieces     bool // WriteFrame or a Writer has a message open
	stuck      bool // a message can never be ended

	closedWith                                            []frame.StatusCode
	everIdle, writerLeft, closeCalled, closedNow, overdue bool
	lastArrival                                           time.Time
	leastPatience                                         time.Duration // there ever was; 0 for none
	patienceSet                                           time.Time
	quiet                                                 *call     // the reader that was seen to wait
	overSince                                             time.Time // a reader has waited since all that ends the session is there
	writerCtx                                             context.Context

	mu          sync.Mutex
	log         bytes.Buffer
	firstBroken string
}

func (s *session) logf(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	fmt.Fprintf(&s.log, "%9v ", time.Since(s.begun))
	fmt.Fprintf(&s.log, format, args...)
	s.log.WriteByte('\n')
}

// broken notes the first invariant that does not hold.
func (s *session) broken(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	s.logf("BROKEN: %s", text)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.firstBroken == "" {
		s.firstBroken = text
	}
}

func (s *session) isBroken() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.firstBroken != ""
}

func newSession(seed uint64) *session {
	return &session{
		seed: seed, chance: rand.New(rand.NewPCG(seed, 6455)),
		lanes: make(map[string]*call), sent: make(map[string]int), answers: true,
	}
}

// play plays the session, in a bubble of its own.
func (s *session) play() {
	s.begun = time.Now()
	s.shared, s.endShared = context.WithCancel(context.Background())
	s.calm = s.chance.IntN(3) == 0
	room := 1 << 26
	if !s.calm && s.chance.IntN(2) == 0 {
		room = s.chance.IntN(5000)
	}
	s.link = newLink(s.seed, room)
	s.server = newServer(s.chance, s.link)
	s.wire = newWire(s.server)
	s.connect()
	if s.conn != nil {
		for n := 10 + s.chance.IntN(60); n > 0 && !s.isBroken(); n-- {
			s.step()
		}
		switch n := s.chance.IntN(8); {
		case s.isBroken():
		case n < 5:
			s.heal()
		case n < 7:
			s.part()
		}
	}
	s.finish()
}

// step does one thing, or several at once, and looks at what came of it.
func (s *session) step() {
	s.act()
	for s.chance.IntN(5) == 0 {
		s.quiet = nil
		s.act()
	}
	if s.calm {
		s.server.deliver(len(s.server.queue))
	}
	s.look()
}

func (s *session) act() {
	switch pick := s.chance.IntN(100); {
	case pick < 34:
		s.serve()
	case pick < 52:
		s.server.deliver(s.amount())
		s.lastArrival = time.Now()
	case pick < 56:
		n := s.chance.IntN(20_000)
		if s.chance.IntN(3) == 0 {
			n = 1 << 26
		}
		s.logf("room for %d more", n)
		s.link.makeRoom(n)
	case pick < 63:
		s.sleep(s.pause())
	case pick < 65:
		s.cancelOne()
	default:
		s.call()
	}
}

func (s *session) amount() int {
	switch s.chance.IntN(4) {
	case 0:
		return 1 + s.chance.IntN(8)
	case 1:
		return 1 + s.chance.IntN(1+len(s.server.queue))
	default:
		return len(s.server.queue)
	}
}

// sleep lets time pass. Between the timers that end meanwhile nothing is looked at.
func (s *session) sleep(d time.Duration) {
	s.expect(d)
	time.Sleep(d)
	synctest.Wait() // what else happens at this instant has happened
	s.logf("%v later", d)
}

// expect says that so much time is about to pass.
func (s *session) expect(d time.Duration) {
	synctest.Wait()
	if st := s.link.state(); st.waiting && s.leastPatience > 0 && time.Since(st.writing)+d >= s.leastPatience {
		s.overdue = true
	}
}

// patience is how long a write may wait, 0 for ever.
func (s *session) patience() time.Duration {
	limit := max(s.writeLimit, 0)
	if s.idle > 0 && (limit == 0 || s.idle < limit) {
		limit = s.idle
	}
	return limit
}

func (s *session) setIdle(d time.Duration) {
	s.idle, s.patienceSet = d, time.Now()
	s.everIdle = s.everIdle || d > 0
	if p := s.patience(); s.leastPatience == 0 || p > 0 && p < s.leastPatience {
		s.leastPatience = p
	}
}

func (s *session) cancelOne() {
	if len(s.calls) > 0 {
		c := s.calls[s.chance.IntN(len(s.calls))]
		s.logf("the context of #%d ends", c.number)
		c.cancel()
	}
	if len(s.cancels) > 0 && s.chance.IntN(2) == 0 {
		s.logf("the context of a Reader ends")
		s.cancels[0]()
		s.cancels = s.cancels[1:]
	}
	if s.chance.IntN(8) == 0 {
		s.logf("the shared context ends")
		s.endShared()
		s.writerLeft = true
		s.shared, s.endShared = context.WithCancel(context.Background())
	}
}

// serve is a step of the server's.
func (s *session) serve() {
	v := s.server
	if v.mute() {
		return
	}
	switch pick := s.chance.IntN(60); {
	case v.midMessage() && pick < 40:
		v.frame()
		s.logf("server: next frame")
	case pick < 36:
		v.message()
		s.logf("server: message %d, %d bytes in %d frames", len(v.messages), len(v.opening.data), 1+len(v.open))
	case pick < 44:
		for n := s.chance.IntN(20); n > 17 || n == 0; n-- {
			v.ping()
		}
		s.logf("server: %s", v.ping())
	case pick < 46:
		v.pong([]byte("unsolicited"))
		s.logf("server: pong")
	case pick < 56:
		s.answer()
	case pick == 56:
		code := closeCodes[s.chance.IntN(len(closeCodes))]
		v.close(code)
		s.logf("server: close %v", code)
	case pick == 57:
		v.misbehave(s.limit())
		s.logf("server: %s", v.poison.name)
	case pick == 58 && s.chance.IntN(2) == 0:
		reset, glued := s.chance.IntN(2) == 0, s.chance.IntN(2) == 0
		v.deliver(s.chance.IntN(len(v.queue) + 1))
		s.logf("server: gone, reset %v", reset)
		s.link.cut(reset, glued)
	}
}

// answer is what the server owes the client: a Pong, a Close.
func (s *session) answer() {
	v := s.server
	if v.mute() {
		return
	}
	if n, payload := s.wire.highest(); n > v.answered {
		v.pong(payload)
		v.answered, v.pongEnd = n, v.total
		s.logf("server: pong %d", n)
	}
	if s.wire.closes > 0 {
		code := s.wire.closeCode
		v.close(code)
		s.logf("server: close %v", code)
	}
}

// look waits until nothing moves and checks everything.
func (s *session) look() {
	synctest.Wait()
	if err := s.wire.judge(s.link.take()); err != nil {
		s.broken("the client sent %v", err)
	}
	s.absorb()
	s.settle()
	s.check()
	s.quiet = s.reader
}
