package demo

import (
	"bytes"
	"context"
	"net/url"

	"github.com/fairlead-ws/fairlead/chilkat"
)

var fragments = []string{"one message ", "in three ", "frames"}

const wholeMessage = "one message in three frames"

// chilkatFragments is program 2.
func chilkatFragments(ctx context.Context, s *session) error {
	ws, err := s.open(ctx, nil)
	if err != nil {
		return err
	}
	defer ws.DisposeWebSocket()
	for i, text := range fragments {
		final := i == len(fragments)-1
		s.step("ws.SendFrame(%q, %t)", text, final)
		if !ws.SendFrame(text, final) {
			return s.failed("SendFrame", ws)
		}
	}
	if err := s.readMessage(ws); err != nil {
		return err
	}
	return s.finish(ws)
}

// chilkatPingBetween is program 3: the Pong is swallowed on the way to the data.
func chilkatPingBetween(ctx context.Context, s *session) error {
	ws, err := s.open(ctx, nil)
	if err != nil {
		return err
	}
	defer ws.DisposeWebSocket()
	for i, text := range fragments {
		final := i == len(fragments)-1
		s.step("ws.SendFrame(%q, %t)", text, final)
		if !ws.SendFrame(text, final) {
			return s.failed("SendFrame", ws)
		}
		if i == 0 {
			s.step("ws.SendPing(\"between\")")
			if !ws.SendPing("between") {
				return s.failed("SendPing", ws)
			}
		}
	}
	s.step("ws.ReadFrame()")
	if !ws.ReadFrame() {
		return s.failed("ReadFrame", ws)
	}
	expect(s, "PongConsumed", ws.PongConsumed(), true)
	if !ws.FinalFrame() {
		if err := s.readToEnd(ws); err != nil {
			return err
		}
	}
	if err := s.gathered(ws); err != nil {
		return err
	}
	return s.finish(ws)
}

// chilkatPongByHand is program 4.
func chilkatPongByHand(ctx context.Context, s *session) error {
	ws, err := s.openSteered(ctx, url.Values{"ping": {"are you there?"}})
	if err != nil {
		return err
	}
	defer ws.DisposeWebSocket()
	s.step("ws.SetPingAutoRespond(false)")
	ws.SetPingAutoRespond(false)
	s.step("ws.ReadFrame()")
	if !ws.ReadFrame() {
		return s.silent("ReadFrame", ws)
	}
	if ws.FrameOpcode() != "Ping" {
		return s.leaveOut("the server sent something else than a Ping")
	}
	expect(s, "NeedSendPong", ws.NeedSendPong(), true)
	s.step("ws.SendPong()")
	if !ws.SendPong() {
		return s.failed("SendPong", ws)
	}
	expect(s, "NeedSendPong", ws.NeedSendPong(), false)
	return s.finish(ws)
}

// chilkatBinary is program 7.
func chilkatBinary(ctx context.Context, s *session) error {
	ws, err := s.open(ctx, nil)
	if err != nil {
		return err
	}
	defer ws.DisposeWebSocket()
	payload := []byte{0x00, 0x01, 0xFE, 0xFF}
	out, in := chilkat.NewBinData(), chilkat.NewBinData()
	s.step("out.AppendBinary(% x), ws.SendFrameBd(out, true)", payload)
	if !out.AppendBinary(payload) {
		return s.failed("AppendBinary", out)
	}
	if !ws.SendFrameBd(out, true) {
		return s.failed("SendFrameBd", ws)
	}
	if err := s.readToEnd(ws); err != nil {
		return err
	}
	expect(s, "FrameOpcode", ws.FrameOpcode(), "Binary")
	s.step("ws.GetFrameDataBd(in)")
	if !ws.GetFrameDataBd(in) {
		return s.failed("GetFrameDataBd", ws)
	}
	expect(s, "the bytes are the same", bytes.Equal(in.GetBinary(), payload), true)
	return s.finish(ws)
}

func (s *session) readMessage(ws *chilkat.WebSocket) error {
	if err := s.readToEnd(ws); err != nil {
		return err
	}
	return s.gathered(ws)
}

// readToEnd reads frames until one is the last of its message. A server may cut
// its answer into other frames than it got.
func (s *session) readToEnd(ws *chilkat.WebSocket) error {
	s.step("ws.ReadFrame() until FinalFrame")
	for {
		if !ws.ReadFrame() {
			return s.failed("ReadFrame", ws)
		}
		if ws.FinalFrame() {
			return nil
		}
	}
}

func (s *session) gathered(ws *chilkat.WebSocket) error {
	text := ws.GetFrameData()
	if text == nil {
		return s.failed("GetFrameData", ws)
	}
	expect(s, "GetFrameData", *text, wholeMessage)
	return nil
}

// silent judges a ReadFrame that failed where the server was to begin.
func (s *session) silent(call string, ws *chilkat.WebSocket) error {
	if s.foreign && ws.ReadFrameFailReason() == failTimeout {
		return s.leaveOut("the server sent nothing by itself")
	}
	return s.failed(call, ws)
}

// Values of ReadFrameFailReason.
const (
	failTimeout = 1
	failAborted = 2
	failLost    = 3
)
