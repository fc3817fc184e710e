package fairlead_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/frame"
)

// fragmented is a text message in three frames with a Ping in it, and a second
// message behind it.
func fragmented() []byte {
	return frames(
		frameOf(frame.Text, false, "Grüße "),
		frameOf(frame.Ping, true, "between"),
		frameOf(frame.Continuation, false, strings.Repeat("ab", 70)),
		frameOf(frame.Continuation, true, " aus Zürich"),
		frameOf(frame.Binary, true, "second"),
	)
}

var whole = "Grüße " + strings.Repeat("ab", 70) + " aus Zürich"

// TestReadSurvivesTimeoutAtEveryOffset stops the server's bytes at each offset,
// lets a read time out there, and demands the whole message afterwards: for each
// verb alone, and with the timeouts of one verb before the success of another.
func TestReadSurvivesTimeoutAtEveryOffset(t *testing.T) {
	script := fragmented()
	verbs := map[string]func(context.Context, *fairlead.Conn) (string, error){
		"Read": func(ctx context.Context, c *fairlead.Conn) (string, error) {
			_, p, err := c.Read(ctx)
			return string(p), err
		},
		"ReadAppend": func(ctx context.Context, c *fairlead.Conn) (string, error) {
			buf := append(make([]byte, 0, 512), "head"...)
			_, p, err := c.ReadAppend(ctx, buf)
			if !bytes.HasPrefix(p, []byte("head")) {
				return "", errors.New("ReadAppend lost what was in the slice")
			}
			return string(p[4:]), err
		},
		"Messages": func(ctx context.Context, c *fairlead.Conn) (string, error) {
			for m, err := range c.Messages(ctx) {
				return string(m.Data), err
			}
			return "", errors.New("Messages ended")
		},
		"Reader": func(ctx context.Context, c *fairlead.Conn) (string, error) {
			r, err := c.Reader(ctx)
			if err != nil {
				return "", err
			}
			p, err := io.ReadAll(r)
			return string(p), err
		},
	}
	for first := range verbs {
		for second := range verbs {
			if first == "Reader" {
				continue // what it returned before the timeout is the caller's: below
			}
			t.Run(first+" then "+second, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					for cut := range script {
						c, server := pair(t, fairlead.ConnConfig{})
						put(t, server, script[:cut])
						ctx, cancel := context.WithTimeout(t.Context(), time.Second)
						got, err := verbs[first](ctx, c)
						cancel()
						if err != nil {
							wantErr(t, err, context.DeadlineExceeded)
							if errors.Is(err, net.ErrClosed) {
								t.Fatalf("offset %d: the timeout closed the connection: %v", cut, err)
							}
						}
						put(t, server, script[cut:])
						if err != nil {
							if got, err = verbs[second](t.Context(), c); err != nil {
								t.Fatalf("offset %d: %v", cut, err)
							}
						}
						if got != whole {
							t.Fatalf("offset %d: got %q", cut, got)
						}
						wantMessage(t, c, fairlead.Binary, "second")
						wantFrame(t, server, frame.Pong, true, "between")
						c.CloseNow()
						server.Close()
					}
				})
			})
		}
	}
}

func TestReaderGoesOnAfterTimeout(t *testing.T) {
	script := fragmented()
	synctest.Test(t, func(t *testing.T) {
		for cut := range script {
			c, server := pair(t, fairlead.ConnConfig{})
			put(t, server, script[:cut])
			var got []byte
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			r, err := c.Reader(ctx)
			if err == nil {
				got, err = io.ReadAll(r)
			}
			cancel()
			put(t, server, script[cut:])
			if err != nil {
				wantErr(t, err, context.DeadlineExceeded)
				r, err := c.Reader(t.Context())
				if err != nil {
					t.Fatalf("offset %d: %v", cut, err)
				}
				if r.Type() != fairlead.Text {
					t.Fatalf("type %v", r.Type())
				}
				rest, err := io.ReadAll(r)
				if err != nil {
					t.Fatalf("offset %d: %v", cut, err)
				}
				got = append(got, rest...)
			}
			if string(got) != whole {
				t.Fatalf("offset %d: got %q", cut, got)
			}
			wantMessage(t, c, fairlead.Binary, "second")
			c.CloseNow()
			server.Close()
		}
	})
}

func TestReadFrameSurvivesTimeoutAtEveryOffset(t *testing.T) {
	script := fragmented()
	synctest.Test(t, func(t *testing.T) {
		for cut := range script {
			c, server := pair(t, fairlead.ConnConfig{IdleTimeout: time.Second, Policy: &fairlead.Policy{}})
			put(t, server, script[:cut])
			var got []string
			timeouts := 0
			for len(got) < 5 {
				h, p, err := c.ReadFrame(t.Context())
				if errors.Is(err, fairlead.ErrIdleTimeout) && timeouts == 0 {
					timeouts++
					put(t, server, script[cut:])
					continue
				}
				if err != nil {
					t.Fatalf("offset %d: %v", cut, err)
				}
				got = append(got, fmt.Sprintf("%v %v %s", h.Opcode, h.Fin, p))
			}
			want := []string{
				"text false Grüße ", "ping true between", "continuation false " + strings.Repeat("ab", 70),
				"continuation true  aus Zürich", "binary true second",
			}
			if fmt.Sprint(got) != fmt.Sprint(want) || timeouts != 1 {
				t.Fatalf("offset %d: %d timeouts, got %q", cut, timeouts, got)
			}
			c.CloseNow()
			server.Close()
		}
	})
}

func TestReadEndsAtOnceWithContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, server := pair(t, fairlead.ConnConfig{})
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Minute, cancel)
		begin := time.Now()
		_, _, err := c.Read(ctx)
		wantErr(t, err, context.Canceled)
		if d := time.Since(begin); d != time.Minute {
			t.Errorf("returned after %v", d)
		}
		put(t, server, frameOf(frame.Text, true, "still here"))
		wantMessage(t, c, fairlead.Text, "still here")
	})
}

// TestLateCancelDoesNotPoison cancels a context after its read has returned, and
// while a read under another one is blocked.
func TestLateCancelDoesNotPoison(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, server := pair(t, fairlead.ConnConfig{})
		old, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, func() { put(t, server, frameOf(frame.Text, true, "one")) })
		if _, _, err := c.Read(old); err != nil {
			t.Fatal(err)
		}
		time.AfterFunc(time.Second, cancel)
		time.AfterFunc(2*time.Second, func() { put(t, server, frameOf(frame.Text, true, "two")) })
		wantMessage(t, c, fairlead.Text, "two")

		cancel()
		synctest.Wait()
		put(t, server, frameOf(frame.Text, true, "three"))
		wantMessage(t, c, fairlead.Text, "three")
	})
}

// incomparable is a context that panics when it is compared.
type incomparable struct {
	context.Context
	_ []int
}

func TestContextsAreNotCompared(t *testing.T) {
	c, server := pair(t, fairlead.ConnConfig{})
	put(t, server, frameOf(frame.Text, true, "a"))
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	for range 2 {
		if _, _, err := c.Read(incomparable{Context: ctx}); err != nil {
			t.Fatal(err)
		}
		put(t, server, frameOf(frame.Text, true, "b"))
	}
}

func TestIdleTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, server := pair(t, fairlead.ConnConfig{})
		c.SetIdleTimeout(10 * time.Second)
		go func() { // slower than the timeout as a whole, never a pause as long
			for _, b := range frameOf(frame.Text, true, "slow") {
				time.Sleep(9 * time.Second)
				server.Write([]byte{b})
			}
		}()
		wantMessage(t, c, fairlead.Text, "slow")
		begin := time.Now()
		_, _, err := c.Read(t.Context())
		wantErr(t, err, fairlead.ErrIdleTimeout)
		if d := time.Since(begin); d != 10*time.Second {
			t.Errorf("timed out after %v", d)
		}
		var timeout interface{ Timeout() bool }
		if !errors.As(err, &timeout) || !timeout.Timeout() {
			t.Errorf("%v is not a timeout", err)
		}
		c.SetIdleTimeout(0)
		time.AfterFunc(time.Hour, func() { put(t, server, frameOf(frame.Text, true, "late")) })
		wantMessage(t, c, fairlead.Text, "late")
	})
}

func TestConcurrentRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, server := pair(t, fairlead.ConnConfig{})
		first := make(chan error, 1)
		go func() {
			_, _, err := c.Read(t.Context())
			first <- err
		}()
		synctest.Wait()
		_, _, err := c.Read(t.Context())
		wantErr(t, err, fairlead.ErrConcurrentRead)
		_, _, err = c.ReadFrame(t.Context())
		wantErr(t, err, fairlead.ErrConcurrentRead)
		put(t, server, frameOf(frame.Text, true, "for the first"))
		if err := <-first; err != nil {
			t.Fatal(err)
		}
	})
}

func TestEndWithoutClose(t *testing.T) {
	for name, script := range map[string][]byte{
		"between messages": nil,
		"in a header":      {0x81},
		"in a payload":     {0x81, 5, 'a'},
		"between frames":   frameOf(frame.Text, false, "a"),
	} {
		t.Run(name, func(t *testing.T) {
			c, server := pair(t, fairlead.ConnConfig{})
			put(t, server, script)
			server.Close()
			for range 3 {
				_, p, err := c.Read(t.Context())
				wantCloseCode(t, err, frame.StatusAbnormal)
				wantErr(t, err, io.ErrUnexpectedEOF)
				if errors.Is(err, io.EOF) || p != nil {
					t.Fatalf("Read = %q, %v", p, err)
				}
			}
			if c.Err() == nil {
				t.Error("Err is nil after the end")
			}
		})
	}
}

