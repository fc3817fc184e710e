package fairlead_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/frame"
	"github.com/fairlead-ws/fairlead/wstest"
)

func TestWriteLengthForms(t *testing.T) {
	c, server := pair(t, fairlead.ConnConfig{})
	for _, size := range []int{0, 1, 125, 126, 127, 65535, 65536, 300000} {
		p := bytes.Repeat([]byte("fair"), size/4+1)[:size]
		kept := bytes.Clone(p)
		done := make(chan error, 1)
		go func() { done <- c.Write(t.Context(), fairlead.Binary, p) }()
		wantFrame(t, server, frame.Binary, true, string(kept))
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(p, kept) {
			t.Fatalf("size %d: Write changed the caller's bytes", size)
		}
	}
}

func TestWriteMasksAreFresh(t *testing.T) {
	c, server := pair(t, fairlead.ConnConfig{})
	seen := map[[4]byte]int{}
	const n = 2000
	go func() {
		for range n {
			if c.Write(t.Context(), fairlead.Binary, []byte("m")) != nil {
				return
			}
		}
	}()
	for range n {
		seen[next(t, server).Mask]++
	}
	if len(seen) < n-3 { // a repeat among 2,000 of 2^32 keys is a 1 in 2,000 event
		t.Errorf("%d different keys in %d frames", len(seen), n)
	}
}

