package hostile_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/deflate"
	"github.com/fairlead-ws/fairlead/frame"
	"github.com/fairlead-ws/fairlead/wstest"
)

// manyMessages makes n messages that have much in common, of up to 70,000 bytes,
// and their frames, the window kept from one to the next where kept says so.
func manyMessages(n, windowBits int, kept bool) (frames []byte, messages []string) {
	if raceDetector {
		n /= 10
	}
	r := rand.New(rand.NewPCG(15, uint64(n)))
	z := deflate.NewCompressor(windowBits, kept)
	words := times(1300, "all work and no play makes a dull boy, said number seven; ")
	for i := range n {
		size := r.IntN(400)
		if i%100 == 99 {
			size = r.IntN(70_000)
		}
		at := r.IntN(len(words) - size)
		m := fmt.Sprint(i, " ", words[at:at+size])
		messages = append(messages, m)
		frames = append(frames, zframe(frame.Text, true, string(z.Append(nil, []byte(m), true)))...)
	}
	return frames, messages
}

// takeoverCases is row C15.
func takeoverCases() []Case {
	long := func(id string, n, windowBits int, kept bool, agreed string) Case {
		frames, messages := manyMessages(n, windowBits, kept)
		c := inflated(id, frames, messages...).agreeing(agreed).teaches("L31")
		c.Within = 3 * time.Second
		return c
	}
	split := long("C15/300-in-single-bytes", 300, 15, true, takeover)
	split.Wrap = oneByteReads
	return append(byVerb(long("C15/1000-of-12-bits", 1000, 12, true, "permessage-deflate; server_max_window_bits=12")),
		long("C15/10000", 10_000, 15, true, takeover),
		long("C15/1000-without-takeover", 1000, 15, false, noTakeover),
		long("C15/1000-of-8-bits", 1000, 8, true, "permessage-deflate; server_max_window_bits=8"),
		split,
	)
}

// pieceCases are rows C16 and C17: the application takes its time.
func pieceCases() []Case {
	frames, messages := manyMessages(200, 15, true)
	var cases []Case
	for _, n := range []int{1, 2, 3, 7, 511, 512, 32768, 1 << 20} {
		c := inflated(fmt.Sprintf("C16/pieces-of-%d", n), frames, messages...).teaches("L31")
		c.Do, c.Within = inPieces(n), 3*time.Second
		cases = append(cases, c)
	}
	stops := inflated("C17/stops-and-goes-on", join(ztext(zHello), ztext(zHelloAgain)), "Hello")
	stops.Do = func(ctx context.Context, c *fairlead.Conn, o *Outcome) error {
		r, err := c.Reader(ctx)
		if err != nil {
			return err
		}
		if _, err := io.ReadFull(r, make([]byte, 2)); err != nil {
			return err
		}
		if _, _, err := c.Read(ctx); !errors.Is(err, fairlead.ErrMidMessage) {
			return fmt.Errorf("Read inside a message: %w", err)
		}
		if _, err := io.Copy(io.Discard, r); err != nil {
			return err
		}
		return readAll(ctx, c, o)
	}
	closes := inflated("C17/stops-and-closes", join(zfirst(zHello[:2])))
	closes.Peer = append(closes.Peer[:1:1], send(zfirst(zHello[:2])), wstest.ExpectClose(frame.StatusNormal), send(final(zHello[2:]), ztext(zHelloAgain), bye()), wstest.Shut())
	closes.Closed, closes.Do = 0, func(ctx context.Context, c *fairlead.Conn, o *Outcome) error {
		if _, err := c.Reader(ctx); err != nil {
			return err
		}
		return hangUp(ctx, c, o)
	}
	late := inflated("C17/stops-for-a-deadline", nil, "Hello", "Hello")
	late.Peer = append(late.Peer[:1:1], send(zfirst(zHello[:2])), wstest.ExpectFrame(frame.Text, true, []byte("go")), send(final(zHello[2:]), ztext(zHelloAgain), bye()))
	late.Frames, late.Do = []string{"text go"}, func(ctx context.Context, c *fairlead.Conn, o *Outcome) error {
		short, cancel := context.WithTimeout(ctx, 20*time.Millisecond)
		defer cancel()
		if _, _, err := c.Read(short); !errors.Is(err, context.DeadlineExceeded) {
			return fmt.Errorf("Read of half a message: %w", err)
		}
		if err := c.WriteText(ctx, "go"); err != nil {
			return err
		}
		return readAll(ctx, c, o)
	}
	return append(cases, stops, closes, late)
}

// poolCases is row C18: what failed leaves nothing behind.
func poolCases() []Case {
	var cases []Case
	for _, s := range notDeflate {
		c := Case{
			ID: "C18/" + s.name, Peer: after(send(ztext(s.wire))), Next: [][]wstest.Step{after(send(ztext(zHello), ztext(zHelloAgain), bye()))},
			Closed: frame.StatusNormal, Messages: []string{"Hello", "Hello"}, Do: failThenRedial,
		}.agreeing(takeover)
		c.Next[0][0] = c.Peer[0]
		cases = append(cases, c)
	}
	bombed := slices.Clone(cases[:1])[0]
	bombed.ID, bombed.Peer = "C18/bomb", append(bombed.Peer[:1:1], send(zframe(frame.Binary, true, bombs()["zeros"].of(20))))
	return append(cases, bombed)
}

