package chilkat_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/fairlead-ws/fairlead/chilkat"
	"github.com/fairlead-ws/fairlead/frame"
	"github.com/fairlead-ws/fairlead/wstest"
)

func TestSendFrame(t *testing.T) {
	ws, played := scripted(t,
		expect(frame.Text, "whole"),
		expect(frame.Text, ""),
		expect(frame.Text, "nul\x00"),
		wstest.ExpectFrame(frame.Text, false, []byte("one ")),
		wstest.ExpectFrame(frame.Continuation, false, []byte("message")),
		expect(frame.Continuation, ""),
		expect(frame.Text, "next"),
		wstest.ExpectEOF())
	must(t, ws.SendFrame("whole", true), ws)
	must(t, ws.SendFrame("", true), ws)
	must(t, ws.SendFrame("nul\x00", true), ws)
	must(t, ws.SendFrame("one ", false), ws)
	must(t, ws.SendFrame("message", false), ws)
	must(t, ws.SendFrame("", true), ws)
	must(t, ws.SendFrame("next", true), ws)
	must(t, ws.CloseConnection(), ws)
	mustFail(t, ws.SendFrame("late", true), ws, "The connection is closed.")
	played()
}

// TestSendFrameText lets text be split anywhere, and nothing else be sent as text.
func TestSendFrameText(t *testing.T) {
	ws, played := scripted(t,
		wstest.ExpectFrame(frame.Text, false, []byte("\xe2\x82")),
		expect(frame.Continuation, "\xac"),
		expect(frame.Text, "end"),
		wstest.ExpectEOF())
	mustFail(t, ws.SendFrame("a\xff", true), ws, "The text is not UTF-8.")
	mustFail(t, ws.SendFrame("a\xe2\x82", true), ws, "The text is not UTF-8.")
	must(t, ws.SendFrame("\xe2\x82", false), ws)
	mustFail(t, ws.SendFrame("x", false), ws, "The text is not UTF-8.")
	mustFail(t, ws.SendFrame("", true), ws, "The text is not UTF-8.")
	must(t, ws.SendFrame("\xac", true), ws)
	must(t, ws.SendFrame("end", true), ws)
	must(t, ws.CloseConnection(), ws)
	played()
}

func TestSendFrameSb(t *testing.T) {
	ws, played := scripted(t,
		wstest.ExpectFrame(frame.Text, false, []byte("grün")),
		expect(frame.Continuation, "grün"),
		wstest.ExpectEOF())
	sb := chilkat.NewStringBuilder()
	sb.Append("grün")
	must(t, ws.SendFrameSb(sb, false), ws)
	must(t, ws.SendFrameSb(sb, true), ws)
	mustFail(t, ws.SendFrameSb(nil, true), ws, "The argument sb is nil.")
	sb.DisposeStringBuilder()
	mustFail(t, ws.SendFrameSb(sb, true), ws, "The argument sb was disposed.")
	must(t, ws.CloseConnection(), ws)
	played()
}

func TestSendFrameBd(t *testing.T) {
	ws, played := scripted(t,
		wstest.ExpectFrame(frame.Binary, false, []byte("\x00\xff")),
		wstest.ExpectFrame(frame.Continuation, false, []byte("\x00\xff")),
		expect(frame.Continuation, "text in a binary message"),
		expect(frame.Binary, "\x00\xff"),
		wstest.ExpectFrame(frame.Text, false, []byte("a text message")),
		expect(frame.Continuation, ""),
		wstest.ExpectEOF())
	bd, empty := chilkat.NewBinData(), chilkat.NewBinData()
	bd.AppendBinary([]byte{0, 255})
	must(t, ws.SendFrameBd(bd, false), ws)
	must(t, ws.SendFrameBd(bd, false), ws)
	must(t, ws.SendFrame("text in a binary message", true), ws)
	must(t, ws.SendFrameBd(bd, true), ws)
	must(t, ws.SendFrame("a text message", false), ws)
	mustFail(t, ws.SendFrameBd(bd, true), ws, "The text is not UTF-8.")
	must(t, ws.SendFrameBd(empty, true), ws)
	mustFail(t, ws.SendFrameBd(nil, true), ws, "The argument bd is nil.")
	bd.DisposeBinData()
	mustFail(t, ws.SendFrameBd(bd, true), ws, "The argument bd was disposed.")
	must(t, ws.CloseConnection(), ws)
	played()
}

func TestSendFrameAsync(t *testing.T) {
	ws, played := scripted(t, wstest.ExpectFrame(frame.Text, false, []byte("a")), expect(frame.Continuation, "b"), wstest.ExpectEOF())
	second, first := ws.SendFrameAsync("b", true), ws.SendFrameAsync("a", false)
	finish(t, first, true)
	finish(t, second, true)
	must(t, ws.CloseConnection(), ws)
	finish(t, ws.SendFrameAsync("c", true), false)
	played()
}