func TestWriteRefuses(t *testing.T) {
	c, server := pair(t, fairlead.ConnConfig{})
	ctx := t.Context()
	ended, cancel := context.WithCancel(ctx)
	cancel()
	frameErr := func(h frame.Header, p []byte) error { return c.WriteFrame(ctx, h, p) }
	for name, err := range map[string]error{
		"text that is not UTF-8": c.Write(ctx, fairlead.Text, []byte("a\xff")),
		"string not UTF-8":       c.WriteText(ctx, "\xed\xa0\x80"),
		"type 0":                 c.Write(ctx, 0, nil),
		"type ping":              c.Write(ctx, 9, nil),
		"ended context":          c.Write(ended, fairlead.Text, nil),
		"ping of 126 bytes":      frameErr(frame.Header{Fin: true, Opcode: frame.Ping}, make([]byte, 126)),
		"huge ping":              frameErr(frame.Header{Fin: true, Opcode: frame.Ping}, make([]byte, 100000)),
		"ping without Fin":       frameErr(frame.Header{Opcode: frame.Ping}, nil),
		"opcode 3":               frameErr(frame.Header{Fin: true, Opcode: 3}, nil),
		"RSV1":                   frameErr(frame.Header{Fin: true, Opcode: frame.Text, RSV: frame.RSV1}, nil),
		"stray continuation":     frameErr(frame.Header{Fin: true, Opcode: frame.Continuation}, nil),
		"batch text not UTF-8":   c.Batch(ctx, func(b *fairlead.Batch) error { return b.Write(fairlead.Text, []byte{0xc0}) }),
		"batch of the caller's":  c.Batch(ctx, func(b *fairlead.Batch) error { b.Write(fairlead.Text, nil); return io.ErrNoProgress }),
		"batch with ended ctx":   c.Batch(ended, func(b *fairlead.Batch) error { return b.Write(fairlead.Text, nil) }),
		"close code 1005 reason": c.Close(ctx, frame.StatusNoStatus, "why"),
		"close code 1006":        c.Close(ctx, frame.StatusAbnormal, ""),
		"close code 0":           c.Close(ctx, 0, ""),
		"close code 5000":        c.Close(ctx, 5000, ""),
		"close reason 124 bytes": c.Close(ctx, frame.StatusNormal, strings.Repeat("r", 124)),
		"close reason not UTF-8": c.Close(ctx, frame.StatusNormal, "\xff"),
		"writer of a wrong type": func() error { _, err := c.Writer(ctx, 7).Write([]byte("x")); return err }(),
		"writer with ended ctx":  func() error { _, err := c.Writer(ended, fairlead.Text).Write([]byte("x")); return err }(),
		"writer text not UTF-8":  func() error { _, err := c.Writer(ctx, fairlead.Text).Write([]byte{0xff}); return err }(),
	} {
		if err == nil || errors.Is(err, net.ErrClosed) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := c.WriteText(ctx, "ok"); err != nil {
		t.Fatalf("after refusals: %v", err)
	}
	wantFrame(t, server, frame.Text, true, "ok")
}

func TestWriterFragments(t *testing.T) {
	c, server := pair(t, fairlead.ConnConfig{})
	w := c.Writer(t.Context(), fairlead.Text)
	for _, part := range []string{"Z\xc3", "\xbcrich", ""} {
		if n, err := io.WriteString(w, part); n != len(part) || err != nil {
			t.Fatalf("%d, %v", n, err)
		}
	}
	if err := c.WriteFrame(t.Context(), frame.Header{Fin: true, Opcode: frame.Ping}, []byte("p")); err != nil {
		t.Fatal(err)
	}
	err := c.WriteFrame(t.Context(), frame.Header{Opcode: frame.Binary}, nil)
	wantErr(t, err, fairlead.ErrMidMessage)
	for range 2 {
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := w.Write([]byte("x")); err == nil {
		t.Error("Write after Close succeeded")
	}
	wantFrame(t, server, frame.Text, false, "Z\xc3")
	wantFrame(t, server, frame.Continuation, false, "\xbcrich")
	wantFrame(t, server, frame.Ping, true, "p")
	wantFrame(t, server, frame.Continuation, true, "")
}

func TestWriteWaitsForAnOpenWriter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, server := pair(t, fairlead.ConnConfig{})
		w := c.Writer(t.Context(), fairlead.Binary)
		w.Write([]byte("part"))
		done := make(chan error, 2)
		for _, size := range []int{5, 100000} {
			go func() { done <- c.Write(t.Context(), fairlead.Binary, make([]byte, size)) }()
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		wantErr(t, c.Write(ctx, fairlead.Binary, []byte("impatient")), context.DeadlineExceeded)
		select {
		case err := <-done:
			t.Fatalf("a message went into the middle of another: %v", err)
		default:
		}
		go w.Close()
		wantFrame(t, server, frame.Binary, false, "part")
		wantFrame(t, server, frame.Continuation, true, "")
		for range 2 {
			if f := next(t, server); len(f.payload) != 5 && len(f.payload) != 100000 {
				t.Fatalf("%d bytes", len(f.payload))
			}
		}
		for range 2 {
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
	})
}

func TestBatch(t *testing.T) {
	c, server := pair(t, fairlead.ConnConfig{})
	var late *fairlead.Batch
	done := make(chan error, 1)
	go func() {
		done <- c.Batch(t.Context(), func(b *fairlead.Batch) error {
			late = b
			p := []byte("0")
			for i := range 10 {
				p[0] = '0' + byte(i)
				if err := b.Write(fairlead.Text, p); err != nil {
					return err
				}
			}
			return b.Write(fairlead.Binary, make([]byte, 200000))
		})
	}()
	for i := range 10 {
		wantFrame(t, server, frame.Text, true, string(rune('0'+i)))
	}
	if f := next(t, server); len(f.payload) != 200000 {
		t.Fatalf("%d bytes", len(f.payload))
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if late.Write(fairlead.Text, nil) == nil {
		t.Error("a Batch could be used after its function")
	}
}

// countingConn counts the writes that reach the socket.
type countingConn struct {
	net.Conn
	mu     sync.Mutex
	writes int
	hold   chan struct{} // while open, writes wait
}

func (c *countingConn) Write(p []byte) (int, error) {
	c.mu.Lock()
	c.writes++
	hold := c.hold
	c.mu.Unlock()
	if hold != nil {
		<-hold
	}
	return c.Conn.Write(p)
}

func TestBatchIsOneWrite(t *testing.T) {
	client, server := wstest.Pipe()
	counting := &countingConn{Conn: client}
	c := fairlead.NewConn(counting, fairlead.ConnConfig{})
	defer c.CloseNow()
	defer server.Close()
	err := c.Batch(t.Context(), func(b *fairlead.Batch) error {
		for range 1000 {
			b.Write(fairlead.Text, []byte("tick"))
		}
		return nil
	})
	if err != nil || counting.writes != 1 {
		t.Errorf("%d writes, %v", counting.writes, err)
	}
}

// TestWritersShareAWrite holds the socket and lets eight writers meet.
func TestWritersShareAWrite(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, server := wstest.Pipe()
		counting := &countingConn{Conn: client, hold: make(chan struct{})}
		c := fairlead.NewConn(counting, fairlead.ConnConfig{})
		var wg sync.WaitGroup
		for i := range 8 {
			wg.Go(func() {
				if err := c.Write(t.Context(), fairlead.Binary, []byte{byte(i)}); err != nil {
					t.Error(err)
				}
			})
			if i == 0 {
				synctest.Wait() // this one has the socket
			}
		}
		impatient, cancel := context.WithTimeout(t.Context(), time.Second)
		wantErr(t, c.WriteText(impatient, "taken out again"), context.DeadlineExceeded)
		cancel()
		synctest.Wait()
		close(counting.hold)
		wg.Wait()
		seen := map[string]bool{}
		for range 8 {
			seen[next(t, server).payload] = true
		}
		if len(seen) != 8 || counting.writes != 2 {
			t.Errorf("%d messages in %d writes", len(seen), counting.writes)
		}
		if c.Err() != nil {
			t.Errorf("a writer that left harmed the connection: %v", c.Err())
		}
		c.CloseNow()
		server.Close()
	})
}

