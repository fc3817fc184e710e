package fairlead_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/frame"
	"github.com/fairlead-ws/fairlead/wstest"
)

func TestPingReadsWhenNobodyDoes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, server := pair(t, fairlead.ConnConfig{})
		go func() {
			f := next(t, server)
			time.Sleep(30 * time.Millisecond)
			put(t, server, frameOf(frame.Pong, true, "not yours"), frameOf(frame.Pong, true, f.payload), frameOf(frame.Text, true, "kept"))
		}()
		rtt, err := c.Ping(t.Context())
		if err != nil || rtt != 30*time.Millisecond {
			t.Fatalf("Ping = %v, %v", rtt, err)
		}
		wantMessage(t, c, fairlead.Text, "kept")
		if n := c.PongsSwallowed(); n != 2 {
			t.Errorf("%d pongs swallowed", n)
		}
	})
}

func TestPingWhileAReaderReads(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, server := pair(t, fairlead.ConnConfig{})
		message := make(chan string, 1)
		go func() {
			_, p, _ := c.Read(t.Context())
			message <- string(p)
		}()
		synctest.Wait()
		go func() {
			f := next(t, server)
			put(t, server, frameOf(frame.Pong, true, f.payload))
			time.Sleep(time.Second)
			put(t, server, frameOf(frame.Text, true, "for the reader"))
		}()
		if _, err := c.Ping(t.Context()); err != nil {
			t.Fatal(err)
		}
		if m := <-message; m != "for the reader" {
			t.Errorf("%q", m)
		}
	})
}

// TestReaderTakesOverFromPing begins a read while a Ping reads, and lets the
// pong come behind the message.
func TestReaderTakesOverFromPing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, server := pair(t, fairlead.ConnConfig{})
		pinged := make(chan error, 2)
		for range 2 {
			go func() { _, err := c.Ping(t.Context()); pinged <- err }()
		}
		synctest.Wait()
		go func() {
			time.Sleep(time.Second)
			put(t, server, frameOf(frame.Text, true, "first"))
			time.Sleep(time.Second)
			next(t, server)
			put(t, server, frameOf(frame.Pong, true, next(t, server).payload)) // answers both
		}()
		wantMessage(t, c, fairlead.Text, "first")
		for range 2 {
			if err := <-pinged; err != nil {
				t.Error(err)
			}
		}
	})
}

func TestPingDoesNotTakeMessages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, server := pair(t, fairlead.ConnConfig{})
		put(t, server, frameOf(frame.Text, true, "in the way"))
		pinged := make(chan error, 2)
		for range 2 {
			go func() { _, err := c.Ping(within(t, time.Minute)); pinged <- err }()
		}
		next(t, server)
		put(t, server, frameOf(frame.Pong, true, next(t, server).payload))
		synctest.Wait()
		select {
		case err := <-pinged:
			t.Fatalf("Ping returned before the message was read: %v", err)
		default:
		}
		wantMessage(t, c, fairlead.Text, "in the way")
		for range 2 {
			if err := <-pinged; err != nil {
				t.Error(err)
			}
		}
	})
}

func TestPingTimeoutDoesNoHarm(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, server := pair(t, fairlead.ConnConfig{})
		begin := time.Now()
		_, err := c.Ping(within(t, time.Second))
		wantErr(t, err, context.DeadlineExceeded)
		if time.Since(begin) != time.Second || errors.Is(err, net.ErrClosed) {
			t.Errorf("%v after %v", err, time.Since(begin))
		}
		put(t, server, frameOf(frame.Text, true, "alive"))
		wantMessage(t, c, fairlead.Text, "alive")
	})
}

func TestPingEndsWithTheConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, server := pair(t, fairlead.ConnConfig{})
		time.AfterFunc(time.Second, func() { put(t, server, closeFrame(t, 1001, "")); server.Close() })
		_, err := c.Ping(t.Context())
		wantCloseCode(t, err, 1001)
	})
}

func TestPolicy(t *testing.T) {
	c, server := pair(t, fairlead.ConnConfig{})
	if c.Policy() != fairlead.DefaultPolicy() {
		t.Errorf("policy %+v", c.Policy())
	}
	put(t, server, frameOf(frame.Ping, true, "auto"), frameOf(frame.Pong, true, "x"), frameOf(frame.Text, true, "a"))
	if h, _, err := c.ReadFrame(t.Context()); err != nil || h.Opcode != frame.Text {
		t.Fatalf("%v, %v", h, err)
	}
	wantFrame(t, server, frame.Pong, true, "auto")

	c.SetPolicy(fairlead.Policy{AnswerClose: true})
	put(t, server, frameOf(frame.Ping, true, "one"), frameOf(frame.Ping, true, "two"), frameOf(frame.Pong, true, "y"), frameOf(frame.Text, true, "b"))
	for i, want := range []string{"ping one", "ping two", "pong y", "text b"} {
		h, p, err := c.ReadFrame(t.Context())
		if got := fmt.Sprintf("%v %s", h.Opcode, p); err != nil || got != want {
			t.Fatalf("frame %d: %s, %v; want %s", i, got, err, want)
		}
	}
	if p, ok := c.PingPending(); !ok || string(p) != "two" {
		t.Errorf("PingPending = %q, %v", p, ok)
	}
	if err := c.WriteFrame(t.Context(), frame.Header{Fin: true, Opcode: frame.Pong}, []byte("two")); err != nil {
		t.Fatal(err)
	}
	if _, ok := c.PingPending(); ok {
		t.Error("a Ping is pending after the Pong")
	}
	wantFrame(t, server, frame.Pong, true, "two")
	if n := c.PongsSwallowed(); n != 1 {
		t.Errorf("%d pongs swallowed", n)
	}
}

