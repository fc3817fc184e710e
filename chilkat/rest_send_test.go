package chilkat_test

import (
	"context"
	"strings"
	"sync"
	"testing"

	"github.com/fairlead-ws/fairlead/chilkat"
	"github.com/fairlead-ws/fairlead/frame"
	"github.com/fairlead-ws/fairlead/wstest"
	"github.com/fairlead-ws/fairlead/wstrace"
)

// TestRequestStuck sends a request that the server does not take.
func TestRequestStuck(t *testing.T) {
	stuck := func(t *testing.T) *chilkat.Rest {
		rest := dial(t, waiting(t))
		must(t, rest.AddHeader("X-Huge", strings.Repeat("x", 32<<20)), rest) // more than the system takes
		return rest
	}
	t.Run("idle timeout", func(t *testing.T) {
		rest := stuck(t)
		rest.SetIdleTimeoutMs(50)
		mustFail(t, rest.SendReqNoBody("GET", "/"), rest, "The server took no byte of the request within IdleTimeoutMs.")
		mustFail(t, rest.SendReqNoBody("GET", "/"), rest, "The Rest is not connected.")
	})
	t.Run("aborted", func(t *testing.T) {
		rest := stuck(t)
		rest.SetHeartbeatMs(50)
		rest.SetAbortCheck(func() bool { return true })
		mustFail(t, rest.SendReqNoBody("GET", "/"), rest, "The call was aborted.")
		mustFail(t, rest.SendReqNoBody("GET", "/"), rest, "The Rest is not connected.")
	})
	t.Run("lost", func(t *testing.T) {
		peer := wstest.Listen(wstest.Expect([]byte("G")), wstest.Reset())
		defer peer.Close()
		rest := dial(t, peer.URL())
		must(t, rest.AddHeader("X-Huge", strings.Repeat("x", 32<<20)), rest)
		mustFail(t, rest.SendReqNoBody("GET", "/"), rest, "The connection was lost while the request was sent.")
	})
}

func TestNoRequestAfterSwitching(t *testing.T) {
	rest, ws := dial(t, echoServer(t).URL()), newSocket(t)
	must(t, ws.UseConnection(rest), ws)
	must(t, ws.AddClientHeaders(), ws)
	must(t, rest.FullRequestNoBody("GET", "/") != nil, rest)
	mustFail(t, rest.FullRequestNoBody("GET", "/") != nil, rest, "The server has switched this connection to another protocol.")
	want(t, "the body of the 101", deref(rest.ReadRespBodyString()), "")
	must(t, ws.ValidateServerHandshake(), ws)
}

func TestUnreadBodyThatBreaks(t *testing.T) {
	rest := answering(t, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel")
	must(t, rest.SendReqNoBody("GET", "/"), rest)
	want(t, "ReadResponseHeader", rest.ReadResponseHeader(), 200)
	mustFail(t, rest.SendReqNoBody("GET", "/"), rest, "The connection was lost before the end of the response.")
}

// TestTraceOfTheContext shows every step to a trace that the program has put into
// the context, also in a task.
func TestTraceOfTheContext(t *testing.T) {
	var mu sync.Mutex
	seen := map[string]int{}
	note := func(what string) {
		mu.Lock()
		defer mu.Unlock()
		seen[what]++
	}
	ctx := wstrace.WithTrace(t.Context(), &wstrace.Trace{
		ConnectDone:   func(wstrace.ConnectDone) { note("connect") },
		RequestDone:   func(wstrace.RequestDone) { note("request") },
		ResponseDone:  func(wstrace.ResponseDone) { note("response") },
		FrameSent:     func(wstrace.Frame) { note("sent") },
		FrameReceived: func(f wstrace.Frame) { note("received " + f.Header.Opcode.String()) },
	})
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	host, port := hostPort(t, echoServer(t).URL())
	rest, ws := newRest(t), newSocket(t)
	rest.SetContext(ctx)
	ws.SetContext(ctx)
	finish(t, rest.ConnectAsync(host, port, false, false), true)
	openOn(t, ws, rest, "/")
	must(t, ws.SendFrame("x", true), ws)
	finish(t, ws.ReadFrameAsync(), true)
	mu.Lock()
	defer mu.Unlock()
	for _, what := range []string{"connect", "request", "response", "sent", "received " + frame.Text.String()} {
		want(t, "the number of events "+what, seen[what], 1)
	}
}
