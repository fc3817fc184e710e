package session

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"time"
	"unicode/utf8"

	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/cmd/fairlead/internal/exit"
	"github.com/fairlead-ws/fairlead/frame"
	"github.com/fairlead-ws/fairlead/wstrace"
)

// do performs one action on the connection.
func (s *serving) do(ctx context.Context, a Action) error {
	switch a.Kind {
	case Ping:
		return s.ping(ctx, a.Data)
	case Pong:
		return s.conn.WriteFrame(ctx, frame.Header{Fin: true, Opcode: frame.Pong}, a.Data)
	case Close:
		ctx, cancel := context.WithTimeout(ctx, closeWait)
		defer cancel()
		s.closedWith.Store(uint32(a.Code))
		err := s.conn.Close(ctx, a.Code, a.Reason)
		if errors.Is(err, frame.ErrCloseCode) || errors.Is(err, frame.ErrCloseLength) || errors.Is(err, frame.ErrCloseUTF8) {
			return exit.With(exit.Read, err)
		}
		return err
	case Sleep:
		timer := time.NewTimer(a.Time)
		defer timer.Stop()
		select {
		case <-timer.C:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	case Expect:
		return s.judge.expect(ctx, a.Expect, a.Time)
	case RawFrame:
		return s.rawFrame(ctx, a)
	}
	return s.message(ctx, a)
}

func (s *serving) message(ctx context.Context, a Action) error {
	defer s.touch()
	if a.Type == fairlead.Text && a.Rest == nil && !utf8.Valid(a.Data) {
		return exit.With(exit.Read, errors.New("a message is not valid UTF-8, which text must be (RFC 6455, section 8.1): send it with --binary"))
	}
	if a.Rest != nil {
		return s.streamed(ctx, a)
	}
	n := s.Fragment
	if n <= 0 || len(a.Data) <= n {
		return s.conn.Write(ctx, a.Type, a.Data)
	}
	opcode := frame.Opcode(a.Type)
	for p := a.Data; len(p) > 0; opcode = frame.Continuation {
		piece := p[:min(n, len(p))]
		p = p[len(piece):]
		if err := s.conn.WriteFrame(ctx, frame.Header{Opcode: opcode, Fin: len(p) == 0}, piece); err != nil {
			return err
		}
	}
	return nil
}

// streamed sends a message that is too long to be held, in fragments.
func (s *serving) streamed(ctx context.Context, a Action) error {
	defer a.done()
	w := s.conn.Writer(ctx, a.Type)
	if _, err := w.Write(a.Data); err != nil {
		return err
	}
	size := 1 << 20
	if s.Fragment > 0 {
		size = s.Fragment
	}
	buf := make([]byte, size)
	for {
		n, err := a.Rest.Read(buf)
		if _, writeErr := w.Write(buf[:n]); writeErr != nil {
			return writeErr
		}
		s.touch()
		if errors.Is(err, io.EOF) {
			return w.Close()
		}
		if err != nil {
			return exit.With(exit.Read, fmt.Errorf("reading the input: %w", err))
		}
	}
}

// ping sends a Ping and shows its round trip.
func (s *serving) ping(ctx context.Context, payload []byte) error {
	if len(payload) > 0 {
		return s.conn.WriteFrame(ctx, frame.Header{Fin: true, Opcode: frame.Ping}, payload)
	}
	rtt, err := s.conn.Ping(ctx)
	if err == nil {
		s.Sink.Event(Event{Type: "pong", Time: time.Now(), RTT: rtt})
	}
	return err
}

// rawFrame sends a frame as it is given. What the RFC forbids goes past the Conn.
func (s *serving) rawFrame(ctx context.Context, a Action) error {
	defer s.touch()
	h := a.Frame
	if !s.AllowInvalid {
		if !h.Masked || a.Declared != nil {
			return exit.Usagef("a frame without a mask or with another length breaks RFC 6455: add --allow-invalid to send it")
		}
		err := s.conn.WriteFrame(ctx, h, a.Data)
		if err != nil && !errors.Is(err, fairlead.ErrMidMessage) && s.conn.Err() == nil && ctx.Err() == nil {
			return exit.Usagef("%w (--allow-invalid sends it all the same)", err)
		}
		return err
	}
	h.Length = int64(len(a.Data))
	if a.Declared != nil {
		h.Length = *a.Declared
	}
	payload := a.Data
	if h.Masked {
		_, _ = rand.Read(h.Mask[:])
		payload = make([]byte, len(a.Data))
		frame.Mask(payload, a.Data, h.Mask, 0)
	}
	wstrace.Call(s.trace.FrameSent, wstrace.Frame{Header: h, Preview: a.Data[:min(len(a.Data), wstrace.PreviewBytes)]})
	_, err := s.conn.NetConn().Write(append(frame.AppendHeader(nil, h), payload...))
	return err
}
