package simulation_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"

	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/frame"
)

// isGivenUp reports whether a write says that nothing of it was sent.
func isGivenUp(err error) bool {
	return errors.Is(err, fairlead.ErrMidMessage) || !strings.Contains(err.Error(), "may arrive")
}

// got compares a message that was received with the one that has to come.
func (s *session) got(typ fairlead.MessageType, p []byte) {
	from := s.next
	for ; s.next < len(s.server.messages); s.next++ {
		m := s.server.messages[s.next]
		if m.is(typ, p) {
			if m.end > s.server.delivered {
				s.broken("message %d was received before it came", s.next)
			}
			s.next++
			return
		}
		if !s.closeCalled { // which throws messages away
			break
		}
	}
	s.broken("received %v of %d bytes %.20q; next is message %d of %d", typ, len(p), p, from, len(s.server.messages))
}

// read begins one of the verbs that read. None is under way.
func (s *session) read() {
	ctx, cancel := s.context()
	c := s.conn
	var f func(ctx context.Context) error
	name := ""
	switch pick := s.chance.IntN(12); {
	case s.mid == "reader" && s.stream != nil && s.streamCtx.Err() == nil && pick < 9:
		want, step := 1+s.chance.IntN(3000), 1+s.chance.IntN(600)
		name, f = "Reader.Read", func(context.Context) error { return s.readStream(want, step) }
		cancel()
		ctx, cancel = s.streamCtx, func() {}
	case s.mid == "frame" && pick < 9, pick == 9:
		name, f = "ReadFrame", func(ctx context.Context) error {
			h, p, err := c.ReadFrame(ctx)
			if err == nil {
				s.gotFrame(h, p)
			}
			return err
		}
	case pick < 3:
		name, f = "Read", func(ctx context.Context) error {
			typ, p, err := c.Read(ctx)
			if err == nil {
				s.got(typ, p)
			}
			return err
		}
	case pick < 5:
		room := s.chance.IntN(700)
		name, f = "ReadAppend", func(ctx context.Context) error {
			typ, p, err := c.ReadAppend(ctx, append(make([]byte, 0, room+1), '>'))
			switch {
			case len(p) == 0 || p[0] != '>', err != nil && len(p) > 1:
				s.broken("ReadAppend returned %.20q, %v", p, err)
			case err == nil:
				s.got(typ, p[1:])
			}
			return err
		}
	case pick < 7:
		turns := 1 + s.chance.IntN(4)
		name, f = "Messages", func(ctx context.Context) error {
			for m, err := range c.Messages(ctx) {
				if err != nil {
					return err
				}
				s.got(m.Type, m.Data)
				if turns--; turns == 0 {
					break
				}
			}
			return nil
		}
	default:
		name, f = "Reader", func(ctx context.Context) error {
			r, err := c.Reader(ctx)
			if err != nil {
				return err
			}
			if s.mid != "reader" {
				s.partial = nil
			}
			s.mid, s.stream, s.streamCtx = "reader", r, ctx
			return nil
		}
		if s.chance.IntN(2) == 0 { // it has to last
			cancel()
			ctx, cancel = context.Background(), func() {}
		} else {
			old := cancel
			s.atEnd = append(s.atEnd, old)
			cancel = func() {}
			s.cancels = append(s.cancels, old)
		}
	}
	s.reader = s.start(reading, name, ctx, cancel, func(ctx context.Context) error {
		err := f(ctx)
		if err != nil && s.closeCalled && s.mid != "frame" {
			s.mid, s.stream, s.partial = "", nil, nil // Close may have thrown the rest away
		}
		s.interrupted = err != nil
		return err
	})
}

// readStream reads on in the message of a Reader.
func (s *session) readStream(want, step int) error {
	for want > 0 {
		p := make([]byte, min(want, step))
		n, err := s.stream.Read(p)
		s.partial = append(s.partial, p[:n]...)
		want -= n
		if errors.Is(err, io.EOF) {
			typ, p := s.stream.Type(), s.partial
			s.mid, s.stream, s.partial = "", nil, nil
			s.got(typ, p)
			return nil
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// gotFrame puts frames together.
func (s *session) gotFrame(h frame.Header, p []byte) {
	switch {
	case h.Opcode == frame.Ping:
		s.shown(&s.shownPing, s.server.pings, p)
	case h.Opcode == frame.Pong:
	case h.Opcode == frame.Close:
		if s.server.closeStart < 0 || s.server.closeEnd > s.server.delivered {
			s.broken("ReadFrame shows a Close that did not come")
		}
	case (h.Opcode == frame.Continuation) != (s.mid == "frame") && !s.closeCalled:
		s.broken("ReadFrame returned %v in the state %q", h.Opcode, s.mid)
	default:
		if h.Opcode != frame.Continuation {
			s.partial, s.frameType = nil, fairlead.MessageType(h.Opcode)
		}
		s.mid = "frame"
		s.partial = append(s.partial, p...)
		if h.Fin {
			p := s.partial
			s.mid, s.partial = "", nil
			s.got(s.frameType, p)
		}
	}
}

// shown demands that control frames come in order.
func (s *session) shown(next *int, all []mark, p []byte) {
	for ; *next < len(all); *next++ {
		if all[*next].payload == string(p) {
			*next++
			return
		}
	}
	s.broken("ReadFrame shows %.20q out of order, or from nowhere", p)
}

// promise notes that a message will be sent.
func (s *session) promise(lane string, pieces bool) *outgoing {
	m := newMessage(lane, s.sent[lane], typeOf(s.chance), size(s.chance))
	o := &outgoing{message: m}
	if pieces {
		o.pieces = [][]byte{m.data}
	}
	s.wire.out[key(lane, s.sent[lane])] = o
	s.sent[lane]++
	return o
}

// write begins one of the verbs that send a whole message.
func (s *session) write(lane string) {
	ctx, cancel := s.context()
	c := s.conn
	o := s.promise(lane, false)
	all := []*outgoing{o}
	name, f := "", func(context.Context) error { return nil }
	switch s.chance.IntN(8) {
	case 0, 1, 2:
		name, f = "Write", func(ctx context.Context) error { return c.Write(ctx, o.typ, o.data) }
	case 3:
		name, f = "WriteFrame", func(ctx context.Context) error {
			return c.WriteFrame(ctx, frame.Header{Fin: true, Opcode: frame.Opcode(o.typ)}, o.data)
		}
	case 4:
		name, f = "WriteUncompressed", func(ctx context.Context) error { return c.WriteUncompressed(ctx, o.typ, o.data) }
	case 5:
		o.typ = fairlead.Text
		o.data = newMessage(lane, s.sent[lane]-1, fairlead.Text, len(o.data)).data
		name, f = "WriteText", func(ctx context.Context) error { return c.WriteText(ctx, string(o.data)) }
	default:
		for range s.chance.IntN(3) {
			all = append(all, s.promise(lane, false))
		}
		name, f = "Batch", func(ctx context.Context) error {
			return c.Batch(ctx, func(b *fairlead.Batch) error {
				for _, o := range all {
					p := bytes.Clone(o.data)
					err := b.Write(o.typ, p)
					clear(p) // which is allowed
					if err != nil {
						return err
					}
				}
				return nil
			})
		}
	}
	call := s.start(writing, name+" "+lane, ctx, cancel, f)
	call.sends = all
	s.lanes[lane] = call
}
