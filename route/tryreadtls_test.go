package route_test

import (
	"bytes"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/fairlead-ws/fairlead/route"
)

// heldConn keeps what is written to it, once told to, for the test to deliver
// in pieces of its choice.
type heldConn struct {
	net.Conn
	mu   sync.Mutex
	hold bool
	held bytes.Buffer
}

func (c *heldConn) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.hold {
		return c.held.Write(p)
	}
	return c.Conn.Write(p)
}

// SetWriteDeadline does nothing: crypto/tls sets one in the past after its
// close_notify, but the test goes on writing.
func (c *heldConn) SetWriteDeadline(time.Time) error { return nil }

// take returns what is held and forgets it.
func (c *heldConn) take() []byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	defer c.held.Reset()
	return bytes.Clone(c.held.Bytes())
}

func (c *heldConn) holdFromNow() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.hold = true
}

// heldTLS returns a TLS connection over conn and the server's end of it, whose
// bytes are held.
func heldTLS(t *testing.T, conn, peer net.Conn, version uint16) (*tls.Conn, *tls.Conn, *heldConn) {
	t.Helper()
	ca := newAuthority(t, authority{})
	held := &heldConn{Conn: peer}
	server := &tls.Config{Certificates: []tls.Certificate{ca.issue(t)}, MaxVersion: version}
	if version == tls.VersionTLS13 {
		// Called between the server's flight and its tickets.
		server.ClientAuth = tls.RequestClientCert
		server.VerifyConnection = func(tls.ConnectionState) error {
			held.holdFromNow()
			return nil
		}
	}
	end := serveTLS(t, held, server)
	// Without a cache the client asks for no tickets.
	cfg := &tls.Config{RootCAs: ca.pool(), ClientSessionCache: tls.NewLRUClientSessionCache(0)}
	client, err := route.TLS(deadline(t), conn, cfg, host)
	if err != nil {
		t.Fatal(err)
	}
	serverEnd := <-end
	if serverEnd.err != nil {
		t.Fatal(serverEnd.err)
	}
	held.holdFromNow()
	return client, serverEnd.conn, held
}

var messages = []string{"first message, longer than a record header", "2", strings.Repeat("third ", 10)}

func sendMessages(t *testing.T, server io.Writer) {
	t.Helper()
	for _, m := range messages {
		if _, err := io.WriteString(server, m); err != nil {
			t.Fatal(err)
		}
	}
}

// TestTryReadTLSByteByByte: after each byte of the server's ciphertext, session
// tickets and close_notify included, TryRead takes what can be had.
func TestTryReadTLSByteByByte(t *testing.T) {
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		t.Run(tls.VersionName(version), func(t *testing.T) {
			conn, peer := tcpPair(t)
			client, server, held := heldTLS(t, conn, peer, version)
			tickets := held.held.Len()
			if (tickets > 0) != (version == tls.VersionTLS13) {
				t.Errorf("%d bytes of tickets are held", tickets)
			}
			sendMessages(t, server)
			if err := server.CloseWrite(); err != nil {
				t.Fatal(err)
			}
			ciphertext := held.take()
			var got []byte
			var end error
			p := make([]byte, 7)
			for i, b := range ciphertext {
				if _, err := peer.Write([]byte{b}); err != nil {
					t.Fatal(err)
				}
				for {
					n, err := route.TryRead(client, p)
					got = append(got, p[:n]...)
					if err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
						end = err
					}
					if n == 0 || err != nil {
						break
					}
				}
				if end != nil && i < len(ciphertext)-1 {
					t.Fatalf("after %d of %d bytes: %v", i+1, len(ciphertext), end)
				}
			}
			for end == nil { // the last byte may be on its way
				_, end = tryUntil(t, client, p)
			}
			if want := strings.Join(messages, ""); string(got) != want || end != io.EOF { //nolint:errorlint // readers compare
				t.Errorf("read %q, %v; want %q, EOF", got, end, want)
			}
		})
	}
}

