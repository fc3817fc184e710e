package fairlead_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/deflate"
	"github.com/fairlead-ws/fairlead/frame"
	"github.com/fairlead-ws/fairlead/handshake"
	"github.com/fairlead-ws/fairlead/wstest"
)

var (
	withTakeover    = fairlead.ConnConfig{Compression: &handshake.Deflate{ServerMaxWindowBits: 15, ClientMaxWindowBits: 15}}
	withoutTakeover = fairlead.ConnConfig{Compression: &handshake.Deflate{ServerNoContextTakeover: true, ClientNoContextTakeover: true}}
)

// compressedFrame is a server's frame with RSV1.
func compressedFrame(op frame.Opcode, fin bool, payload string) []byte {
	return append(frame.AppendHeader(nil, frame.Header{Fin: fin, RSV: frame.RSV1, Opcode: op, Length: int64(len(payload))}), payload...)
}

const (
	hello      = "\xf2\x48\xcd\xc9\xc9\x07\x00" // RFC 7692 section 7.2.3.1
	helloAgain = "\xf2\x00\x11\x00\x00"         // section 7.2.3.2: refers to the message before
)

// inflateRows are rows of the catalogue of hostile peers: bytes in, messages and
// the code of the failure out; 0 for none.
var inflateRows = []struct {
	name   string
	cfg    fairlead.ConnConfig
	limits fairlead.Limits
	wire   []byte
	want   []string
	code   frame.StatusCode
	says   string
}{
	{name: "one message", cfg: withTakeover, wire: compressedFrame(frame.Text, true, hello), want: []string{"Hello"}},
	{name: "RFC 7692 7.2.3.1 fragments", cfg: withTakeover, wire: frames(compressedFrame(frame.Text, false, hello[:3]), frameOf(frame.Continuation, true, hello[3:])), want: []string{"Hello"}},
	{name: "takeover", cfg: withTakeover, wire: frames(compressedFrame(frame.Text, true, hello), compressedFrame(frame.Text, true, helloAgain)), want: []string{"Hello", "Hello"}},
	{name: "RSV1 without compression", wire: compressedFrame(frame.Text, true, hello), code: frame.StatusProtocolError, says: "5.2"},
	{name: "B02 RSV2", cfg: withTakeover, wire: []byte("\xa1\x00"), code: frame.StatusProtocolError},
	{name: "B02 RSV3 and RSV1", cfg: withTakeover, wire: []byte("\xd1\x00"), code: frame.StatusProtocolError},
	{name: "B03 RSV1 on a Ping", cfg: withTakeover, wire: []byte("\xc9\x00"), code: frame.StatusProtocolError, says: "RFC 7692"},
	{name: "B03 RSV1 on a Close", cfg: withTakeover, wire: []byte("\xc8\x00"), code: frame.StatusProtocolError, says: "RFC 7692"},
	{name: "B04 RSV1 on a continuation", cfg: withTakeover, wire: frames(compressedFrame(frame.Text, false, hello[:3]), compressedFrame(frame.Continuation, true, hello[3:])), code: frame.StatusProtocolError, says: "RFC 7692"},
	{name: "B04 RSV1 on the continuation only", cfg: withTakeover, wire: frames(frameOf(frame.Text, false, "He"), compressedFrame(frame.Continuation, true, hello)), code: frame.StatusProtocolError},
	{name: "C03 empty stored blocks", cfg: withTakeover, wire: compressedFrame(frame.Binary, true, strings.Repeat("\x00\x00\x00\xff\xff", 1_000_000)), code: frame.StatusTooBig, says: "next to nothing"},
	{name: "C05 block type", cfg: withTakeover, wire: compressedFrame(frame.Binary, true, "\x06"), code: frame.StatusInvalidPayload, says: "reserved type"},
	{name: "C05 stored length", cfg: withTakeover, wire: compressedFrame(frame.Binary, true, "\x00\x05\x00\xfa\xf0Hello\x00"), code: frame.StatusInvalidPayload, says: "complement"},
	{name: "C05 ends inside a block", cfg: withTakeover, wire: compressedFrame(frame.Binary, true, hello[:3]), code: frame.StatusInvalidPayload, says: "inside a block"},
	{name: "C06 distance beyond the data", cfg: withTakeover, wire: compressedFrame(frame.Text, true, helloAgain), code: frame.StatusInvalidPayload, says: "out of the window"},
	{name: "C07 into the message before", cfg: withoutTakeover, wire: frames(compressedFrame(frame.Text, true, hello), compressedFrame(frame.Text, true, helloAgain)), want: []string{"Hello"}, code: frame.StatusInvalidPayload, says: "out of the window"},
	{name: "C09 tail left on", cfg: withTakeover, wire: frames(compressedFrame(frame.Text, true, hello+"\x00\x00\xff\xff"), compressedFrame(frame.Text, true, helloAgain)), want: []string{"Hello", "Hello"}},
	{name: "C10 final block, then more", cfg: withTakeover, wire: compressedFrame(frame.Text, true, "\xf3\x48\xcd\xc9\xc9\x07\x00"+hello), want: []string{"HelloHello"}},
	{name: "C11 bytes after the final block", cfg: withTakeover, wire: compressedFrame(frame.Text, true, "\xf3\x48\xcd\xc9\xc9\x07\x00\xff"), code: frame.StatusInvalidPayload},
	{name: "C12 empty messages", cfg: withTakeover, wire: frames(compressedFrame(frame.Text, true, "\x00"), compressedFrame(frame.Text, true, "\x02\x00"), compressedFrame(frame.Text, true, ""), compressedFrame(frame.Text, false, ""), frameOf(frame.Continuation, false, ""), frameOf(frame.Continuation, true, "\x00")), want: []string{"", "", "", ""}},
	{name: "C13 uncompressed between", cfg: withTakeover, wire: frames(compressedFrame(frame.Text, true, hello), frameOf(frame.Text, true, "plain"), compressedFrame(frame.Text, true, helloAgain)), want: []string{"Hello", "plain", "Hello"}},
	{name: "C14 control frames between", cfg: withTakeover, wire: frames(compressedFrame(frame.Text, false, hello[:1]), frameOf(frame.Ping, true, "p"), frameOf(frame.Continuation, false, hello[1:4]), frameOf(frame.Pong, true, ""), frameOf(frame.Continuation, true, hello[4:])), want: []string{"Hello"}},
	{name: "L11 limit of what is inflated", cfg: withTakeover, limits: fairlead.Limits{MessageBytes: 4}, wire: compressedFrame(frame.Text, true, hello), code: frame.StatusTooBig, says: "4 bytes"},
	{name: "L11 as large as the limit", cfg: withTakeover, limits: fairlead.Limits{MessageBytes: 5}, wire: compressedFrame(frame.Text, true, hello), want: []string{"Hello"}},
	{name: "fragments are counted", cfg: withTakeover, limits: fairlead.Limits{Fragments: 2}, wire: frames(compressedFrame(frame.Text, false, hello[:1]), frameOf(frame.Continuation, false, ""), frameOf(frame.Continuation, true, hello[1:])), code: frame.StatusPolicyViolation},
	{name: "UTF-8 is judged after inflating", cfg: withTakeover, wire: compressedFrame(frame.Text, true, "\x00\x02\x00\xfd\xff\xc3\x28\x00"), code: frame.StatusInvalidPayload, says: "UTF-8"},
	{name: "text ends inside a code point", cfg: withTakeover, wire: compressedFrame(frame.Text, true, "\x00\x01\x00\xfe\xff\xc3\x00"), code: frame.StatusInvalidPayload, says: "code point"},
}

