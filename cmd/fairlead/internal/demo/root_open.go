package demo

import (
	"context"
	"errors"
	"net/url"
	"os"

	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/frame"
	"github.com/fairlead-ws/fairlead/wstrace"
)

// dial opens a session of package fairlead, with query parameters that steer
// the server.
func (s *session) dial(ctx context.Context, query url.Values, d fairlead.Dialer) (*fairlead.Conn, error) {
	d.Trace = wstrace.Dump(s)
	return d.Dial(ctx, s.with(query).String())
}

// dialSteered opens a session in which the server is to do something by itself.
func (s *session) dialSteered(ctx context.Context, query url.Values, d fairlead.Dialer) (*fairlead.Conn, error) {
	d.IdleTimeout = s.patience
	conn, err := s.dial(ctx, query, d)
	if err != nil && s.foreign {
		return nil, s.leaveOut("the server opens no session with these query parameters")
	}
	return conn, err
}

// hangUp closes the session as both sides should.
func (s *session) hangUp(ctx context.Context, conn *fairlead.Conn) error {
	s.step("conn.Close(ctx, frame.StatusNormal, \"\")")
	return conn.Close(ctx, frame.StatusNormal, "")
}

// rootOpen is program 1.
func rootOpen(ctx context.Context, s *session) error {
	s.step("d := fairlead.Dialer{Subprotocols: []string{%q}}; conn, err := d.Dial(ctx, url)", subprotocol)
	conn, err := s.dial(ctx, nil, fairlead.Dialer{Subprotocols: []string{subprotocol}})
	if err != nil {
		return err
	}
	defer conn.CloseNow()
	expect(s, "Response().StatusCode", conn.Response().StatusCode, 101)
	if chosen := conn.Subprotocol(); chosen != "" {
		expect(s, "Subprotocol", chosen, subprotocol)
	}
	return s.hangUp(ctx, conn)
}

// rootClose is program 5, our side first.
func rootClose(ctx context.Context, s *session) error {
	conn, err := s.dial(ctx, nil, fairlead.Dialer{})
	if err != nil {
		return err
	}
	defer conn.CloseNow()
	s.step("conn.Close(ctx, frame.StatusNormal, \"done\")")
	if err := conn.Close(ctx, frame.StatusNormal, "done"); err != nil {
		return err
	}
	code, reason, received := conn.CloseStatus()
	expect(s, "the server's Close came", received, true)
	expect(s, "its code", code, frame.StatusNormal)
	s.step("  its reason: %q", reason)
	return s.readEnds(ctx, conn, frame.StatusNormal)
}

// rootCloseAnswered is program 5, the server first, answered by the connection.
func rootCloseAnswered(ctx context.Context, s *session) error {
	conn, err := s.serverHangsUp(ctx, fairlead.DefaultPolicy())
	if err != nil {
		return err
	}
	defer conn.CloseNow()
	if err := s.readEnds(ctx, conn, 4000); err != nil {
		return err
	}
	s.step("conn.Close(ctx, frame.StatusNormal, \"\"), which waits until the answer is out")
	return conn.Close(ctx, frame.StatusNormal, "")
}

// rootCloseByHand is program 5, the server first, answered by the program.
func rootCloseByHand(ctx context.Context, s *session) error {
	conn, err := s.serverHangsUp(ctx, fairlead.Policy{AnswerPing: true, SwallowPong: true})
	if err != nil {
		return err
	}
	defer conn.CloseNow()
	expect(s, "the session is over", conn.Err() != nil, false)
	s.step("conn.Close(ctx, 4001, \"me too\")")
	if err := conn.Close(ctx, 4001, "me too"); err != nil {
		return err
	}
	return s.readEnds(ctx, conn, 4000)
}

// serverHangsUp opens a session that the server closes at once and reads as far
// as its Close.
func (s *session) serverHangsUp(ctx context.Context, policy fairlead.Policy) (*fairlead.Conn, error) {
	s.step("Policy: %+v", policy)
	conn, err := s.dialSteered(ctx, url.Values{"close": {"4000"}, "reason": {"enough"}}, fairlead.Dialer{Policy: &policy})
	if err != nil {
		return nil, err
	}
	s.step("conn.ReadFrame(ctx)")
	h, _, err := conn.ReadFrame(ctx)
	code, reason, _ := conn.CloseStatus()
	switch {
	case err != nil:
		err = s.mute(err)
	case h.Opcode != frame.Close || code != 4000:
		err = s.leaveOut("the server sent something else than a Close with code 4000")
	}
	if err != nil {
		conn.CloseNow()
		return nil, err
	}
	expect(s, "the reason", reason, "enough")
	return conn, nil
}

// mute judges a read that failed where the server was to begin.
func (s *session) mute(err error) error {
	if s.foreign && errors.Is(err, fairlead.ErrIdleTimeout) {
		return s.leaveOut("the server sent nothing by itself")
	}
	return err
}

// readEnds expects that nothing more can be read, because of a Close with code.
func (s *session) readEnds(ctx context.Context, conn *fairlead.Conn, code frame.StatusCode) error {
	s.step("conn.Read(ctx)")
	_, _, err := conn.Read(ctx)
	if err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
		return errors.Join(ErrUnexpected, errors.New("reading goes on after the Close"), err)
	}
	s.step("  %s", wstrace.Escape(err.Error()))
	got, _ := fairlead.CloseCode(err)
	expect(s, "CloseCode(err)", got, code)
	return nil
}
