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
	"github.com/fairlead-ws/fairlead/handshake"
)

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
