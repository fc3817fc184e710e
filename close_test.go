package fairlead_test

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/frame"
	"github.com/fairlead-ws/fairlead/wstest"
)

func TestCloseHandshake(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, server := pair(t, fairlead.ConnConfig{})
		go func() {
			// Messages that come before the answer are thrown away.
			put(t, server, frameOf(frame.Text, false, "half"), frameOf(frame.Ping, true, ""))
			wantFrame(t, server, frame.Close, true, "\x03\xe8bye")
			put(t, server, frameOf(frame.Continuation, true, "whole"), closeFrame(t, frame.StatusNormal, "you too"))
			server.Close()
		}()
		if err := c.Close(t.Context(), frame.StatusNormal, "bye"); err != nil {
			t.Fatal(err)
		}
		if code, reason, ok := c.CloseStatus(); code != frame.StatusNormal || reason != "you too" || !ok {
			t.Errorf("CloseStatus = %v, %q, %v", code, reason, ok)
		}
		_, _, err := c.Read(t.Context())
		wantCloseCode(t, err, frame.StatusNormal)
		if ce, _ := errors.AsType[*fairlead.CloseError](err); ce.Remote {
			t.Error("the peer is said to have begun")
		}
		wantErr(t, c.WriteText(t.Context(), "x"), net.ErrClosed)
		if err := c.Close(t.Context(), frame.StatusNormal, ""); err != nil {
			t.Errorf("second Close: %v", err)
		}
		wantErr(t, c.CloseNow(), net.ErrClosed)
	})
}

func TestCloseFromManyGoroutines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, server := pair(t, fairlead.ConnConfig{})
		var wg sync.WaitGroup
		for range 100 {
			wg.Go(func() {
				if err := c.Close(t.Context(), frame.StatusNormal, ""); err != nil {
					t.Error(err)
				}
			})
		}
		wantFrame(t, server, frame.Close, true, "\x03\xe8")
		put(t, server, closeFrame(t, frame.StatusNormal, ""))
		if f, err := nextErr(server); err != io.EOF {
			t.Errorf("after the Close frame: %v, %v", f, err)
		}
		server.Close()
		wg.Wait()
	})
}

func TestCloseIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for want, bound := range map[time.Duration]func(*fairlead.ConnConfig) context.Context{
			5 * time.Second: func(*fairlead.ConnConfig) context.Context { return t.Context() },
			time.Second: func(cfg *fairlead.ConnConfig) context.Context {
				cfg.CloseTimeout = time.Second
				return t.Context()
			},
			2 * time.Second: func(*fairlead.ConnConfig) context.Context { return within(t, 2*time.Second) },
		} {
			for name, size := range map[string]int{"peer is silent": 1000, "peer takes nothing": 1} {
				client, server := wstest.PipeSize(size)
				var cfg fairlead.ConnConfig
				ctx := bound(&cfg)
				c := fairlead.NewConn(client, cfg)
				begin := time.Now()
				err := c.Close(ctx, frame.StatusNormal, "")
				wantErr(t, err, context.DeadlineExceeded, net.ErrClosed)
				if d := time.Since(begin); d != want {
					t.Errorf("%s: ended after %v, want %v", name, d, want)
				}
				server.Close()
			}
		}
	})
}

func TestReadDuringClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, server := pair(t, fairlead.ConnConfig{})
		var got []string
		ended := make(chan error, 1)
		go func() {
			for m, err := range c.Messages(t.Context()) {
				if err != nil {
					ended <- err
					return
				}
				got = append(got, string(m.Data))
			}
		}()
		synctest.Wait()
		closed := make(chan error, 1)
		go func() { closed <- c.Close(t.Context(), frame.StatusNormal, "") }()
		wantFrame(t, server, frame.Close, true, "\x03\xe8")
		put(t, server, frameOf(frame.Text, true, "on its way"), closeFrame(t, frame.StatusNormal, ""))
		server.Close()
		wantCloseCode(t, <-ended, frame.StatusNormal)
		if err := <-closed; err != nil || len(got) != 1 {
			t.Errorf("%v, %q", err, got)
		}
	})
}

