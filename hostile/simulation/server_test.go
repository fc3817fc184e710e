package simulation_test

import (
	"math"
	"math/rand/v2"
	"strconv"

	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/deflate"
	"github.com/fairlead-ws/fairlead/frame"
)

// server composes what goes to the client. It knows what the client must make of
// it.
type server struct {
	chance *rand.Rand
	link   *link
	z      *deflate.Compressor // nil without compression

	queue     []byte // composed and not delivered
	total     int    // bytes composed
	delivered int

	messages []message // whole ones, in order
	open     []rawFrame
	opening  message
	pings    []mark // in order
	answered uint64 // the highest Ping of the client's that was answered
	pongEnd  int

	closeCode  frame.StatusCode
	closeStart int // where the Close frame begins; -1 without
	closeEnd   int
	poison     poison
}

type rawFrame struct {
	frame.Header
	payload []byte
}

// mark is a payload and where in the stream it ended.
type mark struct {
	payload string
	end     int
}

// poison is something that no server may send, and the code that fits.
type poison struct {
	start, end int // start is -1 without
	name       string
	code       frame.StatusCode
}

func newServer(chance *rand.Rand, l *link) *server {
	return &server{chance: chance, link: l, closeStart: -1, poison: poison{start: -1}}
}

// mute says that nothing more is composed.
func (s *server) mute() bool { return s.closeStart >= 0 || s.poison.start >= 0 }

func (s *server) put(h frame.Header, payload []byte) {
	h.Length = int64(len(payload))
	s.bytes(append(frame.AppendHeader(nil, h), payload...))
}

func (s *server) bytes(p []byte) {
	s.queue = append(s.queue, p...)
	s.total += len(p)
}

// message begins a message and cuts it into frames, which frame sends.
func (s *server) message() {
	m := newMessage("s", len(s.messages), typeOf(s.chance), size(s.chance))
	h := frame.Header{Opcode: frame.Opcode(m.typ)}
	wire := m.data
	if s.z != nil && s.chance.IntN(4) > 0 {
		wire = s.z.Append(nil, m.data, true)
		h.RSV = frame.RSV1
	}
	s.opening = m
	for n := s.chance.IntN(4); n > 0; n-- {
		cut := s.chance.IntN(len(wire) + 1)
		s.open = append(s.open, rawFrame{h, wire[:cut]})
		wire = wire[cut:]
		h = frame.Header{Opcode: frame.Continuation}
	}
	h.Fin = true
	s.open = append(s.open, rawFrame{h, wire})
	s.frame()
}

// frame sends the next frame of the message under way.
func (s *server) frame() {
	f := s.open[0]
	s.open = s.open[1:]
	s.put(f.Header, f.payload)
	if f.Fin {
		s.opening.end = s.total
		s.messages = append(s.messages, s.opening)
		s.open = nil
	}
}

// midMessage says that a first fragment was sent, and the last was not.
func (s *server) midMessage() bool { return len(s.open) > 0 }

func (s *server) ping() string {
	p := "p" + strconv.Itoa(len(s.pings))
	if s.chance.IntN(4) == 0 {
		p += string(noise[:100])
	}
	s.put(frame.Header{Fin: true, Opcode: frame.Ping}, []byte(p))
	s.pings = append(s.pings, mark{p, s.total})
	return p[:2]
}

func (s *server) pong(payload []byte) {
	s.put(frame.Header{Fin: true, Opcode: frame.Pong}, payload)
}

func (s *server) close(code frame.StatusCode) {
	payload, _ := frame.AppendClose(nil, code, "") // a code of the table below
	s.closeCode, s.closeStart = code, s.total
	s.put(frame.Header{Fin: true, Opcode: frame.Close}, payload)
	s.closeEnd = s.total
}

var closeCodes = []frame.StatusCode{frame.StatusNormal, frame.StatusGoingAway, frame.StatusNoStatus, 1011, 3000, 4999}

// deliver moves n bytes of the queue to the client, in chunks.
func (s *server) deliver(n int) {
	n = min(n, len(s.queue))
	s.delivered += n
	p := append([]byte(nil), s.queue[:n]...)
	s.queue = s.queue[n:]
	for len(p) > 0 {
		chunk := len(p)
		if s.chance.IntN(3) == 0 {
			chunk = 1 + s.chance.IntN(len(p))
		}
		s.link.deliver(p[:chunk])
		p = p[chunk:]
	}
}

// misbehave sends what breaks the protocol or a limit, and nothing after it.
func (s *server) misbehave(limit int64) {
	type offence struct {
		name string
		code frame.StatusCode
		wire string
	}
	long := func(first byte, n int64) string {
		return string(frame.AppendHeader(nil, frame.Header{Fin: first&0x80 != 0, Opcode: frame.Opcode(first & 15), Length: n}))
	}
	all := []offence{
		{"masked frame", 1002, "\x81\x81\x01\x02\x03\x04\x05"},
		{"RSV2", 1002, "\x91\x00"},
		{"RSV3 on a Ping", 1002, "\x99\x00"},
		{"RSV1 on a Pong", 1002, "\xca\x00"},
		{"reserved opcode 3", 1002, "\x83\x00"},
		{"reserved opcode 11", 1002, "\x8b\x00"},
		{"fragmented Ping", 1002, "\x09\x00"},
		{"Ping of 126 bytes", 1002, "\x89\x7e\x00\x7e"},
		{"length not minimal", 1002, "\x82\x7e\x00\x05hello"},
		{"64-bit length not minimal", 1002, "\x82\x7f\x00\x00\x00\x00\x00\x00\xff\xff"},
		{"length of 2^63", 1002, "\x82\x7f\x80\x00\x00\x00\x00\x00\x00\x00"},
		{"Close of one byte", 1002, "\x88\x01\x03"},
		{"Close with 1005", 1002, "\x88\x02\x03\xed"},
		{"Close with a reason that is not UTF-8", 1007, "\x88\x03\x03\xe8\xff"},
	}
	if s.midMessage() {
		all = append(all, offence{"message inside a message", 1002, "\x81\x02hi"})
	} else {
		all = append(all,
			offence{"continuation of nothing", 1002, "\x80\x02hi"},
			offence{"text that is not UTF-8", 1007, "\x81\x05ab\xffcd"},
			offence{"text that ends inside a code point", 1007, "\x81\x03a\xe6\xb0"},
			offence{"fragments beyond the limit", 1009, "\x02\x05hello" + long(0x80, limit-4)})
		if limit < math.MaxInt64 {
			all = append(all, offence{"message beyond the limit", 1009, long(0x82, limit+1)})
		}
		if s.z != nil {
			all = append(all, offence{"corrupt deflate", 1007, "\xc2\x03\x06\x00\x00"})
		} else {
			all = append(all, offence{"RSV1 without an extension", 1002, "\xc1\x00"})
		}
	}
	o := all[s.chance.IntN(len(all))]
	s.poison = poison{start: s.total, name: o.name, code: o.code}
	s.bytes([]byte(o.wire))
	s.poison.end = s.total
}

// fits says whether typ and data are the message m.
func (m message) is(typ fairlead.MessageType, data []byte) bool {
	return m.typ == typ && string(m.data) == string(data)
}
