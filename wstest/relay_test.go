package wstest_test

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"testing"
	"time"

	"github.com/fairlead-ws/fairlead/frame"
	"github.com/fairlead-ws/fairlead/handshake"
	"github.com/fairlead-ws/fairlead/wstest"
)

// throughRelay connects to the peer by a relay.
func throughRelay(t *testing.T, p *wstest.Peer) (*wstest.Relay, *client) {
	t.Helper()
	t.Cleanup(p.Close)
	r, err := wstest.NewRelay(p.URL()[len("ws://"):])
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.Close)
	conn, err := net.Dial("tcp", r.Addr())
	if err != nil {
		t.Fatal(err)
	}
	return r, newClient(t, conn)
}

func idle(t *testing.T, r *wstest.Relay) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), testTimeout)
	defer cancel()
	if err := r.WaitIdle(ctx); err != nil {
		t.Fatal(err)
	}
}

// readNow reads what the kernel has, and demands that it is want.
func readNow(t *testing.T, c *client, want string) {
	t.Helper()
	c.SetReadDeadline(time.Now().Add(testTimeout))
	got := make([]byte, len(want))
	if _, err := io.ReadFull(c, got); err != nil || string(got) != want {
		t.Fatalf("read %q, %v; want %q", got, err, want)
	}
	c.SetReadDeadline(time.Now().Add(2 * time.Millisecond))
	if n, err := c.Read(make([]byte, 1)); n > 0 || !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Fatalf("after %q: %d bytes more, %v", want, n, err)
	}
}

func TestRelay(t *testing.T) {
	p := wstest.Listen(wstest.Expect([]byte("up")), wstest.Send([]byte("0123456789abcdef")), wstest.Expect([]byte("again")))
	r, c := throughRelay(t, p)
	if _, err := c.Write([]byte("up")); err != nil { // passes without being allowed
		t.Fatal(err)
	}
	readNow(t, c, "")
	for _, want := range []string{"0", "1", "2"} {
		r.Allow(1)
		idle(t, r)
		readNow(t, c, want)
	}
	r.Allow(3)
	r.Allow(2)
	r.Allow(-1)
	idle(t, r)
	readNow(t, c, "34567")
	if n := r.Forwarded(); n != 8 {
		t.Errorf("%d bytes forwarded, want 8", n)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Millisecond)
	defer cancel()
	r.Allow(10) // more than the server sends
	if err := r.WaitIdle(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("waiting for bytes that do not come: %v", err)
	}
	readNow(t, c, "89abcdef")
	if _, err := c.Write([]byte("again")); err != nil {
		t.Fatal(err)
	}
	if err := p.Err(); err != nil { // and so the server ends
		t.Fatal(err)
	}
	c.SetReadDeadline(time.Now().Add(testTimeout))
	c.expectEOF(t)
	if err := r.WaitIdle(t.Context()); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("waiting after the end: %v", err)
	}
}

func TestRelayHold(t *testing.T) {
	p := wstest.Listen(
		wstest.Send([]byte("open")), wstest.Expect([]byte("1")),
		wstest.Send([]byte("message")), wstest.Expect([]byte("2")))
	r, c := throughRelay(t, p)
	r.AllowAll()
	got := make([]byte, 4)
	if _, err := io.ReadFull(c, got); err != nil {
		t.Fatal(err)
	}
	r.Hold()
	if _, err := c.Write([]byte("1")); err != nil {
		t.Fatal(err)
	}
	readNow(t, c, "")
	r.Allow(2)
	idle(t, r)
	readNow(t, c, "me")
	r.AllowAll()
	readNow(t, c, "ssage")
	if _, err := c.Write([]byte("2")); err != nil {
		t.Fatal(err)
	}
	idle(t, r) // the end of the server's bytes
	if n := r.Forwarded(); n != len("openmessage") {
		t.Errorf("%d bytes forwarded", n)
	}
}

// A WebSocket over TLS, one byte of ciphertext at a time.
func TestRelayCutsTLS(t *testing.T) {
	s := start(t, wstest.Options{TLS: true})
	r, err := wstest.NewRelay(s.Addr())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.Close)
	conn, err := net.Dial("tcp", r.Addr())
	if err != nil {
		t.Fatal(err)
	}
	c := newClient(t, secure(s, conn))
	r.AllowAll()
	if _, err := c.open("/", handshake.Offer{}); err != nil {
		t.Fatal(err)
	}
	r.Hold()
	if err := c.send(frame.Text, true, "hello"); err != nil {
		t.Fatal(err)
	}
	from := r.Forwarded()
	for {
		r.Allow(1)
		idle(t, r)
		c.SetReadDeadline(time.Now().Add(time.Millisecond))
		first := make([]byte, 7)
		n, err := c.Read(first)
		if errors.Is(err, os.ErrDeadlineExceeded) {
			continue
		}
		if err != nil || string(first[:n]) != "\x81\x05hello" {
			t.Fatalf("read %q, %v", first[:n], err)
		}
		break
	}
	if n := r.Forwarded() - from; n <= 7 {
		t.Errorf("the message came with %d bytes of ciphertext", n)
	}
}

func TestRelayWithoutAServer(t *testing.T) {
	if _, err := wstest.NewRelay("nowhere"); err == nil {
		t.Error("an address without a port was taken")
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listener.Close() // nobody listens there now
	r, err := wstest.NewRelay(listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	r.Allow(1)
	conn, err := net.Dial("tcp", r.Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := r.WaitIdle(t.Context()); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("WaitIdle: %v", err)
	}
}

func TestRelayClose(t *testing.T) {
	unused, err := wstest.NewRelay("127.0.0.1:1")
	if err != nil {
		t.Fatal(err)
	}
	unused.Close()
	unused.Close()

	sent := make(chan struct{})
	p := wstest.Listen(wstest.Send([]byte("x")), wstest.Do(func() error { close(sent); return nil }), wstest.ExpectEOF())
	r, c := throughRelay(t, p)
	<-sent
	r.Close() // with a byte that was never allowed
	if n, err := c.Read(make([]byte, 1)); n > 0 || err == nil {
		t.Errorf("after Close: %d, %v", n, err)
	}
	if err := p.Err(); err != nil {
		t.Errorf("the server does not see the end: %v", err)
	}
}
