package chilkat_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/fairlead-ws/fairlead/chilkat"
	"github.com/fairlead-ws/fairlead/frame"
	"github.com/fairlead-ws/fairlead/wstest"
)

func TestReadFrame(t *testing.T) {
	ws, played := scripted(t,
		send(frame.Text, false, "one "), send(frame.Ping, true, "swallowed"), send(frame.Continuation, true, "message"),
		expect(frame.Pong, "swallowed"),
		send(frame.Binary, true, "\x00\xff"),
		send(frame.Close, true, closeWith(t, 1000, "end")), wstest.ExpectClose(1000), wstest.Shut(), wstest.ExpectEOF())
	read(t, ws, "Text")
	want(t, "FinalFrame", ws.FinalFrame(), false)
	read(t, ws, "Continuation")
	want(t, "FinalFrame", ws.FinalFrame(), true)
	wantData(t, ws, "one message")
	read(t, ws, "Binary")
	read(t, ws, "Close") // a Close is returned with true
	mustFail(t, ws.ReadFrame(), ws, "The server's Close was read: no frame can follow.")
	want(t, "ReadFrameFailReason", ws.ReadFrameFailReason(), 3)
	played()
}

// TestReadFrameGoesOn gives up a read after each byte of a message in three
// frames; no byte may be lost.
func TestReadFrameGoesOn(t *testing.T) {
	var stream []byte
	for i, text := range []string{"eins ", "zwei ", "drei€"} {
		op := frame.Continuation
		if i == 0 {
			op = frame.Text
		}
		stream = frame.AppendHeader(stream, frame.Header{Fin: i == 2, Opcode: op, Length: int64(len(text))})
		stream = append(stream, text...)
	}
	step := make(chan struct{})
	var steps []wstest.Step
	for i := range stream {
		steps = append(steps, wstest.Wait(step), wstest.Send(stream[i:i+1]))
	}
	ws, played := scripted(t, append(steps, wstest.ExpectEOF())...)
	ws.SetIdleTimeoutMs(2)
	frames := 0
	for range stream {
		step <- struct{}{}
		for !ws.PollDataAvailable() {
		}
		if ws.ReadFrame() {
			frames++
			continue
		}
		want(t, "ReadFrameFailReason", ws.ReadFrameFailReason(), 1)
		wantLog(t, ws, "call ReadFrame again")
	}
	want(t, "the number of frames", frames, 3)
	wantData(t, ws, "eins zwei drei€")
	must(t, ws.CloseConnection(), ws)
	played()
}

func TestReadFrameAsync(t *testing.T) {
	ws, played := scripted(t, send(frame.Text, true, "hello"), wstest.ExpectEOF())
	task := ws.ReadFrameAsync()
	want(t, "FrameOpcode before Run", ws.FrameOpcode(), "")
	finish(t, task, true)
	wantData(t, ws, "hello")
	must(t, ws.CloseConnection(), ws)
	finish(t, ws.ReadFrameAsync(), false)
	played()
}

func TestFinalFrame(t *testing.T) {
	ws, played := scripted(t,
		send(frame.Ping, true, ""), send(frame.Text, false, "a"), send(frame.Ping, true, ""),
		send(frame.Continuation, true, "b"), send(frame.Pong, true, ""), wstest.ExpectEOF())
	ws.SetPingAutoRespond(false)
	ws.SetPongAutoConsume(false)
	want(t, "FinalFrame at first", ws.FinalFrame(), false)
	for i, final := range []bool{false, false, false, true, true} {
		must(t, ws.ReadFrame(), ws)
		want(t, fmt.Sprint("FinalFrame after frame ", i, ", ", ws.FrameOpcode()), ws.FinalFrame(), final)
	}
	must(t, ws.CloseConnection(), ws)
	played()
}

var opcodes = []struct {
	send frame.Opcode
	name string
}{
	{frame.Ping, "Ping"},
	{frame.Text, "Text"},
	{frame.Continuation, "Continuation"},
	{frame.Binary, "Binary"},
	{frame.Pong, "Pong"},
	{frame.Close, "Close"},
}

func TestFrameOpcode(t *testing.T) {
	eachOpcode(t, func(ws *chilkat.WebSocket) any { return ws.FrameOpcode() }, "", func(_ frame.Opcode, name string) any { return name })
}

func TestFrameOpcodeInt(t *testing.T) {
	eachOpcode(t, func(ws *chilkat.WebSocket) any { return ws.FrameOpcodeInt() }, 0, func(op frame.Opcode, _ string) any { return int(op) })
}