// failThenRedial demands a breach, and then a session that knows nothing of it.
func failThenRedial(ctx context.Context, c *fairlead.Conn, o *Outcome) error {
	_, _, err := c.Read(ctx)
	if _, ok := errors.AsType[*fairlead.ProtocolError](err); !ok {
		return fmt.Errorf("want a *ProtocolError: %w", err)
	}
	again, err := o.Redial(ctx)
	if err != nil {
		return err
	}
	return readAll(ctx, again, o)
}

// memoryCase is row C22: what connections hold that keep a window.
func memoryCase() Case {
	const n, messages, each = 100, 64, 160 << 10 // a window of 32 KiB, buffers, the peer, what a collection misses meanwhile
	kib := ztext(deflated(times(1<<10, "w")))
	c := Case{
		ID: "C22/100-connections", Peer: after(send(many(messages, kib))), Do: func(ctx context.Context, c *fairlead.Conn, o *Outcome) error {
			for i := 0; ; i++ {
				if err := count(messages)(ctx, c, o); err != nil || i == n-1 {
					return err
				}
				var err error
				if c, err = o.Redial(ctx); err != nil {
					return err
				}
			}
		}, Live: n * each,
	}.agreeing(takeover)
	for range n - 1 {
		c.Next = append(c.Next, c.Peer)
	}
	return c.because("the type CompressionTakeover says what a window costs; docs/performance.md has idle connections without")
}

// outputCases are rows C19 to C22: what we send, and what we hold.
func outputCases() []Case {
	var cases []Case
	period := make([]byte, 1<<16)
	for i, r := 0, rand.New(rand.NewPCG(1, 9)); i < len(period); i++ {
		period[i] = 'a' + byte(r.Uint32()%16)
	}
	writes := func(p []byte) caller {
		return func(ctx context.Context, c *fairlead.Conn, _ *Outcome) error {
			for range 3 {
				if err := c.Write(ctx, fairlead.Binary, p); err != nil {
					return err
				}
			}
			return nil
		}
	}
	for n := 8; n <= 15; n++ {
		for _, more := range []string{"", "; client_no_context_takeover"} {
			// What repeats just inside the window, and just beyond it.
			p := slices.Concat(times2(period[:1<<n-30]), times2(period[:1<<n+1]))
			c := Case{
				ID: fmt.Sprintf("C19/%d-bits%s", n, map[bool]string{true: "-without-takeover"}[more != ""]), Peer: after(), Reads: true, Do: writes(p),
				Within: 3 * time.Second, Unsent: true,
			}.agreeing(fmt.Sprintf("permessage-deflate; client_max_window_bits=%d%s", n, more))
			// With takeover the Dialer has promised nothing of its own.
			c.Dialer.Compression = fairlead.CompressionTakeover
			cases = append(cases, c.checked(decodes(deflate.NewDecompressor(n, more == ""), p, p, p)).
				because("the inflater refuses what a window of this size cannot hold"))
		}
	}
	streamed := []byte(times(50, "a fragment of something that compresses; "))
	fragments := Case{ID: "C20/fragments-of-a-Writer", Peer: after(), Unsent: true, Do: func(ctx context.Context, c *fairlead.Conn, _ *Outcome) error {
		w := c.Writer(ctx, fairlead.Text)
		for p := range slices.Chunk(streamed, 500) {
			if _, err := w.Write(p); err != nil {
				return err
			}
		}
		return w.Close()
	}}.agreeing(takeover).checked(func(o *Outcome) error {
		for i, f := range o.Frames {
			if (f.RSV == frame.RSV1) != (i == 0) {
				return fmt.Errorf("frame %d has RSV %03b", i, f.RSV)
			}
		}
		return decodes(deflate.NewDecompressor(15, true), streamed)(o)
	})
	secret := Case{
		ID: "C21/WriteUncompressed", Peer: after(), Frames: []string{"text " + string(streamed)},
		Do: func(ctx context.Context, c *fairlead.Conn, _ *Outcome) error {
			return c.WriteUncompressed(ctx, fairlead.Text, streamed)
		},
		Check: uncompressed,
	}.agreeing(takeover).because("the type Compression documents what it is for (RFC 7692 section 8)")
	return append(cases, fragments, secret, memoryCase(),
		Case{ID: "C20/not-offered", Peer: after(), Frames: []string{"binary " + string(streamed), "binary " + string(streamed), "binary " + string(streamed)}, Do: writes(streamed), Check: uncompressed},
	)
}

func times2(p []byte) []byte { return bytes.Repeat(p, 2) }

func uncompressed(o *Outcome) error {
	for _, f := range o.Frames {
		if f.RSV != 0 {
			return fmt.Errorf("a frame with RSV %03b", f.RSV)
		}
	}
	return nil
}

// decodes demands that the client's messages inflate to want.
func decodes(z *deflate.Decompressor, want ...[]byte) func(*Outcome) error {
	return func(o *Outcome) error {
		z := *z // a case may run again
		var got [][]byte
		var message []byte
		for _, f := range o.Frames {
			if f.Opcode == frame.Close {
				break
			}
			var err error
			if len(message) == 0 && f.RSV != frame.RSV1 {
				return fmt.Errorf("message %d went out uncompressed", len(got))
			}
			if message, err = z.Append(message, []byte(f.Payload), f.Fin, 1<<30); err != nil {
				return fmt.Errorf("message %d: %w", len(got), err)
			}
			if f.Fin {
				got, message = append(got, message), nil
			}
		}
		if !slices.EqualFunc(got, want, bytes.Equal) {
			return fmt.Errorf("%d messages came out, not the %d that were sent", len(got), len(want))
		}
		return nil
	}
}
