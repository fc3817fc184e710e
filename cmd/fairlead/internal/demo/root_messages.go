package demo

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"sync"
	"time"

	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/frame"
)

// rootFragments is program 2.
func rootFragments(ctx context.Context, s *session) error {
	conn, err := s.dial(ctx, nil, fairlead.Dialer{})
	if err != nil {
		return err
	}
	defer conn.CloseNow()
	s.step("w := conn.Writer(ctx, fairlead.Text), one Write a fragment")
	w := conn.Writer(ctx, fairlead.Text)
	for _, text := range fragments {
		if _, err := io.WriteString(w, text); err != nil {
			return err
		}
	}
	if err := w.Close(); err != nil {
		return err
	}
	if err := s.receive(ctx, conn, fairlead.Text, []byte(wholeMessage)); err != nil {
		return err
	}
	return s.hangUp(ctx, conn)
}

// rootPingBetween is program 3, with frames instead of messages.
func rootPingBetween(ctx context.Context, s *session) error {
	conn, err := s.dial(ctx, nil, fairlead.Dialer{})
	if err != nil {
		return err
	}
	defer conn.CloseNow()
	for i, text := range fragments {
		h := frame.Header{Opcode: frame.Continuation, Fin: i == len(fragments)-1}
		if i == 0 {
			h.Opcode = frame.Text
		}
		s.step("conn.WriteFrame(ctx, frame.Header{Opcode: %v, Fin: %t}, %q)", h.Opcode, h.Fin, text)
		if err := conn.WriteFrame(ctx, h, []byte(text)); err != nil {
			return err
		}
		if i > 0 {
			continue
		}
		s.step("conn.WriteFrame(ctx, frame.Header{Opcode: ping, Fin: true}, \"between\")")
		if err := conn.WriteFrame(ctx, frame.Header{Opcode: frame.Ping, Fin: true}, []byte("between")); err != nil {
			return err
		}
	}
	if err := s.receive(ctx, conn, fairlead.Text, []byte(wholeMessage)); err != nil {
		return err
	}
	expect(s, "PongsSwallowed", conn.PongsSwallowed(), 1)
	s.step("conn.Ping(ctx)")
	rtt, err := conn.Ping(ctx)
	if err != nil {
		return err
	}
	s.step("  there and back in %v", rtt.Round(time.Microsecond))
	return s.hangUp(ctx, conn)
}

// rootPongByHand is program 4.
func rootPongByHand(ctx context.Context, s *session) error {
	policy := fairlead.Policy{SwallowPong: true, AnswerClose: true}
	s.step("Policy: %+v", policy)
	conn, err := s.dialSteered(ctx, url.Values{"ping": {"are you there?"}}, fairlead.Dialer{Policy: &policy})
	if err != nil {
		return err
	}
	defer conn.CloseNow()
	s.step("conn.ReadFrame(ctx)")
	h, _, err := conn.ReadFrame(ctx)
	if err != nil {
		return s.mute(err)
	}
	if h.Opcode != frame.Ping {
		return s.leaveOut("the server sent something else than a Ping")
	}
	payload, pending := conn.PingPending()
	expect(s, "PingPending", pending, true)
	s.step("conn.WriteFrame(ctx, frame.Header{Opcode: pong, Fin: true}, %q)", payload)
	if err := conn.WriteFrame(ctx, frame.Header{Opcode: frame.Pong, Fin: true}, payload); err != nil {
		return err
	}
	_, pending = conn.PingPending()
	expect(s, "PingPending", pending, false)
	return s.hangUp(ctx, conn)
}

// rootBinary is program 7.
func rootBinary(ctx context.Context, s *session) error {
	conn, err := s.dial(ctx, nil, fairlead.Dialer{})
	if err != nil {
		return err
	}
	defer conn.CloseNow()
	payload := []byte{0x00, 0x01, 0xFE, 0xFF}
	s.step("conn.Write(ctx, fairlead.Binary, % x)", payload)
	if err := conn.Write(ctx, fairlead.Binary, payload); err != nil {
		return err
	}
	if err := s.receive(ctx, conn, fairlead.Binary, payload); err != nil {
		return err
	}
	return s.hangUp(ctx, conn)
}

// rootCancelledRead is program 8: what a task is there, a context is here.
func rootCancelledRead(ctx context.Context, s *session) error {
	conn, err := s.dial(ctx, nil, fairlead.Dialer{})
	if err != nil {
		return err
	}
	defer conn.CloseNow()
	s.step("conn.Read(short), which nobody answers in time")
	short, cancel := context.WithTimeout(ctx, tick)
	defer cancel()
	_, _, err = conn.Read(short)
	expect(s, "the error is the context's", errors.Is(err, context.DeadlineExceeded), true)
	s.step("the connection is as it was: conn.WriteText(ctx, %q)", wholeMessage)
	if err := conn.WriteText(ctx, wholeMessage); err != nil {
		return err
	}
	if err := s.receive(ctx, conn, fairlead.Text, []byte(wholeMessage)); err != nil {
		return err
	}
	return s.hangUp(ctx, conn)
}

// rootReaderAndTimer is program 9.
func rootReaderAndTimer(ctx context.Context, s *session) error {
	conn, err := s.dial(ctx, nil, fairlead.Dialer{})
	if err != nil {
		return err
	}
	defer conn.CloseNow()
	s.step("for msg, err := range conn.Messages(ctx), while another goroutine sends")
	all := make(chan struct{})
	sent := make(chan error, 1)
	go func() { sent <- sendOnTimer(ctx, conn, all) }()
	readErr := readMessages(ctx, conn, all)
	if readErr != nil {
		conn.CloseNow() // wakes the sender
	}
	return errors.Join(readErr, <-sent)
}

// readMessages reads until the Close and closes all when every tick came, or
// none will come any more.
func readMessages(ctx context.Context, conn *fairlead.Conn, all chan struct{}) error {
	stop := sync.OnceFunc(func() { close(all) })
	defer stop()
	n := 0
	for msg, err := range conn.Messages(ctx) {
		if code, _ := fairlead.CloseCode(err); code == frame.StatusNormal {
			return nil
		}
		if err != nil {
			return err
		}
		if string(msg.Data) != tickText(n) {
			return fmt.Errorf("%w: another message than %q", ErrUnexpected, tickText(n))
		}
		if n++; n == ticks {
			stop()
		}
	}
	return nil
}

// sendOnTimer sends, and closes when all is closed. When it fails it drops the
// connection, which wakes the reader.
func sendOnTimer(ctx context.Context, conn *fairlead.Conn, all <-chan struct{}) (err error) {
	defer func() {
		if err != nil {
			conn.CloseNow()
		}
	}()
	timer := time.NewTicker(tick)
	defer timer.Stop()
	for i := range ticks {
		select {
		case <-timer.C:
		case <-ctx.Done():
			return ctx.Err()
		}
		if err := conn.WriteText(ctx, tickText(i)); err != nil {
			return err
		}
	}
	select {
	case <-all:
	case <-ctx.Done():
		return ctx.Err()
	}
	return conn.Close(ctx, frame.StatusNormal, "")
}

func (s *session) receive(ctx context.Context, conn *fairlead.Conn, wantType fairlead.MessageType, want []byte) error {
	s.step("conn.Read(ctx)")
	typ, p, err := conn.Read(ctx)
	if err != nil {
		return err
	}
	expect(s, "type", typ, wantType)
	expect(s, "the message is the same", bytes.Equal(p, want), true)
	return nil
}
