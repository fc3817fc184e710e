package demo

import (
	"context"
	"errors"
	"fmt"
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
	type result struct {
		messages int
		err      error
	}
	done := make(chan result, 1)
	go func() {
		var r result
		defer func() { done <- r }()
		for {
			if !ws.ReadFrame() {
				r.err = s.failed("ReadFrame", ws)
				return
			}
			if ws.FrameOpcode() == "Close" {
				return
			}
			if !ws.FinalFrame() {
				continue
			}
			want := fmt.Sprintf("tick %d", r.messages)
			if text := ws.GetFrameData(); text == nil || *text != want {
				r.err = fmt.Errorf("%w: another message than %q", ErrUnexpected, want)
				return
			}
			r.messages++
		}
	}()
	sendErr := s.sendTicks(ctx, ws)
	if sendErr != nil {
		ws.CloseConnection() // wakes the reader
	}
	r := <-done
	if err := errors.Join(sendErr, r.err); err != nil {
		return err
	}
	expect(s, "messages read", r.messages, ticks)
	return nil
}

func (s *session) sendTicks(ctx context.Context, ws *chilkat.WebSocket) error {
	timer := time.NewTicker(tick)
	defer timer.Stop()
	for i := range ticks {
		select {
		case <-timer.C:
		case <-ctx.Done():
			return ctx.Err()
		}
		if !ws.SendFrame(fmt.Sprintf("tick %d", i), true) {
			return s.failed("SendFrame", ws)
		}
	}
	if !ws.SendClose(true, 1000, "") {
		return s.failed("SendClose", ws)
	}
	return nil
}
