package fairlead_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/frame"
	"github.com/fairlead-ws/fairlead/handshake"
	"github.com/fairlead-ws/fairlead/wstest"
)

// agreements is what client and server may come to.
var agreements = []struct {
	name   string
	client fairlead.Compression
	server handshake.Deflate
	want   handshake.Deflate
}{
	{"takeover", fairlead.CompressionTakeover, handshake.Deflate{}, handshake.Deflate{ServerMaxWindowBits: 15, ClientMaxWindowBits: 15}},
	{"no takeover", fairlead.CompressionNoTakeover, handshake.Deflate{}, handshake.Deflate{ServerNoContextTakeover: true, ClientNoContextTakeover: true, ServerMaxWindowBits: 15, ClientMaxWindowBits: 15}},
	{"server without takeover", fairlead.CompressionTakeover, handshake.Deflate{ServerNoContextTakeover: true}, handshake.Deflate{ServerNoContextTakeover: true, ServerMaxWindowBits: 15, ClientMaxWindowBits: 15}},
	{"client without takeover", fairlead.CompressionTakeover, handshake.Deflate{ClientNoContextTakeover: true}, handshake.Deflate{ClientNoContextTakeover: true, ServerMaxWindowBits: 15, ClientMaxWindowBits: 15}},
	{"A47 small windows", fairlead.CompressionTakeover, handshake.Deflate{ServerMaxWindowBits: 8, ClientMaxWindowBits: 8}, handshake.Deflate{ServerMaxWindowBits: 8, ClientMaxWindowBits: 8}},
	{"windows of 9, no takeover", fairlead.CompressionNoTakeover, handshake.Deflate{ServerMaxWindowBits: 9, ClientMaxWindowBits: 9}, handshake.Deflate{ServerNoContextTakeover: true, ClientNoContextTakeover: true, ServerMaxWindowBits: 9, ClientMaxWindowBits: 9}},
}

func dialCompressed(t *testing.T, client fairlead.Compression, opts wstest.Options) *fairlead.Conn {
	t.Helper()
	server, err := wstest.Start(opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	c, err := (&fairlead.Dialer{Compression: client}).Dial(t.Context(), server.URL())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.CloseNow() })
	return c
}

// Every verb, with everything that can be agreed on, with a peer that cuts its
// frames anywhere: what was sent comes back.
func TestCompressedEcho(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	var messages [][]byte
	for i, size := range []int{0, 1, 31, 32, 100, 127, 128, 500, 3000, 40_000, 300_000, 200, 70_000} {
		p := []byte(strings.Repeat(fmt.Sprintf(`{"id":%d,"é":"%x"},`, i, r.Uint64()), size/20+1))[:size]
		for len(p) > 0 && !json.Valid([]byte(`"`+strings.ReplaceAll(string(p), `"`, "'")+`"`)) && p[len(p)-1] >= 0x80 {
			p = p[:len(p)-1] // not in the middle of a letter
		}
		messages = append(messages, p)
	}
	noise := make([]byte, 5000)
	for i := range noise {
		noise[i] = byte(r.Uint32())
	}
	messages = append(messages, noise, messages[9])
	for _, a := range agreements {
		for _, client := range echoVerbs {
			t.Run(a.name+"/"+client.name, func(t *testing.T) {
				t.Parallel()
				c := dialCompressed(t, a.client, wstest.Options{Deflate: &a.server, Chaos: wstest.Chaos{Fragments: 5, Pings: true}})
				if got, ok := c.Compression(); !ok || got != a.want {
					t.Fatalf("agreed on %+v, %v; want %+v", got, ok, a.want)
				}
				for i, p := range messages {
					typ := fairlead.Text
					if i == len(messages)-2 {
						typ = fairlead.Binary
					}
					ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
					got, err := client.exchange(ctx, c, typ, p)
					cancel()
					if err != nil || !bytes.Equal(got, p) {
						t.Fatalf("message %d of %d bytes: %v, %d bytes came back", i, len(p), err, len(got))
					}
				}
				if err := c.Close(t.Context(), frame.StatusNormal, ""); err != nil {
					t.Error(err)
				}
			})
		}
	}
}

