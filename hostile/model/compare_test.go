package model_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/frame"
	"github.com/fairlead-ws/fairlead/handshake"
	"github.com/fairlead-ws/fairlead/hostile/model"
	"github.com/fairlead-ws/fairlead/wstest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// pendingPongs is how many automatic Pongs a Conn keeps for a peer that does not
// take them. Of more, RFC 6455, section 5.5.3, lets it send the latest alone.
const pendingPongs = 16

// setting is what a number of the fuzzer's stands for.
type setting struct {
	model.Config
	verb int // which of the reading verbs
}

func settingOf(n uint32) setting {
	bits := func(count int) int {
		v := n & (1<<count - 1)
		n >>= count
		return int(v)
	}
	var s setting
	s.AnswerPing = bits(1) == 0
	s.AnswerClose = bits(1) == 0
	s.Deflate = bits(1) == 1
	s.Takeover = bits(1) == 1
	s.WindowBits = 8 + bits(3)
	s.MaxMessage = []int{0, 1, 125, 126, 1000, 5000, 60, 300}[bits(3)]
	s.MaxFragments = []int{0, 1, 3, 10}[bits(2)]
	s.verb = bits(2)
	return s
}

func (s setting) conn() fairlead.ConnConfig {
	limit := func(n int) int {
		if n == 0 {
			return -1
		}
		return n
	}
	cfg := fairlead.ConnConfig{
		Limits: fairlead.Limits{MessageBytes: int64(limit(s.MaxMessage)), Fragments: limit(s.MaxFragments)},
		Policy: &fairlead.Policy{AnswerPing: s.AnswerPing, SwallowPong: true, AnswerClose: s.AnswerClose},
	}
	if s.Deflate {
		cfg.Compression = &handshake.Deflate{ServerMaxWindowBits: s.WindowBits, ServerNoContextTakeover: !s.Takeover, ClientMaxWindowBits: 15, ClientNoContextTakeover: true}
	}
	return cfg
}

// FuzzModel gives the same bytes of a server to a Conn and to the model. Where they
// differ, one of them is wrong. script is made into bytes by wireOf, n by settingOf.
func FuzzModel(f *testing.F) {
	for _, s := range seeds {
		f.Add([]byte(s.script), s.setting, s.chunk)
	}
	f.Fuzz(func(t *testing.T, script []byte, n uint32, chunk uint8) {
		if len(script) > 4<<10 || len(wireOf(script)) > 16<<10 {
			t.Skip("the model is slow")
		}
		compare(t, script, n, chunk)
	})
}

func compare(t *testing.T, script []byte, n uint32, chunk uint8) (want model.Outcome) {
	t.Helper()
	s, wire := settingOf(n), wireOf(script)
	want = model.Run(wire, s.Config)
	var got model.Outcome
	synctest.Test(t, func(t *testing.T) { got = receive(t, wire, s, int(chunk)) })
	if len(want.Pongs) > pendingPongs && latest(got.Pongs, want.Pongs) {
		got.Pongs = want.Pongs
	}
	if want.Pending {
		got.Pending, got.End, got.Code, got.Closes = want.Pending, want.End, want.Code, want.Closes
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("wire %x\n%+v\nmodel and Conn differ (-model +Conn):\n%s", wire, s, d)
	}
	return want
}

// latest says whether got is want with some left out, but not the last.
func latest(got, want []string) bool {
	if len(got) < pendingPongs || got[len(got)-1] != want[len(want)-1] {
		return false
	}
	for _, p := range want {
		if len(got) > 0 && got[0] == p {
			got = got[1:]
		}
	}
	return len(got) == 0
}

// receive has a Conn receive wire, in chunks of so many bytes, and then the end of
// the connection.
func receive(t *testing.T, wire []byte, s setting, chunk int) (out model.Outcome) {
	client, server := wstest.Pipe()
	defer server.Close()
	c := fairlead.NewConn(client, s.conn())
	done := make(chan error, 1)
	go func() { done <- read(c, s.verb, &out) }()
	for n := 0; len(wire) > 0; n++ {
		size := len(wire)
		if chunk > 0 && n < 50 { // each costs a wait
			size = min(size, chunk)
		}
		if _, err := server.Write(wire[:size]); err != nil {
			break // the client has hung up
		}
		wire = wire[size:]
		synctest.Wait()
	}
	synctest.Wait()
	_ = server.(*wstest.PipeConn).CloseWrite()
	err := <-done
	synctest.Wait()
	if second := read(c, 0, &model.Outcome{}); second == nil || second.Error() != err.Error() {
		t.Errorf("the next read gives %v after %v", second, err)
	}
	_ = c.CloseNow() // it may have been closed
	sent, rerr := io.ReadAll(server)
	if rerr != nil {
		t.Errorf("what the client sent: %v", rerr)
	}
	judge(t, err, &out)
	unpack(t, sent, &out)
	return out
}

