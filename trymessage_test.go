package fairlead_test

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/frame"
)

// tryUntil calls TryMessage until there is something.
func tryUntil(t *testing.T, c *fairlead.Conn) (string, error) {
	t.Helper()
	for begin := time.Now(); time.Since(begin) < 10*time.Second; time.Sleep(50 * time.Microsecond) {
		if m, ok, err := c.TryMessage(); ok || err != nil {
			return string(m.Data), err
		}
	}
	t.Fatal("nothing came")
	return "", nil
}

func wantNothing(t *testing.T, c *fairlead.Conn) {
	t.Helper()
	if m, ok, err := c.TryMessage(); ok || err != nil {
		t.Fatalf("TryMessage = %v %q, %v, %v; want nothing", m.Type, m.Data, ok, err)
	}
}

func TestTryMessage(t *testing.T) {
	for name, open := range map[string]func(*testing.T) (*fairlead.Conn, func(...[]byte)){
		"socket": func(t *testing.T) (*fairlead.Conn, func(...[]byte)) {
			c, server := tcpPair(t, fairlead.ConnConfig{})
			return c, func(b ...[]byte) { put(t, server, b...) }
		},
		"pipe": func(t *testing.T) (*fairlead.Conn, func(...[]byte)) {
			c, server := pair(t, fairlead.ConnConfig{})
			return c, func(b ...[]byte) { put(t, server, b...) }
		},
		"TLS": func(t *testing.T) (*fairlead.Conn, func(...[]byte)) {
			c, relay, send := tlsByRelay(t)
			relay.AllowAll()
			return c, send
		},
	} {
		t.Run(name, func(t *testing.T) {
			c, send := open(t)
			wantNothing(t, c)
			big := strings.Repeat("big ", 64<<10)
			whole := frames(frameOf(frame.Text, true, "a"), frameOf(frame.Ping, true, "p"),
				frameOf(frame.Text, false, "b"), frameOf(frame.Continuation, true, "c"), frameOf(frame.Binary, true, big))
			for _, want := range []string{"a", "bc", big} {
				if want == "a" {
					go send(whole) // more than a pipe holds
				}
				if got, err := tryUntil(t, c); got != want || err != nil {
					t.Fatalf("%.20q (%d bytes), %v; want %.20q", got, len(got), err, want)
				}
			}
			wantNothing(t, c)

			send(whole[:2])
			wantNothing(t, c)
			send(whole[2:3])
			if got, err := tryUntil(t, c); got != "a" || err != nil {
				t.Fatalf("%q, %v after the rest of it came", got, err)
			}
			// Half a message, then another verb goes on with it.
			send(frameOf(frame.Text, false, "half"))
			wantNothing(t, c)
			send(frameOf(frame.Continuation, true, " and half"))
			wantMessage(t, c, fairlead.Text, "half and half")

			send(closeFrame(t, frame.StatusNormal, "bye"))
			_, err := tryUntil(t, c)
			wantCloseCode(t, err, frame.StatusNormal)
		})
	}
}

// TestTryMessageByteByByte waits for nothing wherever a message is cut.
func TestTryMessageByteByByte(t *testing.T) {
	c, server := pair(t, fairlead.ConnConfig{})
	all := frames(frameOf(frame.Text, false, "one"), frameOf(frame.Ping, true, "ping"), frameOf(frame.Continuation, true, " message"))
	for i := range all[:len(all)-1] {
		put(t, server, all[i:i+1])
		wantNothing(t, c)
	}
	put(t, server, all[len(all)-1:])
	if m, ok, err := c.TryMessage(); !ok || string(m.Data) != "one message" {
		t.Fatalf("%q, %v, %v", m.Data, ok, err)
	}
}

func TestTryMessageEnds(t *testing.T) {
	c, server := tcpPair(t, fairlead.ConnConfig{})
	server.Close()
	_, err := tryUntil(t, c)
	wantErr(t, err, net.ErrClosed)

	c, _ = tcpPair(t, fairlead.ConnConfig{})
	ctx, cancel := context.WithCancel(t.Context())
	reading := make(chan error, 1)
	go func() {
		err := fairlead.ErrConcurrentRead
		for errors.Is(err, fairlead.ErrConcurrentRead) { // with a TryMessage
			_, _, err = c.Read(ctx)
		}
		reading <- err
	}()
	for {
		_, ok, err := c.TryMessage()
		if ok {
			t.Fatal("a message out of nothing")
		}
		if err != nil {
			wantErr(t, err, fairlead.ErrConcurrentRead)
			break
		}
		time.Sleep(50 * time.Microsecond)
	}
	cancel()
	wantErr(t, <-reading, context.Canceled)
	wantNothing(t, c)
}