// echoVerbs send a message and read it back.
var echoVerbs = []struct {
	name     string
	exchange func(ctx context.Context, c *fairlead.Conn, typ fairlead.MessageType, p []byte) ([]byte, error)
}{
	{"Write and Read", func(ctx context.Context, c *fairlead.Conn, typ fairlead.MessageType, p []byte) ([]byte, error) {
		if err := c.Write(ctx, typ, p); err != nil {
			return nil, err
		}
		_, got, err := c.Read(ctx)
		return got, err
	}},
	{"Writer and Reader", func(ctx context.Context, c *fairlead.Conn, typ fairlead.MessageType, p []byte) ([]byte, error) {
		w := c.Writer(ctx, typ)
		for rest := p; len(rest) > 0; {
			n := min(1+len(p)/3, len(rest))
			if _, err := w.Write(rest[:n]); err != nil {
				return nil, err
			}
			rest = rest[n:]
		}
		if err := w.Close(); err != nil {
			return nil, err
		}
		r, err := c.Reader(ctx)
		if err != nil {
			return nil, err
		}
		return readIn(r, 511)
	}},
	{"Batch and Messages", func(ctx context.Context, c *fairlead.Conn, typ fairlead.MessageType, p []byte) ([]byte, error) {
		err := c.Batch(ctx, func(b *fairlead.Batch) error { return errors.Join(b.Write(typ, p), b.Write(typ, p)) })
		if err != nil {
			return nil, err
		}
		var first []byte
		for m, err := range c.Messages(ctx) {
			if err != nil {
				return nil, err
			}
			if first != nil {
				if !bytes.Equal(first, m.Data) {
					return nil, errors.New("the same message came back differently")
				}
				break
			}
			first = append([]byte{}, m.Data...)
		}
		return first, nil
	}},
	{"WriteFrame and ReadFrame", func(ctx context.Context, c *fairlead.Conn, typ fairlead.MessageType, p []byte) ([]byte, error) {
		h := frame.Header{Opcode: frame.Opcode(typ), RSV: frame.RSV1}
		for rest := p; !h.Fin; {
			n := min(1+len(p)/2, len(rest))
			h.Fin = n == len(rest)
			if err := c.WriteFrame(ctx, h, rest[:n]); err != nil {
				return nil, err
			}
			rest, h.Opcode, h.RSV = rest[n:], frame.Continuation, 0
		}
		var got []byte
		for first := true; ; first = false {
			h, part, err := c.ReadFrame(ctx)
			if err != nil {
				return got, err
			}
			if (h.RSV == frame.RSV1) != first {
				return got, fmt.Errorf("RSV1 on %v", h)
			}
			got = append(got, part...)
			if h.Fin {
				return got, nil
			}
		}
	}},
	{"WriteUncompressed and ReadAppend", func(ctx context.Context, c *fairlead.Conn, typ fairlead.MessageType, p []byte) ([]byte, error) {
		if err := c.WriteUncompressed(ctx, typ, p); err != nil {
			return nil, err
		}
		_, got, err := c.ReadAppend(ctx, make([]byte, 0, 100))
		return got, err
	}},
	{"AsNetConn", func(_ context.Context, c *fairlead.Conn, _ fairlead.MessageType, p []byte) ([]byte, error) {
		any, _ := streams.LoadOrStore(c, c.AsNetConn(fairlead.Binary))
		s, _ := any.(net.Conn)
		if _, err := s.Write(p); err != nil {
			return nil, err
		}
		got := make([]byte, len(p))
		_, err := io.ReadFull(s, got)
		return got, err
	}},
}

var streams sync.Map // of *fairlead.Conn

// readIn reads to the end in pieces of at most n bytes (C16).
func readIn(r io.Reader, n int) ([]byte, error) {
	var all []byte
	buf := make([]byte, n)
	for {
		m, err := r.Read(buf)
		all = append(all, buf[:m]...)
		switch {
		case errors.Is(err, io.EOF):
			return all, nil
		case err != nil:
			return all, err
		}
	}
}