// TestSharedWriteOutlivesAContext ends a context whose frame is in a write that
// it shares.
func TestSharedWriteOutlivesAContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, server := wstest.Pipe()
		counting := &countingConn{Conn: client, hold: make(chan struct{})}
		c := fairlead.NewConn(counting, fairlead.ConnConfig{})
		results := make(chan error, 3)
		go func() { results <- c.WriteText(t.Context(), "first") }()
		synctest.Wait()
		ctx, cancel := context.WithCancel(t.Context())
		go func() { results <- c.WriteText(ctx, "second") }()
		go func() { results <- c.WriteText(t.Context(), "third") }()
		synctest.Wait()
		counting.mu.Lock()
		first := counting.hold
		counting.hold = make(chan struct{})
		second := counting.hold
		counting.mu.Unlock()
		close(first)
		if err := <-results; err != nil {
			t.Fatal(err)
		}
		synctest.Wait() // the second and third are in one write now
		cancel()
		wantErr(t, <-results, context.Canceled)
		close(second)
		if err := <-results; err != nil {
			t.Fatalf("the one that shared the write: %v", err)
		}
		got := map[string]bool{}
		for range 3 {
			got[next(t, server).payload] = true
		}
		if len(got) != 3 || c.Err() != nil {
			t.Errorf("%v, %v", got, c.Err())
		}
		c.CloseNow()
		server.Close()
	})
}

// TestLoneWriteEndsWithContext ends the context of a write that the peer does not
// take: the connection goes with it.
func TestLoneWriteEndsWithContext(t *testing.T) {
	for name, size := range map[string]int{"small": 30000, "large": 1 << 20} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				client, server := wstest.PipeSize(1000)
				c := fairlead.NewConn(client, fairlead.ConnConfig{})
				ctx, cancel := context.WithCancel(t.Context())
				time.AfterFunc(time.Second, cancel)
				begin := time.Now()
				err := c.Write(ctx, fairlead.Binary, make([]byte, size))
				wantErr(t, err, context.Canceled, net.ErrClosed)
				if d := time.Since(begin); d != time.Second {
					t.Errorf("returned after %v", d)
				}
				wantErr(t, c.WriteText(t.Context(), "x"), context.Canceled, net.ErrClosed)
				_, _, err = c.Read(t.Context())
				wantErr(t, err, net.ErrClosed)
				server.Close()
			})
		})
	}
}

func TestWriteTimeout(t *testing.T) {
	for name, set := range map[string]func(*fairlead.ConnConfig){
		"WriteTimeout": func(cfg *fairlead.ConnConfig) { cfg.WriteTimeout = 7 * time.Second },
		"IdleTimeout":  func(cfg *fairlead.ConnConfig) { cfg.IdleTimeout = 7 * time.Second },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				client, server := wstest.PipeSize(100)
				var cfg fairlead.ConnConfig
				set(&cfg)
				c := fairlead.NewConn(client, cfg)
				for range 3 { // the watchdog is wound once and looks back
					time.Sleep(5 * time.Second)
					if err := c.WriteText(t.Context(), "ok"); err != nil {
						t.Fatal(err)
					}
				}
				begin := time.Now()
				err := c.Write(t.Context(), fairlead.Binary, make([]byte, 1000))
				wantErr(t, err, net.ErrClosed)
				var timeout interface{ Timeout() bool }
				if !errors.As(err, &timeout) || !timeout.Timeout() {
					t.Errorf("%v is not a timeout", err)
				}
				if name == "IdleTimeout" {
					wantErr(t, err, fairlead.ErrIdleTimeout)
				}
				if d := time.Since(begin); d != 7*time.Second {
					t.Errorf("ended after %v", d)
				}
				server.Close()
			})
		})
	}
}

// TestShorterPatience lowers the limit while the watchdog is wound for longer.
func TestShorterPatience(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, server := wstest.PipeSize(100)
		c := fairlead.NewConn(client, fairlead.ConnConfig{})
		if err := c.WriteText(t.Context(), "ok"); err != nil {
			t.Fatal(err)
		}
		c.SetIdleTimeout(time.Second)
		begin := time.Now()
		wantErr(t, c.Write(t.Context(), fairlead.Binary, make([]byte, 1000)), fairlead.ErrIdleTimeout)
		if d := time.Since(begin); d != time.Second {
			t.Errorf("ended after %v", d)
		}
		server.Close()
	})
}

// shortConn takes fewer bytes than it is given and says nothing.
type shortConn struct{ net.Conn }

func (c shortConn) Write(p []byte) (int, error) { return c.Conn.Write(p[:len(p)/2]) }

