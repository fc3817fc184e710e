package demo

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"time"

	"github.com/fairlead-ws/fairlead/chilkat"
	"github.com/fairlead-ws/fairlead/wstrace"
)

// A caller is any object of the reference API.
type caller interface {
	LastErrorText() string
	LastError() error
}

// failed makes an error of a call that returned false or nil, and shows the log
// of that call.
func (s *session) failed(call string, by caller) error {
	s.step("  %s failed:\n%s", call, by.LastErrorText())
	return fmt.Errorf("%s: %w", call, errors.Join(by.LastError()))
}

// chilkatOpen is program 1: every call that opens a session, one by one.
func chilkatOpen(ctx context.Context, s *session) error {
	traced := wstrace.WithTrace(ctx, wstrace.Dump(s))
	rest, ws := chilkat.NewRest(), chilkat.NewWebSocket()
	defer rest.DisposeRest()
	defer ws.DisposeWebSocket()
	rest.SetContext(traced)
	ws.SetContext(traced)

	host, port, tls := endpoint(s.url)
	s.step("rest.Connect(%q, %d, %t, false)", host, port, tls)
	if !rest.Connect(host, port, tls, false) {
		return errors.Join(errNotOpened, s.failed("Connect", rest))
	}
	s.step("ws.UseConnection(rest)")
	if !ws.UseConnection(rest) {
		return s.failed("UseConnection", ws)
	}
	s.step("ws.AddClientHeaders()")
	if !ws.AddClientHeaders() {
		return s.failed("AddClientHeaders", ws)
	}
	s.step("rest.AddHeader(\"Sec-WebSocket-Protocol\", %q)", subprotocol)
	if !rest.AddHeader("Sec-WebSocket-Protocol", subprotocol) {
		return s.failed("AddHeader", rest)
	}
	s.step("rest.FullRequestNoBody(\"GET\", %q)", wstrace.RedactTarget(s.url.RequestURI()))
	body := rest.FullRequestNoBody("GET", s.url.RequestURI())
	if body == nil {
		return errors.Join(errNotOpened, s.failed("FullRequestNoBody", rest))
	}
	expect(s, "ResponseStatusCode", rest.ResponseStatusCode(), 101)
	expect(s, "the body", *body, "")
	s.step("ws.ValidateServerHandshake()")
	if !ws.ValidateServerHandshake() {
		return errors.Join(errNotOpened, s.failed("ValidateServerHandshake", ws))
	}
	expect(s, "IsConnected", ws.IsConnected(), true)
	if chosen := rest.ResponseHdrByName("Sec-WebSocket-Protocol"); chosen != nil {
		expect(s, "the subprotocol", *chosen, subprotocol)
	}
	return s.finish(ws)
}

// open opens a session for the other programs, with query parameters that steer
// the server.
func (s *session) open(ctx context.Context, query url.Values) (*chilkat.WebSocket, error) {
	traced := wstrace.WithTrace(ctx, wstrace.Dump(s))
	rest, ws := chilkat.NewRest(), chilkat.NewWebSocket()
	defer rest.DisposeRest() // the connection outlives it
	rest.SetContext(traced)
	ws.SetContext(traced)
	u := s.with(query)
	host, port, tls := endpoint(u)
	var err error
	switch {
	case !rest.Connect(host, port, tls, false):
		err = s.failed("Connect", rest)
	case !ws.UseConnection(rest):
		err = s.failed("UseConnection", ws)
	case !ws.AddClientHeaders():
		err = s.failed("AddClientHeaders", ws)
	case rest.FullRequestNoBody("GET", u.RequestURI()) == nil:
		err = s.failed("FullRequestNoBody", rest)
	case !ws.ValidateServerHandshake():
		err = s.failed("ValidateServerHandshake", ws)
	}
	if err != nil {
		ws.DisposeWebSocket()
		return nil, errors.Join(errNotOpened, err)
	}
	return ws, nil
}

// openSteered opens a session in which the server is to do something by itself.
func (s *session) openSteered(ctx context.Context, query url.Values) (*chilkat.WebSocket, error) {
	ws, err := s.open(ctx, query)
	if err != nil && s.foreign {
		return nil, s.leaveOut("the server opens no session with these query parameters")
	}
	if err == nil {
		ws.SetIdleTimeoutMs(int(s.patience / time.Millisecond))
	}
	return ws, err
}

// finish closes the session as both sides should.
func (s *session) finish(ws *chilkat.WebSocket) error {
	s.step("ws.SendClose(true, 1000, \"\")")
	if !ws.SendClose(true, 1000, "") {
		return s.failed("SendClose", ws)
	}
	if !ws.ReadFrame() {
		return s.failed("ReadFrame", ws)
	}
	expect(s, "FrameOpcode", ws.FrameOpcode(), "Close")
	expect(s, "IsConnected", ws.IsConnected(), false)
	return nil
}

func endpoint(u *url.URL) (host string, port int, tls bool) {
	tls = u.Scheme == "wss"
	port, err := strconv.Atoi(u.Port())
	switch {
	case err == nil:
	case tls:
		port = 443
	default:
		port = 80
	}
	return u.Hostname(), port, tls
}