// TestTryReadTLSAtEachSplit: part of the ciphertext, a TryRead, the rest, then
// plain reads. Where the part ends makes no difference.
func TestTryReadTLSAtEachSplit(t *testing.T) {
	conn, peer := tcpPair(t)
	client, server, held := heldTLS(t, conn, peer, tls.VersionTLS13)
	want := strings.Join(messages, "")
	for split := 0; ; split++ {
		sendMessages(t, server)
		ciphertext := held.take()
		if split > len(ciphertext) {
			break
		}
		if _, err := peer.Write(ciphertext[:split]); err != nil {
			t.Fatal(err)
		}
		got := make([]byte, len(want))
		n, err := route.TryRead(client, got)
		if err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Fatalf("split at %d: %v", split, err)
		}
		if _, err := peer.Write(ciphertext[split:]); err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadFull(client, got[n:]); err != nil || string(got) != want {
			t.Fatalf("split at %d: read %q, %v", split, got, err)
		}
	}
}

// TestTryReadTLSPartOfAnAlert: data with the begin of a close_notify behind it.
func TestTryReadTLSPartOfAnAlert(t *testing.T) {
	conn, peer := tcpPair(t)
	client, server, held := heldTLS(t, conn, peer, tls.VersionTLS12)
	if _, err := io.WriteString(server, "hello"); err != nil {
		t.Fatal(err)
	}
	data := held.take()
	if err := server.CloseWrite(); err != nil {
		t.Fatal(err)
	}
	alert := held.take()
	if _, err := peer.Write(append(data, alert[:7]...)); err != nil {
		t.Fatal(err)
	}
	assertTryRead(t, client, "hello")
	assertNothing(t, client)
	if _, err := peer.Write(alert[7:]); err != nil {
		t.Fatal(err)
	}
	if n, err := tryUntil(t, client, make([]byte, 8)); n != 0 || err != io.EOF { //nolint:errorlint // readers compare
		t.Errorf("at the end: %d, %v", n, err)
	}
}

// TestTryReadTLSOverOther: TLS inside TLS, over a connection that is no socket,
// and made by others.
func TestTryReadTLSOverOther(t *testing.T) {
	t.Run("TLS in TLS", func(t *testing.T) {
		conn, peer := tcpPair(t)
		ca := newAuthority(t, authority{})
		outerEnd := serveTLS(t, peer, &tls.Config{Certificates: []tls.Certificate{ca.issue(t)}})
		outer, err := route.TLS(deadline(t), conn, &tls.Config{RootCAs: ca.pool()}, host)
		if err != nil {
			t.Fatal(err)
		}
		outerServer := (<-outerEnd).conn
		client, server, held := heldTLS(t, outer, outerServer, tls.VersionTLS13)
		assertHalves(t, client, server, held)
	})
	t.Run("pipe", func(t *testing.T) {
		conn, peer := bufferedPipe(t)
		client, server, held := heldTLS(t, conn, peer, tls.VersionTLS12)
		assertHalves(t, client, server, held)
	})
	t.Run("by crypto/tls", func(t *testing.T) {
		ca := newAuthority(t, authority{})
		conn, peer := tcpPair(t)
		end := serveTLS(t, peer, &tls.Config{Certificates: []tls.Certificate{ca.issue(t)}})
		client := tls.Client(conn, &tls.Config{RootCAs: ca.pool(), ServerName: host})
		if err := client.HandshakeContext(deadline(t)); err != nil {
			t.Fatal(err)
		}
		assertNothing(t, client)
		if _, err := io.WriteString((<-end).conn, "hello"); err != nil {
			t.Fatal(err)
		}
		assertTryRead(t, client, "hello")
	})
}

// assertHalves delivers a record in two parts, each tried.
func assertHalves(t *testing.T, client, server *tls.Conn, held *heldConn) {
	t.Helper()
	assertNothing(t, client)
	if _, err := io.WriteString(server, "hello"); err != nil {
		t.Fatal(err)
	}
	record := held.take()
	for _, part := range [][]byte{record[:len(record)/2], record[len(record)/2:]} {
		assertNothing(t, client)
		if _, err := held.Conn.Write(part); err != nil {
			t.Fatal(err)
		}
	}
	assertTryRead(t, client, "hello")
	assertNothing(t, client)
}

// bufferedPipe is net.Pipe with a goroutine that takes what the second end
// writes, so that its writer need not wait for a reader.
func bufferedPipe(t *testing.T) (net.Conn, net.Conn) {
	t.Helper()
	client, far := net.Pipe()
	near, peer := tcpPair(t)
	var wg sync.WaitGroup
	wg.Go(func() { _, _ = io.Copy(far, near); _ = far.Close() })
	wg.Go(func() { _, _ = io.Copy(near, far); _ = near.Close() })
	t.Cleanup(func() {
		_ = client.Close()
		_ = peer.Close()
		wg.Wait()
	})
	_ = client.SetDeadline(time.Now().Add(limit))
	return client, peer
}

