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

// event is what a reading call got. It is looked at when nothing moves any more.
type event struct {
	kind   eventKind
	typ    fairlead.MessageType
	header frame.Header
	p      []byte
	stream *fairlead.MessageReader
	ctx    context.Context
}

type eventKind uint8

const (
	gotMessage eventKind = iota
	gotFrame
	gotReader
	gotBytes
	gotEnd // of the message of a Reader
)

// note adds an event; only the one reader does so.
func (s *session) note(e event) {
	e.p = bytes.Clone(e.p)
	s.events = append(s.events, e)
}

// absorb looks at what was received.
func (s *session) absorb() {
	for _, e := range s.events {
		switch e.kind {
		case gotMessage:
			if s.closeCalled && s.mid == "reader" { // Close has thrown the rest away
				s.mid, s.stream, s.partial = "", nil, nil
			}
			s.got(e.typ, e.p)
		case gotFrame:
			s.gotFrame(e.header, e.p)
		case gotReader:
			if s.mid != "reader" {
				s.partial = nil
			}
			s.mid, s.stream, s.streamCtx = "reader", e.stream, e.ctx
			s.resumed = len(s.partial)
		case gotBytes:
			s.partial = append(s.partial, e.p...)
		case gotEnd:
			p := s.partial
			s.mid, s.stream, s.partial = "", nil, nil
			if s.closeCalled && !s.comes(e.typ, p) {
				p = p[s.resumed:] // a message by itself: Close has thrown the rest of the one before away
			}
			s.got(e.typ, p)
		}
	}
	s.events = nil
}

// comes reports whether a message is among those that have to come.
func (s *session) comes(typ fairlead.MessageType, p []byte) bool {
	for i := s.next; i < len(s.server.messages); i++ {
		if s.server.messages[i].is(typ, p) {
			return true
		}
	}
	return false
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
	var name string
	var f func(ctx context.Context) error
	switch pick := s.chance.IntN(12); {
	case s.mid == "reader" && s.stream != nil && s.streamCtx.Err() == nil && pick < 9:
		stream, want, step := s.stream, 1+s.chance.IntN(9000), 1+s.chance.IntN(1200)
		cancel()
		ctx, cancel = s.streamCtx, func() {}
		name, f = "Reader.Read", func(context.Context) error { return s.readStream(stream, want, step) }
	case s.mid == "frame" && pick < 9, pick == 9:
		name, f = "ReadFrame", func(ctx context.Context) error {
			h, p, err := s.conn.ReadFrame(ctx)
			if err == nil {
				s.note(event{kind: gotFrame, header: h, p: p})
			}
			return err
		}
	case pick < 9:
		name, f = s.readMessage(pick)
	default:
		name, f = "Reader", func(ctx context.Context) error {
			r, err := s.conn.Reader(ctx)
			if err == nil {
				s.note(event{kind: gotReader, stream: r, ctx: ctx})
			}
			return err
		}
		// The context has to last: it is that of the Reader.
		s.atEnd, s.cancels = append(s.atEnd, cancel), append(s.cancels, cancel)
		cancel = func() {}
	}
	s.reader = s.start(ctx, reading, name, cancel, f)
	s.reader.after = func(err error) {
		if err != nil && s.closeCalled && s.mid != "frame" {
			s.stream = nil // Close may have thrown the rest away, or left it to the next Reader
		}
		s.interrupted = err != nil
	}
}

// readMessage is one of the verbs that read whole messages.
func (s *session) readMessage(pick int) (name string, f func(ctx context.Context) error) {
	c, room := s.conn, s.chance.IntN(700)
	switch {
	case pick < 3:
		return "Read", func(ctx context.Context) error {
			typ, p, err := c.Read(ctx)
			if err == nil {
				s.note(event{typ: typ, p: p})
			}
			return err
		}
	case pick < 6:
		return "ReadAppend", func(ctx context.Context) error {
			typ, p, err := c.ReadAppend(ctx, append(make([]byte, 0, room+1), '>'))
			switch {
			case len(p) == 0 || p[0] != '>', err != nil && len(p) > 1:
				s.broken("ReadAppend returned %.20q, %v", p, err)
			case err == nil:
				s.note(event{typ: typ, p: p[1:]})
			}
			return err
		}
	default:
		return "Messages", func(ctx context.Context) error {
			for m, err := range c.Messages(ctx) {
				if err != nil {
					return err
				}
				s.note(event{typ: m.Type, p: m.Data})
				if room -= 200; room < 0 {
					break
				}
			}
			return nil
		}
	}
}

// readStream reads on in the message of a Reader.
func (s *session) readStream(stream *fairlead.MessageReader, want, step int) error {
	for want > 0 {
		p := make([]byte, min(want, step))
		n, err := stream.Read(p)
		s.note(event{kind: gotBytes, p: p[:n]})
		want -= n
		if errors.Is(err, io.EOF) {
			s.note(event{kind: gotEnd, typ: stream.Type()})
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
	var name string
	var f func(ctx context.Context) error
	switch s.chance.IntN(8) {
	case 0, 1, 2:
		name, f = "Write", func(ctx context.Context) error { return c.Write(ctx, o.typ, o.data) }
	case 3:
		h := frame.Header{Fin: true, Opcode: frame.Opcode(o.typ)}
		if s.wire.z != nil && s.chance.IntN(2) == 0 {
			h.RSV = frame.RSV1
		}
		name, f = "WriteFrame", func(ctx context.Context) error {
			return c.WriteFrame(ctx, h, o.data)
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
	call := s.start(ctx, writing, name+" "+lane, cancel, f)
	call.sends = all
	s.lanes[lane] = call
}
