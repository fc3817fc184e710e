package demo

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/fairlead-ws/fairlead/chilkat"
)

const (
	taskWaitMs = 10_000
	ticks      = 5
	tick       = 20 * time.Millisecond
)

// Values of Task.StatusInt.
const (
	taskRunning   = 4
	taskCompleted = 7
)

// chilkatTasks is program 8.
func chilkatTasks(ctx context.Context, s *session) error {
	ws, err := s.open(ctx, nil)
	if err != nil {
		return err
	}
	defer ws.DisposeWebSocket()

	s.step("task := ws.ReadFrameAsync(), with a callback that calls LoadTaskCaller")
	task := ws.ReadFrameAsync()
	if task == nil {
		return s.failed("ReadFrameAsync", ws)
	}
	got := make(chan *string, 1)
	task.SetTaskCompleted(func(t *chilkat.Task) {
		caller := chilkat.NewWebSocket()
		if !caller.LoadTaskCaller(t) {
			got <- nil
			return
		}
		got <- caller.GetFrameData()
	})
	s.step("task.Run(), ws.SendFrame(\"for the task\", true), task.Wait(%d)", taskWaitMs)
	if !task.Run() {
		return s.failed("Run", task)
	}
	if !ws.SendFrame("for the task", true) {
		return s.failed("SendFrame", ws)
	}
	if !task.Wait(taskWaitMs) {
		return s.failed("Wait", task)
	}
	expect(s, "StatusInt", task.StatusInt(), taskCompleted)
	expect(s, "GetResultBool", task.GetResultBool(), true)
	select {
	case text := <-got:
		if text == nil {
			return errors.New("the callback saw no data")
		}
		expect(s, "what the callback read", *text, "for the task")
	case <-ctx.Done():
		return fmt.Errorf("the callback was not called: %w", ctx.Err())
	}

	if err := s.cancelTask(ctx, ws); err != nil {
		return err
	}
	s.step("the connection is as it was: ws.SendFrame(%q, true)", wholeMessage)
	if !ws.SendFrame(wholeMessage, true) {
		return s.failed("SendFrame", ws)
	}
	if err := s.readMessage(ws); err != nil {
		return err
	}
	return s.finish(ws)
}

// cancelTask lets a task wait for a frame that nobody sends, and cancels it.
func (s *session) cancelTask(ctx context.Context, ws *chilkat.WebSocket) error {
	s.step("another task waits in vain: task.Run(), task.Cancel()")
	task := ws.ReadFrameAsync()
	if task == nil {
		return s.failed("ReadFrameAsync", ws)
	}
	if !task.Run() {
		return s.failed("Run", task)
	}
	poll := time.NewTicker(time.Millisecond)
	defer poll.Stop()
	for task.StatusInt() < taskRunning {
		select {
		case <-poll.C:
		case <-ctx.Done():
			return fmt.Errorf("the task does not start: %w", ctx.Err())
		}
	}
	if !task.Cancel() {
		return s.failed("Cancel", task)
	}
	if !task.Wait(taskWaitMs) {
		return s.failed("Wait", task)
	}
	expect(s, "ReadFrameFailReason", ws.ReadFrameFailReason(), failAborted)
	return nil
}

// chilkatReaderAndTimer is program 9: one object, read by a goroutine that knows
// no end but the Close, written by another on a timer.
func chilkatReaderAndTimer(ctx context.Context, s *session) error {
	ws, err := s.open(ctx, nil)
	if err != nil {
		return err
	}
	defer ws.DisposeWebSocket()
	s.step("ws.ReadFrame() in one goroutine, ws.SendFrame(...) in another")
	all := make(chan struct{})
	read := make(chan error, 1)
	go func() { read <- s.readTicks(ws, all) }()
	sendErr := s.sendTicks(ctx, ws, all)
	if sendErr != nil {
		ws.CloseConnection() // wakes the reader
	}
	return errors.Join(sendErr, <-read)
}

// readTicks reads until the Close and closes all when every tick came, or none
// will come any more.
func (s *session) readTicks(ws *chilkat.WebSocket, all chan struct{}) error {
	stop := sync.OnceFunc(func() { close(all) })
	defer stop()
	for n := 0; ; {
		if !ws.ReadFrame() {
			return s.failed("ReadFrame", ws)
		}
		if ws.FrameOpcode() == "Close" {
			return nil
		}
		if !ws.FinalFrame() {
			continue
		}
		text := ws.GetFrameData()
		if text == nil || *text != tickText(n) {
			return fmt.Errorf("%w: another message than %q", ErrUnexpected, tickText(n))
		}
		if n++; n == ticks {
			stop()
		}
	}
}

// sendTicks sends on a timer, and a Close when all is closed.
func (s *session) sendTicks(ctx context.Context, ws *chilkat.WebSocket, all <-chan struct{}) error {
	timer := time.NewTicker(tick)
	defer timer.Stop()
	for i := range ticks {
		select {
		case <-timer.C:
		case <-ctx.Done():
			return ctx.Err()
		}
		if !ws.SendFrame(tickText(i), true) {
			return s.failed("SendFrame", ws)
		}
	}
	select {
	case <-all:
	case <-ctx.Done():
		return ctx.Err()
	}
	if !ws.SendClose(true, 1000, "") {
		return s.failed("SendClose", ws)
	}
	return nil
}

func tickText(n int) string { return fmt.Sprintf("tick %d", n) }
