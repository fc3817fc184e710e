package truncation_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"

	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/frame"
)

// verb reads until it fails.
type verb struct {
	name string
	read func(ctx context.Context, c *fairlead.Conn) got
}

var verbs = []verb{
	{"Read", readAll(func(ctx context.Context, c *fairlead.Conn) (fairlead.MessageType, []byte, error) { return c.Read(ctx) })},
	{"ReadAppend", readAll(readAppend)},
	{"Messages", readMessages},
	{"Reader", readReader},
	{"ReadFrame", readFrames},
	{"AsNetConn", readStream},
}

func readAll(read func(context.Context, *fairlead.Conn) (fairlead.MessageType, []byte, error)) func(context.Context, *fairlead.Conn) got {
	return func(ctx context.Context, c *fairlead.Conn) (g got) {
		for {
			typ, p, err := read(ctx, c)
			if err != nil {
				g.err = err
				if len(p) > 0 {
					g.err = fmt.Errorf("%d bytes came with the error %w", len(p), err)
				}
				return g
			}
			g.add(typ, p)
		}
	}
}

func readAppend(ctx context.Context, c *fairlead.Conn) (fairlead.MessageType, []byte, error) {
	const before = "before"
	typ, p, err := c.ReadAppend(ctx, append(make([]byte, 0, 1000), before...))
	if len(p) < len(before) || string(p[:len(before)]) != before {
		return 0, []byte("dst has changed"), errors.Join(err, errors.New("dst has changed"))
	}
	return typ, p[len(before):], err
}

func readMessages(ctx context.Context, c *fairlead.Conn) (g got) {
	for m, err := range c.Messages(ctx) {
		if err != nil {
			g.err = err
			if m.Data != nil {
				g.err = fmt.Errorf("%d bytes came with the error %w", len(m.Data), err)
			}
			return g
		}
		g.add(m.Type, m.Data)
	}
	return g
}

func readReader(ctx context.Context, c *fairlead.Conn) (g got) {
	buf := make([]byte, 700)
	for {
		r, err := c.Reader(ctx)
		if err != nil {
			g.err = err
			return g
		}
		for {
			n, err := r.Read(buf)
			g.piece = append(g.piece, buf[:n]...)
			if errors.Is(err, io.EOF) {
				g.add(r.Type(), g.piece)
				g.piece = nil
				break
			}
			if err != nil {
				_, again := r.Read(buf)
				g.err = err
				if again == nil || again.Error() != err.Error() {
					g.err = fmt.Errorf("the error %w is followed by %w", err, again)
				}
				return g
			}
		}
	}
}

func readFrames(ctx context.Context, c *fairlead.Conn) (g got) {
	c.SetPolicy(fairlead.Policy{AnswerClose: true})
	var typ fairlead.MessageType
	var data []byte
	for {
		h, p, err := c.ReadFrame(ctx)
		if err != nil {
			g.err = err
			return g
		}
		g.frames = append(g.frames, sent{opcode: h.Opcode, fin: h.Fin, payload: string(p)})
		if h.Opcode.IsControl() {
			continue
		}
		if h.Opcode != frame.Continuation {
			typ, data = fairlead.MessageType(h.Opcode), nil
		}
		data = append(data, p...)
		if h.Fin {
			g.add(typ, data)
		}
	}
}

func readStream(_ context.Context, c *fairlead.Conn) (g got) {
	g.stream = []byte{}
	stream, buf := c.AsNetConn(fairlead.Text), make([]byte, 700)
	for {
		n, err := stream.Read(buf)
		g.stream = append(g.stream, buf[:n]...)
		if err != nil {
			g.err = err
			return g
		}
	}
}

func (g *got) add(typ fairlead.MessageType, p []byte) {
	g.messages = append(g.messages, message{text: typ == fairlead.Text, data: string(p)})
}

// isClosed reports whether err says that a Close frame came. Only AsNetConn may
// say so with io.EOF, and then the Conn knows better.
func isClosed(err error) bool {
	ce, ok := errors.AsType[*fairlead.CloseError](err)
	return ok && ce.Code == frame.StatusNormal && ce.Reason == reason && ce.Remote && ce.Err == nil
}

// judgeEnd demands what must hold of every Conn whose stream has ended.
func judgeEnd(ctx context.Context, c *fairlead.Conn, g *got, e end) error {
	code, text, received := c.CloseStatus()
	if received && (code != frame.StatusNormal || text != reason) {
		return fmt.Errorf("CloseStatus is %v %q", code, text)
	}
	if g.stream != nil && received && errors.Is(g.err, io.EOF) {
		g.err = c.Err() // AsNetConn says io.EOF for it
	}
	switch closed, ended := fairlead.CloseCode(g.err); {
	case !errors.Is(g.err, net.ErrClosed):
		return fmt.Errorf("error %w does not match net.ErrClosed", g.err)
	case !ended, received && closed != frame.StatusNormal && e != reset, !received && closed != frame.StatusAbnormal:
		return fmt.Errorf("error %w has the status code %v, %v", g.err, closed, ended)
	case c.Err() == nil:
		return errors.New("Err is nil")
	}
	_, _, again := c.Read(ctx)
	write := c.WriteText(ctx, "late")
	_, ping := c.Ping(ctx)
	for what, err := range map[string]error{"Read": again, "Write": write, "Ping": ping} {
		if !errors.Is(err, net.ErrClosed) {
			return fmt.Errorf("a later %s gives %w", what, err)
		}
	}
	if err := c.Close(ctx, frame.StatusNormal, ""); (err == nil) != isClosed(c.Err()) {
		return fmt.Errorf("a later Close gives %w, and Err is %w", err, c.Err())
	}
	return nil
}
