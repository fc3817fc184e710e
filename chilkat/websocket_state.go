package chilkat

import (
	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/frame"
)

// look gives a property of the session.
func look[T any](ws *WebSocket, name string, f func(*session) T) T {
	return get(ws.base(), name, func() T { return f(ws.held().current()) })
}

// last gives a property of what ReadFrame has left.
func last[T any](ws *WebSocket, name string, f func(*received) T) T {
	return look(ws, name, func(s *session) T {
		s.mu.Lock()
		defer s.mu.Unlock()
		return f(&s.received)
	})
}

// ask gives a property that the connection knows, the zero value without one.
func ask[T any](ws *WebSocket, name string, f func(*fairlead.Conn) T) T {
	return look(ws, name, func(s *session) (v T) {
		if conn := s.connection(); conn != nil {
			v = f(conn)
		}
		return v
	})
}

// IsConnected is the last known state: true from a successful
// ValidateServerHandshake until Close frames went both ways, CloseConnection, a
// fatal error or DisposeWebSocket.
func (ws *WebSocket) IsConnected() bool {
	return ask(ws, "IsConnected", func(c *fairlead.Conn) bool { return c.Err() == nil })
}

// CloseReceived reports whether the server's Close frame was read.
func (ws *WebSocket) CloseReceived() bool {
	return ask(ws, "CloseReceived", func(c *fairlead.Conn) bool {
		_, _, received := c.CloseStatus()
		return received
	})
}

// CloseStatusCode is the status code of the Close frame that was read; 0 when
// none was, or when it had no code.
func (ws *WebSocket) CloseStatusCode() int {
	return ask(ws, "CloseStatusCode", func(c *fairlead.Conn) int {
		code, _, received := c.CloseStatus()
		if !received || code == frame.StatusNoStatus {
			return 0
		}
		return int(code)
	})
}

// CloseReason is the text of the Close frame that was read, "" if it had none.
func (ws *WebSocket) CloseReason() string {
	return ask(ws, "CloseReason", func(c *fairlead.Conn) string {
		_, reason, _ := c.CloseStatus()
		return reason
	})
}

// NeedSendPong reports whether a Ping was read and not answered, which only
// happens while PingAutoRespond is false. SendPong answers it.
func (ws *WebSocket) NeedSendPong() bool {
	return ask(ws, "NeedSendPong", func(c *fairlead.Conn) bool {
		_, pending := c.PingPending()
		return pending
	})
}

// FinalFrame reports whether the last data frame that ReadFrame returned ended
// its message. Control frames leave it alone.
func (ws *WebSocket) FinalFrame() bool {
	return last(ws, "FinalFrame", func(r *received) bool { return r.final })
}

// FrameDataLen is the number of bytes that GetFrameData would give.
func (ws *WebSocket) FrameDataLen() int {
	return last(ws, "FrameDataLen", func(r *received) int { return len(r.waiting()) })
}

// FrameOpcode names the kind of the last frame that ReadFrame returned:
// "Continuation", "Text", "Binary", "Close", "Ping" or "Pong"; "" before the
// first.
func (ws *WebSocket) FrameOpcode() string {
	return last(ws, "FrameOpcode", func(r *received) string {
		if !r.any {
			return ""
		}
		return opcodeNames[r.opcode]
	})
}

// FrameOpcodeInt is the opcode of the last frame that ReadFrame returned: 0
// Continuation, 1 Text, 2 Binary, 8 Close, 9 Ping, 10 Pong. It is 0 before the
// first.
func (ws *WebSocket) FrameOpcodeInt() int {
	return last(ws, "FrameOpcodeInt", func(r *received) int { return int(r.opcode) })
}

var opcodeNames = map[frame.Opcode]string{
	frame.Continuation: "Continuation",
	frame.Text:         "Text",
	frame.Binary:       "Binary",
	frame.Close:        "Close",
	frame.Ping:         "Ping",
	frame.Pong:         "Pong",
}

// PongConsumed reports whether the last ReadFrame passed over a Pong.
func (ws *WebSocket) PongConsumed() bool {
	return last(ws, "PongConsumed", func(r *received) bool { return r.pongs })
}

// ReadFrameFailReason tells why the last ReadFrame failed: 0 it did not, 1
// IdleTimeoutMs, 2 aborted, 3 the connection is lost, closed or not open, 4 the
// server broke the protocol or passed a limit, 99 anything else.
func (ws *WebSocket) ReadFrameFailReason() int {
	return last(ws, "ReadFrameFailReason", func(r *received) int { return r.failReason })
}