func TestMixingVerbs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, server := pair(t, fairlead.ConnConfig{IdleTimeout: time.Second})
		put(t, server, frameOf(frame.Text, false, "one "))
		if _, p, err := c.ReadFrame(t.Context()); err != nil || string(p) != "one " {
			t.Fatalf("%q, %v", p, err)
		}
		_, _, err := c.Read(t.Context())
		wantErr(t, err, fairlead.ErrMidMessage)
		_, err = c.Reader(t.Context())
		wantErr(t, err, fairlead.ErrMidMessage)
		put(t, server, frameOf(frame.Continuation, true, "two"), frameOf(frame.Text, false, "three "))
		if _, p, err := c.ReadFrame(t.Context()); err != nil || string(p) != "two" {
			t.Fatalf("%q, %v", p, err)
		}

		_, _, err = c.Read(t.Context())
		wantErr(t, err, fairlead.ErrIdleTimeout)
		_, _, err = c.ReadFrame(t.Context())
		wantErr(t, err, fairlead.ErrMidMessage)
		put(t, server, frameOf(frame.Continuation, true, "four"), frameOf(frame.Binary, true, "five six"))
		wantMessage(t, c, fairlead.Text, "three four")

		r, err := c.Reader(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadFull(r, make([]byte, 4)); err != nil {
			t.Fatal(err)
		}
		_, _, err = c.Read(t.Context())
		wantErr(t, err, fairlead.ErrMidMessage)
		_, _, err = c.ReadFrame(t.Context())
		wantErr(t, err, fairlead.ErrMidMessage)
		if n, err := io.Copy(io.Discard, r); n != 4 || err != nil {
			t.Fatalf("%d, %v", n, err)
		}
		if _, err := r.Read(make([]byte, 1)); err != io.EOF {
			t.Fatalf("a reader at its end: %v", err)
		}
		put(t, server, frameOf(frame.Text, true, "seven"))
		wantMessage(t, c, fairlead.Text, "seven")
	})
}

func TestSlicesBelongToWhomTheDocSays(t *testing.T) {
	c, server := pair(t, fairlead.ConnConfig{})
	put(t, server, frameOf(frame.Text, true, "first"), frameOf(frame.Text, true, "other"))
	_, p, err := c.Read(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	wantMessage(t, c, fairlead.Text, "other")
	if string(p) != "first" {
		t.Errorf("a message of Read changed to %q", p)
	}
	dst := make([]byte, 0, 64)
	put(t, server, frameOf(frame.Binary, true, "into mine"))
	_, q, err := c.ReadAppend(t.Context(), dst)
	if err != nil || string(q) != "into mine" || &q[0] != &dst[:1][0] {
		t.Errorf("ReadAppend did not use the caller's memory: %q, %v", q, err)
	}
}

func TestBuffered(t *testing.T) {
	script := frames(frameOf(frame.Text, true, strings.Repeat("x", 9000)), frameOf(frame.Text, true, "y"))
	for _, n := range []int{0, 1, 5, 4096, 8000, len(script)} {
		c, server := pair(t, fairlead.ConnConfig{Buffered: script[:n]})
		put(t, server, script[n:])
		wantMessage(t, c, fairlead.Text, strings.Repeat("x", 9000))
		wantMessage(t, c, fairlead.Text, "y")
	}
}

func TestNilContext(t *testing.T) {
	c, _ := pair(t, fairlead.ConnConfig{})
	var none context.Context
	calls := map[string]func() error{
		"Read":       func() error { _, _, err := c.Read(none); return err },
		"ReadAppend": func() error { _, _, err := c.ReadAppend(none, nil); return err },
		"ReadFrame":  func() error { _, _, err := c.ReadFrame(none); return err },
		"Reader":     func() error { _, err := c.Reader(none); return err },
		"Messages": func() error {
			for _, err := range c.Messages(none) {
				return err
			}
			return nil
		},
		"Write":      func() error { return c.Write(none, fairlead.Text, nil) },
		"WriteFrame": func() error { return c.WriteFrame(none, frame.Header{Fin: true, Opcode: frame.Ping}, nil) },
		"Writer":     func() error { _, err := c.Writer(none, fairlead.Text).Write([]byte("a")); return err },
		"Batch":      func() error { return c.Batch(none, func(*fairlead.Batch) error { return nil }) },
		"Ping":       func() error { _, err := c.Ping(none); return err },
		"Close":      func() error { return c.Close(none, frame.StatusNormal, "") },
		"Dial":       func() error { _, err := fairlead.Dial(none, "ws://127.0.0.1:1"); return err },
	}
	for name, call := range calls {
		if err := call(); err == nil || !strings.Contains(err.Error(), "nil context") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if c.Err() != nil {
		t.Errorf("the connection did not survive: %v", c.Err())
	}
}

// TestMessagesNoDataWithError: B29: a text that ends inside a character is an error,
// and no message comes with it.
func TestMessagesNoDataWithError(t *testing.T) {
	c, server := pair(t, fairlead.ConnConfig{})
	put(t, server, frameOf(frame.Text, true, "caf\xc3"))
	for m, err := range c.Messages(t.Context()) {
		wantCloseCode(t, err, frame.StatusInvalidPayload)
		if m.Type != 0 || m.Data != nil {
			t.Errorf("%v %q came with the error", m.Type, m.Data)
		}
	}
}
