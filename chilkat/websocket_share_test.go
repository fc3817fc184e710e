package chilkat_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/chilkat"
	"github.com/fairlead-ws/fairlead/frame"
	"github.com/fairlead-ws/fairlead/wstest"
)

func TestShareConnection(t *testing.T) {
	reader, sender := echo(t, ""), newSocket(t)
	mustFail(t, sender.ShareConnection(nil), sender, "The argument other is nil.")
	mustFail(t, sender.ShareConnection(sender), sender, "The argument other is this object itself.")
	mustFail(t, sender.ShareConnection(newSocket(t)), sender, "The argument other has no connection.")
	sender.SetPingAutoRespond(false)
	must(t, sender.ShareConnection(reader), sender)
	want(t, "IsConnected", sender.IsConnected(), true)
	want(t, "the connection is the same", sender.Conn() == reader.Conn(), true)
	want(t, "settings of its own", reader.PingAutoRespond(), true)

	must(t, reader.SendFrame("one ", false), reader)
	must(t, sender.SendFrame("message", true), sender) // knows of the message
	must(t, reader.ReadFrame(), reader)
	if strings.Contains(sender.LastErrorText(), "ReadFrame") {
		t.Error("the log is not its own")
	}
	wantData(t, sender, "one message")
	must(t, sender.SendClose(true, 1000, ""), sender)
	read(t, reader, "Close")
	want(t, "CloseReceived", sender.CloseReceived(), true)
}

func TestShareConnectionPolicy(t *testing.T) {
	blocked, changed := make(chan struct{}), make(chan struct{})
	ws, played := scripted(t, untilReading(blocked), wstest.Wait(changed), send(frame.Ping, true, "for the reader"), expect(frame.Pong, "for the reader"), send(frame.Text, true, ""), wstest.ExpectEOF())
	other := newSocket(t)
	must(t, other.ShareConnection(ws), other)
	task := ws.ReadFrameAsync()
	must(t, task.Run(), task)
	<-blocked
	other.SetPingAutoRespond(false) // concerns reads of other only
	close(changed)
	must(t, task.Wait(0), task)
	want(t, "FrameOpcode", ws.FrameOpcode(), "Text") // not Ping
	must(t, ws.CloseConnection(), ws)
	played()
}

// TestShareConnectionOwners shows that the connection lives as long as one object
// has it.
func TestShareConnectionOwners(t *testing.T) {
	server := echoServer(t)
	ws, other := open(t, server.URL(), "/"), newSocket(t)
	must(t, other.ShareConnection(ws), other)
	ws.DisposeWebSocket()
	must(t, other.SendFrame("still here", true), other)
	read(t, other, "Text")
	other.DisposeWebSocket()
	waitIdle(t, server)
}

func waitIdle(t *testing.T, server *wstest.Server) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	if err := server.WaitIdle(ctx); err != nil {
		t.Errorf("a connection is still open: %v", err)
	}
}

func TestDisposeWebSocket(t *testing.T) {
	server := echoServer(t)
	ws := open(t, server.URL(), "/")
	ws.DisposeWebSocket()
	waitIdle(t, server)
	mustFail(t, ws.SendFrame("x", true), ws, "The object was disposed.")
	mustFail(t, ws.UseConnection(dial(t, server.URL())), ws, "The object was disposed.")
}

func TestLoadTaskCaller(t *testing.T) {
	server := echoServer(t)
	ws, other := open(t, server.URL(), "/"), newSocket(t)
	ws.SetIdleTimeoutMs(4321)
	mustFail(t, other.LoadTaskCaller(nil), other, "The argument task is nil.")
	mustFail(t, other.LoadTaskCaller(chilkat.NewTask()), other, "The task was not made by a WebSocket.")
	mustFail(t, other.LoadTaskCaller(chilkat.NewRest().ReadResponseHeaderAsync()), other, "The task was not made by a WebSocket.")

	task := ws.ReadFrameAsync()
	called := make(chan bool, 1)
	task.SetTaskCompleted(func(task *chilkat.Task) {
		called <- other.LoadTaskCaller(task) && other.FrameOpcode() == "Text" && other.IdleTimeoutMs() == 4321
	})
	must(t, task.Run(), task)
	must(t, ws.SendFrame("hello", true), ws)
	must(t, task.Wait(0), task)
	want(t, "what the callback saw", <-called, true)
	wantData(t, other, "hello")
	want(t, "FrameDataLen", ws.FrameDataLen(), 0) // the same state
	other.SetPongAutoConsume(false)
	want(t, "PongAutoConsume", ws.PongAutoConsume(), false) // the same settings
	must(t, other.LoadTaskCaller(task), other)              // once more
	must(t, ws.LoadTaskCaller(task), ws)                    // itself

	other.DisposeWebSocket()
	must(t, ws.SendFrame("still here", true), ws)
	read(t, ws, "Text")
	ws.DisposeWebSocket()
	waitIdle(t, server)
}

