//go:build !race

package fairlead_test

import (
	"context"
	"iter"
	"net"
	"strings"
	"testing"

	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/deflate"
	"github.com/fairlead-ws/fairlead/frame"
	"github.com/fairlead-ws/fairlead/route"
)

// TestAllocations holds the steady state to no allocation for each message, with
// a context that cannot end and with one that can.
func TestAllocations(t *testing.T) {
	cancellable, cancel := context.WithCancel(t.Context())
	defer cancel()
	small := make([]byte, 64)
	large := make([]byte, 100_000)
	buf := make([]byte, 0, 1<<17)
	for ctxName, ctx := range map[string]context.Context{"Background": context.Background(), "cancellable": cancellable} {
		script := frames(
			frameOf(frame.Text, true, string(small)),
			frameOf(frame.Binary, false, string(small)), frameOf(frame.Continuation, true, string(large)),
		)
		c := fairlead.NewConn(&streamConn{script: script}, fairlead.ConnConfig{})
		for name, f := range map[string]func() error{
			"Write":       func() error { return c.Write(ctx, fairlead.Binary, small) },
			"Write large": func() error { return c.Write(ctx, fairlead.Binary, large) },
			"WriteText":   func() error { return c.WriteText(ctx, "some text") },
			"WriteFrame":  func() error { return c.WriteFrame(ctx, frame.Header{Fin: true, Opcode: frame.Binary}, small) },
			"ReadAppend":  func() error { _, _, err := c.ReadAppend(ctx, buf[:0]); return err },
		} {
			if n := testing.AllocsPerRun(200, func() {
				if err := f(); err != nil {
					t.Fatal(err)
				}
			}); n != 0 {
				t.Errorf("%s, %s: %v allocations", name, ctxName, n)
			}
		}
		pull, stop := iter.Pull2(c.Messages(ctx))
		if n := testing.AllocsPerRun(200, func() {
			if _, err, ok := pull(); err != nil || !ok {
				t.Fatal(err)
			}
		}); n != 0 {
			t.Errorf("Messages, %s: %v allocations", ctxName, n)
		}
		stop()
		c.CloseNow()
	}
}

// TestAllocationsOfCalls holds the verbs that return memory, or that do more than
// move one message, to what they are known to take.
func TestAllocationsOfCalls(t *testing.T) {
	cancellable, cancel := context.WithCancel(t.Context())
	defer cancel()
	small := make([]byte, 64)
	for ctxName, ctx := range map[string]context.Context{"Background": context.Background(), "cancellable": cancellable} {
		c := fairlead.NewConn(&streamConn{script: frameOf(frame.Binary, true, string(small))}, fairlead.ConnConfig{})
		p := fairlead.NewConn(&pongConn{}, fairlead.ConnConfig{})
		for _, call := range []struct {
			name string
			most float64
			f    func() error
		}{
			{"Read", 1, func() error { _, _, err := c.Read(ctx); return err }}, // the message
			{"Batch of 100", 1, func() error { // the Batch
				return c.Batch(ctx, func(b *fairlead.Batch) error {
					for range 100 {
						if err := b.Write(fairlead.Binary, small); err != nil {
							return err
						}
					}
					return nil
				})
			}},
			{"Ping", 5, func() error { _, err := p.Ping(ctx); return err }}, // what waits for the Pong
		} {
			if n := testing.AllocsPerRun(200, func() {
				if err := call.f(); err != nil {
					t.Fatal(err)
				}
			}); n > call.most {
				t.Errorf("%s, %s: %v allocations, want at most %v", call.name, ctxName, n, call.most)
			}
		}
		c.CloseNow()
		p.CloseNow()
	}
}

// TestAllocationsOfADial: of its own, besides those of the route.
func TestAllocationsOfADial(t *testing.T) {
	nc := &answering{}
	d := fairlead.Dialer{Route: route.DialerFunc(func(context.Context, string, string) (net.Conn, error) { return nc, nil })}
	if n := testing.AllocsPerRun(200, func() {
		c, err := d.Dial(t.Context(), "ws://example.com/feed")
		if err != nil {
			t.Fatal(err)
		}
		c.CloseNow()
	}); n > 25 {
		t.Errorf("%v allocations, want at most 25", n)
	}
}

// TestAllocationsEmpty: a message without bytes costs nothing either, whatever it
// is cut into.
func TestAllocationsEmpty(t *testing.T) {
	script := frames(frameOf(frame.Text, false, ""), frameOf(frame.Continuation, false, ""), frameOf(frame.Continuation, true, ""))
	c := fairlead.NewConn(&streamConn{script: script}, fairlead.ConnConfig{})
	defer c.CloseNow()
	pull, stop := iter.Pull2(c.Messages(t.Context()))
	defer stop()
	if n := testing.AllocsPerRun(200, func() {
		if _, err, ok := pull(); err != nil || !ok {
			t.Fatal(err)
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// TestAllocationsCompressed: the same with compression. Pools may be emptied now
// and then.
func TestAllocationsCompressed(t *testing.T) {
	text := []byte(strings.Repeat(`{"symbol":"ABC","price":12.5},`, 30))
	buf := make([]byte, 0, 4096)
	for name, cfg := range map[string]fairlead.ConnConfig{"takeover": withTakeover, "no takeover": withoutTakeover} {
		z := deflate.NewCompressor(15, false)
		script := compressedFrame(frame.Text, true, string(z.Append(nil, text, true)))
		c := fairlead.NewConn(&streamConn{script: script}, cfg)
		for verb, f := range map[string]func() error{
			"Write": func() error { return c.Write(t.Context(), fairlead.Text, text) },
			"ReadAppend": func() error {
				_, p, err := c.ReadAppend(t.Context(), buf[:0])
				if len(p) != len(text) {
					t.Errorf("%d bytes", len(p))
				}
				return err
			},
		} {
			if n := testing.AllocsPerRun(200, func() {
				if err := f(); err != nil {
					t.Fatal(err)
				}
			}); n >= 1 {
				t.Errorf("%s, %s: %v allocations", verb, name, n)
			}
		}
		c.CloseNow()
	}
}
