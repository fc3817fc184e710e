package simulation_test

import (
	"errors"
	"net"
	"slices"
	"time"

	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/frame"
)

var errClosed = net.ErrClosed

// whyEnded says what may have ended the session so far, "" if nothing.
func (s *session) whyEnded() string {
	st := s.link.state()
	switch v := s.server; {
	case s.closedNow:
		return "CloseNow"
	case s.closeCalled:
		return "Close"
	case st.ended:
		return "the server is gone"
	case v.closeStart >= 0 && v.delivered > v.closeStart:
		return "a Close came"
	case v.poison.start >= 0 && v.delivered > v.poison.start:
		return v.poison.name
	case st.everFull && s.writerLeft:
		return "a writer left in the middle of a frame"
	case st.everFull && s.overdue:
		return "a write waited too long"
	}
	return ""
}

// crossed says whether Close frames went both ways.
func (s *session) crossed() bool {
	return s.wire.closes == 1 && s.server.closeStart >= 0 && s.server.delivered >= s.server.closeEnd
}

// check looks at what holds whenever nothing moves.
func (s *session) check() {
	if s.isBroken() || s.conn == nil {
		return
	}
	st := s.link.state()
	s.checkEnd(st)
	if s.conn.Err() != nil || s.isBroken() {
		return
	}
	s.checkReading(st)
	s.checkWriting(st)
	s.checkTimes(st)
}

func (s *session) checkEnd(st linkState) {
	err := s.conn.Err()
	if err == nil && st.hungUp {
		s.broken("the client closed the connection and Err is nil")
	}
	if err != nil && s.whyEnded() == "" {
		s.broken("the connection ended and nobody did that: %v", err)
	}
	if pe, ok := errors.AsType[*fairlead.ProtocolError](err); ok && (s.server.poison.start < 0 || pe.Code != s.server.poison.code) {
		s.broken("%v, code %v; the server's offence: %+v", err, pe.Code, s.server.poison)
	}
	if s.wire.closes > 0 && !s.mayClose(s.wire.closeCode) {
		s.broken("the client sent a Close with %v: %s", s.wire.closeCode, s.whyEnded())
	}
	if code, _, came := s.conn.CloseStatus(); came {
		switch v := s.server; {
		case v.closeStart < 0 || v.delivered < v.closeEnd:
			s.broken("CloseStatus tells of a Close that did not come")
		case code != v.closeCode:
			s.broken("CloseStatus is %v, the server sent %v", code, v.closeCode)
		}
	}
}

// mayClose says whether the client has a reason for a Close with that code.
func (s *session) mayClose(code frame.StatusCode) bool {
	v := s.server
	return slices.Contains(s.closedWith, code) ||
		code == v.closeCode && v.closeStart >= 0 && v.delivered >= v.closeEnd ||
		code == v.poison.code && v.poison.start >= 0 && v.delivered > v.poison.start
}

// checkReading: whoever waits to read waits for bytes.
func (s *session) checkReading(st linkState) {
	if s.reader == nil || s.closeCalled || s.reader.name == "Reader" || s.reader.ctx.Err() != nil {
		return
	}
	v := s.server
	if st.ended || v.closeStart >= 0 && v.delivered >= v.closeEnd || v.poison.start >= 0 && v.delivered >= v.poison.end {
		if s.overSince.IsZero() {
			s.overSince = time.Now()
		}
		if time.Since(s.overSince) > 100*time.Millisecond && time.Since(s.reader.begun) > 100*time.Millisecond {
			s.broken("#%d %s waits and %s", s.reader.number, s.reader.name, s.whyEnded())
		}
		return
	}
	if v.poison.start >= 0 && v.delivered > v.poison.start {
		return // it may know already
	}
	if st.unread > 0 {
		s.broken("#%d %s waits and %d bytes are there", s.reader.number, s.reader.name, st.unread)
	}
	if s.next < len(v.messages) && v.messages[s.next].end <= v.delivered {
		s.broken("#%d %s waits and message %d is there", s.reader.number, s.reader.name, s.next)
	}
	if st.room == 0 || s.wire.closes > 0 {
		return
	}
	last := 0
	for i, p := range v.pings {
		if p.end <= v.delivered {
			last = i + 1
		}
	}
	if s.answers && s.wire.lastPong < last {
		s.broken("Ping %d was read and is not answered", last-1)
	}
	n, _ := s.wire.highest()
	if n > 0 && v.answered == n && v.delivered >= v.pongEnd {
		for _, c := range s.calls {
			if c.kind == pinging {
				s.broken("#%d Ping waits for a Pong that was read", c.number)
			}
		}
	}
}

// checkWriting: whoever waits to write waits for room, or for the end of a message
// in pieces.
func (s *session) checkWriting(st linkState) {
	if st.room == 0 || s.closeCalled || s.wire.closes > 0 {
		return
	}
	if !s.pieces && len(s.wire.rest) > 0 {
		s.broken("half a frame was sent: %d bytes", len(s.wire.rest))
	}
	for _, c := range s.calls {
		if c.kind == writing && (!s.pieces || c == s.streamCall) {
			s.broken("#%d %s waits and there is room", c.number, c.name)
		}
	}
}

// checkTimes: nobody waits longer than the limits say.
func (s *session) checkTimes(st linkState) {
	if limit := s.patience(); st.waiting && limit > 0 && st.writing.After(s.patienceSet) && time.Since(st.stuck) > limit+time.Millisecond {
		s.broken("a write has waited for %v, the limit is %v", time.Since(st.stuck), limit)
	}
	for _, c := range s.calls {
		if c.kind == closing && time.Since(c.begun) > s.closing+100*time.Millisecond {
			s.broken("#%d Close has waited for %v, the limit is %v", c.number, time.Since(c.begun), s.closing)
		}
	}
	if c := s.reader; c != nil && c.idle > 0 && c.idle == s.idle && s.whyEnded() == "" {
		since := c.begun
		if s.lastArrival.After(since) {
			since = s.lastArrival
		}
		if time.Since(since) > c.idle+time.Millisecond {
			s.broken("#%d %s has waited for %v, the idle timeout is %v", c.number, c.name, time.Since(since), c.idle)
		}
	}
}
