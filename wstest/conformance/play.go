package conformance

import (
	"bufio"
	"net"
	"sync"
	"time"

	"github.com/fairlead-ws/fairlead/deflate"
	"github.com/fairlead-ws/fairlead/frame"
	"github.com/fairlead-ws/fairlead/wstest"
)

const (
	closeLimit = time.Second           // for the client's answer to a Close
	writeLimit = 10 * time.Second      // for one act, at least
	chopPause  = 10 * time.Microsecond // between the writes of chopped bytes
	bufferSize = 64 << 10
)

// session is one run of a case.
type session struct {
	c    *Case
	conn net.Conn
	out  *bufio.Writer

	compressor *deflate.Compressor // nil without compression
	wire       []byte              // scratch for what it gives

	changed chan struct{} // room for one: a field below has changed
	mu      sync.Mutex
	// received ends with the client's Close, a breach, the end of the
	// connection, or when the server has lost patience.
	received []event
	closedBy side // who ended the session
	// serverClosed and clientClosed say whose Close frame was sent.
	serverClosed, clientClosed bool
	hasCode                    bool             // the client's Close has a payload
	code                       frame.StatusCode // of the client's Close
	impatient                  bool             // the server failed the connection: events no longer count
	over                       bool             // nothing more is read
	end                        error            // of reading, without a Close
	breach                     error            // what the client must not send
	stuck                      bool             // the client did nothing about the server's Close
}

// Run plays the case on conn, the server's end of a connection whose opening
// handshake is done, and judges the client. It takes as long as the case says
// and closes conn, with a reset after the client's answer to a Close.
//
// The client has to run at the same time.
func (c Case) Run(conn net.Conn) Verdict {
	s := &session{c: &c, conn: conn, compressor: c.compressor(), changed: make(chan struct{}, 1)}
	s.out = bufio.NewWriterSize(chopper{conn, c.chop}, bufferSize)
	var reading sync.WaitGroup
	reading.Go(s.read)
	s.play()
	s.finish()
	reading.Wait()
	return s.verdict()
}

// play sends the script and waits for what the client makes of it.
func (s *session) play() {
	start := time.Now()
	for _, a := range s.c.acts {
		if s.sessionOver() {
			return
		}
		if s.do(a, start.Add(s.c.limit)) != nil {
			// A connection that takes nothing more: reading will tell why.
			break
		}
	}
	if s.out.Flush() != nil {
		s.wait(closeLimit, s.sessionOver)
	}
	switch {
	case s.serverHasClosed():
	case s.c.endsByItself():
		if s.wait(s.c.limit, s.complete) {
			s.close(frame.StatusNormal)
		} else {
			s.lose()
		}
	case !s.wait(s.c.limit, s.sessionOver):
		s.lose()
	}
	if !s.wait(closeLimit, s.sessionOver) {
		s.note(func() { s.stuck = true })
	}
}

// do performs one act. deadline is for what it awaits.
func (s *session) do(a act, deadline time.Time) error {
	if a.pause > 0 {
		if err := s.out.Flush(); err != nil {
			return err
		}
		if !s.wait(a.pause, s.sessionOver) && a.mark != "" {
			s.note(func() { s.received = append(s.received, eventOf("timeout", []byte(a.mark))) })
		}
		return nil
	}
	if err := s.conn.SetWriteDeadline(time.Now().Add(max(s.c.limit, writeLimit))); err != nil {
		return err
	}
	seen := s.events()
	if err := s.put(a); err != nil {
		return err
	}
	if a.closing {
		s.note(func() { s.serverCloses() })
	}
	if s.c.chop != oneSegment || a.await {
		if err := s.out.Flush(); err != nil {
			return err
		}
	}
	if a.await {
		s.wait(time.Until(deadline), func() bool { return s.events() > seen || s.sessionOver() })
	}
	return nil
}

// put writes the frames of an act into the buffer.
func (s *session) put(a act) error {
	if a.raw != nil {
		_, err := s.out.Write(a.raw)
		return err
	}
	h, rest := a.header, a.payload
	if s.compressor != nil {
		s.wire = s.compressor.Append(s.wire[:0], rest, true)
		h.RSV, rest = frame.RSV1, s.wire
	}
	for {
		p := rest
		if a.fragment > 0 {
			p = rest[:min(a.fragment, len(rest))]
		}
		rest = rest[len(p):]
		h.Length, h.Fin = int64(len(p)), a.header.Fin && len(rest) == 0
		if _, err := s.out.Write(frame.AppendHeader(make([]byte, 0, frame.MaxHeaderSize), h)); err != nil {
			return err
		}
		if _, err := s.out.Write(p); err != nil {
			return err
		}
		if len(rest) == 0 {
			return nil
		}
		h.Opcode, h.RSV = frame.Continuation, 0
	}
}

// close begins the closing handshake, unless the session is over.
func (s *session) close(code frame.StatusCode) {
	s.note(func() {
		if !s.over {
			s.serverCloses()
		}
	})
	if s.serverHasClosed() {
		s.writeClose(code)
	}
}

// lose gives a client up that did not do what it must.
func (s *session) lose() {
	s.note(func() { s.impatient = true })
	s.close(frame.StatusGoingAway)
}

func (s *session) writeClose(code frame.StatusCode) {
	p, err := frame.AppendClose(nil, code, "")
	if err != nil {
		// The client's own code, which may be none that may be sent.
		p = nil
	}
	wire := append(frame.AppendHeader(nil, frame.Header{Fin: true, Opcode: frame.Close, Length: int64(len(p))}), p...)
	_ = s.conn.SetWriteDeadline(time.Now().Add(closeLimit))
	// A connection that takes nothing more is judged by what came from it.
	_, _ = s.conn.Write(wire)
}

// finish ends the connection: after the client's answer with a reset, after its
// own Close with an answer.
func (s *session) finish() {
	s.mu.Lock()
	answered := s.clientClosed && s.closedBy == server
	asked := s.clientClosed && s.closedBy == client
	s.mu.Unlock()
	if answered {
		_ = wstest.Play(s.conn, wstest.Reset())
	}
	if asked {
		s.writeClose(s.code)
	}
	s.conn.Close()
}

// chopper writes pieces of size bytes, a moment apart. Any size below one means
// no pieces.
type chopper struct {
	net.Conn
	size int
}

func (c chopper) Write(p []byte) (n int, err error) {
	if c.size < 1 {
		return c.Conn.Write(p)
	}
	for n < len(p) && err == nil {
		var m int
		m, err = c.Conn.Write(p[n:min(n+c.size, len(p))])
		n += m
		time.Sleep(chopPause)
	}
	return n, err
}
