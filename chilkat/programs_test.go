package chilkat_test

import (
	"bytes"
	"crypto/tls"
	"fmt"
	"testing"
	"time"

	"github.com/fairlead-ws/fairlead/chilkat"
	"github.com/fairlead-ws/fairlead/wstest"
)

// programs are what people write for the reference, by their numbers. Each gets a
// function that opens a session with an echo server.
var programs = []struct {
	name string
	run  func(t *testing.T, open func(query string) *chilkat.WebSocket)
}{
	{"2 three frames", programFragments},
	{"3 a Ping between the frames", programPingBetween},
	{"4 a Pong by hand", programPongByHand},
	{"5 this side closes", programClose},
	{"5 the server closes", programServerCloses},
	{"7 binary", programBinary},
	{"8 tasks", programTasks},
	{"9 reader and timer", programReaderAndTimer},
}

// TestPrograms opens each session as program 1 does.
func TestPrograms(t *testing.T) {
	for _, secure := range []bool{false, true} {
		server, err := wstest.Start(wstest.Options{TLS: secure, Subprotocols: []string{"chat"}})
		if err != nil {
			t.Fatal(err)
		}
		defer server.Close()
		host, port := hostPort(t, server.URL())
		for _, program := range programs {
			t.Run(fmt.Sprintf("TLS %t/%s", secure, program.name), func(t *testing.T) {
				program.run(t, func(query string) *chilkat.WebSocket {
					rest, ws := chilkat.NewRest(), newSocket(t)
					defer rest.DisposeRest()
					rest.SetTLSConfig(&tls.Config{RootCAs: server.CertPool()})
					must(t, rest.Connect(host, port, secure, false), rest)
					must(t, ws.UseConnection(rest), ws)
					must(t, ws.AddClientHeaders(), ws)
					must(t, rest.AddHeader("Sec-WebSocket-Protocol", "superchat, chat"), rest)
					must(t, rest.FullRequestNoBody("GET", "/"+query) != nil, rest)
					want(t, "ResponseStatusCode", rest.ResponseStatusCode(), 101)
					must(t, ws.ValidateServerHandshake(), ws)
					want(t, "the subprotocol", deref(rest.ResponseHdrByName("sec-websocket-protocol")), "chat")
					return ws
				})
			})
		}
	}
}

func programFragments(t *testing.T, open func(string) *chilkat.WebSocket) {
	ws := open("")
	must(t, ws.SendFrame("one ", false), ws)
	must(t, ws.SendFrame("two ", false), ws)
	must(t, ws.SendFrame("three", true), ws)
	for {
		must(t, ws.ReadFrame(), ws)
		if ws.FinalFrame() {
			break
		}
	}
	wantData(t, ws, "one two three")
}

func programPingBetween(t *testing.T, open func(string) *chilkat.WebSocket) {
	ws := open("")
	must(t, ws.SendFrame("one ", false), ws)
	must(t, ws.SendPing("still there?"), ws)
	must(t, ws.SendFrame("two", true), ws)
	read(t, ws, "Text")
	want(t, "PongConsumed", ws.PongConsumed(), true)
	wantData(t, ws, "one two")
}

func programPongByHand(t *testing.T, open func(string) *chilkat.WebSocket) {
	ws := open("?ping=hello")
	ws.SetPingAutoRespond(false)
	read(t, ws, "Ping")
	wantData(t, ws, "hello")
	want(t, "NeedSendPong", ws.NeedSendPong(), true)
	must(t, ws.SendPong(), ws)
	want(t, "NeedSendPong", ws.NeedSendPong(), false)
}

func programClose(t *testing.T, open func(string) *chilkat.WebSocket) {
	ws := open("")
	must(t, ws.SendClose(true, 1000, "done"), ws)
	read(t, ws, "Close")
	want(t, "CloseStatusCode", ws.CloseStatusCode(), 1000)
	want(t, "IsConnected", ws.IsConnected(), false)
}

func programServerCloses(t *testing.T, open func(string) *chilkat.WebSocket) {
	for _, auto := range []bool{true, false} {
		ws := open("?close=4000&reason=enough")
		ws.SetCloseAutoRespond(auto)
		read(t, ws, "Close")
		want(t, "CloseReason", ws.CloseReason(), "enough")
		want(t, "IsConnected", ws.IsConnected(), !auto)
		want(t, "SendClose", ws.SendClose(true, ws.CloseStatusCode(), ""), !auto)
		want(t, "IsConnected", ws.IsConnected(), false)
	}
}

func programBinary(t *testing.T, open func(string) *chilkat.WebSocket) {
	ws := open("")
	out, in := chilkat.NewBinData(), chilkat.NewBinData()
	out.AppendBinary([]byte{0, 1, 254, 255})
	must(t, ws.SendFrameBd(out, true), ws)
	read(t, ws, "Binary")
	must(t, ws.GetFrameDataBd(in), ws)
	want(t, "the bytes are the same", bytes.Equal(in.GetBinary(), out.GetBinary()), true)
}

func programTasks(t *testing.T, open func(string) *chilkat.WebSocket) {
	ws := open("")
	texts := make(chan string, 1)
	task := ws.ReadFrameAsync()
	task.SetTaskCompleted(func(task *chilkat.Task) {
		caller := chilkat.NewWebSocket()
		if caller.LoadTaskCaller(task) {
			texts <- deref(caller.GetFrameData())
		}
	})
	must(t, task.Run(), task)
	must(t, ws.SendFrame("for the task", true), ws)
	must(t, task.Wait(0), task)
	want(t, "what the callback read", <-texts, "for the task")

	task = ws.ReadFrameAsync()
	must(t, task.Run(), task)
	for task.StatusInt() < 4 {
	}
	must(t, task.Cancel(), task)
	must(t, task.Wait(0), task)
	want(t, "StatusInt", task.StatusInt(), 6)
	want(t, "ReadFrameFailReason", ws.ReadFrameFailReason(), 2)
	must(t, ws.SendFrame("usable", true), ws)
	read(t, ws, "Text")
	wantData(t, ws, "usable")
}

func programReaderAndTimer(t *testing.T, open func(string) *chilkat.WebSocket) {
	const ticks = 5
	ws := open("")
	done := make(chan []string)
	go func() {
		var got []string
		for ws.ReadFrame() && ws.FrameOpcode() != "Close" {
			got = append(got, deref(ws.GetFrameData()))
		}
		done <- got
	}()
	timer := time.NewTicker(2 * time.Millisecond)
	defer timer.Stop()
	for i := range ticks {
		<-timer.C
		want(t, "SendFrame", ws.SendFrame(fmt.Sprint(i), true), true)
	}
	want(t, "SendClose", ws.SendClose(true, 1000, ""), true)
	want(t, "what the reader read", fmt.Sprint(<-done), "[0 1 2 3 4]")
}
