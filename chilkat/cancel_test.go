package chilkat_test

import (
	"testing"
	"time"

	"github.com/fairlead-ws/fairlead/chilkat"
	"github.com/fairlead-ws/fairlead/wstest"
)

// TestCancelIsPrompt measures from Task.Cancel to the end of a call that was
// blocked. The machine may be busy, so one of several tries counts.
func TestCancelIsPrompt(t *testing.T) {
	for name, start := range map[string]func(t *testing.T) *chilkat.Task{
		"ReadFrame":         blockedRead,
		"SendFrameBd":       blockedSend,
		"Connect":           blockedConnect,
		"FullRequestNoBody": blockedResponse,
		"Socket.Connect":    blockedProxy,
	} {
		t.Run(name, func(t *testing.T) {
			var took time.Duration
			for range 5 {
				task := start(t)
				began := time.Now()
				must(t, task.Cancel(), task)
				must(t, task.Wait(0), task)
				want(t, "Status", task.Status(), "aborted")
				if took = time.Since(began); took <= 50*time.Millisecond {
					return
				}
			}
			t.Errorf("Cancel takes %v", took)
		})
	}
}

// running runs a task whose server says when it is blocked.
func running(t *testing.T, task *chilkat.Task, blocked <-chan struct{}) *chilkat.Task {
	t.Helper()
	must(t, task.Run(), task)
	select {
	case <-blocked:
	case <-time.After(limit):
		t.Fatal("the call never blocks")
	}
	return task
}

func signal(blocked chan struct{}) wstest.Step {
	return wstest.Do(func() error { close(blocked); return nil })
}

func blockedRead(t *testing.T) *chilkat.Task {
	blocked := make(chan struct{})
	ws, _ := scripted(t, untilReading(blocked), wstest.ExpectEOF())
	return running(t, ws.ReadFrameAsync(), blocked)
}

func blockedSend(t *testing.T) *chilkat.Task {
	blocked, over := make(chan struct{}), make(chan struct{})
	ws, _ := scripted(t, wstest.Expect([]byte{0x82}), signal(blocked), wstest.Wait(over))
	t.Cleanup(func() { close(over) })
	bd := chilkat.NewBinData()
	bd.AppendBinary(make([]byte, 32<<20)) // more than the system takes
	return running(t, ws.SendFrameBdAsync(bd, true), blocked)
}

func blockedConnect(t *testing.T) *chilkat.Task {
	blocked := make(chan struct{})
	host, port := hostPort(t, waiting(t, wstest.Expect([]byte{0x16}), signal(blocked)))
	return running(t, newRest(t).ConnectAsync(host, port, true, false), blocked)
}

func blockedProxy(t *testing.T) *chilkat.Task {
	proxy, reached := stuckHop(t, "")
	s := client(t)
	through(proxy, "")(s)
	return running(t, s.ConnectAsync("127.0.0.1", 80, true, enough), reached)
}

func blockedResponse(t *testing.T) *chilkat.Task {
	blocked := make(chan struct{})
	rest := dial(t, waiting(t, anyRequest, signal(blocked)))
	return running(t, rest.FullRequestNoBodyAsync("GET", "/"), blocked)
}

// waiting is the URL of a peer that plays steps and then waits.
func waiting(t *testing.T, steps ...wstest.Step) string {
	over := make(chan struct{})
	peer := wstest.Listen(append(steps, wstest.Wait(over))...)
	t.Cleanup(func() {
		close(over)
		peer.Close()
	})
	return peer.URL()
}
