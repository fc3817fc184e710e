package chilkat_test

import (
	"strings"
	"testing"

	"github.com/fairlead-ws/fairlead/frame"
	"github.com/fairlead-ws/fairlead/wstest"
)

func TestPingAutoRespond(t *testing.T) {
	ws, played := scripted(t,
		send(frame.Ping, true, "one"), send(frame.Text, true, "data"), expect(frame.Pong, "one"),
		send(frame.Ping, true, "two"), expect(frame.Text, "no Pong before this"), wstest.ExpectEOF())
	want(t, "PingAutoRespond", ws.PingAutoRespond(), true)
	read(t, ws, "Text") // the Ping is never returned
	want(t, "NeedSendPong", ws.NeedSendPong(), false)
	ws.SetPingAutoRespond(false)
	want(t, "PingAutoRespond", ws.PingAutoRespond(), false)
	read(t, ws, "Ping")
	must(t, ws.SendFrame("no Pong before this", true), ws)
	must(t, ws.CloseConnection(), ws)
	played()
}

func TestNeedSendPong(t *testing.T) {
	ws, played := scripted(t,
		send(frame.Ping, true, "1"), send(frame.Ping, true, "2"), expect(frame.Pong, "2"),
		send(frame.Ping, true, ""), expect(frame.Pong, ""), wstest.ExpectEOF())
	ws.SetPingAutoRespond(false)
	want(t, "NeedSendPong at first", ws.NeedSendPong(), false)
	for range 2 {
		read(t, ws, "Ping")
		want(t, "NeedSendPong after a Ping", ws.NeedSendPong(), true)
	}
	must(t, ws.SendPong(), ws) // settles both
	want(t, "NeedSendPong after SendPong", ws.NeedSendPong(), false)
	read(t, ws, "Ping")
	want(t, "NeedSendPong after an empty Ping", ws.NeedSendPong(), true)
	must(t, ws.SendPong(), ws)
	must(t, ws.CloseConnection(), ws)
	played()
}

func TestSendPong(t *testing.T) {
	ws, played := scripted(t,
		expect(frame.Pong, ""),
		send(frame.Ping, true, "a\x00\xff"), expect(frame.Pong, "a\x00\xff"),
		expect(frame.Pong, ""), wstest.ExpectEOF())
	must(t, ws.SendPong(), ws) // unsolicited
	ws.SetPingAutoRespond(false)
	read(t, ws, "Ping")
	must(t, ws.SendPong(), ws) // the payload, whatever it is
	must(t, ws.SendPong(), ws) // answered already: unsolicited again
	must(t, ws.CloseConnection(), ws)
	played()
}

func TestSendPongAsync(t *testing.T) {
	ws, played := scripted(t, send(frame.Ping, true, "x"), expect(frame.Pong, "x"), wstest.ExpectEOF())
	ws.SetPingAutoRespond(false)
	read(t, ws, "Ping")
	task := ws.SendPongAsync()
	want(t, "NeedSendPong before Run", ws.NeedSendPong(), true)
	finish(t, task, true)
	want(t, "NeedSendPong after Run", ws.NeedSendPong(), false)
	must(t, ws.CloseConnection(), ws)
	played()
}

func TestSendPing(t *testing.T) {
	euro := strings.Repeat("€", 50) // 150 bytes
	ws, played := scripted(t,
		expect(frame.Ping, ""),
		expect(frame.Ping, "nul\x00"),
		expect(frame.Ping, strings.Repeat("p", 125)),
		expect(frame.Ping, euro[:123]),
		expect(frame.Ping, "x"+euro[:123]),
		expect(frame.Ping, strings.Repeat("\x80", 125)),
		wstest.ExpectFrame(frame.Text, false, []byte("begun")),
		expect(frame.Ping, "inside"),
		expect(frame.Continuation, ""),
		wstest.ExpectEOF())
	must(t, ws.SendPing(""), ws)
	must(t, ws.SendPing("nul\x00"), ws)
	must(t, ws.SendPing(strings.Repeat("p", 1<<20)), ws)
	must(t, ws.SendPing(euro), ws)
	must(t, ws.SendPing("x"+euro), ws)
	must(t, ws.SendPing(strings.Repeat("\x80", 200)), ws) // no text: no character to cut at
	must(t, ws.SendFrame("begun", false), ws)
	must(t, ws.SendPing("inside"), ws)
	must(t, ws.SendFrame("", true), ws)
	must(t, ws.CloseConnection(), ws)
	played()
}

func TestSendPingAsync(t *testing.T) {
	ws, played := scripted(t, expect(frame.Ping, "later"), wstest.ExpectEOF())
	finish(t, ws.SendPingAsync("later"), true)
	must(t, ws.CloseConnection(), ws)
	finish(t, ws.SendPingAsync("too late"), false)
	played()
}

func TestPongAutoConsume(t *testing.T) {
	ws, played := scripted(t,
		send(frame.Pong, true, "1"), send(frame.Text, true, "data"), send(frame.Pong, true, "2"), wstest.ExpectEOF())
	want(t, "PongAutoConsume", ws.PongAutoConsume(), true)
	read(t, ws, "Text")
	ws.SetPongAutoConsume(false)
	want(t, "PongAutoConsume", ws.PongAutoConsume(), false)
	read(t, ws, "Pong")
	must(t, ws.CloseConnection(), ws)
	played()
}

func TestPongConsumed(t *testing.T) {
	ws, played := scripted(t,
		send(frame.Pong, true, ""), send(frame.Pong, true, ""), send(frame.Text, true, "1"),
		send(frame.Text, true, "2"),
		send(frame.Pong, true, ""), wstest.Shut(), wstest.ExpectEOF())
	want(t, "PongConsumed at first", ws.PongConsumed(), false)
	read(t, ws, "Text")
	want(t, "PongConsumed", ws.PongConsumed(), true)
	read(t, ws, "Text")
	want(t, "PongConsumed after a read without one", ws.PongConsumed(), false)
	want(t, "ReadFrame", ws.ReadFrame(), false)
	want(t, "PongConsumed after a read that failed behind one", ws.PongConsumed(), true)
	want(t, "ReadFrame", ws.ReadFrame(), false)
	want(t, "PongConsumed after a read that failed at once", ws.PongConsumed(), false)
	played()
}
