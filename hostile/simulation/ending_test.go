package simulation_test

import (
	"context"
	"errors"
	"testing/synctest"
	"time"

	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/frame"
)

// heal lets everything through that is on its way, and demands that all of it
// arrives and the connection can be closed.
func (s *session) heal() {
	s.logf("everything gets through from here")
	s.link.makeRoom(1 << 26)
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