func TestInflateRows(t *testing.T) {
	for _, tt := range inflateRows {
		for _, client := range readVerbs {
			t.Run(tt.name+"/"+client.name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					cfg := tt.cfg
					cfg.Limits = tt.limits
					c, server := pair(t, cfg)
					go func() {
						_, _ = server.Write(tt.wire)
						_, _ = io.Copy(io.Discard, server)
					}()
					for _, want := range tt.want {
						p, err := client.read(t.Context(), c)
						if err != nil || string(p) != want {
							t.Fatalf("%q, %v; want %q", p, err, want)
						}
					}
					if tt.code == 0 {
						return
					}
					p, err := client.read(t.Context(), c)
					wantCloseCode(t, err, tt.code)
					if !strings.Contains(err.Error(), tt.says) || errors.Is(err, io.EOF) {
						t.Errorf("error %q, want %q in it", err, tt.says)
					}
					if tt.limits.MessageBytes > 0 && int64(len(p)) > tt.limits.MessageBytes {
						t.Errorf("%d bytes beyond the limit", len(p))
					}
				})
			})
		}
	}
}

var readVerbs = []struct {
	name string
	read func(context.Context, *fairlead.Conn) ([]byte, error)
}{
	{"Read", func(ctx context.Context, c *fairlead.Conn) ([]byte, error) { _, p, err := c.Read(ctx); return p, err }},
	{"ReadAppend", func(ctx context.Context, c *fairlead.Conn) ([]byte, error) {
		_, p, err := c.ReadAppend(ctx, []byte{})
		return p, err
	}},
	{"Messages", func(ctx context.Context, c *fairlead.Conn) ([]byte, error) {
		for m, err := range c.Messages(ctx) {
			return bytes.Clone(m.Data), err
		}
		return nil, nil
	}},
	{"Reader", func(ctx context.Context, c *fairlead.Conn) ([]byte, error) {
		r, err := c.Reader(ctx)
		if err != nil {
			return nil, err
		}
		return readIn(r, 3)
	}},
	{"ReadFrame", func(ctx context.Context, c *fairlead.Conn) (all []byte, err error) {
		for {
			h, p, err := c.ReadFrame(ctx)
			if err != nil {
				return all, err
			}
			if all = append(all, p...); h.Fin {
				return all, nil
			}
		}
	}},
}