func TestPeerCloses(t *testing.T) {
	for name, tt := range map[string]struct {
		sent   []byte
		code   frame.StatusCode
		answer string
	}{
		"1000":      {closeFrame(t, 1000, "done"), 1000, "\x03\xe8"},
		"4999":      {closeFrame(t, 4999, ""), 4999, "\x13\x87"},
		"no status": {frameOf(frame.Close, true, ""), frame.StatusNoStatus, ""},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c, server := pair(t, fairlead.ConnConfig{})
				put(t, server, tt.sent, frameOf(frame.Ping, true, "no answer to this"), tt.sent)
				_, _, err := c.Read(t.Context())
				wantCloseCode(t, err, tt.code)
				if ce, _ := errors.AsType[*fairlead.CloseError](err); !ce.Remote {
					t.Error("the peer began and is not said to have")
				}
				if c.Err() == nil {
					t.Error("the session lives after both Close frames")
				}
				wantErr(t, c.WriteText(t.Context(), "x"), net.ErrClosed)
				wantFrame(t, server, frame.Close, true, tt.answer)
				server.Close()
				if err := c.Close(t.Context(), frame.StatusNormal, ""); err != nil {
					t.Error(err)
				}
			})
		})
	}
}

func TestPeerClosesAndTheCallerAnswers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, server := pair(t, fairlead.ConnConfig{Policy: &fairlead.Policy{}})
		put(t, server, closeFrame(t, frame.StatusGoingAway, "restart"))
		h, p, err := c.ReadFrame(t.Context())
		if err != nil || h.Opcode != frame.Close || string(p) != "\x03\xe9restart" {
			t.Fatalf("%v, %q, %v", h, p, err)
		}
		_, _, err = c.ReadFrame(t.Context())
		wantCloseCode(t, err, frame.StatusGoingAway)
		if c.Err() != nil {
			t.Fatalf("the session ended before our Close: %v", c.Err())
		}
		if err := c.WriteText(t.Context(), "one more thing"); err != nil {
			t.Fatal(err)
		}
		if err := c.WriteFrame(t.Context(), frame.Header{Fin: true, Opcode: frame.Close}, p); err != nil {
			t.Fatal(err)
		}
		if c.Err() == nil {
			t.Error("the session lives after both Close frames")
		}
		wantFrame(t, server, frame.Text, true, "one more thing")
		wantFrame(t, server, frame.Close, true, "\x03\xe9restart")
		if _, err := nextErr(server); err != io.EOF {
			t.Errorf("after both Close frames: %v", err)
		}
	})
}

func TestCloseNow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, server := pair(t, fairlead.ConnConfig{})
		put(t, server, frameOf(frame.Text, true, "never read"))
		ended := make(chan error, 3)
		go func() { _, err := c.Ping(t.Context()); ended <- err }()
		go func() { ended <- c.Write(t.Context(), fairlead.Binary, make([]byte, 1<<20)) }()
		synctest.Wait()
		if err := c.CloseNow(); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			wantErr(t, <-ended, net.ErrClosed)
		}
		for range 3 {
			_, _, err := c.Read(t.Context())
			wantErr(t, err, net.ErrClosed)
			wantErr(t, c.WriteText(t.Context(), "x"), net.ErrClosed)
			wantErr(t, c.CloseNow(), net.ErrClosed)
		}
		wantErr(t, c.Close(t.Context(), frame.StatusNormal, ""), net.ErrClosed)
	})
}

func TestNothingFollowsOurClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, server := pair(t, fairlead.ConnConfig{})
		if err := c.WriteFrame(t.Context(), frame.Header{Fin: true, Opcode: frame.Close}, nil); err != nil {
			t.Fatal(err)
		}
		wantErr(t, c.WriteText(t.Context(), "x"), net.ErrClosed)
		_, err := c.Ping(t.Context())
		wantErr(t, err, net.ErrClosed)
		put(t, server, frameOf(frame.Ping, true, "no pong"), frameOf(frame.Text, true, "still delivered"), frameOf(frame.Close, true, ""))
		wantMessage(t, c, fairlead.Text, "still delivered")
		_, _, err = c.Read(t.Context())
		wantCloseCode(t, err, frame.StatusNoStatus)
		wantFrame(t, server, frame.Close, true, "")
		server.Close()
	})
}

// TestCloseLeavesMessagesToAReader lets a read take over from a Close, in every
// moment of a message. Who comes soon gets what comes; who comes late gets nothing of
// a message of which a part was thrown away.
func TestCloseLeavesMessagesToAReader(t *testing.T) {
	message := frames(frameOf(frame.Text, false, "thrown "), frameOf(frame.Continuation, true, "away"))
	verbs := map[string]struct {
		read func(context.Context, *fairlead.Conn) (string, error)
		all  []string
	}{
		"Read": {func(ctx context.Context, c *fairlead.Conn) (string, error) {
			_, p, err := c.Read(ctx)
			return string(p), err
		}, []string{"thrown away", "whole"}},
		"ReadFrame": {func(ctx context.Context, c *fairlead.Conn) (string, error) {
			h, p, err := c.ReadFrame(ctx)
			if h.Opcode == frame.Close {
				_, p, err = c.ReadFrame(ctx)
			}
			return string(p), err
		}, []string{"thrown ", "away", "whole"}},
	}
	for name, verb := range verbs {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				for cut := 1; cut < len(message); cut++ {
					for _, late := range []time.Duration{0, 40 * time.Millisecond, 60 * time.Millisecond} {
						c, server := pair(t, fairlead.ConnConfig{})
						put(t, server, message[:cut])
						closed := make(chan error, 1)
						go func() { closed <- c.Close(t.Context(), frame.StatusNormal, "") }()
						time.Sleep(late)
						synctest.Wait()
						time.AfterFunc(time.Second, func() {
							put(t, server, message[cut:], frameOf(frame.Text, true, "whole"), closeFrame(t, frame.StatusNormal, ""))
							server.Close()
						})
						want := verb.all
						if cut > 1 && late > 50*time.Millisecond { // its first header had come
							want = []string{"whole"}
						}
						var got []string
						for {
							p, err := verb.read(t.Context(), c)
							if err != nil {
								wantCloseCode(t, err, frame.StatusNormal)
								break
							}
							got = append(got, p)
						}
						if !slices.Equal(got, want) {
							t.Fatalf("offset %d, a read after %v: %q, want %q", cut, late, got, want)
						}
						if err := <-closed; err != nil {
							t.Fatal(err)
						}
					}
				}
			})
		})
	}
}

// TestCloseAfterAPingFoundAMessage: a Ping has come upon a message and left it to a
// reader; Close does not wait for one longer than for any other message.
func TestCloseAfterAPingFoundAMessage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, server := pair(t, fairlead.ConnConfig{})
		put(t, server, frameOf(frame.Text, true, "nobody reads this"))
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := c.Ping(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Fatal(err)
		}
		put(t, server, closeFrame(t, frame.StatusNormal, ""))
		begin := time.Now()
		if err := c.Close(t.Context(), frame.StatusNormal, ""); err != nil {
			t.Error(err)
		}
		// 50 ms for a reader, and a second for a server that leaves the connection open.
		if took := time.Since(begin); took > 1100*time.Millisecond {
			t.Errorf("Close took %v", took)
		}
		server.Close()
	})
}

