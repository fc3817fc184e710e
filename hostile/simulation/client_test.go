package simulation_test

import (
	"bufio"
	"context"
	"net"
	"net/http"
	"strings"
	"testing/synctest"
	"time"

	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/frame"
	"github.com/fairlead-ws/fairlead/handshake"
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

// connect makes the Conn: mostly of a link on which the handshake is done.
func (s *session) connect() {
	cfg := s.config()
	if s.chance.IntN(10) > 0 {
		if s.chance.IntN(5) == 0 && len(s.server.queue) == 0 { // glued to the handshake
			s.server.message()
			n := s.chance.IntN(s.server.total + 1)
			cfg.Buffered = s.server.queue[:n]
			s.server.queue = s.server.queue[n:]
			s.server.delivered = n
		}
		s.conn = fairlead.NewConn(s.link, cfg)
		return
	}
	s.dial(cfg)
}

type onlyLink struct{ *link }

func (l onlyLink) DialContext(context.Context, string, string) (net.Conn, error) { return l.link, nil }

// dial has the client open the session. The server answers in pieces, or not.
func (s *session) dial(cfg fairlead.ConnConfig) {
	s.link.makeRoom(1 << 20)
	s.server.z, s.wire.z = nil, nil
	d := fairlead.Dialer{Route: onlyLink{s.link}, Limits: cfg.Limits, Policy: cfg.Policy, IdleTimeout: cfg.IdleTimeout, WriteTimeout: cfg.WriteTimeout, CloseTimeout: cfg.CloseTimeout}
	if cfg.Compression != nil {
		d.Compression = fairlead.CompressionNoTakeover
	}
	ctx, cancel := s.context()
	var conn *fairlead.Conn
	call := s.start(ctx, dialling, "Dial", cancel, func(ctx context.Context) (err error) {
		conn, err = d.Dial(ctx, "ws://server.test/")
		return err
	})
	synctest.Wait()
	answer, welcome := s.welcome(cfg.Compression != nil)
	fate := s.chance.IntN(8)
	for fate != 0 && len(answer) > 0 && !call.done.Load() {
		n := 1 + s.chance.IntN(len(answer))
		s.link.deliver([]byte(answer[:n]))
		if answer = answer[n:]; fate == 1 && len(answer) > 0 {
			s.link.cut(s.chance.IntN(2) == 0, false)
		}
		if s.chance.IntN(3) == 0 {
			s.sleep(s.pause())
		}
		synctest.Wait()
	}
	if !call.done.Load() {
		s.sleep(41 * time.Second)
		synctest.Wait()
	}
	switch {
	case !call.done.Load():
		s.broken("Dial does not end")
	case call.panicked != "":
		s.broken("Dial panicked: %s", call.panicked)
	case call.err == nil && (!welcome || len(answer) > 0):
		s.broken("Dial succeeded without an answer that lets it")
	case call.err != nil && conn != nil:
		s.broken("Dial returned a Conn and %v", call.err)
	case call.err != nil && welcome && len(answer) == 0 && ctx.Err() == nil && time.Since(call.begun) < 30*time.Second:
		s.broken("Dial failed and nobody did that: %v", call.err)
	case call.err != nil && !s.link.state().hungUp:
		s.broken("Dial failed and left its connection open: %v", call.err)
	}
	s.logf("Dial = %v", call.err)
	cancel()
	s.calls = nil
	s.link.read = 0
	s.conn = conn
}

// welcome is the answer to the request that came, and whether it opens a session.
func (s *session) welcome(compressed bool) (answer string, ok bool) {
	req, err := http.ReadRequest(bufio.NewReader(strings.NewReader(string(s.link.take()))))
	if err != nil {
		s.broken("the request of Dial: %v", err)
		return "", false
	}
	accept := handshake.AcceptKey(req.Header.Get("Sec-WebSocket-Key"))
	answer = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " + accept + "\r\n"
	switch s.chance.IntN(8) {
	case 0:
		return "HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno", false
	case 1:
		return "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: nothing\r\n\r\n", false
	}
	if compressed {
		answer += "Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; client_no_context_takeover\r\n"
		s.compress(handshake.Deflate{ServerNoContextTakeover: true, ClientNoContextTakeover: true, ServerMaxWindowBits: 15, ClientMaxWindowBits: 15})
	}
	return answer + "\r\n", true
}
