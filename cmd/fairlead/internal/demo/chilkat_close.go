package demo

import (
	"context"
	"net/url"

	"github.com/fairlead-ws/fairlead/chilkat"
)

// chilkatClose is program 5, our side first.
func chilkatClose(ctx context.Context, s *session) error {
	ws, err := s.open(ctx, nil)
	if err != nil {
		return err
	}
	defer ws.DisposeWebSocket()
	s.step("ws.SendClose(true, 1000, \"done\")")
	if !ws.SendClose(true, 1000, "done") {
		return s.failed("SendClose", ws)
	}
	s.step("ws.ReadFrame()")
	if !ws.ReadFrame() {
		return s.failed("ReadFrame", ws)
	}
	expect(s, "FrameOpcode", ws.FrameOpcode(), "Close")
	expect(s, "CloseReceived", ws.CloseReceived(), true)
	expect(s, "CloseStatusCode", ws.CloseStatusCode(), 1000)
	s.step("  CloseReason: %q", ws.CloseReason()) // whether it is repeated is the server's choice
	expect(s, "IsConnected", ws.IsConnected(), false)
	return s.readsNoMore(ws)
}

// chilkatCloseAnswered is program 5, the server first, CloseAutoRespond on.
func chilkatCloseAnswered(ctx context.Context, s *session) error {
	ws, err := s.serverCloses(ctx, true)
	if err != nil {
		return err
	}
	defer ws.DisposeWebSocket()
	expect(s, "IsConnected", ws.IsConnected(), false)
	return s.readsNoMore(ws)
}

// chilkatCloseByHand is program 5, the server first, CloseAutoRespond off.
func chilkatCloseByHand(ctx context.Context, s *session) error {
	ws, err := s.serverCloses(ctx, false)
	if err != nil {
		return err
	}
	defer ws.DisposeWebSocket()
	expect(s, "IsConnected", ws.IsConnected(), true)
	s.step("ws.SendClose(true, 4001, \"me too\")")
	if !ws.SendClose(true, 4001, "me too") {
		return s.failed("SendClose", ws)
	}
	expect(s, "IsConnected", ws.IsConnected(), false)
	return s.readsNoMore(ws)
}

// serverCloses opens a session that the server closes at once and reads as far
// as its Close.
func (s *session) serverCloses(ctx context.Context, autoRespond bool) (*chilkat.WebSocket, error) {
	ws, err := s.openSteered(ctx, url.Values{"close": {"4000"}, "reason": {"enough"}})
	if err != nil {
		return nil, err
	}
	s.step("ws.SetCloseAutoRespond(%t)", autoRespond)
	ws.SetCloseAutoRespond(autoRespond)
	s.step("ws.ReadFrame()")
	switch {
	case !ws.ReadFrame():
		err = s.silent("ReadFrame", ws)
	case ws.FrameOpcode() != "Close" || ws.CloseStatusCode() != 4000:
		err = s.leaveOut("the server sent something else than a Close with code 4000")
	}
	if err != nil {
		ws.DisposeWebSocket()
		return nil, err
	}
	expect(s, "CloseReason", ws.CloseReason(), "enough")
	return ws, nil
}

func (s *session) readsNoMore(ws *chilkat.WebSocket) error {
	s.step("ws.ReadFrame()")
	expect(s, "a read after the Close", ws.ReadFrame(), false)
	expect(s, "ReadFrameFailReason", ws.ReadFrameFailReason(), failLost)
	return nil
}
