package hostile_test

import (
	"bytes"
	"strings"

	"github.com/fairlead-ws/fairlead/frame"
	"github.com/fairlead-ws/fairlead/handshake"
	"github.com/fairlead-ws/fairlead/wstest"
)

// What stands in an answer for what depends on the request.
const acceptMark = "{accept}"

// The answer that opens a WebSocket.
const (
	status101  = "HTTP/1.1 101 Switching Protocols"
	upgrade    = "Upgrade: websocket"
	connection = "Connection: Upgrade"
	accept     = "Sec-WebSocket-Accept: " + acceptMark
)

// head joins lines to the head of an answer.
func head(lines ...string) string { return strings.Join(lines, "\r\n") + "\r\n\r\n" }

// switching is the head of an answer that opens a WebSocket, with more fields.
func switching(more ...string) string {
	return head(append([]string{status101, upgrade, connection, accept}, more...)...)
}

// answer reads a request and sends text, each acceptMark the value that fits its
// key.
func answer(text string) wstest.Step { return answerCut(text, -1) }

// answerCut sends the first n bytes of it only; all if n is negative.
func answerCut(text string, n int) wstest.Step {
	return answerOf(func(value string) string {
		all := strings.ReplaceAll(text, acceptMark, value)
		if n < 0 {
			return all
		}
		return all[:n]
	})
}

// answerOf is for answers that depend on the value that Accept should have.
func answerOf(respond func(value string) string) wstest.Step {
	return answerKey(func(key string) string { return respond(acceptKey(key)) })
}

func acceptKey(key string) string { return handshake.AcceptKey(key) }

func answerKey(respond func(key string) string) wstest.Step {
	return wstest.Answer(func(r *wstest.HTTPRequest) []byte {
		key, _ := r.Get("Sec-WebSocket-Key")
		return []byte(respond(key))
	})
}

// after is the script of a peer that opens the WebSocket and then does steps.
func after(steps ...wstest.Step) []wstest.Step {
	return append([]wstest.Step{wstest.Upgrade()}, steps...)
}

// peer is a script.
func peer(steps ...wstest.Step) []wstest.Step { return steps }

// send sends the pieces in one write.
func send(pieces ...[]byte) wstest.Step { return wstest.Send(bytes.Join(pieces, nil)) }

// Frames of a server.

func text(s string) []byte         { return frameOf(frame.Text, true, s) }
func bin(s string) []byte          { return frameOf(frame.Binary, true, s) }
func ping(s string) []byte         { return frameOf(frame.Ping, true, s) }
func pong(s string) []byte         { return frameOf(frame.Pong, true, s) }
func closing(p string) []byte      { return frameOf(frame.Close, true, p) }
func first(s string) []byte        { return frameOf(frame.Text, false, s) }
func next(s string) []byte         { return frameOf(frame.Continuation, false, s) }
func final(s string) []byte        { return frameOf(frame.Continuation, true, s) }
func bye() []byte                  { return closing("\x03\xe8") }
func raw(b ...byte) []byte         { return b }
func times(n int, s string) string { return strings.Repeat(s, n) }

func frameOf(op frame.Opcode, fin bool, payload string) []byte {
	return encode(frame.Header{Fin: fin, Opcode: op}, payload)
}

// encode is a frame with the header h, its length that of the payload.
func encode(h frame.Header, payload string) []byte {
	h.Length = int64(len(payload))
	return append(frame.AppendHeader(nil, h), payload...)
}
