package chilkat_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/fairlead-ws/fairlead/chilkat"
	"github.com/fairlead-ws/fairlead/frame"
	"github.com/fairlead-ws/fairlead/wstest"
)

func TestCloseAutoRespond(t *testing.T) {
	t.Run("default", func(t *testing.T) {
		ws := newSocket(t)
		want(t, "CloseAutoRespond", ws.CloseAutoRespond(), true)
		ws.SetCloseAutoRespond(false)
		want(t, "CloseAutoRespond", ws.CloseAutoRespond(), false)
	})
	for _, code := range []frame.StatusCode{frame.StatusNormal, 4321, frame.StatusNoStatus} {
		t.Run(fmt.Sprint("answers ", uint16(code)), func(t *testing.T) {
			ws, played := scripted(t, send(frame.Close, true, closeWith(t, code, "")), wstest.ExpectClose(code), wstest.Shut(), wstest.ExpectEOF())
			read(t, ws, "Close")
			want(t, "IsConnected", ws.IsConnected(), false)
			played()
		})
	}
	t.Run("off", func(t *testing.T) {
		ws, played := scripted(t, send(frame.Close, true, closeWith(t, 1000, "")), expect(frame.Close, "\x0f\xa1late"), wstest.Shut(), wstest.ExpectEOF())
		ws.SetCloseAutoRespond(false)
		read(t, ws, "Close")
		want(t, "IsConnected", ws.IsConnected(), true)
		must(t, ws.SendClose(true, 4001, "late"), ws) // the first Close that the peer sees
		want(t, "IsConnected", ws.IsConnected(), false)
		played()
	})
	t.Run("off, this side begins", func(t *testing.T) {
		ws, played := scripted(t, wstest.ExpectClose(1000), send(frame.Close, true, closeWith(t, 1000, "")), wstest.Shut(), wstest.ExpectEOF())
		ws.SetCloseAutoRespond(false)
		must(t, ws.SendClose(true, 1000, ""), ws)
		read(t, ws, "Close")
		want(t, "IsConnected", ws.IsConnected(), false)
		played()
	})
	t.Run("changed while a read waits", func(t *testing.T) {
		blocked, changed := make(chan struct{}), make(chan struct{})
		ws, played := scripted(t, untilReading(blocked), wstest.Wait(changed), send(frame.Close, true, closeWith(t, 1000, "")), wstest.ExpectClose(4000), wstest.Shut(), wstest.ExpectEOF())
		task := ws.ReadFrameAsync()
		must(t, task.Run(), task)
		<-blocked
		ws.SetCloseAutoRespond(false)
		close(changed)
		must(t, task.Wait(0), task)
		must(t, ws.SendClose(true, 4000, ""), ws)
		played()
	})
}

func TestCloseReason(t *testing.T) {
	ws := echo(t, "?close=4000&reason=r%C3%A9sum%C3%A9%00")
	want(t, "CloseReason", ws.CloseReason(), "")
	read(t, ws, "Close")
	want(t, "CloseReason", ws.CloseReason(), "résumé\x00")
}

func TestCloseReceived(t *testing.T) {
	ws := echo(t, "?close=1000")
	ws.SetCloseAutoRespond(false)
	want(t, "CloseReceived", ws.CloseReceived(), false)
	read(t, ws, "Close")
	want(t, "CloseReceived", ws.CloseReceived(), true)
	openOn(t, ws, dial(t, echoServer(t).URL()), "/")
	want(t, "CloseReceived in a new session", ws.CloseReceived(), false)
}

func TestCloseStatusCode(t *testing.T) {
	for query, code := range map[string]int{"?close=1001": 1001, "?close=4999&reason=x": 4999, "?close=1005": 0} {
		ws := echo(t, query)
		want(t, "CloseStatusCode before", ws.CloseStatusCode(), 0)
		read(t, ws, "Close")
		want(t, "CloseStatusCode after "+query, ws.CloseStatusCode(), code)
	}
}

func TestSendClose(t *testing.T) {
	long := strings.Repeat("é", 100) // 200 bytes
	tests := []struct {
		name          string
		includeStatus bool
		code          int
		reason        string
		payload       string
	}{
		{"code and reason", true, 1000, "done", "\x03\xe8done"},
		{"code", true, 4999, "", "\x13\x87"},
		{"no status", false, 70000, "ignored\xff", ""},
		{"reason with NUL", true, 3000, "a\x00b", "\x0b\xb8a\x00b"},
		{"reason cut at a character", true, 1000, "x" + long, "\x03\xe8x" + long[:122]},
		{"reason cut before a character", true, 1000, long, "\x03\xe8" + long[:122]},
		{"huge reason", true, 1000, strings.Repeat("z", 1<<20), "\x03\xe8" + strings.Repeat("z", 123)},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			ws, played := scripted(t, expect(frame.Close, test.payload))
			must(t, ws.SendClose(test.includeStatus, test.code, test.reason), ws)
			played()
		})
	}
	t.Run("then no data, no second Close", func(t *testing.T) {
		ws := echo(t, "")
		must(t, ws.SendClose(true, 1000, ""), ws)
		want(t, "IsConnected", ws.IsConnected(), true)
		mustFail(t, ws.SendFrame("x", true), ws, "A Close was sent before: nothing can follow it.")
		mustFail(t, ws.SendPing("x"), ws, "A Close was sent before")
		mustFail(t, ws.SendClose(true, 1000, ""), ws, "A Close was sent before")
		read(t, ws, "Close")
		mustFail(t, ws.SendClose(true, 1000, ""), ws, "The connection is closed.")
	})
	t.Run("data still comes before the peer's Close", func(t *testing.T) {
		ws, played := scripted(t, wstest.ExpectClose(1000), send(frame.Text, true, "late"), send(frame.Close, true, ""), wstest.Shut(), wstest.ExpectEOF())
		must(t, ws.SendClose(true, 1000, ""), ws)
		read(t, ws, "Text")
		wantData(t, ws, "late")
		read(t, ws, "Close")
		played()
	})
}

