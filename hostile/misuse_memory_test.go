package hostile_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"time"

	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/frame"
	"github.com/fairlead-ws/fairlead/wstest"
)

// abandonedCases are L-17.
func abandonedCases() []Case {
	hello := text("hello")
	return []Case{
		{ID: "L-17/Writer", Virtual: true, Takes: time.Second, Frames: []string{"text a"}, Peer: after(wstest.ExpectFrame(frame.Text, false, []byte("a")), wstest.ExpectClose(frame.StatusNormal), send(bye()), wstest.Shut()), Do: func(ctx context.Context, c *fairlead.Conn, _ *Outcome) error {
			if _, err := c.Writer(ctx, fairlead.Text).Write([]byte("a")); err != nil {
				return err
			}
			limited, cancel := context.WithTimeout(ctx, time.Second)
			defer cancel()
			if err := c.WriteText(limited, "b"); !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, net.ErrClosed) {
				return fmt.Errorf("a message behind one without an end: %w", err)
			}
			return c.Close(ctx, frame.StatusNormal, "")
		}},
		{ID: "L-17/Writer-unused", Frames: []string{"text b"}, Peer: after(wstest.ExpectFrame(frame.Text, true, []byte("b"))), Do: func(ctx context.Context, c *fairlead.Conn, _ *Outcome) error {
			_ = c.Writer(ctx, fairlead.Text)
			return c.WriteText(ctx, "b")
		}},
		{ID: "L-17/Reader", Peer: after(send(hello, text("next"), bye())), Is: []error{fairlead.ErrMidMessage}, Do: func(ctx context.Context, c *fairlead.Conn, _ *Outcome) error {
			r, err := c.Reader(ctx)
			if err != nil {
				return err
			}
			if _, err := io.ReadFull(r, make([]byte, 2)); err != nil {
				return err
			}
			for _, reading := range readings {
				if err := reading.read(ctx, c); !errors.Is(err, fairlead.ErrMidMessage) {
					return fmt.Errorf("%s: %w", reading.name, err)
				}
			}
			return fmt.Errorf("every other verb: %w", fairlead.ErrMidMessage)
		}},
		{ID: "L-17/Reader-then-the-rest", Peer: after(send(hello, text("next"), bye())), Messages: []string{"llo", "next"}, Closed: frame.StatusNormal, Do: func(ctx context.Context, c *fairlead.Conn, o *Outcome) error {
			r, err := c.Reader(ctx)
			if err != nil {
				return err
			}
			if _, err := io.ReadFull(r, make([]byte, 2)); err != nil {
				return err
			}
			rest, err := io.ReadAll(r)
			if err != nil {
				return err
			}
			o.Messages = append(o.Messages, string(rest))
			return readAll(ctx, c, o)
		}},
		{ID: "L-17/ReadFrame-mid-message", Peer: after(send(first("he"), final("llo"), bye())), Is: []error{fairlead.ErrMidMessage}, Do: func(ctx context.Context, c *fairlead.Conn, _ *Outcome) error {
			if _, _, err := c.ReadFrame(ctx); err != nil {
				return err
			}
			_, _, err := c.Read(ctx)
			return err
		}},
		{ID: "L-17/Close-mid-message", Peer: after(send(first("he")), wstest.ExpectClose(frame.StatusNormal), send(final("llo"), bye()), wstest.Shut()), Do: func(ctx context.Context, c *fairlead.Conn, _ *Outcome) error {
			if _, err := c.Reader(ctx); err != nil {
				return err
			}
			return c.Close(ctx, frame.StatusNormal, "")
		}},
	}
}

// ownedCases are L-18 and L-19: whose memory a payload is.
func ownedCases() []Case {
	return []Case{
		{ID: "L-19/Read-keeps", Peer: after(send(text("one"), text("two"), bye())), Messages: []string{"one", "two"}, Closed: frame.StatusNormal, Do: func(ctx context.Context, c *fairlead.Conn, o *Outcome) error {
			var kept [][]byte
			for {
				_, p, err := c.Read(ctx)
				if err != nil {
					for _, p := range kept {
						o.Messages = append(o.Messages, string(p))
					}
					return err
				}
				kept = append(kept, p)
			}
		}},
		{ID: "L-19/ReadAppend-keeps-what-stood-there", Peer: after(send(text("two"), bye())), Messages: []string{"one two"}, Closed: frame.StatusNormal, Do: func(ctx context.Context, c *fairlead.Conn, o *Outcome) error {
			_, p, err := c.ReadAppend(ctx, []byte("one "))
			if err != nil {
				return err
			}
			o.Messages = append(o.Messages, string(p))
			_, same, err := c.ReadAppend(ctx, p[:3])
			if string(same) != "one" {
				return fmt.Errorf("a failed read changed %q", same)
			}
			return err
		}},
		{ID: "L-19/Messages-lend-until-the-next-turn", Peer: after(send(text("one"), ping("x"), text("two"), bye())), Messages: []string{"one", "two"}, Frames: []string{"pong x"}, Closed: frame.StatusNormal, Do: func(ctx context.Context, c *fairlead.Conn, o *Outcome) error {
			for m, err := range c.Messages(ctx) {
				if err != nil {
					return err
				}
				c.Readable() // reads, and has to use another buffer
				o.Messages = append(o.Messages, string(m.Data))
			}
			return nil
		}},
	}
}