func eachOpcode(t *testing.T, property func(*chilkat.WebSocket) any, first any, value func(frame.Opcode, string) any) {
	t.Helper()
	steps := make([]wstest.Step, len(opcodes))
	for i, o := range opcodes {
		steps[i] = send(o.send, o.send != frame.Text, "")
	}
	ws, played := scripted(t, append(steps, wstest.ExpectClose(frame.StatusNoStatus))...)
	ws.SetPingAutoRespond(false)
	ws.SetPongAutoConsume(false)
	want(t, "the property at first", property(ws), first)
	for _, o := range opcodes {
		must(t, ws.ReadFrame(), ws)
		want(t, "the property after "+o.name, property(ws), value(o.send, o.name))
	}
	want(t, "ReadFrame", ws.ReadFrame(), false)
	want(t, "the property after a failure", property(ws), value(frame.Close, "Close"))
	played()
}

func TestReadFrameFailReason(t *testing.T) {
	wantReason := func(t *testing.T, ws *chilkat.WebSocket, reason int, why string) {
		t.Helper()
		mustFail(t, ws.ReadFrame(), ws, why)
		want(t, "ReadFrameFailReason", ws.ReadFrameFailReason(), reason)
	}
	t.Run("not open", func(t *testing.T) {
		ws := newSocket(t)
		want(t, "ReadFrameFailReason at first", ws.ReadFrameFailReason(), 0)
		wantReason(t, ws, 3, "There is no WebSocket connection.")
		must(t, ws.UseConnection(dial(t, echoServer(t).URL())), ws)
		want(t, "ReadFrameFailReason in a new session", ws.ReadFrameFailReason(), 0)
		wantReason(t, ws, 3, "The opening handshake was not validated.")
		ws.DisposeWebSocket()
		wantReason(t, ws, 3, "The object was disposed.")
	})
	t.Run("timeout, then none", func(t *testing.T) {
		proceed := make(chan struct{})
		ws, played := scripted(t, wstest.Wait(proceed), send(frame.Text, true, "x"), wstest.ExpectEOF())
		ws.SetIdleTimeoutMs(20)
		wantReason(t, ws, 1, "No byte came within IdleTimeoutMs.")
		want(t, "IsConnected", ws.IsConnected(), true)
		close(proceed)
		ws.SetIdleTimeoutMs(0)
		must(t, ws.ReadFrame(), ws)
		want(t, "ReadFrameFailReason", ws.ReadFrameFailReason(), 0)
		must(t, ws.CloseConnection(), ws)
		played()
	})
	t.Run("aborted", func(t *testing.T) {
		ws := echo(t, "")
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		ws.SetContext(ctx)
		wantReason(t, ws, 2, "The call was aborted.")
		ws.SetContext(nil)
		must(t, ws.SendFrame("alive", true), ws)
		must(t, ws.ReadFrame(), ws)
		wantData(t, ws, "alive")
	})
	t.Run("lost", func(t *testing.T) {
		wantReason(t, echo(t, "?drop=1"), 3, "The connection is lost.")
	})
	invalid := map[string]wstest.Step{
		"reserved opcode":    send(0x3, true, ""),
		"reserved bit":       wstest.SendFrame(frame.Header{Fin: true, RSV: frame.RSV1, Opcode: frame.Text}, []byte("x")),
		"masked":             wstest.SendFrame(frame.Header{Fin: true, Opcode: frame.Text, Masked: true}, []byte("x")),
		"not UTF-8":          send(frame.Text, true, "\xff"),
		"no message begun":   send(frame.Continuation, true, "x"),
		"bad close":          send(frame.Close, true, "x"),
		"fragmented Ping":    send(frame.Ping, false, "x"),
		"length not minimal": wstest.Send([]byte{0x81, 126, 0, 1, 'x'}),
	}
	for name, step := range invalid {
		t.Run(name, func(t *testing.T) {
			ws, _ := scripted(t, step)
			wantReason(t, ws, 4, "The server sent what is not legal in a WebSocket.")
			want(t, "IsConnected", ws.IsConnected(), false)
		})
	}
	t.Run("too large", func(t *testing.T) {
		ws, _ := scripted(t, wstest.Send([]byte{0x82, 127, 0, 0, 0, 0, 1, 0, 0, 1})) // 16 MiB and a byte are announced
		wantReason(t, ws, 4, "MaxMessageBytes=N")
	})
	t.Run("a second reader", func(t *testing.T) {
		blocked := make(chan struct{})
		ws, _ := scripted(t, untilReading(blocked), wstest.ExpectEOF())
		task := ws.ReadFrameAsync()
		must(t, task.Run(), task)
		<-blocked
		wantReason(t, ws, 99, "Another ReadFrame is under way.")
		must(t, task.Cancel(), task)
		must(t, task.Wait(0), task)
	})
}

