package fairlead_test

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/frame"
	"github.com/fairlead-ws/fairlead/route"
	"github.com/fairlead-ws/fairlead/wstest"
)

// tlsByRelay returns a Conn over TLS whose incoming ciphertext passes a relay, the
// relay, and a function by which the server sends each of its arguments in a
// record of its own.
func tlsByRelay(t *testing.T) (*fairlead.Conn, *wstest.Relay, func(...[]byte)) {
	ca, err := wstest.NewCA()
	if err != nil {
		t.Fatal(err)
	}
	cert, err := ca.Issue("127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	listener, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{cert}})
	if err != nil {
		t.Fatal(err)
	}
	relay, err := wstest.NewRelay(listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	accepted := make(chan net.Conn, 1)
	go func() {
		server, err := listener.Accept()
		if err == nil {
			err = server.(*tls.Conn).Handshake()
		}
		if err != nil {
			t.Error(err)
		}
		accepted <- server
	}()
	relay.AllowAll()
	raw, err := net.Dial("tcp", relay.Addr())
	if err != nil {
		t.Fatal(err)
	}
	nc, err := route.TLS(t.Context(), raw, &tls.Config{RootCAs: ca.Pool()}, "127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	server := <-accepted
	c := fairlead.NewConn(nc, fairlead.ConnConfig{})
	t.Cleanup(func() {
		c.CloseNow()
		server.Close()
		relay.Close()
		listener.Close()
	})
	return c, relay, func(records ...[]byte) {
		for _, r := range records {
			put(t, server, r)
		}
	}
}

var threeFrames = [][]byte{
	frameOf(frame.Text, false, "three "),
	frameOf(frame.Continuation, false, "frames of "),
	frameOf(frame.Continuation, true, "one message"),
}

const threeFramesText = "three frames of one message"

// TestReadSurvivesTimeoutAtEveryCiphertextOffset stops a TLS stream after each of
// its bytes, record headers and tags included, lets a read time out there, and
// demands the whole message afterwards.
func TestReadSurvivesTimeoutAtEveryCiphertextOffset(t *testing.T) {
	c, relay, send := tlsByRelay(t)
	send(threeFrames...)
	wantMessage(t, c, fairlead.Text, threeFramesText)
	begin := relay.Forwarded()
	send(threeFrames...)
	wantMessage(t, c, fairlead.Text, threeFramesText)
	size := relay.Forwarded() - begin

	for offset := range size {
		relay.Hold()
		send(threeFrames...)
		relay.Allow(offset)
		if err := relay.WaitIdle(t.Context()); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Millisecond)
		_, p, err := c.Read(ctx)
		cancel()
		wantErr(t, err, context.DeadlineExceeded)
		if errors.Is(err, net.ErrClosed) || p != nil {
			t.Fatalf("offset %d: %q, %v", offset, p, err)
		}
		relay.AllowAll()
		wantMessage(t, c, fairlead.Text, threeFramesText)
	}
	t.Logf("%d offsets", size)
}

// TestReadSurvivesATimeoutAfterEveryCiphertextByte is one message with a timeout
// after each byte of its ciphertext.
func TestReadSurvivesATimeoutAfterEveryCiphertextByte(t *testing.T) {
	c, relay, send := tlsByRelay(t)
	send(threeFrames...)
	wantMessage(t, c, fairlead.Text, threeFramesText)
	relay.Hold()
	send(threeFrames...)
	c.SetIdleTimeout(time.Millisecond)
	timeouts := 0
	for {
		relay.Allow(1)
		if err := relay.WaitIdle(t.Context()); err != nil {
			t.Fatal(err)
		}
		_, p, err := c.Read(t.Context())
		if err == nil {
			if string(p) != threeFramesText {
				t.Fatalf("%q", p)
			}
			break
		}
		wantErr(t, err, fairlead.ErrIdleTimeout)
		timeouts++
	}
	if timeouts < len(threeFramesText) {
		t.Errorf("only %d timeouts", timeouts)
	}
}

// TestReadableOverTLS asks after every byte of ciphertext. Asking loses nothing.
func TestReadableOverTLS(t *testing.T) {
	c, relay, send := tlsByRelay(t)
	send(threeFrames...)
	wantMessage(t, c, fairlead.Text, threeFramesText)
	if c.Readable() {
		t.Fatal("readable before anything came")
	}
	relay.Hold()
	send(frameOf(frame.Text, true, "hello"))
	size := 5 + len("hello") + 2 + 1 + 16 // record header, frame, content type, tag
	for n := range size {
		if c.Readable() {
			t.Fatalf("readable after %d of %d bytes of ciphertext", n, size)
		}
		relay.Allow(1)
		if err := relay.WaitIdle(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	becomesReadable(t, c)
	wantMessage(t, c, fairlead.Text, "hello")
	if c.Readable() {
		t.Error("readable after everything was read")
	}
}

// fullConn has room for nothing once it is full. Only its end and deadlines end a
// write then.
type fullConn struct {
	net.Conn
	full  atomic.Bool
	limbo net.Conn // with no room
}

func (c *fullConn) Write(p []byte) (int, error) {
	if c.full.Load() {
		return c.limbo.Write(p)
	}
	return c.Conn.Write(p)
}

func (c *fullConn) SetWriteDeadline(t time.Time) error {
	return errors.Join(c.Conn.SetWriteDeadline(t), c.limbo.SetWriteDeadline(t))
}

func (c *fullConn) Close() error { return errors.Join(c.limbo.Close(), c.Conn.Close()) }

// TestCloseNowOverTLSInTLS: L87: CloseNow is prompt also where the TLS of a proxy lies
// below that of the server, and the socket is full.
func TestCloseNowOverTLSInTLS(t *testing.T) {
	ca, err := wstest.NewCA()
	if err != nil {
		t.Fatal(err)
	}
	cert, err := ca.Issue("server.example")
	if err != nil {
		t.Fatal(err)
	}
	ours, theirs := &tls.Config{RootCAs: ca.Pool()}, &tls.Config{Certificates: []tls.Certificate{cert}}
	for name, between := range map[string]func(net.Conn) net.Conn{
		"proxy":           func(nc net.Conn) net.Conn { return nc },
		"throttled proxy": func(nc net.Conn) net.Conn { return route.ThrottleConn(nc, 1<<20, 1<<20) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				client, server := wstest.Pipe()
				limbo, other := wstest.PipeSize(1)
				defer other.Close()
				if _, err := limbo.Write([]byte{0}); err != nil {
					t.Fatal(err)
				}
				go func() {
					nc := tls.Server(tls.Server(server, theirs), theirs)
					_, _ = io.Copy(io.Discard, nc)
					server.Close()
				}()
				raw := &fullConn{Conn: client, limbo: limbo}
				proxy, err := route.TLS(t.Context(), raw, ours, "server.example")
				if err != nil {
					t.Fatal(err)
				}
				nc, err := route.TLS(t.Context(), between(proxy), ours, "server.example")
				if err != nil {
					t.Fatal(err)
				}
				c := fairlead.NewConn(nc, fairlead.ConnConfig{})
				raw.full.Store(true)
				begin := time.Now()
				if err := c.CloseNow(); err != nil || time.Since(begin) != 0 {
					t.Errorf("CloseNow took %v and gave %v", time.Since(begin), err)
				}
			})
		})
	}
}
