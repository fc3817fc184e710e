package fairlead_test

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"testing"
	"time"

	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/frame"
	"github.com/fairlead-ws/fairlead/route"
	"github.com/fairlead-ws/fairlead/wstest"
)

// The rows D of the catalogue of hostile peers stand here and where their ids are
// named: in the other tests of this package and in those of package route. Left out
// are D08, D10 and D12, which are about keepalive and reconnecting, which there is
// none of yet; D11, which needs a network that loses packets; D20, since revocation
// is not checked, as route.TLS says; D21, D23, D24 and D28, which crypto/tls decides
// and its own tests hold (renegotiation is never allowed, see route.TLS).

// wantAbnormal reads until the end, which must be one without a Close frame, and
// wants exactly the messages in whole before it.
func wantAbnormal(t *testing.T, c *fairlead.Conn, whole ...string) {
	t.Helper()
	ctx := within(t, 10*time.Second)
	for _, want := range whole {
		_, p, err := c.Read(ctx)
		if err != nil || string(p) != want {
			t.Fatalf("%q, %v, want %q", p, err, want)
		}
	}
	for range 2 { // it stays so
		_, p, err := c.Read(ctx)
		if err == nil {
			t.Fatalf("a message that is not whole: %q", p)
		}
		wantCloseCode(t, err, frame.StatusAbnormal)
		if errors.Is(err, io.EOF) {
			t.Errorf("%v looks like a proper end", err)
		}
	}
}

// TestTransportEnds: D05, D06: a connection that breaks off is lost, never a clean
// end, and what was not whole is not delivered.
func TestTransportEnds(t *testing.T) {
	reset := func(peer *net.TCPConn) {
		_ = peer.SetLinger(0)
		_ = peer.Close()
	}
	hello := frameOf(frame.Text, true, "hello")
	rows := 0
	for _, tt := range []struct {
		id, name string
		wire     []byte
		end      func(*net.TCPConn)
		whole    []string
	}{
		{"D05", "reset in a header", hello[:1], reset, nil},
		{"D05", "reset in a frame", hello[:4], reset, nil},
		{"D05", "reset between fragments", frameOf(frame.Text, false, "hel"), reset, nil},
		{"D05", "end in a frame", hello[:4], func(peer *net.TCPConn) { _ = peer.Close() }, nil},
		{"D06", "half-closed after a message", hello, func(peer *net.TCPConn) { _ = peer.CloseWrite() }, []string{"hello"}},
		{"D06", "half-closed in a frame", hello[:4], func(peer *net.TCPConn) { _ = peer.CloseWrite() }, nil},
	} {
		t.Run(tt.id+" "+tt.name, func(t *testing.T) {
			c, peer := socketPair(t, fairlead.ConnConfig{})
			put(t, peer, tt.wire)
			if len(tt.whole) == 0 { // what a reset overtakes is lost, so let it be read first
				_, _, err := c.Read(within(t, 50*time.Millisecond))
				wantErr(t, err, context.DeadlineExceeded)
			}
			tt.end(peer)
			wantAbnormal(t, c, tt.whole...)
			written := make(chan error, 1)
			go func() { written <- c.WriteText(t.Context(), "after the end") }()
			select {
			case <-written: // whatever it returned
			case <-time.After(5 * time.Second):
				t.Error("a write after the end hangs")
			}
		})
		rows++
	}
	t.Run("D05 reset in the closing handshake", func(t *testing.T) {
		c, peer := socketPair(t, fairlead.ConnConfig{})
		go func() {
			_, _ = nextErr(peer)
			reset(peer)
		}()
		wantCloseCode(t, c.Close(within(t, 10*time.Second), frame.StatusNormal, ""), frame.StatusAbnormal)
	})
	t.Logf("%d rows", rows+1)
}