func TestShortWrite(t *testing.T) {
	client, server := wstest.Pipe()
	defer server.Close()
	c := fairlead.NewConn(shortConn{client}, fairlead.ConnConfig{})
	defer c.CloseNow()
	wantErr(t, c.WriteText(t.Context(), "hello"), io.ErrShortWrite, net.ErrClosed)
}

// TestWhatCameBeforeAFailedWriteCanBeRead is a peer that closes: the first to
// notice is a write.
func TestWhatCameBeforeAFailedWriteCanBeRead(t *testing.T) {
	c, server := pair(t, fairlead.ConnConfig{})
	put(t, server, frameOf(frame.Text, true, "why"), closeFrame(t, frame.StatusGoingAway, "bye"))
	server.Close()
	err := c.WriteText(t.Context(), "too late")
	wantErr(t, err, net.ErrClosed)
	wantMessage(t, c, fairlead.Text, "why")
	_, _, err = c.Read(t.Context())
	wantCloseCode(t, err, frame.StatusGoingAway)
	if code, reason, ok := c.CloseStatus(); code != frame.StatusGoingAway || reason != "bye" || !ok {
		t.Errorf("CloseStatus = %v, %q, %v", code, reason, ok)
	}
}

func TestFailedWriteEndsAReadInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, server := wstest.Pipe()
		c := fairlead.NewConn(failingWrites{client}, fairlead.ConnConfig{})
		wantErr(t, c.WriteText(t.Context(), "x"), errNoWrites)
		begin := time.Now()
		_, _, err := c.Read(t.Context())
		wantErr(t, err, errNoWrites, net.ErrClosed)
		if d := time.Since(begin); d != fairlead.DefaultCloseTimeout {
			t.Errorf("the read ended after %v", d)
		}
		server.Close()
	})
}

var errNoWrites = errors.New("no writes today")

type failingWrites struct{ net.Conn }

func (failingWrites) Write([]byte) (int, error) { return 0, errNoWrites }

// slowGoodbye is a connection whose Write waits for Close, and whose Close waits
// until told that what the failed Write led to has happened.
type slowGoodbye struct {
	net.Conn
	closing, seen chan struct{}
	once          sync.Once
}

func (c *slowGoodbye) Write([]byte) (int, error) {
	<-c.closing
	return 0, net.ErrClosed
}

func (c *slowGoodbye) Close() error {
	c.once.Do(func() {
		close(c.closing)
		<-c.seen
	})
	return c.Conn.Close()
}

// TestStalledWritersLearnWhy: the write timeout closes the socket, and those who
// wait behind the write that this breaks are told of the timeout, not of a peer
// that has gone.
func TestStalledWritersLearnWhy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, server := wstest.Pipe()
		defer server.Close()
		nc := &slowGoodbye{Conn: client, closing: make(chan struct{}), seen: make(chan struct{})}
		c := fairlead.NewConn(nc, fairlead.ConnConfig{WriteTimeout: time.Second})
		defer c.CloseNow()
		first, second := make(chan error, 1), make(chan error, 1)
		go func() { first <- c.WriteText(t.Context(), "holds the socket") }()
		synctest.Wait()
		go func() { second <- c.WriteText(t.Context(), "waits") }()
		err := <-second
		close(nc.seen)
		for _, err := range []error{err, <-first} {
			wantErr(t, err, net.ErrClosed, os.ErrDeadlineExceeded)
		}
	})
}

// TestCutOffCause: L-07: when the context of a writer has ended the connection in
// the middle of a frame, everybody is told so, also a reader that notices first.
func TestCutOffCause(t *testing.T) {
	for i := range 300 {
		client, server := wstest.PipeSize(1 << 10)
		c := fairlead.NewConn(client, fairlead.ConnConfig{})
		ctx, cancel := context.WithCancel(t.Context())
		read, wrote := make(chan error, 1), make(chan error, 1)
		go func() {
			reading := t.Context()
			if i%2 == 0 {
				reading = ctx // it is told then that it was interrupted
			}
			_, _, err := c.Read(reading)
			read <- err
		}()
		go func() { wrote <- c.Write(ctx, fairlead.Binary, make([]byte, 4<<10)) }()
		if _, err := server.Read(make([]byte, 16)); err != nil {
			t.Fatal(err)
		}
		cancel()
		if err := <-read; !errors.Is(err, context.Canceled) {
			t.Fatalf("Read gives %v, want context.Canceled", err)
		}
		for _, err := range []error{<-wrote, c.Err()} {
			ce, ok := errors.AsType[*fairlead.CloseError](err)
			if !ok || ce.Remote || !errors.Is(err, context.Canceled) {
				t.Fatalf("%v, want an end by this side for context.Canceled", err)
			}
		}
		server.Close()
	}
}
