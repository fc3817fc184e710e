package chilkat_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/fairlead-ws/fairlead/chilkat"
	"github.com/fairlead-ws/fairlead/frame"
	"github.com/fairlead-ws/fairlead/wstest"
)

func TestFrameDataLen(t *testing.T) {
	ws, _ := scripted(t, send(frame.Text, false, "123"), send(frame.Continuation, true, "4€"), send(frame.Binary, true, "x"), wstest.ExpectEOF())
	want(t, "FrameDataLen at first", ws.FrameDataLen(), 0)
	for _, n := range []int{3, 7, 8} { // until it is fetched
		must(t, ws.ReadFrame(), ws)
		want(t, "FrameDataLen", ws.FrameDataLen(), n)
	}
	wantData(t, ws, "1234€x")
	want(t, "FrameDataLen after GetFrameData", ws.FrameDataLen(), 0)
}

func TestGetFrameData(t *testing.T) {
	tests := []struct {
		name   string
		frames []string
		text   string
	}{
		{"nothing", nil, ""},
		{"empty frame", []string{""}, ""},
		{"8-bit clean", []string{"a\x00b\x7f"}, "a\x00b\x7f"},
		{"a character split between frames", []string{"\xe2", "\x82", "\xac!"}, "€!"},
		{"not UTF-8", []string{"a\xffb"}, "a\uFFFDb"},
		{"cut off at the end", []string{"a\xe2\x82"}, "a\uFFFD"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var steps []wstest.Step
			for i, p := range test.frames {
				op := frame.Binary // whose bytes may be anything
				if i > 0 {
					op = frame.Continuation
				}
				steps = append(steps, send(op, i == len(test.frames)-1, p))
			}
			ws, _ := scripted(t, append(steps, wstest.ExpectEOF())...)
			for range test.frames {
				must(t, ws.ReadFrame(), ws)
			}
			wantData(t, ws, test.text)
			want(t, "LastMethodSuccess", ws.LastMethodSuccess(), true)
			wantData(t, ws, "")
		})
	}
	t.Run("unconnected, disposed, a new session", func(t *testing.T) {
		ws := echo(t, "")
		must(t, ws.SendFrame("old", true), ws)
		must(t, ws.ReadFrame(), ws)
		must(t, ws.UseConnection(dial(t, echoServer(t).URL())), ws)
		wantData(t, ws, "")
		wantData(t, newSocket(t), "")
		ws.DisposeWebSocket()
		if got := ws.GetFrameData(); got != nil {
			t.Errorf("GetFrameData of a disposed object gives %q", *got)
		}
		wantLog(t, ws, "The object was disposed.")
	})
}

// TestGetFrameDataOfControlFrames shows that the payload of a control frame never
// mixes with that of a message.
func TestGetFrameDataOfControlFrames(t *testing.T) {
	ws, _ := scripted(t,
		send(frame.Ping, true, "between"),
		send(frame.Pong, true, "replaced"),
		send(frame.Text, false, "one "),
		send(frame.Ping, true, "inside"),
		send(frame.Continuation, true, "message"),
		send(frame.Ping, true, "behind"),
		send(frame.Text, true, ", another"),
		send(frame.Close, true, closeWith(t, 1000, "end")))
	ws.SetPingAutoRespond(false)
	ws.SetPongAutoConsume(false)
	read(t, ws, "Ping")
	want(t, "FrameDataLen", ws.FrameDataLen(), 7)
	wantData(t, ws, "between")
	want(t, "FrameDataLen", ws.FrameDataLen(), 0)
	read(t, ws, "Pong")
	read(t, ws, "Text") // takes the place of what was not fetched
	want(t, "FrameDataLen", ws.FrameDataLen(), 4)
	read(t, ws, "Ping") // not retrievable
	want(t, "FrameDataLen", ws.FrameDataLen(), 4)
	read(t, ws, "Continuation")
	read(t, ws, "Ping")
	wantData(t, ws, "behind")
	wantData(t, ws, "one message") // is not lost
	read(t, ws, "Text")
	wantData(t, ws, ", another")
	read(t, ws, "Close")
	wantData(t, ws, "\x03\uFFFDend")
}

func TestGetFrameDataSb(t *testing.T) {
	ws, _ := scripted(t, send(frame.Text, true, "gr\xc3\xbcn"), send(frame.Text, true, "!"), wstest.ExpectEOF())
	must(t, ws.ReadFrame(), ws)
	mustFail(t, ws.GetFrameDataSb(nil), ws, "The argument sb is nil.")
	gone := chilkat.NewStringBuilder()
	gone.DisposeStringBuilder()
	mustFail(t, ws.GetFrameDataSb(gone), ws, "The argument sb was disposed.")
	want(t, "FrameDataLen after a failure", ws.FrameDataLen(), 5)
	sb := chilkat.NewStringBuilder()
	sb.Append("it is ")
	must(t, ws.GetFrameDataSb(sb), ws)
	want(t, "FrameDataLen", ws.FrameDataLen(), 0)
	must(t, ws.ReadFrame(), ws)
	must(t, ws.GetFrameDataSb(sb), ws)
	want(t, "the text", *sb.GetAsString(), "it is grün!")
}

func TestGetFrameDataBd(t *testing.T) {
	ws, _ := scripted(t, send(frame.Binary, false, "\x00\xff"), send(frame.Continuation, true, "\xe2"), wstest.ExpectEOF())
	bd := chilkat.NewBinData()
	bd.AppendBinary([]byte{1})
	must(t, ws.ReadFrame(), ws)
	must(t, ws.ReadFrame(), ws)
	mustFail(t, ws.GetFrameDataBd(nil), ws, "The argument bd is nil.")
	want(t, "FrameDataLen after a failure", ws.FrameDataLen(), 3)
	must(t, ws.GetFrameDataBd(bd), ws)
	if got := bd.GetBinary(); !bytes.Equal(got, []byte("\x01\x00\xff\xe2")) {
		t.Errorf("the bytes are %x", got)
	}
	want(t, "FrameDataLen", ws.FrameDataLen(), 0)
}

// TestGatheredDataIsBounded lets a program forget GetFrameData.
func TestGatheredDataIsBounded(t *testing.T) {
	const size = 6 << 20
	message := wstest.SendFrame(frame.Header{Fin: true, Opcode: frame.Binary}, make([]byte, size))
	ws, _ := scripted(t, message, message, message, message, wstest.ExpectEOF())
	for range 3 { // 18 MiB
		must(t, ws.ReadFrame(), ws)
	}
	mustFail(t, ws.ReadFrame(), ws, "Fetch the data with GetFrameData")
	want(t, "ReadFrameFailReason", ws.ReadFrameFailReason(), 4)
	want(t, "IsConnected", ws.IsConnected(), true)
	want(t, "FrameDataLen", ws.FrameDataLen(), 3*size)
	ws.SetUncommonOptions("MaxMessageBytes=0") // no limit, for the gathered data at once
	must(t, ws.ReadFrame(), ws)
	want(t, "the length of the text", len(*ws.GetFrameData()), 4*size)
}

func TestHugeMessage(t *testing.T) {
	ws := echo(t, "")
	text := strings.Repeat("0123456789abcdef", 1<<20) // 16 MiB, the most that is allowed
	must(t, ws.SendFrame(text, true), ws)
	must(t, ws.ReadFrame(), ws)
	if got := ws.GetFrameData(); got == nil || *got != text {
		t.Error("the message is not the same")
	}
}