func TestIdleTimeoutMs(t *testing.T) {
	t.Run("property", func(t *testing.T) {
		ws := newSocket(t)
		want(t, "IdleTimeoutMs", ws.IdleTimeoutMs(), 30000)
		ws.SetIdleTimeoutMs(0)
		want(t, "IdleTimeoutMs", ws.IdleTimeoutMs(), 0)
		ws.SetIdleTimeoutMs(-1)
		mustFail(t, false, ws, "IdleTimeoutMs is negative.")
		want(t, "IdleTimeoutMs", ws.IdleTimeoutMs(), 0)
	})
	t.Run("begins anew with each byte", func(t *testing.T) {
		const idle, pause, bytes = 250, 60 * time.Millisecond, 6
		steps := []wstest.Step{wstest.Send([]byte{0x81, bytes})}
		for range bytes {
			steps = append(steps, wstest.Pause(pause), wstest.Send([]byte("x")))
		}
		ws, played := scripted(t, append(steps, wstest.ExpectEOF())...)
		ws.SetIdleTimeoutMs(idle)
		begin := time.Now()
		read(t, ws, "Text")
		if took := time.Since(begin); took < idle*time.Millisecond {
			t.Errorf("the frame came in %v, which shows nothing", took)
		}
		must(t, ws.CloseConnection(), ws)
		played()
	})
	t.Run("ends a read", func(t *testing.T) {
		ws := echo(t, "")
		ws.SetIdleTimeoutMs(50)
		begin := time.Now()
		want(t, "ReadFrame", ws.ReadFrame(), false)
		if took := time.Since(begin); took < 50*time.Millisecond || took > limit {
			t.Errorf("ReadFrame took %v", took)
		}
	})
	t.Run("ends a send and the connection with it", func(t *testing.T) {
		done := make(chan struct{})
		ws, _ := scripted(t, wstest.Wait(done))
		defer close(done)
		ws.SetIdleTimeoutMs(50)
		bd := chilkat.NewBinData()
		bd.AppendBinary(make([]byte, 32<<20)) // more than the system takes
		mustFail(t, ws.SendFrameBd(bd, true), ws, "The server took no byte within IdleTimeoutMs.")
		want(t, "IsConnected", ws.IsConnected(), false)
	})
	t.Run("0 is no limit", func(t *testing.T) {
		blocked := make(chan struct{})
		ws, played := scripted(t, untilReading(blocked), wstest.Pause(50*time.Millisecond), send(frame.Text, true, "late"), wstest.ExpectEOF())
		ws.SetIdleTimeoutMs(0)
		read(t, ws, "Text")
		must(t, ws.CloseConnection(), ws)
		played()
	})
	t.Run("objects on one connection have their own", func(t *testing.T) {
		ws := echo(t, "")
		sender := newSocket(t)
		must(t, sender.ShareConnection(ws), sender)
		ws.SetIdleTimeoutMs(0)
		sender.SetIdleTimeoutMs(1)
		task := ws.ReadFrameAsync()
		must(t, task.Run(), task)
		must(t, sender.SendFrame("abc", true), sender)
		must(t, task.Wait(0), task)
		want(t, "the result of ReadFrame", task.GetResultBool(), true)
	})
}

func TestPollDataAvailable(t *testing.T) {
	ws := newSocket(t)
	mustFail(t, ws.PollDataAvailable(), ws, "There is no WebSocket connection.")
	want(t, "LastMethodSuccess after a yes/no question", ws.LastMethodSuccess(), true)

	proceed := make(chan struct{})
	peer := wstest.Listen(wstest.Upgrade(), wstest.Wait(proceed), send(frame.Text, true, "x"), wstest.Wait(proceed))
	defer peer.Close()
	openOn(t, ws, dial(t, peer.URL()), "/")
	begin := time.Now()
	want(t, "PollDataAvailable", ws.PollDataAvailable(), false)
	if took := time.Since(begin); took > time.Second {
		t.Errorf("PollDataAvailable took %v", took)
	}
	proceed <- struct{}{}
	untilAvailable(t, ws)
	read(t, ws, "Text")
	want(t, "PollDataAvailable after the frame", ws.PollDataAvailable(), false)
	proceed <- struct{}{}
	untilAvailable(t, ws) // the end waits
	want(t, "ReadFrame", ws.ReadFrame(), false)
	want(t, "PollDataAvailable after the end", ws.PollDataAvailable(), true)

	openOn(t, ws, dial(t, echoServer(t).URL()), "/")
	must(t, ws.CloseConnection(), ws)
	want(t, "PollDataAvailable after CloseConnection", ws.PollDataAvailable(), true)
}

// untilAvailable polls as a program would.
func untilAvailable(t *testing.T, ws *chilkat.WebSocket) {
	t.Helper()
	for begin := time.Now(); !ws.PollDataAvailable(); {
		if time.Since(begin) > limit {
			t.Fatal("PollDataAvailable never becomes true")
		}
	}
}
