package fairlead_test

import (
	"context"
	"errors"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/deflate"
	"github.com/fairlead-ws/fairlead/frame"
	"github.com/fairlead-ws/fairlead/handshake"
	"github.com/fairlead-ws/fairlead/internal/fuzzlimit"
)

// monologue is a connection whose peer has said all there is: it comes in pieces
// of at most so many bytes, then the end. What is written is kept.
type monologue struct {
	net.Conn
	mu    sync.Mutex
	rest  []byte
	piece int
	heard []byte
}

func (m *monologue) Read(p []byte) (int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.rest) == 0 {
		return 0, io.EOF
	}
	n := copy(p, m.rest[:min(len(m.rest), m.piece)])
	m.rest = m.rest[n:]
	return n, nil
}

func (m *monologue) Write(p []byte) (int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.heard = append(m.heard, p...)
	return len(p), nil
}

func (m *monologue) Close() error                     { return nil }
func (m *monologue) SetReadDeadline(time.Time) error  { return nil }
func (m *monologue) SetWriteDeadline(time.Time) error { return nil }

// session is what a Conn makes of a monologue: its messages, and the status code
// of its end.
type session struct {
	messages []string // each behind its type
	code     frame.StatusCode
}

// How fuzzed verbs read. Each reads a message or comes to the end, but for the
// last two, which change nothing.
const (
	byRead = iota
	byReadAppend
	byMessages
	byReader
	byFrames
	bySpentContext
	byReadable
	verbs
)

