package hostile_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"syscall"

	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/frame"
	"github.com/fairlead-ws/fairlead/wstest"
)

// endCases are rows B45 to B47: the end comes without a Close.
func endCases() []Case {
	script := join(first("al"), ping(""), next("p"), final("ha"), bin("beta"), text(times(130, "g")))
	sizes := []int{len(join(first("al"), ping(""), next("p"), final("ha"))), len(bin("beta")), len(text(times(130, "g")))}
	gives := []string{"alpha", "beta", times(130, "g")}
	pinged := len(join(first("al"), ping("")))
	var cases []Case
	for n := range len(script) + 1 {
		var want []string
		for i, end := 0, 0; i < len(sizes); i++ {
			if end += sizes[i]; n >= end {
				want = gives[:i+1]
			}
		}
		eof := Case{ID: fmt.Sprintf("B45/EOF-after-%d", n), Lessons: []string{"L101"}, Peer: after(send(script[:n]), wstest.Shut()), Closed: frame.StatusAbnormal, Messages: want}
		eof.Unsent = n >= pinged // the pong may be too late for a connection that has ended
		cases = append(cases, eof)
		rst := Case{
			ID: fmt.Sprintf("B45/RST-after-%d", n), Lessons: []string{"L101"}, Peer: after(wstest.ExpectFrame(frame.Text, true, []byte("go")), send(script[:n]), wstest.Reset()),
			Closed: frame.StatusAbnormal, Is: []error{syscall.ECONNRESET}, Unsent: true, Do: goThenRead,
		}
		cases = append(cases, rst.because("what was on its way is lost; how much of it is a matter of chance"))
	}
	return append(append(cases, byVerb(
		lost("B46/after-the-first", send(first("a")), wstest.Shut()),
		lost("B46/after-the-second", send(first("a"), next("b")), wstest.Shut()),
		lost("B46/after-an-empty-one", send(first("")), wstest.Shut()),
		lost("B46/behind-a-ping", send(first("a"), ping("x")), wstest.Shut()).unanswered(),
	)...),
		Case{ID: "B47/one", Peer: after(send(text("whole")), wstest.Shut()), Closed: frame.StatusAbnormal, Messages: []string{"whole"}},
		Case{ID: "B47/none", Peer: after(wstest.Shut()), Closed: frame.StatusAbnormal},
		Case{ID: "B47/TCP", TCP: true, Peer: after(send(text("whole")), wstest.Shut()), Closed: frame.StatusAbnormal, Messages: []string{"whole"}},
		Case{ID: "B47/TLS-with-close_notify", TLS: true, Peer: after(send(text("whole")), wstest.Shut()), Closed: frame.StatusAbnormal, Messages: []string{"whole"}}.
			because("the end of TLS is no end of a WebSocket either"),
		Case{ID: "B47/as-a-stream", Peer: after(send(text("whole")), wstest.Shut()), Do: asStream, Is: []error{net.ErrClosed}, Says: "1006", Messages: []string{"whole"}}.teaches("L101"),
		Case{ID: "B46/as-a-stream", Peer: after(send(first("part")), wstest.Shut()), Do: asStream, Is: []error{net.ErrClosed}, Says: "1006", Messages: []string{"part"}}.teaches("L101"),
	)
}

// unanswered says that what the client sends is not judged.
func (c Case) unanswered() Case {
	c.Unsent = true
	return c
}

// goThenRead lets the peer begin when the dial is done.
func goThenRead(ctx context.Context, c *fairlead.Conn, o *Outcome) error {
	if err := c.WriteText(ctx, "go"); err != nil {
		return err
	}
	return keepNone(ctx, c, o)
}

// asStream takes the session for a stream, which ends in io.EOF after a Close
// only.
func asStream(_ context.Context, c *fairlead.Conn, o *Outcome) error {
	s := c.AsNetConn(fairlead.Binary)
	p := make([]byte, 100)
	for {
		n, err := s.Read(p)
		if n > 0 {
			o.Messages = append(o.Messages, string(p[:n]))
		}
		if err != nil {
			return err
		}
	}
}

