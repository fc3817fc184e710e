package flood_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/frame"
	"github.com/fairlead-ws/fairlead/wstest"
)

type verb struct {
	name string
	read func(context.Context, *fairlead.Conn) error
}

// verbs read messages until there are none.
var verbs = []verb{
	{"Read", func(ctx context.Context, c *fairlead.Conn) error {
		for {
			if _, _, err := c.Read(ctx); err != nil {
				return err
			}
		}
	}},
	{"ReadAppend", func(ctx context.Context, c *fairlead.Conn) error {
		for buf := []byte(nil); ; {
			_, p, err := c.ReadAppend(ctx, buf[:0])
			if err != nil {
				return err
			}
			buf = p
		}
	}},
	{"Messages", func(ctx context.Context, c *fairlead.Conn) (end error) {
		for _, end = range c.Messages(ctx) {
		}
		return end
	}},
	{"Reader", func(ctx context.Context, c *fairlead.Conn) error {
		for {
			r, err := c.Reader(ctx)
			if err == nil {
				_, err = io.Copy(io.Discard, r)
			}
			if err != nil {
				return err
			}
		}
	}},
	{"ReadFrame", func(ctx context.Context, c *fairlead.Conn) error {
		for {
			if _, _, err := c.ReadFrame(ctx); err != nil {
				return err
			}
		}
	}},
}

// verbsFor are all verbs, or in the short form two, which differ from flood to flood.
func verbsFor(name string) []verb {
	if long {
		return verbs
	}
	i := 0
	for _, c := range name {
		i += int(c)
	}
	return []verb{verbs[i%len(verbs)], verbs[(i+2)%len(verbs)]}
}

// framed is a flood of frames, met by several verbs.
type framed struct {
	flood
	stream torrent
	config fairlead.ConnConfig
	code   frame.StatusCode // of the end
}

func (f framed) test(t *testing.T) {
	for _, verb := range verbsFor(f.name) {
		row := f.flood
		row.name += "/" + verb.name
		row.run = func(t *testing.T, g *gauge) {
			nc := f.stream.on(g)
			c := fairlead.NewConn(nc, f.config)
			err := verb.read(t.Context(), c)
			c.CloseNow()
			if code, ok := fairlead.CloseCode(err); !ok || code != f.code || !errors.Is(err, net.ErrClosed) {
				t.Errorf("ended with %v, want status %v", err, f.code)
			}
			if n := nc.ahead(); n > spare || n < 0 {
				t.Errorf("the verdict came %d bytes behind the deciding one", n)
			}
		}
		row.test(t)
	}
}

func header(op frame.Opcode, fin bool, rsv uint8, length int64) string {
	return string(frame.AppendHeader(nil, frame.Header{Fin: fin, Opcode: op, RSV: rsv, Length: length}))
}

func whole(op frame.Opcode, fin bool, payload string) string {
	return header(op, fin, 0, int64(len(payload))) + payload
}

var bye = whole(frame.Close, true, "\x03\xe8")

// TestFragments: L14 to L17, B25 to B27.
func TestFragments(t *testing.T) {
	const most = fairlead.DefaultFragments
	begin := header(frame.Binary, false, 0, 0)
	empty, one := header(frame.Continuation, false, 0, 0), whole(frame.Continuation, false, "x")
	big := whole(frame.Continuation, false, strings.Repeat("x", 4<<10))
	for _, f := range []framed{
		{flood{name: "empty for ever", limit: most}, torrent{start: begin, again: strings.Repeat(empty, 1<<12), decides: 2 * (most + 1)}, fairlead.ConnConfig{}, frame.StatusPolicyViolation},
		{flood{name: "of one byte for ever", limit: most, cpu: 500 * time.Millisecond}, torrent{start: begin, again: strings.Repeat(one, 1<<12), decides: 2 + 3*most - 1}, fairlead.ConnConfig{}, frame.StatusPolicyViolation},
		{flood{name: "of one byte in reads of one byte", limit: most, cpu: time.Second}, torrent{start: begin, again: strings.Repeat(one, 1<<12), decides: 2 + 3*most - 1, most: 1}, fairlead.ConnConfig{}, frame.StatusPolicyViolation},
		{
			flood{name: "of 4 KiB for ever", limit: 1 << 20},
			torrent{start: begin, again: big, decides: 2 + 256*int64(len(big)) + 4},
			fairlead.ConnConfig{Limits: fairlead.Limits{MessageBytes: 1 << 20}},
			frame.StatusTooBig,
		},
		{
			flood{name: "of 4 KiB for ever, default limit", limit: fairlead.DefaultMessageBytes, cpu: 500 * time.Millisecond},
			torrent{start: begin, again: big, decides: 2 + 4096*int64(len(big)) + 4},
			fairlead.ConnConfig{},
			frame.StatusTooBig,
		},
		{
			flood{name: "empty with a ping each", limit: most, cpu: time.Second},
			torrent{start: begin, again: strings.Repeat(empty+whole(frame.Ping, true, "p"), 1<<10), decides: 2 + 5*most - 3},
			fairlead.ConnConfig{},
			frame.StatusPolicyViolation,
		},
	} {
		f.test(t)
	}
	if n := 10_000_000; long {
		framed{
			flood{name: "10 million empty ones", limit: 0, cpu: 10 * time.Second},
			torrent{start: begin, again: strings.Repeat(empty, 1<<12), decides: 2 * int64(n+1)},
			fairlead.ConnConfig{Limits: fairlead.Limits{Fragments: n}},
			frame.StatusPolicyViolation,
		}.test(t)
	}
}