// TestLoadTaskCallerLeaves drops what the object had before.
func TestLoadTaskCallerLeaves(t *testing.T) {
	old, server := echoServer(t), echoServer(t)
	ws, other := open(t, server.URL(), "/"), open(t, old.URL(), "/")
	must(t, other.LoadTaskCaller(ws.ReadFrameAsync()), other)
	waitIdle(t, old)
	must(t, other.SendFrame("new", true), other)
	read(t, ws, "Text")
}

func TestSetContext(t *testing.T) {
	blocked := make(chan struct{})
	ws, _ := scripted(t, untilReading(blocked), wstest.ExpectEOF())
	ctx, cancel := context.WithCancelCause(context.Background())
	ws.SetContext(ctx)
	cause := errors.New("enough")
	go func() {
		<-blocked
		cancel(cause)
	}()
	mustFail(t, ws.ReadFrame(), ws, "The call was aborted.")
	want(t, "ReadFrameFailReason", ws.ReadFrameFailReason(), 2)
	if err := ws.LastError(); !errors.Is(err, chilkat.ErrAborted) || !errors.Is(err, cause) {
		t.Errorf("LastError is %v", err)
	}
	want(t, "IsConnected", ws.IsConnected(), true)
}

func TestSetAbortCheck(t *testing.T) {
	ws := echo(t, "")
	var asked atomic.Int32
	ws.SetAbortCheck(func() bool { return asked.Add(1) == 3 })
	want(t, "HeartbeatMs", ws.HeartbeatMs(), 0)
	ws.SetIdleTimeoutMs(20)
	mustFail(t, ws.ReadFrame(), ws, "IdleTimeoutMs")
	want(t, "the number of questions", asked.Load(), 0) // never asked by default
	ws.SetIdleTimeoutMs(0)
	ws.SetHeartbeatMs(5)
	want(t, "HeartbeatMs", ws.HeartbeatMs(), 5)
	mustFail(t, ws.ReadFrame(), ws, "The call was aborted.")
	want(t, "the number of questions", asked.Load(), 3)
	want(t, "ReadFrameFailReason", ws.ReadFrameFailReason(), 2)
	must(t, ws.SendFrame("alive", true), ws)
	ws.SetAbortCheck(nil)
	read(t, ws, "Text")
	ws.SetHeartbeatMs(-1)
	mustFail(t, false, ws, "HeartbeatMs is negative.")
}

func TestConn(t *testing.T) {
	ws := newSocket(t)
	if ws.Conn() != nil || (*chilkat.WebSocket)(nil).Conn() != nil {
		t.Error("there is a connection")
	}
	openOn(t, ws, dial(t, echoServer(t).URL()), "/")
	if err := ws.Conn().WriteText(t.Context(), "past the class"); err != nil {
		t.Error(err)
	}
	read(t, ws, "Text")
	if err := ws.Conn().WriteFrame(t.Context(), frame.Header{Opcode: frame.Text}, []byte("begun beneath, ")); err != nil {
		t.Error(err)
	}
	wantData(t, ws, "past the class")
	must(t, ws.SendFrame("ended above", true), ws) // the connection's word counts
	read(t, ws, "Text")
	wantData(t, ws, "begun beneath, ended above")
}

func TestLastError(t *testing.T) {
	ws := echo(t, "?close=4000&reason=go")
	if err := ws.LastError(); err != nil {
		t.Errorf("LastError is %v", err)
	}
	read(t, ws, "Close")
	mustFail(t, ws.ReadFrame(), ws, "4000")
	var closed *fairlead.CloseError
	if err := ws.LastError(); !errors.As(err, &closed) || closed.Code != 4000 || closed.Reason != "go" {
		t.Errorf("LastError is %v", err)
	}
}
