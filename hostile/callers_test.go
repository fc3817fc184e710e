package hostile_test

import (
	"context"
	"errors"
	"io"
	"slices"

	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/frame"
)

type caller = func(context.Context, *fairlead.Conn, *Outcome) error

// verbs are the ways to take messages, besides that of readAll. All must come to
// the same.
var verbs = []struct {
	name string
	all  caller
}{
	{"ReadAppend", func(ctx context.Context, c *fairlead.Conn, o *Outcome) error {
		var buf []byte
		for {
			_, p, err := c.ReadAppend(ctx, buf[:0])
			if err != nil {
				return err
			}
			o.Messages, buf = append(o.Messages, string(p)), p
		}
	}},
	{"Messages", func(ctx context.Context, c *fairlead.Conn, o *Outcome) error {
		for m, err := range c.Messages(ctx) {
			if err != nil {
				return err
			}
			o.Messages = append(o.Messages, string(m.Data))
		}
		return errors.New("Messages ended without an error")
	}},
	{"Reader", inPieces(3)},
	{"ReadFrame", func(ctx context.Context, c *fairlead.Conn, o *Outcome) error {
		var message []byte
		for {
			h, p, err := c.ReadFrame(ctx)
			if err != nil {
				return err
			}
			if h.Opcode.IsControl() {
				continue
			}
			if message = append(message, p...); h.Fin {
				o.Messages, message = append(o.Messages, string(message)), nil
			}
		}
	}},
}

// inPieces is a caller that takes messages n bytes at a time.
func inPieces(n int) caller {
	return func(ctx context.Context, c *fairlead.Conn, o *Outcome) error {
		p := make([]byte, n)
		for {
			r, err := c.Reader(ctx)
			if err != nil {
				return err
			}
			var message []byte
			for err == nil {
				var got int
				got, err = r.Read(p)
				message = append(message, p[:got]...)
			}
			if !errors.Is(err, io.EOF) {
				return err
			}
			o.Messages = append(o.Messages, string(message))
		}
	}
}

// count is a caller that takes n messages and keeps none.
func count(n int) caller {
	return func(ctx context.Context, c *fairlead.Conn, _ *Outcome) error {
		left := n
		for _, err := range c.Messages(ctx) {
			if left--; err != nil || left == 0 {
				return err
			}
		}
		return nil
	}
}

// keepNone is a caller that reads to the end and keeps nothing.
var keepNone = count(-1)

// byVerb repeats cases, which leave the caller open, for each verb.
func byVerb(cases ...Case) []Case {
	all := slices.Clone(cases)
	for _, v := range verbs {
		for _, c := range cases {
			c.ID += "-by-" + v.name
			c.Do = v.all
			all = append(all, c)
		}
	}
	return all
}

// underLimits repeats cases without messages for other limits: that there is
// none, and the smallest one (L08).
func underLimits(cases ...Case) []Case {
	all := slices.Clone(cases)
	for _, l := range []struct {
		name   string
		limits fairlead.Limits
	}{{"unlimited", fairlead.Limits{MessageBytes: -1, Fragments: -1}}, {"limit-1", fairlead.Limits{MessageBytes: 1, Fragments: 1}}} {
		for _, c := range cases {
			c.ID += "-" + l.name
			c.Dialer.Limits = l.limits
			all = append(all, c.teaches("L08"))
		}
	}
	return all
}

// limited has a limit for messages and one for fragments, 0 for the default.
func (c Case) limited(bytes int64, fragments int) Case {
	c.Dialer.Limits = fairlead.Limits{MessageBytes: bytes, Fragments: fragments}
	return c
}

func (c Case) answering(frames ...string) Case {
	c.Frames = frames
	return c
}

// failing is a session that the client must fail with code, on account of wire.
func failing(id string, code frame.StatusCode, wire ...[]byte) Case {
	return Case{ID: id, Peer: after(send(wire...)), Failed: code}
}

// delivered is a session that gives these messages, and then a Close 1000.
func delivered(id string, wire []byte, messages ...string) Case {
	return Case{ID: id, Peer: after(send(wire, bye())), Closed: frame.StatusNormal, Messages: messages}
}

func join(pieces ...[]byte) []byte { return slices.Concat(pieces...) }

// drained is a caller that streams messages of any size and keeps nothing.
func drained(ctx context.Context, c *fairlead.Conn, _ *Outcome) error {
	for {
		r, err := c.Reader(ctx)
		if err != nil {
			return err
		}
		if _, err := io.Copy(io.Discard, r); err != nil {
			return err
		}
	}
}