// judge puts the error of the last read into out.
func judge(t *testing.T, err error, out *model.Outcome) {
	code, ok := fairlead.CloseCode(err)
	out.Code = int(code)
	ce, closed := errors.AsType[*fairlead.CloseError](err)
	switch {
	case !ok || !errors.Is(err, net.ErrClosed):
		t.Errorf("the last read returned %v", err)
	case !closed:
		out.End = model.Failed
	case code != frame.StatusAbnormal:
		out.End, out.Reason = model.Closed, ce.Reason
	}
	if tooBig := errors.Is(err, fairlead.ErrTooLarge); tooBig != (!closed && code == frame.StatusTooBig) {
		t.Errorf("%v matches ErrTooLarge: %v", err, tooBig)
	}
}

// read reads messages by one of the verbs until there are no more.
func read(c *fairlead.Conn, verb int, out *model.Outcome) error {
	ctx := context.Background()
	got := func(typ fairlead.MessageType, p []byte) {
		out.Messages = append(out.Messages, model.Message{Text: typ == fairlead.Text, Data: string(p)})
	}
	var typ fairlead.MessageType
	var p []byte
	for {
		switch verb {
		case 0:
			typ, p, err := c.Read(ctx)
			if err != nil {
				return err
			}
			got(typ, p)
		case 1:
			h, piece, err := c.ReadFrame(ctx)
			if err != nil {
				return err
			}
			if h.Opcode.IsControl() {
				continue
			}
			if h.Opcode != frame.Continuation {
				typ, p = fairlead.MessageType(h.Opcode), nil
			}
			if p = append(p, piece...); h.Fin {
				got(typ, p)
			}
		case 2:
			for m, err := range c.Messages(ctx) {
				if err != nil {
					return err
				}
				got(m.Type, m.Data)
			}
		default:
			r, err := c.Reader(ctx)
			if err != nil {
				return err
			}
			var b strings.Builder
			piece := make([]byte, 7)
			for err == nil {
				var n int
				n, err = r.Read(piece)
				b.Write(piece[:n])
			}
			if !errors.Is(err, io.EOF) {
				return err
			}
			got(r.Type(), []byte(b.String()))
		}
	}
}

// unpack sorts the client's frames, and refuses what no client may send.
func unpack(t *testing.T, sent []byte, out *model.Outcome) {
	for len(sent) > 0 {
		if len(sent) < 6 || sent[1] < 0x80 || len(sent) < 6+int(sent[1]&0x7F) {
			t.Errorf("the client sent %x", sent)
			return
		}
		n := int(sent[1] & 0x7F)
		key := binary.BigEndian.Uint32(sent[2:])
		payload := sent[6 : 6+n]
		for i := range payload {
			payload[i] ^= byte(key >> (24 - 8*(i%4)))
		}
		switch {
		case len(out.Closes) > 0:
			t.Errorf("the client sent %x after its Close", sent)
		case sent[0] == 0x8A:
			out.Pongs = append(out.Pongs, string(payload))
		case sent[0] == 0x88:
			out.Closes = append(out.Closes, string(payload))
		default:
			t.Errorf("the client sent %x", sent)
		}
		sent = sent[6+n:]
	}
}

// wireOf makes bytes of a script, so that what a fuzzer changes is mostly still
// frames. Each frame is
//
//	first octet
//	how: 0 to 199 bytes of payload, or one of the ways below
//	what that way needs, payload
func wireOf(script []byte) (wire []byte) {
	next := func(n int) []byte {
		n = min(n, len(script))
		p := script[:n]
		script = script[n:]
		return p
	}
	number := func() int {
		if p := next(1); len(p) > 0 {
			return int(p[0])
		}
		return 0
	}
	put := func(first byte, p []byte) {
		head := frame.AppendHeader(nil, frame.Header{Length: int64(len(p))})
		head[0] = first
		wire = append(append(wire, head...), p...)
	}
	for len(script) > 0 {
		first, how := byte(number()), number()
		switch {
		case how < 200:
			p := next(how)
			put(first, p)
		case how < 220: // a byte, so many times
			b := byte(number())
			put(first, bytes.Repeat([]byte{b}, number()*(how-199)))
		case how < 235: // compressed by somebody else
			put(first, compress(next(number()), how))
		case how < 240: // masked
			wire = append(wire, first, 0x80|byte(number()))
		case how < 245: // a length in 16 bits
			wire = append(append(wire, first, 126), next(2)...)
		case how < 250: // a length in 64 bits
			wire = append(append(wire, first, 127), next(8)...)
		default: // whatever comes
			wire = append(wire, first)
			wire = append(wire, next(how-249)...)
		}
	}
	return wire
}

func (s setting) String() string { return fmt.Sprintf("%+v by verb %d", s.Config, s.verb) }