// A read that ends by its context in the middle of a compressed message loses
// nothing, wherever the bytes stop, whichever verb goes on.
func TestInflateInterrupted(t *testing.T) {
	z := deflate.NewCompressor(15, true)
	text := strings.Repeat("interrupted, and interrupted again; ", 9)
	var wire []byte
	for range 2 {
		p := z.Append(nil, []byte(text), true)
		wire = append(wire, compressedFrame(frame.Text, false, string(p[:len(p)/2]))...)
		wire = append(wire, frameOf(frame.Continuation, true, string(p[len(p)/2:]))...)
	}
	for at := 1; at < len(wire); at++ {
		synctest.Test(t, func(t *testing.T) {
			c, server := pair(t, withTakeover)
			put(t, server, wire[:at])
			var got []string
			read := func() error {
				ctx, cancel := context.WithTimeout(t.Context(), time.Second)
				defer cancel()
				_, p, err := c.Read(ctx)
				if err == nil {
					got = append(got, string(p))
				}
				return err
			}
			for read() == nil {
			}
			put(t, server, wire[at:])
			for len(got) < 2 {
				if err := read(); err != nil {
					t.Fatalf("after %d bytes: %v", at, err)
				}
			}
			if got[0] != text || got[1] != text {
				t.Fatalf("after %d bytes: %.40q", at, got)
			}
		})
	}
}

// C17: who stops in the middle of a message and closes has the rest discarded
// through the inflater, and who reads on passes over it.
func TestC17Discarded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, server := pair(t, withTakeover)
		put(t, server, compressedFrame(frame.Text, false, hello[:2]))
		r, err := c.Reader(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		go func() {
			_, _ = io.Copy(io.Discard, server)
		}()
		put(t, server, frameOf(frame.Continuation, true, hello[2:]), compressedFrame(frame.Text, true, helloAgain), closeFrame(t, frame.StatusNormal, ""))
		if err := c.Close(t.Context(), frame.StatusNormal, ""); err != nil {
			t.Errorf("Close: %v", err)
		}
		if _, err := r.Read(make([]byte, 9)); err == nil || errors.Is(err, io.EOF) {
			t.Errorf("Read of what was thrown away: %v", err)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		c, server := pair(t, withTakeover)
		put(t, server, compressedFrame(frame.Text, true, hello), compressedFrame(frame.Text, true, helloAgain))
		r, err := c.Reader(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadFull(r, make([]byte, 2)); err != nil {
			t.Fatal(err)
		}
		if _, _, err := c.Read(t.Context()); !errors.Is(err, fairlead.ErrMidMessage) {
			t.Errorf("Read inside a message: %v", err)
		}
		if _, err := io.Copy(io.Discard, r); err != nil {
			t.Fatal(err)
		}
		wantMessage(t, c, fairlead.Text, "Hello")
	})
}

