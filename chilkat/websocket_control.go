package chilkat

import (
	"context"
	"encoding/binary"
	"strconv"
	"unicode/utf8"

	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/chilkat/internal/lasterr"
	"github.com/fairlead-ws/fairlead/frame"
)

// SendPing sends a Ping with pingData as its payload, cut to 125 bytes at a
// character. It may stand between the frames of a message.
func (ws *WebSocket) SendPing(pingData string) bool {
	return ws.sendPing(context.Background(), pingData).status()
}

// SendPingAsync makes a task that calls SendPing.
func (ws *WebSocket) SendPingAsync(pingData string) *Task {
	return newTask(ws, "SendPing", func(ctx context.Context) result { return ws.sendPing(ctx, pingData) })
}

func (ws *WebSocket) sendPing(ctx context.Context, pingData string) result {
	return ws.base().call("SendPing", func(l *lasterr.Log) error {
		return ws.sendControl(ctx, l, frame.Ping, func(*fairlead.Conn) []byte {
			return []byte(cutText(pingData, frame.MaxControlPayload))
		})
	})
}

// SendPong answers the last Ping that was read and not answered, with the same
// payload; that settles all Pings before it. When there is none it sends an empty
// Pong.
func (ws *WebSocket) SendPong() bool { return ws.sendPong(context.Background()).status() }

// SendPongAsync makes a task that calls SendPong.
func (ws *WebSocket) SendPongAsync() *Task { return newTask(ws, "SendPong", ws.sendPong) }

func (ws *WebSocket) sendPong(ctx context.Context) result {
	return ws.base().call("SendPong", func(l *lasterr.Log) error {
		return ws.sendControl(ctx, l, frame.Pong, func(conn *fairlead.Conn) []byte {
			payload, pending := conn.PingPending()
			if !pending {
				return nil
			}
			return payload
		})
	})
}

// SendClose sends a Close frame: with statusCode and reason if includeStatus is
// true, else empty. The reason is cut to 123 bytes at a character. If the server's
// Close was read before, the connection is closed; else ReadFrame goes on until it
// comes. A Close is sent once.
//
// The status code must be one that RFC 6455 allows on the wire: 1000 to 1003, 1007
// to 1014 or 3000 to 4999. This is stricter than the reference; with
// AllowAnyCloseCode in UncommonOptions it may be anything from 0 to 16383.
func (ws *WebSocket) SendClose(includeStatus bool, statusCode int, reason string) bool {
	return ws.sendClose(context.Background(), includeStatus, statusCode, reason).status()
}

// SendCloseAsync makes a task that calls SendClose.
func (ws *WebSocket) SendCloseAsync(includeStatus bool, statusCode int, reason string) *Task {
	return newTask(ws, "SendClose", func(ctx context.Context) result {
		return ws.sendClose(ctx, includeStatus, statusCode, reason)
	})
}

func (ws *WebSocket) sendClose(ctx context.Context, includeStatus bool, statusCode int, reason string) result {
	return ws.base().call("SendClose", func(l *lasterr.Log) error {
		var payload []byte
		if includeStatus {
			l.Value("statusCode", statusCode)
			c := ws.self()
			c.mu.Lock()
			anyCode := c.settings.options.anyCloseCode
			c.mu.Unlock()
			var err error
			if payload, err = closePayload(statusCode, reason, anyCode); err != nil {
				return err
			}
		}
		return ws.sendControl(ctx, l, frame.Close, func(*fairlead.Conn) []byte { return payload })
	})
}

func closePayload(statusCode int, reason string, anyCode bool) ([]byte, error) {
	switch {
	case statusCode < 0 || statusCode > 16383:
		return nil, fail("the argument statusCode is not from 0 to 16383", "Pass 1000 for a normal end, or a code of your own from 4000 to 4999.")
	case !anyCode && !frame.StatusCode(statusCode).OnWire():
		return nil, fail("the status code "+strconv.Itoa(statusCode)+" may not stand in a Close frame",
			"Pass 1000 for a normal end, or a code of your own from 4000 to 4999. AllowAnyCloseCode in UncommonOptions allows it nevertheless.")
	case !utf8.ValidString(reason):
		return nil, fail("the argument reason is not UTF-8", "Pass text.")
	}
	payload := binary.BigEndian.AppendUint16(nil, uint16(statusCode))
	return append(payload, cutText(reason, frame.MaxControlPayload-len(payload))...), nil
}

// sendControl sends a control frame, whose payload depends on the connection.
func (ws *WebSocket) sendControl(ctx context.Context, l *lasterr.Log, opcode frame.Opcode, payload func(*fairlead.Conn) []byte) error {
	return ws.transmit(ctx, l, func(ctx context.Context, _ *session, conn *fairlead.Conn) error {
		p := payload(conn)
		l.Value("payloadBytes", len(p))
		return conn.WriteFrame(ctx, frame.Header{Fin: true, Opcode: opcode}, p)
	})
}

// cutText cuts s to at most most bytes, at the beginning of a character.
func cutText(s string, most int) string {
	if len(s) <= most {
		return s
	}
	for n := most; n > most-utf8.UTFMax; n-- {
		if utf8.RuneStart(s[n]) {
			return s[:n]
		}
	}
	return s[:most] // no text: there is no character to spare
}

// CloseConnection drops the connection without a Close frame. It fails when none
// is open. Call SendClose and read the answer for an orderly end.
func (ws *WebSocket) CloseConnection() bool {
	return ws.base().call("CloseConnection", func(*lasterr.Log) error {
		s := ws.self().current()
		conn := s.connection()
		switch {
		case conn != nil && conn.Err() == nil:
			return conn.CloseNow()
		case conn == nil && s.bound() && s.rest.current() != nil:
			if k := s.rest.take(); k != nil {
				k.hangUp()
			}
			return nil
		}
		return fail("no connection is open", "Nothing needs to be done.")
	}).status()
}
