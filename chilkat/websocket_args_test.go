package chilkat_test

import (
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/fairlead-ws/fairlead/chilkat"
)

// TestWebSocketBadInput calls methods with arguments that nobody should pass.
func TestWebSocketBadInput(t *testing.T) {
	huge := strings.Repeat("\xff", 1<<20)
	tests := []struct {
		name string
		call func(ws *chilkat.WebSocket) bool
		why  string // what the log must name
	}{
		{"UseConnection nil", func(ws *chilkat.WebSocket) bool { return ws.UseConnection(nil) }, "The argument rest is nil."},
		{"UseConnection zero", func(ws *chilkat.WebSocket) bool { return ws.UseConnection(&chilkat.Rest{}) }, "The Rest is not connected."},
		{"ShareConnection nil", func(ws *chilkat.WebSocket) bool { return ws.ShareConnection(nil) }, "The argument other is nil."},
		{"LoadTaskCaller nil", func(ws *chilkat.WebSocket) bool { return ws.LoadTaskCaller(nil) }, "The argument task is nil."},
		{"LoadTaskCaller zero", func(ws *chilkat.WebSocket) bool { return ws.LoadTaskCaller(&chilkat.Task{}) }, "The task was not made by a WebSocket."},
		{"GetFrameDataSb nil", func(ws *chilkat.WebSocket) bool { return ws.GetFrameDataSb(nil) }, "The argument sb is nil."},
		{"GetFrameDataBd nil", func(ws *chilkat.WebSocket) bool { return ws.GetFrameDataBd(nil) }, "The argument bd is nil."},
		{"SendFrameSb nil", func(ws *chilkat.WebSocket) bool { return ws.SendFrameSb(nil, true) }, "The argument sb is nil."},
		{"SendFrameBd nil", func(ws *chilkat.WebSocket) bool { return ws.SendFrameBd(nil, true) }, "The argument bd is nil."},
		{"SendFrameSbAsync nil", func(ws *chilkat.WebSocket) bool { return ws.SendFrameSbAsync(nil, true) != nil }, "The argument sb is nil."},
		{"SendFrameBdAsync nil", func(ws *chilkat.WebSocket) bool { return ws.SendFrameBdAsync(nil, true) != nil }, "The argument bd is nil."},
		{"SendFrame not text", func(ws *chilkat.WebSocket) bool { return ws.SendFrame(huge, true) }, "The text is not UTF-8."},
		{"SendClose reason", func(ws *chilkat.WebSocket) bool { return ws.SendClose(true, 1000, huge) }, "The argument reason is not UTF-8."},
		{"SendClose code", func(ws *chilkat.WebSocket) bool { return ws.SendClose(true, math.MaxInt, "") }, "The argument statusCode is not from 0 to 16383."},
		{"ValidateServerHandshake again", func(ws *chilkat.WebSocket) bool { return ws.ValidateServerHandshake() }, "The opening handshake is over."},
		{"AddClientHeaders again", func(ws *chilkat.WebSocket) bool { return ws.AddClientHeaders() }, "The opening handshake is over."},
	}
	ws := echo(t, "")
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) { mustFail(t, test.call(ws), ws, test.why) })
	}
	must(t, ws.SendFrame("the session is as it was", true), ws)
	read(t, ws, "Text")
}

// TestOutOfOrder calls every method of a WebSocket that has no connection: those
// that need one fail and say what to do first.
func TestOutOfOrder(t *testing.T) {
	free := map[string]bool{ // need no connection
		"GetFrameData": true, "GetFrameDataSb": true, "GetFrameDataBd": true,
	}
	arguments := map[reflect.Type]reflect.Value{
		reflect.TypeFor[*chilkat.Rest]():          reflect.ValueOf(chilkat.NewRest()),
		reflect.TypeFor[*chilkat.BinData]():       reflect.ValueOf(chilkat.NewBinData()),
		reflect.TypeFor[*chilkat.StringBuilder](): reflect.ValueOf(chilkat.NewStringBuilder()),
		reflect.TypeFor[*chilkat.Task]():          reflect.ValueOf(chilkat.NewTask()),
		reflect.TypeFor[*chilkat.WebSocket]():     reflect.ValueOf(chilkat.NewWebSocket()),
		reflect.TypeFor[int]():                    reflect.ValueOf(1000),
		reflect.TypeFor[string]():                 reflect.ValueOf("text"),
		reflect.TypeFor[bool]():                   reflect.ValueOf(true),
	}
	class, checked := reflect.TypeFor[*chilkat.WebSocket](), 0
	for i := range class.NumMethod() {
		m := class.Method(i)
		if !isStatusMethod(m) || free[m.Name] {
			continue
		}
		ws := chilkat.NewWebSocket()
		in := []reflect.Value{reflect.ValueOf(ws)}
		for j := 1; j < m.Type.NumIn(); j++ {
			in = append(in, arguments[m.Type.In(j)])
		}
		checked++
		if m.Func.Call(in)[0].Bool() {
			t.Errorf("%s succeeds without a connection", m.Name)
		}
		if text := ws.LastErrorText(); ws.LastError() == nil || strings.Count(text, ".\n") < 3 { // what, advice, Failed
			t.Errorf("%s does not say what is wrong and what to do:\n%s", m.Name, text)
		}
	}
	if checked < 12 {
		t.Errorf("%d methods were checked", checked)
	}
}

// isStatusMethod reports whether m is a method, no property, that succeeds or
// fails: those that start a log.
func isStatusMethod(m reflect.Method) bool {
	if m.Type.NumOut() != 1 || m.Type.Out(0).Kind() != reflect.Bool {
		return false
	}
	for _, prefix := range []string{"Send", "Get", "Read", "Load", "Use", "Add", "Validate", "Poll", "Share"} {
		if strings.HasPrefix(m.Name, prefix) && m.Name != "ReadFrameFailReason" {
			return true
		}
	}
	return m.Name == "CloseConnection"
}
