package simulation_test

import (
	"context"
	"testing/synctest"
	"time"

	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/frame"
)

// call is a step of the client's.
func (s *session) call() {
	c := s.conn
	switch pick := s.chance.IntN(100); {
	case pick < 40:
		if s.reader == nil {
			s.read()
		} else if s.waiting(s.reader) {
			s.start(context.Background(), second, "second Read", func() {}, func(ctx context.Context) error {
				_, _, err := c.Read(ctx)
				return err
			})
			synctest.Wait()
		}
	case pick < 66:
		lane := []string{"a", "b", "c"}[s.chance.IntN(3)]
		if call := s.lanes[lane]; call == nil || !s.in(call) {
			s.write(lane)
		}
	case pick < 76:
		s.writePiece()
	case pick < 84:
		ctx, cancel := s.context()
		s.start(ctx, pinging, "Ping", cancel, func(ctx context.Context) error {
			_, err := c.Ping(ctx)
			return err
		})
	case pick < 87:
		p := s.policy()
		s.logf("policy %+v", *p)
		c.SetPolicy(*p)
	case pick < 90:
		s.setIdle(0)
		if s.chance.IntN(2) == 0 {
			s.setIdle(s.pause())
		}
		s.logf("idle timeout %v", s.idle)
		c.SetIdleTimeout(s.idle)
	case pick < 94:
		s.expect(time.Millisecond)
		s.logf("Readable: %v, Err: %v", c.Readable(), c.Err())
	case pick < 96:
		if payload, ok := c.PingPending(); ok {
			s.wire.byHand[string(payload)] = true
			s.start(context.Background(), writing, "WriteFrame Pong", func() {}, func(ctx context.Context) error {
				return c.WriteFrame(ctx, frame.Header{Fin: true, Opcode: frame.Pong}, payload)
			})
		}
	case pick == 96:
		ctx, cancel := s.context()
		s.closeWith(ctx, cancel, closeCodes[s.chance.IntN(len(closeCodes))])
	case pick == 97 && s.chance.IntN(4) == 0:
		s.closedNow = true
		s.logf("CloseNow: %v", c.CloseNow())
	}
}

func (s *session) in(c *call) bool {
	for _, other := range s.calls {
		if other == c {
			return true
		}
	}
	return false
}

// waiting says that a read was seen to wait.
func (s *session) waiting(c *call) bool {
	return s.quiet == c && c.ctx.Err() == nil
}

func (s *session) close(ctx context.Context, code frame.StatusCode) {
	s.closeWith(ctx, func() {}, code)
}

func (s *session) closeWith(ctx context.Context, cancel context.CancelFunc, code frame.StatusCode) {
	s.closeCalled = true
	s.closedWith = append(s.closedWith, code)
	s.start(ctx, closing, "Close "+code.String(), cancel, func(ctx context.Context) error {
		return s.conn.Close(ctx, code, "")
	})
}

// writePiece goes on with a message in pieces, or begins one.
func (s *session) writePiece() {
	if s.streamCall != nil || s.stuck {
		return
	}
	if s.writer == nil {
		ctx := context.Background()
		if s.chance.IntN(4) == 0 {
			var cancel context.CancelFunc
			ctx, cancel = context.WithTimeout(ctx, s.pause())
			s.atEnd = append(s.atEnd, cancel)
		}
		lane := "w"
		o := &outgoing{message: newMessage(lane, s.sent[lane], typeOf(s.chance), 0)}
		s.wire.out[key(lane, s.sent[lane])] = o
		s.sent[lane]++
		o.pieces = [][]byte{}
		s.writerOut, s.writerCtx = o, ctx
		if s.chance.IntN(3) == 0 {
			s.writer = &frameWriter{s: s, ctx: ctx, typ: o.typ}
			if s.chance.IntN(2) == 0 && s.wire.z != nil {
				s.writer.(*frameWriter).rsv = frame.RSV1
			}
		} else {
			s.writer = s.conn.Writer(ctx, o.typ)
		}
		s.piece(o.data)
		return
	}
	if s.chance.IntN(3) == 0 {
		s.finishWriter()
		return
	}
	s.piece(newMessage("+", s.chance.IntN(9), s.writerOut.typ, size(s.chance)).data)
}

func (s *session) piece(p []byte) {
	s.pieces = true
	for _, c := range s.calls {
		c.among = true
	}
	w, o := s.writer, s.writerOut
	o.pieces = append(o.pieces, p)
	s.streamCall = s.start(s.writerCtx, writing, "Writer.Write", func() {}, func(context.Context) error {
		_, err := w.Write(p)
		return err
	})
	s.streamCall.after = func(err error) { o.tainted = o.tainted || err != nil }
}

// finishWriter ends the message in pieces. An unfinished one whose end fails can
// never be finished.
func (s *session) finishWriter() {
	w := s.writer
	if w == nil || s.streamCall != nil || s.stuck {
		return
	}
	s.writerOut.begun = true
	s.streamCall = s.start(s.writerCtx, writing, "Writer.Close", func() {}, func(context.Context) error {
		return w.Close()
	})
	s.streamCall.after = func(err error) {
		if s.stuck = err != nil; !s.stuck {
			s.writer, s.pieces = nil, false
		}
	}
}

// frameWriter is a Writer by WriteFrame.
type frameWriter struct {
	s     *session
	ctx   context.Context
	typ   fairlead.MessageType
	rsv   uint8
	begun bool
}

func (w *frameWriter) Write(p []byte) (int, error) { return len(p), w.send(p, false) }
func (w *frameWriter) Close() error                { return w.send(nil, true) }

func (w *frameWriter) send(p []byte, fin bool) error {
	h := frame.Header{Fin: fin, Opcode: frame.Continuation}
	if !w.begun {
		h.Opcode, h.RSV = frame.Opcode(w.typ), w.rsv
	}
	err := w.s.conn.WriteFrame(w.ctx, h, p)
	w.begun = w.begun || err == nil
	return err
}