// TestPongsWaitTheirTurn holds the socket while 40 Pings come: the first 15 and
// the newest are answered, in order, and the reader never waits.
func TestPongsWaitTheirTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, server := wstest.Pipe()
		held := &countingConn{Conn: client, hold: make(chan struct{})}
		c := fairlead.NewConn(held, fairlead.ConnConfig{})
		go c.WriteText(t.Context(), "holds the socket")
		synctest.Wait()
		for i := range 40 {
			put(t, server, frameOf(frame.Ping, true, fmt.Sprint(i)))
		}
		put(t, server, frameOf(frame.Text, true, "after the flood"))
		wantMessage(t, c, fairlead.Text, "after the flood")
		close(held.hold)
		wantFrame(t, server, frame.Text, true, "holds the socket")
		for i := range 15 {
			wantFrame(t, server, frame.Pong, true, fmt.Sprint(i))
		}
		wantFrame(t, server, frame.Pong, true, "39")
		c.CloseNow()
		server.Close()
	})
}

// TestPingFlood is a peer that pings for ever and never reads. Nothing is queued
// without bound, no call waits for ever, and the write timeout ends it.
func TestPingFlood(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, server := wstest.PipeSize(4096)
		c := fairlead.NewConn(client, fairlead.ConnConfig{WriteTimeout: 10 * time.Second})
		flood := make(chan int, 1)
		go func() {
			ping := frameOf(frame.Ping, true, string(make([]byte, 125)))
			n := 0
			for ; ; n++ {
				if n%100 == 0 {
					time.Sleep(time.Millisecond)
				}
				if _, err := server.Write(ping); err != nil {
					flood <- n
					return
				}
			}
		}()
		begin := time.Now()
		_, _, err := c.Read(t.Context())
		wantErr(t, err, net.ErrClosed)
		if d := time.Since(begin); d < 10*time.Second || d > 11*time.Second {
			t.Errorf("ended after %v", d)
		}
		if n := <-flood; n < 10000 {
			t.Errorf("only %d pings", n)
		}
		server.Close()
	})
}

func TestPingFrameRequests(t *testing.T) {
	c, server := pair(t, fairlead.ConnConfig{})
	for i := range 16 {
		put(t, server, frameOf(frame.Ping, true, fmt.Sprintf("payload-%d", i)))
	}
	put(t, server, frameOf(frame.Text, true, "end"))
	wantMessage(t, c, fairlead.Text, "end")
	for i := range 16 {
		wantFrame(t, server, frame.Pong, true, fmt.Sprintf("payload-%d", i))
	}
}

// TestPumpsLeaveLentBytesAlone lets Readable, Ping and Close read while a caller
// still uses what the last read lent it.
func TestPumpsLeaveLentBytesAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, server := pair(t, fairlead.ConnConfig{Policy: &fairlead.Policy{SwallowPong: true, AnswerClose: true}})
		answer := func() {
			f := next(t, server)
			put(t, server, frameOf(frame.Pong, true, f.payload))
		}
		put(t, server, frameOf(frame.Text, true, "lent text"))
		_, text, err := c.ReadFrame(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		put(t, server, frameOf(frame.Ping, true, "overwrites?"))
		if !c.Readable() || string(text) != "lent text" {
			t.Fatalf("Readable changed lent bytes to %q", text)
		}
		_, ping, err := c.ReadFrame(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		go answer()
		if _, err := c.Ping(t.Context()); err != nil || string(ping) != "overwrites?" {
			t.Fatalf("Ping changed lent bytes to %q, %v", ping, err)
		}
		put(t, server, frameOf(frame.Text, true, "one more"))
		for m, err := range c.Messages(t.Context()) {
			if err != nil {
				t.Fatal(err)
			}
			put(t, server, frameOf(frame.Close, true, ""))
			if err := c.Close(within(t, time.Second), frame.StatusNormal, ""); err != nil || string(m.Data) != "one more" {
				t.Fatalf("Close changed lent bytes to %q, %v", m.Data, err)
			}
			break
		}
	})
}

func TestNewConnOfNothing(t *testing.T) {
	c := fairlead.NewConn(nil, fairlead.ConnConfig{})
	_, _, err := c.Read(t.Context())
	wantErr(t, err, net.ErrClosed)
	wantErr(t, c.WriteText(t.Context(), "x"), net.ErrClosed)
}
