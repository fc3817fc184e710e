package truncation_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/fairlead-ws/fairlead/deflate"
	"github.com/fairlead-ws/fairlead/frame"
	"github.com/fairlead-ws/fairlead/handshake"
)

// compression says which messages of a session come compressed.
type compression int

const (
	none compression = iota
	one              // the second message
	all
)

// session is what the server sends, from the first byte of its answer on.
type session struct {
	deflated compression
	body     []byte // behind the answer
	frames   []sent
	messages []message
	closing  int // where the Close frame ends, an offset in body
}

// sent is a frame of the server's.
type sent struct {
	opcode  frame.Opcode
	fin     bool
	payload string // inflated
	end     int    // offset in body
}

type message struct {
	text bool
	data string
	end  int // offset in body of its last byte, exclusive
}

const (
	reason    = "that was all"
	largeSize = 7200
)

// newSession makes the frames: a text in three fragments, cut inside a character,
// with a Ping between them, a short text, a large binary message, an empty one,
// and a Close.
func newSession(deflated compression, large int) *session {
	s := &session{deflated: deflated}
	z := deflate.NewCompressor(15, true)
	text := strings.Repeat("a line past obstacles, sans frottement: é € 🚢 ", 5)
	third := strings.IndexRune(text, '🚢') + 2
	letters := make([]byte, large)
	chance := rand.New(rand.NewPCG(1, 2))
	for i := range letters {
		letters[i] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"[chance.IntN(64)]
	}
	s.add(z, frame.Text, false, text[:third], deflated == all)
	s.add(nil, frame.Ping, true, "are you there?", false)
	s.add(z, frame.Continuation, false, text[third:2*third], deflated == all)
	s.add(z, frame.Continuation, true, text[2*third:], deflated == all)
	short := strings.Repeat("the same again, ", 20)
	s.add(z, frame.Text, true, short, deflated != none)
	s.add(z, frame.Binary, true, string(letters), deflated == all)
	s.add(z, frame.Binary, true, "", false)
	s.messages = []message{{true, text, s.frames[3].end}, {true, short, s.frames[4].end}, {false, string(letters), s.frames[5].end}, {false, "", s.frames[6].end}}
	payload, _ := frame.AppendClose(nil, frame.StatusNormal, reason)
	s.add(nil, frame.Close, true, string(payload), false)
	s.closing = len(s.body)
	return s
}

func (s *session) add(z *deflate.Compressor, op frame.Opcode, fin bool, payload string, squeeze bool) {
	h, p := frame.Header{Fin: fin, Opcode: op}, []byte(payload)
	if squeeze {
		if op != frame.Continuation {
			h.RSV = frame.RSV1
		}
		p = z.Append(nil, p, fin)
	}
	h.Length = int64(len(p))
	s.body = append(frame.AppendHeader(s.body, h), p...)
	s.frames = append(s.frames, sent{op, fin, payload, len(s.body)})
}

// stream is all that the server sends to a client whose request has this key.
func (s *session) stream(key string) []byte {
	return append([]byte(s.answer(key)), s.body...)
}

func (s *session) answer(key string) string {
	extensions := ""
	if s.deflated != none {
		extensions = "Sec-WebSocket-Extensions: permessage-deflate\r\n"
	}
	return fmt.Sprintf("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n%sSec-WebSocket-Accept: %s\r\n\r\n",
		extensions, handshake.AcceptKey(key))
}

const anyKey = "AAAAAAAAAAAAAAAAAAAAAA=="

// head is the size of the answer.
func (s *session) head() int { return len(s.answer(anyKey)) }

// size is that of all that the server sends.
func (s *session) size() int { return s.head() + len(s.body) }

// keyOf finds the key in a request.
func keyOf(request string) string {
	const name = "sec-websocket-key:"
	for line := range strings.SplitSeq(request, "\r\n") {
		if len(line) > len(name) && strings.EqualFold(line[:len(name)], name) {
			return strings.TrimSpace(line[len(name):])
		}
	}
	return ""
}

// whole returns the messages and frames that have come whole when the stream ends
// at an offset, and whether the Close frame is among them.
func (s *session) whole(cut int) (messages []message, frames []sent, closed bool) {
	cut -= s.head()
	for _, m := range s.messages {
		if m.end <= cut {
			messages = append(messages, m)
		}
	}
	for _, f := range s.frames {
		if f.end <= cut {
			frames = append(frames, f)
		}
	}
	return messages, frames, cut >= s.closing
}

// offsets are those at which the stream is cut: those next to a seam, and each
// stride-th between, which are all if that is 1.
func (s *session) offsets(stride, longStride int) []int {
	if long() {
		stride = longStride
	}
	near := map[int]bool{0: true, s.head(): true, s.head() - 1: true, s.head() - 2: true, s.head() + 1: true}
	for _, f := range s.frames {
		for d := -1; d <= 3; d++ {
			near[s.head()+f.end+d] = true
		}
	}
	var offsets []int
	first := rand.IntN(stride) // another one in each run: together the runs take all
	for i := range s.size() + 1 {
		if near[i] || i%stride == first {
			offsets = append(offsets, i)
		}
	}
	return offsets
}

func TestSession(t *testing.T) {
	for _, deflated := range []compression{none, one, all} {
		if s := newSession(deflated, largeSize); s.size() < 5000 {
			t.Errorf("session %d has %d bytes, want 5,000 or more", deflated, s.size())
		}
	}
}
