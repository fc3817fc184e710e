package simulation_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"sync"
	"testing/synctest"
	"time"

	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/deflate"
	"github.com/fairlead-ws/fairlead/frame"
	"github.com/fairlead-ws/fairlead/handshake"
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
	room := 1 << 30
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

// config makes up the settings of the connection.
func (s *session) config() fairlead.ConnConfig {
	pick := func(d ...time.Duration) time.Duration { return d[s.chance.IntN(len(d))] }
	s.limits = fairlead.Limits{MessageBytes: int64([]int{0, 200_000, -1}[s.chance.IntN(3)])}
	s.writeLimit = pick(0, 0, 2*time.Second, -1)
	s.closing = pick(0, 0, 700*time.Millisecond)
	cfg := fairlead.ConnConfig{Limits: s.limits, WriteTimeout: s.writeLimit, CloseTimeout: s.closing}
	if s.writeLimit == 0 {
		s.writeLimit = fairlead.DefaultWriteTimeout
	}
	if s.closing == 0 {
		s.closing = fairlead.DefaultCloseTimeout
	}
	if s.chance.IntN(4) == 0 {
		cfg.Policy = s.policy()
	}
	if s.chance.IntN(6) == 0 {
		cfg.IdleTimeout = s.pause()
	}
	s.setIdle(cfg.IdleTimeout)
	if s.chance.IntN(7) == 0 {
		bits := func() int { return 8 + s.chance.IntN(8) }
		d := handshake.Deflate{ClientMaxWindowBits: bits(), ServerMaxWindowBits: bits(), ClientNoContextTakeover: s.chance.IntN(4) > 0, ServerNoContextTakeover: s.chance.IntN(4) > 0}
		cfg.Compression = &d
		s.compress(d)
	}
	return cfg
}

func (s *session) compress(d handshake.Deflate) {
	s.server.z = deflate.NewCompressor(d.ServerMaxWindowBits, !d.ServerNoContextTakeover)
	s.wire.z = deflate.NewDecompressor(d.ClientMaxWindowBits, !d.ClientNoContextTakeover)
	s.logf("compression %+v", d)
}

func (s *session) policy() *fairlead.Policy {
	coin := func() bool { return s.chance.IntN(2) == 0 }
	p := fairlead.Policy{AnswerPing: coin(), SwallowPong: coin(), AnswerClose: coin()}
	s.answers = s.answers && p.AnswerPing
	return &p
}

func (s *session) pause() time.Duration {
	all := []time.Duration{time.Millisecond, 10 * time.Millisecond, 60 * time.Millisecond, 300 * time.Millisecond, time.Second, 3 * time.Second, 8 * time.Second, 40 * time.Second}
	return all[s.chance.IntN(len(all))]
}

// limit is the size of a message that is too large by one.
func (s *session) limit() int64 {
	switch s.limits.MessageBytes {
	case 0:
		return fairlead.DefaultMessageBytes
	case -1:
		return math.MaxInt64
	}
	return s.limits.MessageBytes
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
			n = 1 << 30
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

// heal lets everything through that is on its way, and demands that all of it
// arrives and the connection can be closed.
func (s *session) heal() {
	s.logf("everything gets through from here")
	s.link.makeRoom(1 << 40)
	for s.server.midMessage() && !s.server.mute() {
		s.server.frame()
	}
	s.server.deliver(len(s.server.queue))
	s.look()
	s.finishWriter()
	for n := 0; s.whyEnded() == "" && s.next < len(s.server.messages) && n < 2000 && !s.isBroken(); n++ {
		if s.reader == nil {
			s.read()
		}
		s.look()
		if s.reader != nil && s.streamCtx != nil { // a context that lives on; what it waits for is there
			s.link.makeRoom(1)
		}
	}
	if s.whyEnded() != "" || s.isBroken() {
		return
	}
	if s.next < len(s.server.messages) {
		s.broken("message %d of %d does not come", s.next, len(s.server.messages))
	}
	s.close(context.Background(), frame.StatusNormal)
	s.look()
	s.answer()
	s.server.deliver(len(s.server.queue))
	s.look()
	s.sleep(2 * time.Second)
	s.link.cut(false, false)
	s.look()
	if !s.isBroken() && !s.stuck && !s.crossed() {
		s.broken("Close frames did not go both ways")
	}
}

// part has both sides close at about the same time, while whatever is under way
// goes on.
func (s *session) part() {
	s.logf("both sides part")
	for n := 3 + s.chance.IntN(6); n > 0 && !s.isBroken(); n-- {
		switch s.chance.IntN(6) {
		case 0:
			ctx, cancel := s.context()
			s.closeWith(ctx, cancel, closeCodes[s.chance.IntN(len(closeCodes))])
		case 1:
			if !s.server.mute() && !s.server.midMessage() {
				s.server.close(closeCodes[s.chance.IntN(len(closeCodes))])
			}
			s.server.deliver(len(s.server.queue))
		case 2:
			s.link.makeRoom(s.chance.IntN(300))
		case 3:
			s.sleep(s.pause())
		default:
			s.call()
		}
		if s.quiet = nil; s.chance.IntN(3) > 0 {
			s.look()
		}
	}
	s.look()
}

// finish ends everything and demands that all of it has ended then.
func (s *session) finish() {
	if s.conn != nil {
		s.logf("CloseNow")
		s.closedNow = true
		err := s.conn.CloseNow()
		s.logf("= %v", err)
	}
	synctest.Wait()
	if err := s.wire.judge(s.link.take()); err != nil {
		s.broken("the client sent %v", err)
	}
	s.absorb()
	s.settle()
	for _, c := range s.calls {
		s.broken("#%d %s outlives CloseNow", c.number, c.name)
	}
	if s.conn != nil {
		if !s.link.state().hungUp {
			s.broken("the connection is open after CloseNow")
		}
		if _, _, err := s.conn.Read(context.Background()); !errors.Is(err, errClosed) {
			s.broken("a Read after CloseNow returned %v", err)
		}
		if err := s.conn.Write(context.Background(), fairlead.Binary, nil); !errors.Is(err, errClosed) {
			s.broken("a Write after CloseNow returned %v", err)
		}
	}
	for _, f := range append(s.atEnd, s.endShared) {
		f()
	}
	for _, c := range s.calls {
		c.cancel()
	}
	s.link.cut(true, false)
	_ = s.link.Close()
}