// C15: many messages of all sizes with takeover, and small reads of the socket.
func TestC15Takeover(t *testing.T) {
	count := 10_000
	if testing.Short() || raceDetector {
		count = 1000
	}
	r := rand.New(rand.NewPCG(15, 15))
	z := deflate.NewCompressor(15, true)
	c, server := pair(t, withTakeover)
	words := []byte(strings.Repeat("all work and no play makes a dull boy, said number seven; ", 1300))
	sizes := make([][2]int, count)
	for i := range sizes {
		n := r.IntN(400)
		if i%100 == 99 {
			n = r.IntN(70_000)
		}
		sizes[i] = [2]int{r.IntN(len(words) - n), n}
	}
	go func() {
		for i, s := range sizes {
			p := bytes.Clone(words[s[0]:][:s[1]])
			copy(p, fmt.Sprint(i))
			if _, err := server.Write(compressedFrame(frame.Binary, true, string(z.Append(nil, p, true)))); err != nil {
				return
			}
		}
	}()
	var buf []byte
	for i, s := range sizes {
		_, p, err := c.ReadAppend(t.Context(), buf[:0])
		want := bytes.Clone(words[s[0]:][:s[1]])
		copy(want, fmt.Sprint(i))
		if err != nil || !bytes.Equal(p, want) {
			t.Fatalf("message %d: %v, %d bytes, want %d", i, err, len(p), len(want))
		}
		buf = p
	}
}

// A server that answers what was not offered, or sizes that are none, opens no
// connection.
func TestDialRefusesDeflate(t *testing.T) {
	for answer, offered := range map[string]fairlead.Compression{
		"permessage-deflate":                              fairlead.CompressionOff,
		"permessage-deflate; server_max_window_bits=99":   fairlead.CompressionTakeover,
		"permessage-deflate; client_max_window_bits":      fairlead.CompressionTakeover,
		"permessage-deflate; frobnicate":                  fairlead.CompressionNoTakeover,
		"permessage-deflate, permessage-deflate":          fairlead.CompressionNoTakeover,
		"permessage-deflate; server_max_window_bits=\"\"": fairlead.CompressionNoTakeover,
	} {
		t.Run(answer, func(t *testing.T) {
			server, err := wstest.Start(wstest.Options{Header: []handshake.Field{{Name: "Sec-WebSocket-Extensions", Value: answer}}})
			if err != nil {
				t.Fatal(err)
			}
			defer server.Close()
			_, err = (&fairlead.Dialer{Compression: offered}).Dial(t.Context(), server.URL())
			he, ok := errors.AsType[*fairlead.HandshakeError](err)
			if !ok || he.Phase != fairlead.PhaseVerify || he.Status != 101 || !strings.Contains(err.Error(), "Sec-WebSocket-Extensions") {
				t.Errorf("error %v", err)
			}
		})
	}
}

// What the inflater has not given yet can be read without waiting.
func TestInflateReadable(t *testing.T) {
	c, server := pair(t, withTakeover)
	z := deflate.NewCompressor(15, true)
	put(t, server, compressedFrame(frame.Binary, true, string(z.Append(nil, make([]byte, 200), true))))
	r, err := c.Reader(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for i := range 200 {
		if !c.Readable() {
			t.Fatalf("after %d bytes: not readable", i)
		}
		if n, err := r.Read(make([]byte, 1)); n != 1 || err != nil {
			t.Fatal(n, err)
		}
	}
	if _, err := r.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
		t.Fatal(err)
	}
	if c.Readable() {
		t.Error("readable after the end of the message")
	}
}

// L13: beyond the limit at most 64 KiB are inflated, however much room there is.
func TestL13Overshoot(t *testing.T) {
	const limit = 100_000
	cfg := withTakeover
	cfg.Limits.MessageBytes = limit
	c, server := pair(t, cfg)
	go func() {
		_, _ = server.Write(compressedFrame(frame.Binary, true, string(deflate.NewCompressor(15, true).Append(nil, make([]byte, 8<<20), true))))
		_, _ = io.Copy(io.Discard, server)
	}()
	r, err := c.Reader(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	p := bytes.Repeat([]byte{1}, 8<<20)
	total := 0
	for err == nil {
		var n int
		n, err = r.Read(p[total:])
		total += n
	}
	wantErr(t, err, fairlead.ErrTooLarge)
	if touched := bytes.IndexByte(p, 1); total > limit || touched > limit+64<<10 {
		t.Errorf("%d bytes given, %d inflated", total, touched)
	}
}
