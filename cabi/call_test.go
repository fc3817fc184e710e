package main

import (
	"strings"
	"sync"
	"testing"

	"github.com/fairlead-ws/fairlead/chilkat"
	"github.com/fairlead-ws/fairlead/wstest"
)

// enterFor enters an object that is released with t.
func enterFor(t *testing.T, object any) uint64 {
	t.Helper()
	h := enter(object)
	t.Cleanup(func() { release(h) })
	return h
}

func TestHandles(t *testing.T) {
	ws := enterFor(t, chilkat.NewWebSocket())
	gone := enter(chilkat.NewWebSocket())
	release(gone)
	release(gone)
	calls := 0
	count := func(*chilkat.WebSocket) outcome { calls++; return yesNo(true) }
	for _, h := range []uint64{0, gone, 1 << 63, enterFor(t, chilkat.NewRest())} {
		if out := invoke(h, minus1, count); out.n != -1 {
			t.Errorf("handle %d: %v", h, out)
		}
		text := lastErrorText(h, "WebSocket", func() outcome { return invoke(h, failed, count) })
		if text.n != 1 || !strings.Contains(string(text.data), "WebSocket") {
			t.Errorf("handle %d: %q", h, text.data)
		}
		if argument[*chilkat.WebSocket](h) != nil {
			t.Errorf("handle %d is an argument", h)
		}
	}
	if calls != 0 {
		t.Errorf("%d calls", calls)
	}
	if out := invoke(ws, minus1, count); out.n != 1 || calls != 1 || argument[*chilkat.WebSocket](ws) == nil {
		t.Errorf("%v after %d calls", out, calls)
	}
	if again := enterFor(t, chilkat.NewWebSocket()); again <= gone {
		t.Errorf("handle %d came after %d", again, gone)
	}
}

func TestPanicIsAFailure(t *testing.T) {
	h := enterFor(t, chilkat.NewBinData())
	boom := func(*chilkat.BinData) outcome { panic("boom") }
	cell := uint64(10_000)
	for _, out := range []outcome{invoke(h, minus1, boom), invokeFor(h, &cell, minus1, boom)} {
		if out.n != -1 || out.data != nil {
			t.Errorf("%v", out)
		}
		if text := lastErrorText(h, "BinData", func() outcome { return failed }); !strings.Contains(string(text.data), "panicked: boom") {
			t.Errorf("%q", text.data)
		}
	}
}

// connected is a WebSocket with the echo server.
func connected(t *testing.T) (*chilkat.WebSocket, *wstest.Server) {
	t.Helper()
	server := wstest.NewServer()
	t.Cleanup(func() { server.Close() })
	rest, ws := chilkat.NewRest(), chilkat.NewWebSocket()
	t.Cleanup(rest.DisposeRest)
	t.Cleanup(ws.DisposeWebSocket)
	host, port := endpoint(t, server)
	if !rest.Connect(host, port, false, false) || !ws.UseConnection(rest) || !ws.AddClientHeaders() ||
		rest.FullRequestNoBody("GET", "/") == nil || !ws.ValidateServerHandshake() {
		t.Fatal(rest.LastErrorText(), ws.LastErrorText())
	}
	return ws, server
}

func TestCallThatGoesOn(t *testing.T) {
	ws, _ := connected(t)
	h := enterFor(t, ws)
	read := func(o *chilkat.WebSocket) outcome { return yesNo(o.ReadFrame()) }

	cell := uint64(1)
	if out := invokeFor(h, &cell, failed, read); out.n != pending || cell <= firstCall {
		t.Fatalf("%v, cell %d", out, cell)
	}
	if out := await(cell, 1); out.n != pending {
		t.Fatalf("%v before anything came", out)
	}
	ws.SendFrame("x", true)
	if out := await(cell, 10_000); out.n != 1 {
		t.Fatalf("%v: %s", out, ws.LastErrorText())
	}
	if out := await(cell, 0); out.n != 0 {
		t.Fatalf("%v, the result was given before", out)
	}

	cell = 1
	invokeFor(h, &cell, failed, read)
	cancel(cell)
	cancel(12345)
	if out := await(cell, 10_000); out.n != 0 || ws.ReadFrameFailReason() != 2 {
		t.Fatalf("%v, reason %d", out, ws.ReadFrameFailReason())
	}
	// What was canceled once is armed anew.
	cell = 10_000
	ws.SendFrame("y", true)
	if out := invokeFor(h, &cell, failed, read); out.n != 1 {
		t.Fatalf("%v: %s", out, ws.LastErrorText())
	}

	cell = 0
	invokeFor(h, &cell, failed, read)
	forget(cell)
	if out := await(cell, 0); out.n != 0 {
		t.Fatalf("%v of a call that was given up", out)
	}
	ws.SendFrame("z", true)
}

func TestManyAtOnce(t *testing.T) {
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 200 {
				h := enter(chilkat.NewBinData())
				if out := invoke(h, minus1, func(o *chilkat.BinData) outcome { return numberOf(o.NumBytes()) }); out.n != 0 {
					t.Errorf("%v", out)
				}
				release(h)
			}
		})
	}
	all.Wait()
}
