package fairlead_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/deflate"
	"github.com/fairlead-ws/fairlead/frame"
	"github.com/fairlead-ws/fairlead/handshake"
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
