package chilkat_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/fairlead-ws/fairlead/chilkat"
	"github.com/fairlead-ws/fairlead/frame"
	"github.com/fairlead-ws/fairlead/handshake"
	"github.com/fairlead-ws/fairlead/wstest"
)

func TestUseConnection(t *testing.T) {
	ws := newSocket(t)
	mustFail(t, ws.UseConnection(nil), ws, "The argument rest is nil.")
	mustFail(t, ws.UseConnection(chilkat.NewRest()), ws, "The Rest is not connected.")
	server := echoServer(t)
	gone := dial(t, server.URL())
	must(t, gone.Disconnect(0), gone)
	mustFail(t, ws.UseConnection(gone), ws, "The Rest is not connected.")
	gone.DisposeRest()
	mustFail(t, ws.UseConnection(gone), ws, "The argument rest was disposed.")

	t.Run("resets the session, not the settings", func(t *testing.T) {
		ws, played := scripted(t, send(frame.Ping, true, "x"), send(frame.Pong, true, ""), send(frame.Text, false, "x"), wstest.ExpectFrame(frame.Text, false, []byte("unfinished")), wstest.ExpectEOF())
		ws.SetPingAutoRespond(false)
		ws.SetIdleTimeoutMs(1234)
		ws.SetUncommonOptions("AllowAnyCloseCode")
		read(t, ws, "Ping")
		read(t, ws, "Text")
		must(t, ws.SendFrame("unfinished", false), ws)
		must(t, ws.UseConnection(dial(t, server.URL())), ws) // drops the connection before
		want(t, "FrameOpcode", ws.FrameOpcode(), "")
		want(t, "FrameOpcodeInt", ws.FrameOpcodeInt(), 0)
		want(t, "FrameDataLen", ws.FrameDataLen(), 0)
		want(t, "NeedSendPong", ws.NeedSendPong(), false)
		want(t, "PongConsumed", ws.PongConsumed(), false)
		want(t, "IsConnected", ws.IsConnected(), false)
		want(t, "PingAutoRespond", ws.PingAutoRespond(), false)
		want(t, "IdleTimeoutMs", ws.IdleTimeoutMs(), 1234)
		want(t, "UncommonOptions", ws.UncommonOptions(), "AllowAnyCloseCode")
		played()
		openOn(t, ws, dial(t, server.URL()), "/")
		must(t, ws.SendFrame("begins a message", true), ws)
		read(t, ws, "Text")
		wantData(t, ws, "begins a message")
	})
	t.Run("the connection outlives the Rest", func(t *testing.T) {
		rest, ws := dial(t, server.URL()), newSocket(t)
		openOn(t, ws, rest, "/")
		rest.DisposeRest()
		must(t, ws.SendFrame("alive", true), ws)
		read(t, ws, "Text")
	})
	t.Run("but not before the handshake is validated", func(t *testing.T) {
		rest, ws := dial(t, server.URL()), newSocket(t)
		must(t, ws.UseConnection(rest), ws)
		must(t, ws.AddClientHeaders(), ws)
		must(t, rest.FullRequestNoBody("GET", "/") != nil, rest)
		rest.DisposeRest()
		mustFail(t, ws.ValidateServerHandshake(), ws, "not connected")
		want(t, "IsConnected", ws.IsConnected(), false)
	})
	t.Run("the Rest has no connection afterwards", func(t *testing.T) {
		rest, ws := dial(t, server.URL()), newSocket(t)
		openOn(t, ws, rest, "/")
		mustFail(t, ws.UseConnection(rest), ws, "The Rest is not connected.")
		want(t, "IsConnected after a failed UseConnection", ws.IsConnected(), true)
		mustFail(t, rest.Disconnect(0), rest, "There is no connection to close.")
		mustFail(t, rest.FullRequestNoBody("GET", "/") != nil, rest, "The Rest is not connected.")
	})
}

func TestAddClientHeaders(t *testing.T) {
	ws := newSocket(t)
	mustFail(t, ws.AddClientHeaders(), ws, "There is no WebSocket connection.")
	seen := map[string]bool{}
	for range 3 {
		server := echoServer(t)
		rest := dial(t, server.URL())
		must(t, ws.UseConnection(rest), ws)
		must(t, ws.AddClientHeaders(), ws)
		must(t, ws.AddClientHeaders(), ws) // replaces
		must(t, rest.FullRequestNoBody("GET", "/") != nil, rest)
		header := rest.LastRequestHeader()
		for _, line := range []string{"Upgrade: websocket\r\n", "Connection: Upgrade\r\n", "Sec-WebSocket-Version: 13\r\n", "Sec-WebSocket-Key: "} {
			want(t, "the number of "+line, strings.Count(header, line), 1)
		}
		_, key, _ := strings.Cut(header, "Sec-WebSocket-Key: ")
		key, _, _ = strings.Cut(key, "\r\n")
		if seen[key] {
			t.Error("a key came twice")
		}
		seen[key] = true
		must(t, ws.ValidateServerHandshake(), ws)
		mustFail(t, ws.AddClientHeaders(), ws, "The opening handshake is over.")
	}
}