// streamCases are rows B48 to B50 and B52: other protocols, splits, chance.
func streamCases() []Case {
	var cases []Case
	for _, s := range []struct{ name, wire string }{
		{"200", head("HTTP/1.1 200 OK", "Content-Length: 0")},
		{"502", head("HTTP/1.1 502 Bad Gateway", "Connection: close")},
		{"request", "GET / HTTP/1.1\r\n\r\n"},
		{"ICY", "ICY 200 OK\r\n\r\n"},
		{"SSH", "SSH-2.0-OpenSSH_9.6\r\n"},
		{"HTML", "<html><body>"},
		{"TLS", "\x16\x03\x03\x00\x7a\x02\x00\x00\x76"},
	} {
		cases = append(cases, failing("B48/"+s.name, protocolError, []byte(s.wire)))
		behind := failing("B48/"+s.name+"-behind-a-message", protocolError, text("a"), []byte(s.wire))
		behind.Messages = []string{"a"}
		cases = append(cases, behind)
	}
	sevens := join(text("seven"), ping("p"), first("a"), final("b"))
	long := join(text(times(126, "s")), frameOf(frame.Binary, true, times(300, "t")))
	longest := text(times(66_000, "u"))
	for _, s := range []struct {
		name     string
		wire     []byte
		upTo     int
		messages []string
		frames   []string
	}{
		{"7-bit", sevens, len(sevens), []string{"seven", "ab"}, []string{"pong p"}},
		{"16-bit", long, 140, []string{times(126, "s"), times(300, "t")}, nil},
		{"64-bit", longest, 20, []string{times(66_000, "u")}, nil},
	} {
		for n := 1; n < s.upTo; n++ {
			c := delivered(fmt.Sprintf("B49/%s-split-at-%d", s.name, n), s.wire, s.messages...)
			c.Frames, c.Wrap = s.frames, splitAt(onWire(switching())+n)
			cases = append(cases, c)
		}
		c := delivered("B49/"+s.name+"-single-bytes", s.wire, s.messages...)
		c.Frames, c.Wrap = s.frames, oneByteReads
		cases = append(cases, c)
	}
	for seed := range uint64(64) {
		r := rand.New(rand.NewPCG(seed, 50))
		noise := make([]byte, 4096)
		for i := range noise {
			noise[i] = byte(r.Uint32())
		}
		if seed%2 == 0 {
			noise[0] = 0x80 | byte(seed>>1)&15 // a frame for a beginning
		}
		c := Case{ID: fmt.Sprintf("B50/seed-%d", seed), Peer: after(send(noise), wstest.Shut()), Do: keepNone, Is: []error{net.ErrClosed}, Unsent: true, Check: typed}
		cases = append(cases, c.teaches("L77"))
	}
	for seed := range uint64(4) {
		frames, messages := chance(seed, 500)
		cases = append(cases, byVerb(delivered(fmt.Sprintf("B52/seed-%d-of-500", seed), frames, messages...))...)
	}
	secret := times(64<<10, "S")
	return append(cases, Case{
		ID: "B52/what-we-send", Lessons: []string{"L39", "L42"}, Peer: after(), Reads: true, Do: reuseBuffers,
		Frames: []string{"binary " + secret, "binary 0", "binary 11", "binary 222", "ping ", "text s"},
		Check: func(o *Outcome) error {
			if p := o.Frames[len(o.Frames)-1].Payload; p != "\x03\xe8bye" {
				return fmt.Errorf("the Close carries %q", p)
			}
			return nil
		},
	})
}

// reuseBuffers sends a secret and then short frames, and writes over what it gave
// away as soon as it may.
func reuseBuffers(ctx context.Context, c *fairlead.Conn, _ *Outcome) error {
	buf := []byte(times(64<<10, "S"))
	if err := c.Write(ctx, fairlead.Binary, buf); err != nil {
		return err
	}
	for i := range 3 {
		p := append(buf[:0], times(i+1, fmt.Sprint(i))...)
		if err := c.Write(ctx, fairlead.Binary, p); err != nil {
			return err
		}
		for j := range buf {
			buf[j] = 'X'
		}
	}
	if err := c.WriteFrame(ctx, frame.Header{Fin: true, Opcode: frame.Ping}, nil); err != nil {
		return err
	}
	if err := c.WriteText(ctx, "s"); err != nil {
		return err
	}
	return c.WriteFrame(ctx, frame.Header{Fin: true, Opcode: frame.Close}, []byte("\x03\xe8bye"))
}

// typed demands one of the two errors that end a session.
func typed(o *Outcome) error {
	if _, ok := fairlead.CloseCode(o.Err); !ok {
		return errors.New("neither a *CloseError nor a *ProtocolError")
	}
	return nil
}

// chance makes messages of all sizes and cuts them into fragments, with Pongs
// between them.
func chance(seed uint64, n int) (frames []byte, messages []string) {
	r := rand.New(rand.NewPCG(seed, 52))
	if raceDetector {
		n /= 10
	}
	letters := []rune("abcdefghijklmnopqrstuvwxyzäöüßéλжあ😀")
	for range n {
		size := r.IntN(200)
		if r.IntN(50) == 0 {
			size = r.IntN(70_000)
		}
		var p []rune
		for range size {
			p = append(p, letters[r.IntN(len(letters))])
		}
		message := string(p)
		op := []frame.Opcode{frame.Text, frame.Binary}[r.IntN(2)]
		messages = append(messages, message)
		for rest := message; ; op = frame.Continuation {
			cut := len(rest)
			if r.IntN(3) > 0 {
				cut = r.IntN(len(rest) + 1)
			}
			last := cut == len(rest) && r.IntN(4) > 0
			frames = append(frames, frameOf(op, last, rest[:cut])...)
			if rest = rest[cut:]; last {
				break
			}
			if r.IntN(3) == 0 {
				frames = append(frames, pong(message[:min(len(message), r.IntN(20))])...)
			}
		}
	}
	return frames, messages
}