// limitCases are L-22: the limit that is none, the smallest, and what passes them.
func limitCases() []Case {
	var cases []Case
	for _, l := range []struct {
		name    string
		limits  fairlead.Limits
		size, n int // of each message, and its frames
		code    frame.StatusCode
	}{
		{"default", fairlead.Limits{}, 1 << 10, 1, 0},
		{"1-byte", fairlead.Limits{MessageBytes: 1}, 1, 1, 0},
		{"1-byte-passed", fairlead.Limits{MessageBytes: 1}, 2, 1, frame.StatusTooBig},
		{"none", fairlead.Limits{MessageBytes: -1, Fragments: -1}, 1 << 20, 1, 0},
		{"1-fragment", fairlead.Limits{Fragments: 1}, 5, 1, 0},
		{"1-fragment-passed", fairlead.Limits{Fragments: 1}, 5, 2, frame.StatusPolicyViolation},
		{"2-fragments", fairlead.Limits{Fragments: 2}, 6, 2, 0},
		{"negative-fragments", fairlead.Limits{Fragments: -9}, 64, 64, 0},
	} {
		payload := times(l.size, "x")
		var wire []byte
		for i := range l.n {
			op := frame.Continuation
			if i == 0 {
				op = frame.Text
			}
			wire = append(wire, frameOf(op, i == l.n-1, payload[i*l.size/l.n:(i+1)*l.size/l.n])...)
		}
		c := Case{ID: "L-22/" + l.name, Dialer: fairlead.Dialer{Limits: l.limits}, Peer: after(send(wire, bye())), Messages: []string{payload}, Closed: frame.StatusNormal, Within: 2 * time.Second}
		if l.code != 0 {
			c.Messages, c.Closed, c.Failed = nil, 0, l.code
		}
		cases = append(cases, c.teaches("L08"))
	}
	return cases
}

// netConnCases are K10 and L-24: a Conn as a net.Conn, its deadlines, and what came
// together with the answer.
func netConnCases() []Case {
	deadline := func(id string, takes time.Duration, set func(nc net.Conn)) Case {
		return Case{
			ID: "K10/" + id, Virtual: true, Takes: takes, Peer: after(wstest.Pause(time.Minute), send(text("late"))), Messages: []string{"late"}, Within: 5 * time.Second,
			Do: func(ctx context.Context, c *fairlead.Conn, o *Outcome) error {
				nc := c.AsNetConn(fairlead.Text)
				set(nc)
				p := make([]byte, 16)
				n, err := nc.Read(p)
				if err != nil {
					var timeout net.Error
					if !errors.As(err, &timeout) || !timeout.Timeout() || n != 0 {
						return fmt.Errorf("%d bytes and %w", n, err)
					}
					if err := nc.SetReadDeadline(time.Time{}); err != nil { // and it goes on
						return err
					}
					n, err = nc.Read(p)
				}
				o.Messages = append(o.Messages, string(p[:n]))
				return err
			},
		}
	}
	set := func(d time.Duration) func(nc net.Conn) {
		return func(nc net.Conn) { _ = nc.SetDeadline(time.Now().Add(d)) }
	}
	return []Case{
		deadline("none", time.Minute, func(net.Conn) {}).teaches("L100"),
		deadline("zero", time.Minute, func(nc net.Conn) { _ = nc.SetDeadline(time.Time{}) }).teaches("L100"),
		deadline("past", time.Minute, set(-time.Hour)).teaches("L100"),
		deadline("the-beginning-of-time", time.Minute, func(nc net.Conn) { _ = nc.SetDeadline(time.Unix(0, 0)) }).teaches("L100"),
		deadline("now", time.Minute, set(0)).teaches("L100"),
		deadline("soon", time.Minute, set(time.Second)).teaches("L100"),
		deadline("far", time.Minute, set(1<<62)).teaches("L100"),
		deadline("moved-nearer-while-blocked", time.Minute, func(nc net.Conn) {
			set(time.Hour)(nc)
			time.AfterFunc(time.Second, func() { set(time.Second)(nc) })
		}).teaches("L100"),
		deadline("moved-further-while-blocked", time.Minute, func(nc net.Conn) {
			set(time.Second)(nc)
			time.AfterFunc(time.Millisecond, func() { set(time.Hour)(nc) })
		}).teaches("L100"),
		{ID: "L-24/what-came-with-the-answer", Peer: peer(answer(switching() + string(text("glued")) + string(text(" and more")))), Messages: []string{"glued and more"}, Do: func(_ context.Context, c *fairlead.Conn, o *Outcome) error {
			p := make([]byte, len("glued and more"))
			_, err := io.ReadFull(c.AsNetConn(fairlead.Text), p)
			o.Messages = append(o.Messages, string(p))
			return err
		}},
	}
}