// listen reads all that wire says with the verbs in turn, and demands that only
// documented errors come, that every one after the first is the same, and that
// what was answered is legal.
func listen(t *testing.T, cfg fairlead.ConnConfig, wire, turns []byte, piece int) session {
	t.Helper()
	m := &monologue{rest: wire, piece: piece}
	c := fairlead.NewConn(m, cfg)
	defer c.CloseNow()
	var got session
	var err error
	for i := 0; err == nil; i++ {
		by := turns[i%len(turns)]
		if i > len(wire)+len(turns) { // each message takes a byte at least
			by = byRead
		}
		var typ fairlead.MessageType
		var p []byte
		var whole bool
		if typ, p, whole, err = readBy(t, c, by); whole {
			if typ == fairlead.Text && !utf8.Valid(p) || cfg.Limits.MessageBytes > 0 && int64(len(p)) > cfg.Limits.MessageBytes {
				t.Fatalf("a message that must not be: %v %q", typ, p)
			}
			got.messages = append(got.messages, typ.String()+" "+string(p))
		}
	}
	var ok bool
	if got.code, ok = fairlead.CloseCode(err); !ok || !errors.Is(err, net.ErrClosed) || len(err.Error()) > 2000 {
		t.Fatalf("undocumented error: %v", err)
	}
	for by := range byte(bySpentContext) {
		if _, _, whole, again := readBy(t, c, by); whole || again.Error() != err.Error() {
			t.Fatalf("%v, and by verb %d afterwards %v", err, by, again)
		}
	}
	if err := c.Close(t.Context(), frame.StatusNormal, ""); err != nil && !errors.Is(err, net.ErrClosed) {
		t.Fatalf("Close: %v", err)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	checkAnswers(t, m.heard)
	return got
}

// readBy reads the next message.
func readBy(t *testing.T, c *fairlead.Conn, by byte) (typ fairlead.MessageType, p []byte, whole bool, err error) {
	t.Helper()
	switch by % verbs {
	case byReadAppend:
		const before = "before"
		typ, p, err = c.ReadAppend(t.Context(), []byte(before))
		if !strings.HasPrefix(string(p), before) || err != nil && len(p) != len(before) {
			t.Fatalf("ReadAppend made %q of %q, %v", p, before, err)
		}
		p = p[len(before):]
	case byMessages:
		for msg, e := range c.Messages(t.Context()) {
			typ, p, err = msg.Type, msg.Data, e
			break
		}
	case byReader:
		var r *fairlead.MessageReader
		if r, err = c.Reader(t.Context()); err == nil {
			typ = r.Type()
			p, err = io.ReadAll(io.LimitReader(r, 1<<30)) // a wrapper, so that it has nothing but Read
		}
	case byFrames:
		return readFrames(t, c)
	case bySpentContext:
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, _, err := c.Read(ctx); !errors.Is(err, context.Canceled) && !errors.Is(err, net.ErrClosed) {
			t.Fatalf("with a context that has ended: %v", err)
		}
		return 0, nil, false, nil
	case byReadable:
		c.Readable()
		return 0, nil, false, nil
	default:
		typ, p, err = c.Read(t.Context())
	}
	return typ, p, err == nil, err
}

func readFrames(t *testing.T, c *fairlead.Conn) (typ fairlead.MessageType, p []byte, whole bool, err error) {
	for {
		h, part, err := c.ReadFrame(t.Context())
		switch {
		case err != nil:
			return 0, nil, false, err
		case h.Opcode.IsControl():
			continue
		case h.Opcode != frame.Continuation:
			typ = fairlead.MessageType(h.Opcode)
		}
		if p = append(p, part...); h.Fin {
			return typ, p, true, nil
		}
	}
}

// checkAnswers demands masked control frames, the Close the last of them.
func checkAnswers(t *testing.T, wire []byte) {
	t.Helper()
	for closed := false; len(wire) > 0; {
		h, n, err := frame.ParseHeader(wire)
		if err != nil || n == 0 || !h.Masked || !h.Opcode.IsControl() || closed || int64(len(wire)-n) < h.Length {
			t.Fatalf("answered %x: %+v, %v, a Close before: %v", wire, h, err, closed)
		}
		closed = h.Opcode == frame.Close
		wire = wire[n+int(h.Length):]
	}
}

// FuzzConn: whatever a server sends, in whatever pieces and read by whatever
// verbs, gives the same messages and the same end.
func FuzzConn(f *testing.F) {
	ping, bye := frameOf(frame.Ping, true, "p"), closeFrame(f, frame.StatusNormal, "bye")
	for _, wire := range [][]byte{
		frames(frameOf(frame.Text, true, "a"), frameOf(frame.Binary, true, "b"), bye),
		frames(frameOf(frame.Text, false, "\xc3"), ping, frameOf(frame.Continuation, false, ""), frameOf(frame.Continuation, true, "\xbc"), bye),
		frames(frameOf(frame.Text, true, "\xff")),
		frames(frameOf(frame.Binary, false, strings.Repeat("x", 200)), frameOf(frame.Continuation, true, strings.Repeat("y", 200))),
		frames(frameOf(frame.Pong, true, "\x00\x00\x00\x00\x00\x00\x00\x01"), ping, bye, frameOf(frame.Text, true, "late")),
		frames(frameOf(frame.Continuation, true, "x")), closeFrame(f, frame.StatusNoStatus, ""),
		{0x88, 1, 3},
		{0x82, 0x7f, 0, 0, 0, 0, 0x40, 0, 0, 0},
		{0x82, 5, 'c', 'u'},
		[]byte("HTTP/1.1 400 Bad Request\r\n\r\n"),
	} {
		f.Add(wire, []byte{byReader, byFrames, bySpentContext, byMessages, byReadable, byReadAppend}, uint8(0), uint8(7))
		f.Add(wire, []byte{byFrames}, uint8(2), uint8(0xff))
	}
	f.Fuzz(func(t *testing.T, wire, turns []byte, piece, config uint8) {
		defer fuzzlimit.Input(t)()
		if len(wire) > 1<<16 || len(turns) == 0 || len(turns) > 1<<10 {
			return
		}
		cfg := fairlead.ConnConfig{
			Limits: fairlead.Limits{MessageBytes: []int64{1 << 20, 0, 100, -1}[config>>3&3], Fragments: 3 * int(config>>5&3)},
			Policy: &fairlead.Policy{AnswerPing: config&1 != 0, SwallowPong: config&2 != 0, AnswerClose: config&4 != 0},
		}
		want := listen(t, cfg, wire, []byte{byRead}, 1<<16)
		if got := listen(t, cfg, wire, turns, 1+int(piece)); got.code != want.code || !slices.Equal(got.messages, want.messages) {
			t.Fatalf("read by %v: %q, %v; by Read: %q, %v", turns, got.messages, got.code, want.messages, want.code)
		}
	})
}

// FuzzConnDeflate: two compressed messages in fragments, with other frames
// between, are what package deflate makes of the same bytes, or fail with the
// status code that belongs to its error.
func FuzzConnDeflate(f *testing.F) {
	for _, text := range []string{"", "Hello Hello Hello", strings.Repeat("0", 70_000)} {
		for _, takeover := range []bool{true, false} {
			c := deflate.NewCompressor(15, takeover)
			first := c.Append(nil, []byte(text), true)
			f.Add(first, c.Append(nil, []byte(text), true), []byte{byReader, byFrames}, []byte{1, 0, 3}, takeover, uint8(15))
			f.Add(first[:len(first)/2], first, []byte{byMessages}, []byte{200}, takeover, uint8(9))
		}
	}
	f.Fuzz(func(t *testing.T, first, second, turns, cuts []byte, takeover bool, bits uint8) {
		defer fuzzlimit.Input(t)()
		if len(first)+len(second) > 1<<14 || len(turns) == 0 || len(turns)+len(cuts) > 1<<10 {
			return
		}
		bits = 8 + bits%8
		const limit = 1 << 18
		d := deflate.NewDecompressor(int(bits), takeover)
		var want session
		var wire []byte
		for _, p := range [][]byte{first, second} {
			wire = append(wire, compressedFrames(p, cuts)...)
			text, err := d.Append(nil, p, true, limit)
			switch {
			case want.code != 0:
			case errors.Is(err, deflate.ErrTooLarge):
				want.code = frame.StatusTooBig
			case errors.Is(err, deflate.ErrCorrupt):
				want.code = frame.StatusInvalidPayload
			case err != nil:
				t.Fatal(err)
			default:
				want.messages = append(want.messages, "binary "+string(text))
			}
		}
		if want.code == 0 {
			want.code = frame.StatusGoingAway
		}
		wire = append(wire, closeFrame(t, frame.StatusGoingAway, "")...)
		cfg := fairlead.ConnConfig{
			Limits:      fairlead.Limits{MessageBytes: limit},
			Compression: &handshake.Deflate{ServerMaxWindowBits: int(bits), ClientMaxWindowBits: 15, ServerNoContextTakeover: !takeover},
		}
		if got := listen(t, cfg, wire, turns, 1+len(cuts)); got.code != want.code || !slices.Equal(got.messages, want.messages) {
			t.Fatalf("%d messages of %d bytes, %v; want %d of %d, %v", len(got.messages), size(got), got.code, len(want.messages), size(want), want.code)
		}
	})
}

func size(s session) (n int) {
	for _, m := range s.messages {
		n += len(m)
	}
	return n
}

// compressedFrames is a compressed message in pieces as long as cuts says, with a
// Ping behind each.
func compressedFrames(p, cuts []byte) (wire []byte) {
	h := frame.Header{Opcode: frame.Binary, RSV: frame.RSV1}
	for _, cut := range cuts {
		h.Length = int64(min(int(cut), len(p)))
		wire = append(frame.AppendHeader(wire, h), p[:h.Length]...)
		wire = append(wire, frameOf(frame.Ping, true, "")...)
		p, h = p[h.Length:], frame.Header{}
	}
	h.Fin, h.Length = true, int64(len(p))
	return append(frame.AppendHeader(wire, h), p...)
}