// TestCloseNowAfterALoss drops a connection that a stalled write has ended while a
// message waits: that message is lost as well.
func TestCloseNowAfterALoss(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, server := wstest.PipeSize(1)
		defer server.Close()
		c := fairlead.NewConn(client, fairlead.ConnConfig{WriteTimeout: time.Second, Buffered: frameOf(frame.Text, true, "waits")})
		wantErr(t, c.WriteText(t.Context(), "stalls"), os.ErrDeadlineExceeded)
		if err := c.CloseNow(); err != net.ErrClosed {
			t.Errorf("CloseNow = %v", err)
		}
		if _, p, err := c.Read(t.Context()); !errors.Is(err, net.ErrClosed) {
			t.Errorf("Read after CloseNow = %q, %v", p, err)
		}
	})
}

// TestCloseThatNeverGoesOut has the peer's Close come while ours waits for room
// that never comes: Close frames did not go both ways then.
func TestCloseThatNeverGoesOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, server := wstest.PipeSize(1)
		defer server.Close()
		c := fairlead.NewConn(client, fairlead.ConnConfig{})
		defer c.CloseNow()
		written := make(chan error, 1)
		go func() { written <- c.WriteText(t.Context(), "stalls") }()
		closed := make(chan error, 1)
		synctest.Wait()
		go func() { closed <- c.Close(t.Context(), frame.StatusNormal, "") }()
		synctest.Wait()
		go func() { _, _ = server.Write(closeFrame(t, frame.StatusGoingAway, "")) }()
		_, _, err := c.Read(t.Context())
		wantCloseCode(t, err, frame.StatusGoingAway)
		err = <-closed
		wantCloseCode(t, err, frame.StatusAbnormal)
		wantErr(t, <-written, net.ErrClosed)
		wantCloseCode(t, c.Err(), frame.StatusGoingAway)
	})
}

// TestCloseBehindAStalledClose: a Close frame of ours makes no progress for the idle
// timeout, which ends the connection while Close throws away half a message. It once
// took that for a pause in reading, and span.
func TestCloseBehindAStalledClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, server := wstest.PipeSize(1)
		defer server.Close()
		c := fairlead.NewConn(client, fairlead.ConnConfig{IdleTimeout: time.Second})
		defer c.CloseNow()
		written := make(chan error, 1)
		go func() { written <- c.WriteFrame(t.Context(), frame.Header{Fin: true, Opcode: frame.Close}, nil) }()
		go func() { _, _ = server.Write([]byte{0x82, 10, 'h', 'a', 'l', 'f'}) }()
		synctest.Wait()
		err := c.Close(t.Context(), frame.StatusNormal, "")
		wantCloseCode(t, err, frame.StatusAbnormal)
		wantErr(t, err, fairlead.ErrIdleTimeout)
		wantErr(t, <-written, fairlead.ErrIdleTimeout)
	})
}

// TestCloseWhileACloseIsAnswered calls Close while a reader waits for its answer to
// the peer's Close to go out, behind a write that stalls. The writers must not be
// told that their messages went out.
func TestCloseWhileACloseIsAnswered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, server := wstest.PipeSize(1)
		defer server.Close()
		c := fairlead.NewConn(client, fairlead.ConnConfig{})
		defer c.CloseNow()
		written := make(chan error, 2)
		for range cap(written) {
			go func() { written <- c.WriteText(t.Context(), "stalls") }()
		}
		read := make(chan error, 1)
		go func() {
			_, _, err := c.Read(t.Context())
			read <- err
		}()
		go func() { _, _ = server.Write(closeFrame(t, frame.StatusGoingAway, "")) }()
		synctest.Wait() // the reader waits for its last words
		wantCloseCode(t, c.Close(t.Context(), frame.StatusNormal, ""), frame.StatusAbnormal)
		for range cap(written) {
			wantErr(t, <-written, net.ErrClosed)
		}
		wantCloseCode(t, <-read, frame.StatusGoingAway)
		wantCloseCode(t, c.Err(), frame.StatusGoingAway)
	})
}