// TestTrickle: D07: bytes that trickle keep a read waiting as long as its context
// lets it, and nothing of them is lost.
func TestTrickle(t *testing.T) {
	c, peer := socketPair(t, fairlead.ConnConfig{IdleTimeout: 5 * time.Second})
	wire := frameOf(frame.Text, true, "drop by drop")
	go func() {
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		for i := range wire {
			<-tick.C
			if _, err := peer.Write(wire[i : i+1]); err != nil {
				return
			}
		}
	}()
	_, _, err := c.Read(within(t, 50*time.Millisecond))
	wantErr(t, err, context.DeadlineExceeded)
	wantMessage(t, c, fairlead.Text, "drop by drop")
}

// cutConn is closed, without another word, after so many bytes were written.
type cutConn struct {
	net.Conn
	left int
}

func (c *cutConn) Write(p []byte) (int, error) {
	if c.left < len(p) {
		n, _ := c.Conn.Write(p[:c.left])
		_ = c.Conn.Close()
		return n, net.ErrClosed
	}
	c.left -= len(p)
	return c.Conn.Write(p)
}

// TestTLSEnds: D13 to D15: over TLS only the Close frame is a clean end, too, with
// and without a close_notify, at and inside a record.
func TestTLSEnds(t *testing.T) {
	ca, err := wstest.NewCA()
	if err != nil {
		t.Fatal(err)
	}
	cert, err := ca.Issue("localhost")
	if err != nil {
		t.Fatal(err)
	}
	hello := frameOf(frame.Text, true, "hello")
	rows := 0
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		for _, tt := range []struct {
			id, name string
			end      func(raw *cutConn, c *tls.Conn)
			whole    []string
		}{
			{"D13", "no close_notify after a message", func(raw *cutConn, c *tls.Conn) { _, _ = c.Write(hello); _ = raw.Close() }, []string{"hello"}},
			{"D13", "no close_notify in a message", func(raw *cutConn, c *tls.Conn) { _, _ = c.Write(hello[:4]); _ = raw.Close() }, nil},
			{"D14", "cut in the head of a record", func(raw *cutConn, c *tls.Conn) { raw.left = 3; _, _ = c.Write(hello) }, nil},
			{"D14", "cut in a record", func(raw *cutConn, c *tls.Conn) { raw.left = 20; _, _ = c.Write(hello) }, nil},
			{"D15", "close_notify after a message", func(_ *cutConn, c *tls.Conn) { _, _ = c.Write(hello); _ = c.Close() }, []string{"hello"}},
			{"D15", "close_notify in a message", func(_ *cutConn, c *tls.Conn) { _, _ = c.Write(hello[:4]); _ = c.Close() }, nil},
		} {
			t.Run(tt.id+" "+tt.name+" "+tls.VersionName(version), func(t *testing.T) {
				ln, err := net.Listen("tcp", "127.0.0.1:0")
				if err != nil {
					t.Fatal(err)
				}
				defer ln.Close()
				go func() {
					conn, err := ln.Accept()
					if err != nil {
						return
					}
					raw := &cutConn{conn, 1 << 20}
					server := tls.Server(raw, &tls.Config{Certificates: []tls.Certificate{cert}, MaxVersion: version})
					if server.HandshakeContext(t.Context()) == nil {
						tt.end(raw, server)
					}
					_ = conn.Close()
				}()
				nc, err := route.TCP{}.DialContext(t.Context(), "tcp", ln.Addr().String())
				if err != nil {
					t.Fatal(err)
				}
				tc, err := route.TLS(t.Context(), nc, &tls.Config{RootCAs: ca.Pool()}, "localhost")
				if err != nil {
					t.Fatal(err)
				}
				c := fairlead.NewConn(tc, fairlead.ConnConfig{})
				defer c.CloseNow()
				wantAbnormal(t, c, tt.whole...)
			})
			rows++
		}
	}
	t.Logf("%d rows", rows)
}

// TestNobodyListens: D01: the operating system's error stays in reach.
func TestNobodyListens(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ln.Close()
	_, err = (&fairlead.Dialer{Route: route.TCP{}}).Dial(t.Context(), "ws://"+ln.Addr().String()+"/")
	handshakeError(t, err, fairlead.PhaseConnect)
	var op *net.OpError
	if !errors.As(err, &op) || op.Op != "dial" {
		t.Errorf("%v, want a *net.OpError of a dial in it", err)
	}
}
