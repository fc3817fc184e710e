package flood_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/frame"
	"github.com/fairlead-ws/fairlead/handshake"
	"github.com/fairlead-ws/fairlead/internal/fuzzlimit"
)

// What only real sockets do: both have buffers of megabytes, which fill up.

// patience is how long a write may stand still, here.
const patience = 200 * time.Millisecond

// overTCP returns a Conn and the server's end.
func overTCP(t *testing.T, cfg fairlead.ConnConfig) (*fairlead.Conn, net.Conn) {
	t.Helper()
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	client, err := net.Dial("tcp4", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	server, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	c := fairlead.NewConn(client, cfg)
	t.Cleanup(func() {
		c.CloseNow()
		server.Close()
	})
	return c, server
}

// pour writes p to the server's end for ever, and returns how much that was when it
// ended. With a pause it ends when nothing could be written for that long.
func pour(server net.Conn, p string, pause time.Duration) (sent int64) {
	for b := []byte(p); ; {
		if pause > 0 {
			_ = server.SetWriteDeadline(time.Now().Add(pause)) // an error comes again at once
		}
		n, err := server.Write(b)
		sent += int64(n)
		if err != nil {
			return sent
		}
	}
}

// endsLate demands that the write timeout was what ended the connection.
func endsLate(t *testing.T, what string, err error) {
	t.Helper()
	timeout, ok := errors.AsType[interface {
		error
		Timeout() bool
	}](err)
	if !errors.Is(err, net.ErrClosed) || !ok || !timeout.Timeout() {
		t.Errorf("%s ended with %v", what, err)
	}
}

// within returns what comes on ch, or fails: the machine may be busy, but not that
// much.
func within[T any](t *testing.T, what string, ch <-chan T) (got T) {
	t.Helper()
	select {
	case got = <-ch:
	case <-time.After(20 * time.Second):
		t.Fatalf("%s did not end", what)
	}
	return got
}

// TestPingFloodOverTCP: L18, B21: a peer that pings as fast as it can and never
// reads: the pongs fill both sockets' buffers, the reader goes on all the same,
// nothing grows, and the write timeout ends it.
func TestPingFloodOverTCP(t *testing.T) {
	flood{name: "pings", cpu: 20 * time.Second, run: func(t *testing.T, g *gauge) {
		c, server := overTCP(t, fairlead.ConnConfig{WriteTimeout: patience})
		poured, ended := make(chan int64, 1), make(chan error, 1)
		go func() {
			poured <- pour(server, strings.Repeat(whole(frame.Ping, true, strings.Repeat("p", frame.MaxControlPayload)), 100), 0)
		}()
		go func() {
			_, _, err := c.Read(t.Context())
			ended <- err
		}()
		endsLate(t, "reading", within(t, "the flood", ended))
		if sent := within(t, "the peer", poured); sent < 1<<20 {
			t.Errorf("only %d bytes of pings", sent)
		}
	}}.test(t)
}

// TestNobodyReads: B42: the peer sends for ever and the application never reads. The
// peer comes to a stand, nothing grows, nothing is busy, and Close ends in its time.
func TestNobodyReads(t *testing.T) {
	for name, p := range map[string]string{
		"messages": whole(frame.Binary, true, strings.Repeat("x", 60<<10)), "fragments": whole(frame.Continuation, false, strings.Repeat("x", 60<<10)),
		"pings": strings.Repeat(whole(frame.Ping, true, "p"), 1<<12),
	} {
		flood{name: name, cpu: 5 * time.Second, run: func(t *testing.T, g *gauge) {
			c, server := overTCP(t, fairlead.ConnConfig{CloseTimeout: patience})
			if name == "fragments" {
				_, _ = server.Write([]byte(header(frame.Binary, false, 0, 0)))
			}
			if sent := pour(server, p, patience/2); sent > 64<<20 {
				t.Errorf("%d bytes were sent and nobody read", sent)
			}
			still := fuzzlimit.ProcessorTime()
			time.Sleep(patience / 2) // for as long nothing may happen
			if used := fuzzlimit.ProcessorTime() - still; used > patience/4*slowdown() {
				t.Errorf("%v of processor time while nothing happens", used)
			}
			poured, closed := make(chan int64, 1), make(chan error, 1)
			go func() { poured <- pour(server, p, 0) }()
			_ = server.SetWriteDeadline(time.Time{})
			go func() { closed <- c.Close(t.Context(), frame.StatusNormal, "") }()
			if err := within(t, "Close", closed); !errors.Is(err, net.ErrClosed) {
				t.Errorf("Close: %v", err)
			}
			within(t, "the peer", poured)
		}}.test(t)
	}
}

// TestPeerNeverReads: L19, D09: the application sends for ever, from many goroutines,
// to a peer that never reads. What waits is what the callers gave, once, and the
// write timeout ends all of them.
func TestPeerNeverReads(t *testing.T) {
	const writers = 16
	for name, write := range map[string]func(context.Context, *fairlead.Conn, []byte) error{
		"Write": func(ctx context.Context, c *fairlead.Conn, p []byte) error { return c.Write(ctx, fairlead.Binary, p) },
		"Batch": func(ctx context.Context, c *fairlead.Conn, p []byte) error {
			return c.Batch(ctx, func(b *fairlead.Batch) error {
				for {
					if err := b.Write(fairlead.Binary, p); err != nil {
						return err
					}
				}
			})
		},
		"Writer": func(ctx context.Context, c *fairlead.Conn, p []byte) error {
			w := c.Writer(ctx, fairlead.Binary)
			for {
				if _, err := w.Write(p); err != nil {
					return err
				}
			}
		},
	} {
		for _, size := range []int{100, 50 << 10} {
			for kind, deflated := range map[string]*handshake.Deflate{"plain": nil, "compressed": {ServerMaxWindowBits: 15, ClientMaxWindowBits: 15}} {
				if !long && (size == 100) == (deflated != nil) {
					continue
				}
				// A batch gathers 64 KiB, a compressor holds 800 KiB.
				flood{name: fmt.Sprintf("%s of %d bytes, %s", name, size, kind), limit: writers * int64(max(size, 64<<10)), cpu: 10 * time.Second, run: func(t *testing.T, g *gauge) {
					c, _ := overTCP(t, fairlead.ConnConfig{WriteTimeout: patience, Compression: deflated})
					p := make([]byte, size)
					_, _ = rand.NewChaCha8([32]byte{}).Read(p) // never fails
					ended := make(chan error)
					for range writers {
						go func() {
							var err error
							for err == nil {
								err = write(t.Context(), c, p)
							}
							ended <- err
						}()
					}
					for range writers {
						endsLate(t, name, within(t, name, ended))
					}
				}}.test(t)
			}
		}
	}
}