// TestDeclared: L01 to L06, B10 and B13: lengths that are only said.
func TestDeclared(t *testing.T) {
	ten := strings.Repeat("x", 10)
	for _, n := range []int64{fairlead.DefaultMessageBytes + 1, 1 << 30, 1 << 31, 1 << 32, 1 << 62, 1<<63 - 1} {
		for _, start := range []string{"", whole(frame.Text, false, "begun"), whole(frame.Binary, false, "begun")} {
			op := frame.Binary
			if start != "" {
				op = frame.Continuation
			}
			head := start + header(op, true, 0, n)
			framed{flood{name: fmt.Sprintf("%d behind %d bytes", n, len(start))}, torrent{start: head + ten, again: "x", decides: int64(len(head))}, fairlead.ConnConfig{}, frame.StatusTooBig}.test(t)
		}
	}
}

// TestDeclaredWithoutLimit: L05, L08: 1 GiB is said, 10 bytes come, and the caller
// wants no limit. The context ends the wait.
func TestDeclaredWithoutLimit(t *testing.T) {
	for _, verb := range verbs {
		flood{name: verb.name, run: func(t *testing.T, g *gauge) {
			client, server := wstest.Pipe()
			defer server.Close()
			c := fairlead.NewConn(client, fairlead.ConnConfig{Limits: fairlead.Limits{MessageBytes: -1}})
			defer c.CloseNow()
			if _, err := io.WriteString(server, header(frame.Binary, true, 0, 1<<30)+"ten bytes."); err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
			defer cancel()
			if err := verb.read(ctx, c); !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, net.ErrClosed) {
				t.Errorf("ended with %v", err)
			}
		}}.test(t)
	}
}

// TestDribble: L07, B14: a legal message in single bytes costs twice its size.
func TestDribble(t *testing.T) {
	size := times(1<<20, 1<<20)
	for name, wire := range map[string]string{
		"one frame":       whole(frame.Binary, true, strings.Repeat("x", size)),
		"frames of 1 KiB": header(frame.Binary, false, 0, 0) + strings.Repeat(whole(frame.Continuation, false, strings.Repeat("x", 1<<10)), size>>10) + header(frame.Continuation, true, 0, 0),
	} {
		if name != "one frame" && !long {
			continue
		}
		framed{
			flood{name: name, limit: int64(size), cpu: 2 * time.Second, tight: int64(2*size + size/2)},
			torrent{start: wire + bye, most: 1},
			fairlead.ConnConfig{},
			frame.StatusNormal,
		}.test(t)
	}
}

// TestHarmless: B18, B20, B28: what a peer may send for ever costs no memory, and
// time in proportion.
func TestHarmless(t *testing.T) {
	n := times(200_000, 3_000_000)
	for name, unit := range map[string]string{
		"empty messages": header(frame.Text, true, 0, 0), "messages of one byte": whole(frame.Binary, true, "x"), "pongs": whole(frame.Pong, true, "unasked"),
		"pings": whole(frame.Ping, true, ""), "pings of 125 bytes": whole(frame.Ping, true, strings.Repeat("p", 125)),
	} {
		framed{
			flood{name: name, cpu: time.Duration(n) * 5 * time.Microsecond}, torrent{again: unit, times: n, end: bye}, fairlead.ConnConfig{}, frame.StatusNormal,
		}.test(t)
	}
}

// TestDeafPinger: L18, B21: the peer pings for ever and takes no pong. Nothing
// grows, reading goes on, and the write timeout is the end.
func TestDeafPinger(t *testing.T) {
	const patience = 200 * time.Millisecond
	framed{
		flood{name: "in memory", cpu: 20 * patience},
		torrent{again: whole(frame.Ping, true, strings.Repeat("p", 125)), deaf: true},
		fairlead.ConnConfig{WriteTimeout: patience},
		frame.StatusAbnormal,
	}.test(t)
}

// TestLeftAlone: B42: a peer that floods on after our Close frame, while the
// application has gone its way. The connection is closed for it soon.
func TestLeftAlone(t *testing.T) {
	for name, again := range map[string]string{"masked frames": "\x82\x80xxxx", "pings after the Close": whole(frame.Ping, true, "p"), "zeros": strings.Repeat("\x00", 4<<10)} {
		flood{name: name, run: func(t *testing.T, g *gauge) {
			nc := torrent{start: header(frame.Continuation, false, 0, 0), again: again}.on(g)
			c := fairlead.NewConn(nc, fairlead.ConnConfig{})
			if _, _, err := c.Read(t.Context()); !errors.Is(err, net.ErrClosed) {
				t.Errorf("ended with %v", err)
			}
			within(t, "the connection", nc.ended)
			if nc.given > 32<<20 {
				t.Errorf("%d bytes were read to be thrown away", nc.given)
			}
		}}.test(t)
	}
}