// TestTryReadTLSBesideWrites is for the race detector.
func TestTryReadTLSBesideWrites(t *testing.T) {
	ca := newAuthority(t, authority{})
	client, end, err := dialTLS(t, &tls.Config{RootCAs: ca.pool()}, host, &tls.Config{Certificates: []tls.Certificate{ca.issue(t)}})
	if err != nil {
		t.Fatal(err)
	}
	const total = 200 * 100
	var wg sync.WaitGroup
	wg.Go(func() {
		for range 200 {
			if _, err := client.Write(make([]byte, 100)); err != nil {
				t.Error(err)
				return
			}
		}
	})
	wg.Go(func() {
		if _, err := io.CopyN(end.conn, end.conn, total); err != nil {
			t.Error(err)
		}
	})
	p := make([]byte, 64)
	for got := 0; got < total; {
		n, err := tryUntil(t, client, p)
		if err != nil {
			t.Fatal(err)
		}
		got += n
	}
	wg.Wait()
}

// TestTLSConnUnderneath: what stands between tls.Conn and the connection is as
// good as the connection.
func TestTLSConnUnderneath(t *testing.T) {
	type transparent interface {
		net.Conn
		syscall.Conn
		NetConn() net.Conn
		CloseWrite() error
	}
	ca := newAuthority(t, authority{})
	server := &tls.Config{Certificates: []tls.Certificate{ca.issue(t)}}
	client, peer := tcpPair(t)
	end := serveTLS(t, peer, server)
	conn, err := route.TLS(deadline(t), client, &tls.Config{RootCAs: ca.pool()}, host)
	if err != nil {
		t.Fatal(err)
	}
	<-end
	under := conn.NetConn().(transparent)
	if under.NetConn() != client || under.LocalAddr() != client.LocalAddr() || conn.RemoteAddr() != client.RemoteAddr() {
		t.Errorf("NetConn = %v, addresses %v, %v", under.NetConn(), under.LocalAddr(), conn.RemoteAddr())
	}
	raw, err := under.SyscallConn()
	if err != nil || raw.Control(func(uintptr) {}) != nil {
		t.Errorf("SyscallConn = %v", err)
	}
	if err := conn.SetReadDeadline(time.Now().Add(-time.Second)); err != nil {
		t.Error(err)
	}
	if _, err := conn.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("after the deadline, Read = %v", err)
	}
	if err := under.CloseWrite(); err != nil {
		t.Error(err)
	}
	if n, err := peer.Read(make([]byte, 1)); n != 0 || err != io.EOF { //nolint:errorlint // readers compare
		t.Errorf("after CloseWrite, the peer reads %d, %v", n, err)
	}
	_ = conn.Close() // complains that close_notify cannot be sent any more
	if _, err := client.Write([]byte("x")); !errors.Is(err, net.ErrClosed) {
		t.Errorf("after Close, Write = %v", err)
	}

	pipe, peer := bufferedPipe(t)
	end = serveTLS(t, peer, server)
	conn, err = route.TLS(deadline(t), pipe, &tls.Config{RootCAs: ca.pool()}, host)
	if err != nil {
		t.Fatal(err)
	}
	<-end
	under = conn.NetConn().(transparent)
	if _, err := under.SyscallConn(); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("SyscallConn of a pipe = %v", err)
	}
	if err := under.CloseWrite(); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("CloseWrite of a pipe = %v", err)
	}
}

// TestReadWaitsAfterTryRead: only TryRead itself does not wait.
func TestReadWaitsAfterTryRead(t *testing.T) {
	conn, peer := tcpPair(t)
	client, server, held := heldTLS(t, conn, peer, tls.VersionTLS12)
	if _, err := io.WriteString(server, "late"); err != nil {
		t.Fatal(err)
	}
	record := held.take()
	assertNothing(t, client)
	sent := make(chan error, 1)
	time.AfterFunc(20*time.Millisecond, func() {
		_, err := peer.Write(record)
		sent <- err
	})
	got := make([]byte, 4)
	if n, err := client.Read(got); string(got[:n]) != "late" || err != nil {
		t.Errorf("Read = %q, %v", got[:n], err)
	}
	if err := <-sent; err != nil {
		t.Error(err)
	}
}
