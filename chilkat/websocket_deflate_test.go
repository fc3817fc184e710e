package chilkat_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/fairlead-ws/fairlead/chilkat"
	"github.com/fairlead-ws/fairlead/deflate"
	"github.com/fairlead-ws/fairlead/frame"
	"github.com/fairlead-ws/fairlead/handshake"
	"github.com/fairlead-ws/fairlead/wstest"
)

func compressing(ws *chilkat.WebSocket) { ws.SetUncommonOptions("PermessageDeflate") }

// A session with a server that agrees is as one without compression.
func TestPermessageDeflate(t *testing.T) {
	for name, d := range map[string]handshake.Deflate{
		"as offered":              {},
		"no takeover, small ones": {ServerNoContextTakeover: true, ClientNoContextTakeover: true, ServerMaxWindowBits: 9, ClientMaxWindowBits: 8},
	} {
		t.Run(name, func(t *testing.T) {
			server, err := wstest.Start(wstest.Options{Deflate: &d, Chaos: wstest.Chaos{Fragments: 3}})
			if err != nil {
				t.Fatal(err)
			}
			defer server.Close()
			ws := open(t, server.URL(), "/", compressing)
			wantLog(t, ws, "compression: permessage-deflate")
			for _, text := range []string{"", "a", strings.Repeat("äöü, much the same; ", 3000), strings.Repeat("äöü, much the same; ", 3000)} {
				half := len(text) / 40 * 20 // after a whole "; "
				must(t, ws.SendFrame(text[:half], false), ws)
				must(t, ws.SendFrame(text[half:], true), ws)
				for final := false; !final; final = ws.FinalFrame() {
					must(t, ws.ReadFrame(), ws)
				}
				wantData(t, ws, text)
			}
			must(t, ws.SendClose(true, 1000, ""), ws)
			read(t, ws, "Close")
		})
	}
}

// A server need not agree, and a client need not offer.
func TestPermessageDeflateDeclined(t *testing.T) {
	ws := echo(t, "", compressing)
	must(t, ws.SendFrame("plain", true), ws)
	read(t, ws, "Text")
	wantData(t, ws, "plain")

	server, err := wstest.Start(wstest.Options{Deflate: &handshake.Deflate{}})
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	rest, ws := dial(t, server.URL()), newSocket(t)
	must(t, ws.UseConnection(rest), ws)
	compressing(ws)
	must(t, ws.AddClientHeaders(), ws)
	ws.SetUncommonOptions("")
	must(t, ws.AddClientHeaders(), ws) // replaces the offer
	must(t, rest.FullRequestNoBody("GET", "/") != nil, rest)
	want(t, "the extensions agreed on", rest.ResponseHdrByName("Sec-WebSocket-Extensions"), nil)
	must(t, ws.ValidateServerHandshake(), ws)
}

// agreed is a peer that agrees to compression and plays steps.
func agreed(t *testing.T, answer string, steps ...wstest.Step) *wstest.Peer {
	t.Helper()
	peer := wstest.Listen(append([]wstest.Step{wstest.Answer(func(req *wstest.HTTPRequest) []byte {
		key, _ := req.Get("Sec-WebSocket-Key")
		return fmt.Appendf(nil, "HTTP/1.1 101 x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: %s\r\nSec-WebSocket-Extensions: %s\r\n\r\n", handshake.AcceptKey(key), answer)
	})}, steps...)...)
	t.Cleanup(peer.Close)
	return peer
}

// Each frame of a compressed message gives what it adds to the message, and the
// limit counts that.
func TestPermessageDeflateFrames(t *testing.T) {
	z := deflate.NewCompressor(15, true)
	first := func(op frame.Opcode, fin bool, p []byte) wstest.Step {
		return wstest.SendFrame(frame.Header{Fin: fin, RSV: frame.RSV1, Opcode: op}, p)
	}
	peer := agreed(t, "permessage-deflate",
		first(frame.Text, false, z.Append(nil, []byte("one "), false)),
		send(frame.Ping, true, "p"), expect(frame.Pong, "p"),
		send(frame.Continuation, false, string(z.Append(nil, []byte("two "), false))),
		send(frame.Continuation, true, string(z.Append(nil, []byte("three"), true))),
		first(frame.Text, true, z.Append(nil, []byte("one two three"), true)),
		send(frame.Text, true, "plain"),
		first(frame.Text, true, z.Append(nil, make([]byte, 1000), true)),
		wstest.ExpectClose(1009),
	)
	ws := open(t, peer.URL(), "/", func(ws *chilkat.WebSocket) { ws.SetUncommonOptions("PermessageDeflate, MaxMessageBytes=999") })
	for _, text := range []string{"one ", "two ", "three", "one two three", "plain"} {
		must(t, ws.ReadFrame(), ws)
		wantLog(t, ws, fmt.Sprintf("payloadBytes: %d", len(text)))
		want(t, "FinalFrame", ws.FinalFrame(), text != "one " && text != "two ")
		wantData(t, ws, text)
	}
	mustFail(t, ws.ReadFrame(), ws, "larger than allowed")
	want(t, "ReadFrameFailReason", ws.ReadFrameFailReason(), 4)
	if err := peer.Err(); err != nil {
		t.Error(err)
	}
}

func TestPermessageDeflateRefused(t *testing.T) {
	for answer, why := range map[string]string{
		"permessage-deflate; server_max_window_bits=7":    "from 8 to 15",
		"permessage-deflate; client_no_context_takeover=": "not a token",
		"permessage-deflate; frobnicate":                  "does not know",
	} {
		peer := agreed(t, answer, wstest.ExpectEOF())
		rest, ws := dial(t, peer.URL()), newSocket(t)
		compressing(ws)
		must(t, ws.UseConnection(rest), ws)
		must(t, ws.AddClientHeaders(), ws)
		must(t, rest.FullRequestNoBody("GET", "/") != nil, rest)
		mustFail(t, ws.ValidateServerHandshake(), ws, why)
	}
	// What is corrupt is not legal in a WebSocket.
	peer := agreed(t, "permessage-deflate", wstest.SendFrame(frame.Header{Fin: true, RSV: frame.RSV1, Opcode: frame.Binary}, []byte{6}), wstest.ExpectClose(1007))
	ws := open(t, peer.URL(), "/", compressing)
	mustFail(t, ws.ReadFrame(), ws, "not legal in a WebSocket")
	want(t, "ReadFrameFailReason", ws.ReadFrameFailReason(), 4)
}
