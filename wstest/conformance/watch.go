package conformance

import (
	"bufio"
	"errors"
	"time"

	"github.com/fairlead-ws/fairlead/frame"
)

// read notes what the client sends, up to its Close.
func (s *session) read() {
	r := &receiver{in: bufio.NewReaderSize(s.conn, bufferSize), scratch: make([]byte, bufferSize), keep: !s.c.lengths, inflater: s.c.inflater()}
	for {
		e, err := r.next()
		var bad *breach
		switch {
		case errors.As(err, &bad):
			s.note(func() { s.stop(); s.breach = bad })
			return
		case err != nil:
			s.note(func() { s.stop(); s.end = err })
			return
		case e.kind == frame.Close.String():
			s.note(func() { s.stop(); s.clientCloses(e.payload) })
			return
		}
		s.note(func() {
			if !s.impatient {
				s.received = append(s.received, e)
			}
		})
	}
}

// note changes fields of s and tells who waits.
func (s *session) note(change func()) {
	s.mu.Lock()
	change()
	s.mu.Unlock()
	select {
	case s.changed <- struct{}{}:
	default:
	}
}

// wait waits for done and reports whether it came true within limit.
func (s *session) wait(limit time.Duration, done func() bool) bool {
	timer := time.NewTimer(limit)
	defer timer.Stop()
	for !done() {
		select {
		case <-s.changed:
		case <-timer.C:
			return done()
		}
	}
	return true
}

// stop says that reading has ended; mu is held. Whoever ends the session first
// is the one that closed it.
func (s *session) stop() {
	s.over = true
	if s.closedBy == nobody {
		s.closedBy = client
	}
}

// clientCloses takes the payload of the client's Close; mu is held.
func (s *session) clientCloses(payload []byte) {
	code, _, err := frame.ParseClose(payload)
	if err != nil && !errors.Is(err, frame.ErrCloseCode) {
		s.breach = err
		return
	}
	s.clientClosed, s.hasCode, s.code = true, len(payload) > 0, code
	if s.closedBy == client {
		// finish answers it.
		s.serverClosed = true
	}
}

// serverCloses notes that the server's Close is on its way; mu is held.
func (s *session) serverCloses() {
	s.serverClosed = true
	if s.closedBy == nobody {
		s.closedBy = server
	}
}

func (s *session) sessionOver() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.over
}

func (s *session) serverHasClosed() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.closedBy == server
}

func (s *session) events() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.received)
}

// complete reports whether all that is expected has come, or nothing more can.
func (s *session) complete() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.over || s.c.matches(s.c.want[0], s.received)
}