// answers are complete answers to an opening request; %s is the right key.
var answers = []struct {
	name   string
	answer string
	why    string // "" for the right one
}{
	{"right", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n", ""},
	{"other case and order", "HTTP/1.1 101 \r\nsec-websocket-accept: %s\r\nconnection: foo, UPGRADE\r\nupgrade: WebSocket\r\n\r\n", ""},
	{"no 101", "HTTP/1.1 200 OK\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: %s\r\nContent-Length: 0\r\n\r\n", "The server refused to switch protocols."},
	{"no Upgrade", "HTTP/1.1 101 x\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n", "Upgrade"},
	{"Upgrade twice", "HTTP/1.1 101 x\r\nUpgrade: websocket\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n", "Upgrade"},
	{"Upgrade wrong", "HTTP/1.1 101 x\r\nUpgrade: h2c\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n", "Upgrade"},
	{"no Connection", "HTTP/1.1 101 x\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: %s\r\n\r\n", "Connection"},
	{"Connection wrong", "HTTP/1.1 101 x\r\nUpgrade: websocket\r\nConnection: close\r\nSec-WebSocket-Accept: %s\r\n\r\n", "Connection"},
	{"no Accept", "HTTP/1.1 101 x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nX: %s\r\n\r\n", "Sec-WebSocket-Accept"},
	{"Accept twice", "HTTP/1.1 101 x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: %[1]s\r\nSec-WebSocket-Accept: %[1]s\r\n\r\n", "Sec-WebSocket-Accept"},
	{"Accept wrong", "HTTP/1.1 101 x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: x%s\r\n\r\n", "Sec-WebSocket-Accept"},
	{"subprotocol not offered", "HTTP/1.1 101 x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: %s\r\nSec-WebSocket-Protocol: mqtt\r\n\r\n", "Sec-WebSocket-Protocol"},
	{"extension not offered", "HTTP/1.1 101 x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: %s\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n", "Sec-WebSocket-Extensions"},
	{"extension offered by hand", "HTTP/1.1 101 x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: %s\r\nSec-WebSocket-Extensions: x-offered\r\n\r\n", "an extension that this version does not have"},
	{"HTTP/1.0", "HTTP/1.0 101 x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n", "HTTP/1.0"},
}

func TestValidateServerHandshake(t *testing.T) {
	for _, test := range answers {
		t.Run(test.name, func(t *testing.T) {
			peer := wstest.Listen(wstest.Answer(func(req *wstest.HTTPRequest) []byte {
				key, _ := req.Get("Sec-WebSocket-Key")
				return fmt.Appendf(nil, test.answer, handshake.AcceptKey(key))
			}), wstest.ExpectEOF())
			defer peer.Close()
			rest, ws := dial(t, peer.URL()), newSocket(t)
			must(t, ws.UseConnection(rest), ws)
			must(t, ws.AddClientHeaders(), ws)
			if strings.Contains(test.name, "by hand") {
				must(t, rest.AddHeader("Sec-WebSocket-Extensions", "x-offered"), rest)
			}
			body := rest.FullRequestNoBody("GET", "/")
			must(t, body != nil, rest)
			want(t, "the body", *body, "")
			if test.why == "" {
				must(t, ws.ValidateServerHandshake(), ws)
				want(t, "IsConnected", ws.IsConnected(), true)
				mustFail(t, ws.ValidateServerHandshake(), ws, "The opening handshake is over.")
				return
			}
			mustFail(t, ws.ValidateServerHandshake(), ws, test.why)
			want(t, "IsConnected", ws.IsConnected(), false)
			mustFail(t, ws.SendFrame("x", true), ws, "The opening handshake was not validated.")
			if test.name != "no 101" {
				mustFail(t, ws.UseConnection(rest), ws, "The Rest is not connected.") // failed: RFC 6455 section 4.1
			}
		})
	}
	t.Run("out of order", func(t *testing.T) {
		ws := newSocket(t)
		mustFail(t, ws.ValidateServerHandshake(), ws, "There is no WebSocket connection.")
		rest := dial(t, echoServer(t).URL())
		must(t, ws.UseConnection(rest), ws)
		must(t, ws.AddClientHeaders(), ws)
		mustFail(t, ws.ValidateServerHandshake(), ws, "No response to the opening request was read.")
		must(t, rest.SendReqNoBody("GET", "/"), rest)
		mustFail(t, ws.ValidateServerHandshake(), ws, "No response to the opening request was read.")
		want(t, "ReadResponseHeader", rest.ReadResponseHeader(), 101)
		must(t, ws.ValidateServerHandshake(), ws)
	})
	t.Run("without AddClientHeaders", func(t *testing.T) {
		peer := wstest.Listen(wstest.Request(func(*wstest.HTTPRequest) error { return nil }),
			wstest.Send([]byte("HTTP/1.1 101 x\r\n\r\n")), wstest.ExpectEOF())
		defer peer.Close()
		rest, ws := dial(t, peer.URL()), newSocket(t)
		must(t, ws.UseConnection(rest), ws)
		must(t, rest.FullRequestNoBody("GET", "/") != nil, rest)
		mustFail(t, ws.ValidateServerHandshake(), ws, "Call AddClientHeaders before FullRequestNoBody.")
	})
	t.Run("bytes behind the 101", func(t *testing.T) {
		peer := wstest.Listen(wstest.Answer(func(req *wstest.HTTPRequest) []byte {
			key, _ := req.Get("Sec-WebSocket-Key")
			return fmt.Appendf(nil, answers[0].answer+"\x81\x05eager\x81", handshake.AcceptKey(key))
		}), wstest.Send([]byte("\x03end")), wstest.ExpectEOF())
		defer peer.Close()
		ws := open(t, peer.URL(), "/")
		read(t, ws, "Text")
		wantData(t, ws, "eager")
		read(t, ws, "Text")
		wantData(t, ws, "end")
	})
}

// TestRefusedHandshake is what somebody sees whose server says no, and what can be
// done then.
func TestRefusedHandshake(t *testing.T) {
	server, err := wstest.Start(wstest.Options{Check: func(_ string, fields []handshake.Field) (int, []handshake.Field) {
		for _, f := range fields {
			if f.Name == "Authorization" {
				return 0, nil
			}
		}
		return 401, nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	rest, ws := chilkat.NewRest(), newSocket(t)
	defer rest.DisposeRest()
	host, port := hostPort(t, server.URL())
	must(t, rest.Connect(host, port, false, true), rest)
	must(t, ws.UseConnection(rest), ws)
	must(t, ws.AddClientHeaders(), ws)
	text := rest.FullRequestNoBody("GET", "/")
	if text == nil || !strings.Contains(*text, "refused") {
		t.Errorf("the body is %q", deref(text))
	}
	mustFail(t, ws.ValidateServerHandshake(), ws, "    openingHandshake:\n      statusLine: HTTP/1.1 401 Unauthorized\n      The server refused to switch protocols.\n    --openingHandshake\n")
	wantLog(t, ws, "SetAuthBasic")
	wantLog(t, ws, "the server did not switch protocols, want status 101")
	must(t, rest.SetAuthBasic("user", "password"), rest)
	must(t, rest.FullRequestNoBody("GET", "/") != nil, rest) // over a new connection
	must(t, ws.ValidateServerHandshake(), ws)
	must(t, ws.SendFrame("in", true), ws)
	read(t, ws, "Text")
}

func TestRefusalAdvice(t *testing.T) {
	for status, advice := range map[int]string{
		200: "something else than a WebSocket server", 302: "Location", 403: "credentials", 404: "Check the path.",
		407: "A proxy", 426: "another version", 503: "try again later",
	} {
		peer := wstest.Listen(wstest.Request(func(*wstest.HTTPRequest) error { return nil }),
			wstest.Send(fmt.Appendf(nil, "HTTP/1.1 %d No\r\nContent-Length: 0\r\n\r\n", status)), wstest.ExpectEOF())
		rest, ws := dial(t, peer.URL()), newSocket(t)
		must(t, ws.UseConnection(rest), ws)
		must(t, ws.AddClientHeaders(), ws)
		must(t, rest.FullRequestNoBody("GET", "/") != nil, rest)
		mustFail(t, ws.ValidateServerHandshake(), ws, advice)
		peer.Close()
	}
}