func TestSendFrameSbAsync(t *testing.T) {
	ws, played := scripted(t, expect(frame.Text, "now"), wstest.ExpectEOF())
	sb := chilkat.NewStringBuilder()
	task := ws.SendFrameSbAsync(sb, true)
	sb.Append("now") // the task takes what is there when it runs
	finish(t, task, true)
	if ws.SendFrameSbAsync(nil, true) != nil {
		t.Error("there is a task with a nil argument")
	}
	mustFail(t, false, ws, "The argument sb is nil.")
	must(t, ws.CloseConnection(), ws)
	played()
}

func TestSendFrameBdAsync(t *testing.T) {
	ws, played := scripted(t, expect(frame.Binary, "now"), wstest.ExpectEOF())
	bd := chilkat.NewBinData()
	bd.AppendBinary([]byte("now"))
	finish(t, ws.SendFrameBdAsync(bd, true), true)
	if ws.SendFrameBdAsync(nil, true) != nil {
		t.Error("there is a task with a nil argument")
	}
	mustFail(t, false, ws, "The argument bd is nil.")
	must(t, ws.CloseConnection(), ws)
	played()
}

func TestSendBeforeTheHandshake(t *testing.T) {
	rest, ws := dial(t, echoServer(t).URL()), newSocket(t)
	bd, sb := chilkat.NewBinData(), chilkat.NewStringBuilder()
	for _, why := range []string{"There is no WebSocket connection.", "The opening handshake was not validated."} {
		mustFail(t, ws.SendFrame("x", true), ws, why)
		mustFail(t, ws.SendFrameBd(bd, true), ws, why)
		mustFail(t, ws.SendFrameSb(sb, true), ws, why)
		mustFail(t, ws.SendPing("x"), ws, why)
		mustFail(t, ws.SendPong(), ws, why)
		mustFail(t, ws.SendClose(true, 1000, ""), ws, why)
		must(t, ws.UseConnection(rest), ws)
	}
	want(t, "FullRequestNoBody is not disturbed", rest.FullRequestNoBody("GET", "/") != nil, true)
}

// TestSendAborted shows that a send which was given up before it began does no
// harm, also inside a message.
func TestSendAborted(t *testing.T) {
	ws := echo(t, "")
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	must(t, ws.SendFrame("one ", false), ws)
	ws.SetContext(ctx)
	mustFail(t, ws.SendFrame("lost", true), ws, "Call it again when the frame is wanted; the connection is as it was.")
	ws.SetContext(nil)
	must(t, ws.SendFrame("message", true), ws)
	must(t, ws.ReadFrame(), ws)
	wantData(t, ws, "one message")
}

// TestSendCanceled gives up a send in the middle of a frame.
func TestSendCanceled(t *testing.T) {
	blocked, done := make(chan struct{}), make(chan struct{})
	ws, _ := scripted(t, wstest.Expect([]byte{0x82}), wstest.Do(func() error { close(blocked); return nil }), wstest.Wait(done))
	defer close(done)
	bd := chilkat.NewBinData()
	bd.AppendBinary(make([]byte, 32<<20))
	task := ws.SendFrameBdAsync(bd, true)
	must(t, task.Run(), task)
	<-blocked
	must(t, task.Cancel(), task)
	must(t, task.Wait(0), task)
	want(t, "Status", task.Status(), "aborted")
	wantLog(t, ws, "the frame was cut off in the middle, so the connection was dropped.")
	want(t, "IsConnected", ws.IsConnected(), false)
}

// TestManySenders lets goroutines send messages of several frames, with control
// frames between them.
func TestManySenders(t *testing.T) {
	const senders, each = 8, 20
	ws := echo(t, "")
	var group sync.WaitGroup
	for i := range senders {
		group.Go(func() {
			for n := range each {
				if !ws.SendFrame(fmt.Sprintf("%d:%d", i, n), true) || !ws.SendPing("x") {
					t.Error(ws.LastErrorText())
				}
			}
		})
	}
	next := make([]int, senders)
	for range senders * each {
		must(t, ws.ReadFrame(), newestLog{ws})
		var from, number int
		if _, err := fmt.Sscanf(*ws.GetFrameData(), "%d:%d", &from, &number); err != nil || number != next[from] {
			t.Fatalf("sender %d: message %d came, want %d (%v)", from, number, next[from], err)
		}
		next[from]++
	}
	group.Wait()
}

// newestLog is an object whose last call may be another goroutine's: it is not
// asked how that went.
type newestLog struct{ *chilkat.WebSocket }

func (newestLog) LastMethodSuccess() bool { return true }
func (newestLog) LastError() error        { return nil }

func TestSendHuge(t *testing.T) {
	ws := echo(t, "")
	for _, n := range []int{0, 1, 125, 126, 127, 65535, 65536, 1 << 20} {
		text := strings.Repeat("x", n)
		must(t, ws.SendFrame(text, true), ws)
		must(t, ws.ReadFrame(), ws)
		wantData(t, ws, text)
	}
}