func TestSendCloseStatusCodes(t *testing.T) {
	for _, code := range []int{0, 1, 999, 1004, 1005, 1006, 1015, 2000, 2999, 5000, 16383} {
		ws, played := scripted(t, expect(frame.Close, string([]byte{byte(code >> 8), byte(code)})))
		mustFail(t, ws.SendClose(true, code, ""), ws, fmt.Sprintf("The status code %d may not stand in a Close frame.", code))
		want(t, "IsConnected", ws.IsConnected(), true)
		ws.SetUncommonOptions("AllowAnyCloseCode")
		must(t, ws.SendClose(true, code, ""), ws) // the peer sees this one first
		played()
	}
	ws := echo(t, "")
	for _, code := range []int{-1, 16384, math.MaxInt, math.MinInt} {
		for _, option := range []string{"", "AllowAnyCloseCode"} {
			ws.SetUncommonOptions(option)
			mustFail(t, ws.SendClose(true, code, ""), ws, "The argument statusCode is not from 0 to 16383.")
		}
	}
	mustFail(t, ws.SendClose(true, 1000, "\xff"), ws, "The argument reason is not UTF-8.")
	for _, code := range []int{1000, 1003, 1007, 1014, 3000, 4999} {
		ws := echo(t, "")
		must(t, ws.SendClose(true, code, ""), ws)
		read(t, ws, "Close")
		want(t, "CloseStatusCode", ws.CloseStatusCode(), code)
	}
}

func TestSendCloseAsync(t *testing.T) {
	ws, played := scripted(t, expect(frame.Close, "\x03\xe8bye"))
	task := ws.SendCloseAsync(true, 1000, "bye")
	want(t, "IsConnected", ws.IsConnected(), true) // nothing happens before Run
	finish(t, task, true)
	finish(t, ws.SendCloseAsync(true, 1000, "bye"), false)
	played()
}

func TestCloseConnection(t *testing.T) {
	ws := newSocket(t)
	mustFail(t, ws.CloseConnection(), ws, "No connection is open.")
	peer := wstest.Listen(wstest.Upgrade(), wstest.ExpectEOF()) // no Close frame
	defer peer.Close()
	openOn(t, ws, dial(t, peer.URL()), "/")
	must(t, ws.CloseConnection(), ws)
	want(t, "IsConnected", ws.IsConnected(), false)
	mustFail(t, ws.CloseConnection(), ws, "No connection is open.")
	mustFail(t, ws.ReadFrame(), ws, "The connection is lost.")
	want(t, "ReadFrameFailReason", ws.ReadFrameFailReason(), 3)
	if err := peer.Err(); err != nil {
		t.Error(err)
	}

	rest := dial(t, echoServer(t).URL())
	must(t, ws.UseConnection(rest), ws)
	must(t, ws.CloseConnection(), ws)
	if rest.FullRequestNoBody("GET", "/") != nil {
		t.Error("the connection of a session that was not validated is still open")
	}
}

func TestIsConnected(t *testing.T) {
	server := echoServer(t)
	rest, ws := dial(t, server.URL()), newSocket(t)
	wantState := func(when string, connected bool) {
		t.Helper()
		want(t, "IsConnected "+when, ws.IsConnected(), connected)
	}
	wantState("at first", false)
	must(t, ws.UseConnection(rest), ws)
	must(t, ws.AddClientHeaders(), ws)
	must(t, rest.FullRequestNoBody("GET", "/") != nil, rest)
	wantState("before the handshake is validated", false)
	must(t, ws.ValidateServerHandshake(), ws)
	wantState("in a session", true)
	must(t, ws.SendClose(true, 1000, ""), ws)
	wantState("after one Close", true)
	read(t, ws, "Close")
	wantState("after both Closes", false)

	openOn(t, ws, dial(t, server.URL()), "/")
	must(t, ws.CloseConnection(), ws)
	wantState("after CloseConnection", false)

	openOn(t, ws, dial(t, server.URL()), "/?drop=1")
	wantState("before the loss is noticed", true)
	want(t, "ReadFrame", ws.ReadFrame(), false)
	wantState("after a fatal error", false)

	openOn(t, ws, dial(t, server.URL()), "/")
	ws.DisposeWebSocket()
	wantState("after DisposeWebSocket", false)
	ws.DisposeWebSocket()
	(*chilkat.WebSocket)(nil).DisposeWebSocket()
}
