package wstest_test

import (
	"bytes"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/net/nettest"

	"github.com/fairlead-ws/fairlead/wstest"
)

func TestPipeIsANetConn(t *testing.T) {
	for name, size := range map[string]int{"default": 0, "small": 100} {
		t.Run(name, func(t *testing.T) {
			nettest.TestConn(t, func() (net.Conn, net.Conn, func(), error) {
				a, b := wstest.PipeSize(size)
				return a, b, func() { a.Close(); b.Close() }, nil
			})
		})
	}
}

// pipe gives the two ends in their own type and closes them after the test.
func pipe(t *testing.T, size int) (a, b *wstest.PipeConn) {
	t.Helper()
	client, server := wstest.PipeSize(size)
	t.Cleanup(func() { client.Close(); server.Close() })
	return client.(*wstest.PipeConn), server.(*wstest.PipeConn)
}

func TestPipeEnds(t *testing.T) {
	cause := errors.New("the cable")
	tests := []struct {
		name     string
		end      func(a *wstest.PipeConn) // after a wrote "left"
		left     string                   // what b still reads
		read     error                    // and then
		write    error                    // b writes to a
		ownRead  error                    // a reads
		ownWrite error                    // a writes
	}{
		{"Close", func(a *wstest.PipeConn) { a.Close() }, "left", io.EOF, io.ErrClosedPipe, net.ErrClosed, net.ErrClosed},
		{"Close twice", func(a *wstest.PipeConn) { a.Close(); a.Close() }, "left", io.EOF, io.ErrClosedPipe, net.ErrClosed, net.ErrClosed},
		{"CloseWrite", func(a *wstest.PipeConn) { a.CloseWrite() }, "left", io.EOF, nil, nil, net.ErrClosed},
		{"CloseWrite, then Close", func(a *wstest.PipeConn) { a.CloseWrite(); a.Close() }, "left", io.EOF, io.ErrClosedPipe, net.ErrClosed, net.ErrClosed},
		{"CloseWithError", func(a *wstest.PipeConn) { a.CloseWithError(cause) }, "left", cause, io.ErrClosedPipe, net.ErrClosed, net.ErrClosed},
		{"CloseWithError nil", func(a *wstest.PipeConn) { a.CloseWithError(nil) }, "left", io.EOF, io.ErrClosedPipe, net.ErrClosed, net.ErrClosed},
		{"Break", func(a *wstest.PipeConn) { a.Break(cause) }, "", cause, cause, cause, cause},
		{"Break nil", func(a *wstest.PipeConn) { a.Break(nil) }, "", io.ErrUnexpectedEOF, io.ErrUnexpectedEOF, io.ErrUnexpectedEOF, io.ErrUnexpectedEOF},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			a, b := pipe(t, 0)
			if _, err := a.Write([]byte("left")); err != nil {
				t.Fatal(err)
			}
			test.end(a)
			got := make([]byte, len(test.left))
			if _, err := io.ReadFull(b, got); err != nil || string(got) != test.left {
				t.Errorf("b reads %q, %v; want %q", got, err, test.left)
			}
			if n, err := b.Read(make([]byte, 1)); n != 0 || !errors.Is(err, test.read) {
				t.Errorf("b reads %d, %v; want 0, %v", n, err, test.read)
			}
			if test.read == io.EOF {
				if _, err := b.Read(make([]byte, 1)); err != io.EOF {
					t.Errorf("the end of the bytes is %v, want io.EOF itself", err)
				}
			}
			if _, err := b.Write([]byte("x")); !errors.Is(err, test.write) {
				t.Errorf("b writes: %v, want %v", err, test.write)
			}
			if _, err := a.Read(make([]byte, 1)); !errors.Is(err, test.ownRead) {
				t.Errorf("a reads: %v, want %v", err, test.ownRead)
			}
			if _, err := a.Write([]byte("x")); !errors.Is(err, test.ownWrite) {
				t.Errorf("a writes: %v, want %v", err, test.ownWrite)
			}
		})
	}
}

func TestPipeEndsBlockedCalls(t *testing.T) {
	past := time.Unix(1, 0)
	ends := []struct {
		name        string
		end         func(a, b *wstest.PipeConn)
		read, write error // what a's calls return
	}{
		{"own Close", func(a, _ *wstest.PipeConn) { a.Close() }, net.ErrClosed, net.ErrClosed},
		{"the other's Close", func(_, b *wstest.PipeConn) { b.Close() }, io.EOF, io.ErrClosedPipe},
		{"Break", func(_, b *wstest.PipeConn) { b.Break(nil) }, io.ErrUnexpectedEOF, io.ErrUnexpectedEOF},
		{"deadline in the past", func(a, _ *wstest.PipeConn) { a.SetDeadline(past) }, os.ErrDeadlineExceeded, os.ErrDeadlineExceeded},
		{"deadline in an hour", func(a, _ *wstest.PipeConn) { a.SetDeadline(time.Now().Add(time.Hour)) }, os.ErrDeadlineExceeded, os.ErrDeadlineExceeded},
	}
	for _, end := range ends {
		t.Run(end.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a, b := pipe(t, 4)
				var wg sync.WaitGroup
				wg.Go(func() {
					if _, err := a.Read(make([]byte, 1)); !errors.Is(err, end.read) {
						t.Errorf("Read: %v, want %v", err, end.read)
					}
				})
				wg.Go(func() {
					if n, err := a.Write(make([]byte, 5)); n != 4 || !errors.Is(err, end.write) {
						t.Errorf("Write: %d, %v, want 4, %v", n, err, end.write)
					}
				})
				synctest.Wait()
				// This one waits for the Write before it, not for room.
				wg.Go(func() {
					if n, err := a.Write([]byte{1}); n != 0 || !errors.Is(err, end.write) {
						t.Errorf("second Write: %d, %v, want 0, %v", n, err, end.write)
					}
				})
				synctest.Wait()
				end.end(a, b)
				wg.Wait()
			})
		})
	}
}

func TestPipeDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := pipe(t, 0)
		start := time.Now()
		if err := a.SetReadDeadline(start.Add(time.Second)); err != nil {
			t.Fatal(err)
		}
		if err := a.SetReadDeadline(start.Add(time.Minute)); err != nil { // replaces the first
			t.Fatal(err)
		}
		_, err := a.Read(make([]byte, 1))
		var netErr net.Error
		if !errors.As(err, &netErr) || !netErr.Timeout() || !netErr.Temporary() || !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("the error of a deadline is %v", err)
		}
		if took := time.Since(start); took != time.Minute {
			t.Errorf("the deadline came after %v, want a minute", took)
		}
		if _, err := b.Write([]byte("x")); err != nil {
			t.Fatal(err)
		}
		if _, err := a.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("read after the deadline: %v, want the deadline although a byte is there", err)
		}
		if err := a.SetReadDeadline(time.Time{}); err != nil {
			t.Fatal(err)
		}
		if n, err := a.Read(make([]byte, 1)); n != 1 || err != nil {
			t.Errorf("read without a deadline: %d, %v", n, err)
		}
		a.Close()
		if err := a.SetDeadline(time.Time{}); !errors.Is(err, net.ErrClosed) {
			t.Errorf("SetDeadline after Close: %v", err)
		}
		if err := a.SetWriteDeadline(time.Time{}); !errors.Is(err, net.ErrClosed) {
			t.Errorf("SetWriteDeadline after Close: %v", err)
		}
	})
}

// Over TLS an expired read deadline must leave the connection usable, which
// crypto/tls grants to errors that say Temporary only.
func TestPipeUnderTLS(t *testing.T) {
	ca, err := wstest.NewCA()
	if err != nil {
		t.Fatal(err)
	}
	cert, err := ca.Issue("pipe.test")
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		a, b := pipe(t, 0)
		client := tls.Client(a, &tls.Config{RootCAs: ca.Pool(), ServerName: "pipe.test"})
		server := tls.Server(b, &tls.Config{Certificates: []tls.Certificate{cert}})
		var wg sync.WaitGroup
		wg.Go(func() {
			if err := server.Handshake(); err != nil {
				t.Errorf("server: %v", err)
			}
		})
		if err := client.Handshake(); err != nil {
			t.Fatal(err)
		}
		wg.Wait()
		for range 3 {
			client.SetReadDeadline(time.Now().Add(time.Second))
			if _, err := client.Read(make([]byte, 5)); !errors.Is(err, os.ErrDeadlineExceeded) {
				t.Fatalf("read: %v, want the deadline", err)
			}
		}
		client.SetReadDeadline(time.Time{})
		if _, err := server.Write([]byte("hello")); err != nil {
			t.Fatal(err)
		}
		got := make([]byte, 5)
		if _, err := io.ReadFull(client, got); err != nil || string(got) != "hello" {
			t.Errorf("read after deadlines: %q, %v", got, err)
		}
	})
}

func TestPipeWritesDoNotMix(t *testing.T) {
	a, b := pipe(t, 3)
	var wg sync.WaitGroup
	for _, letter := range []byte("abcd") {
		wg.Go(func() {
			for range 20 {
				if _, err := a.Write(bytes.Repeat([]byte{letter}, 10)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for range 80 {
		got := make([]byte, 10)
		if _, err := io.ReadFull(b, got); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, bytes.Repeat(got[:1], 10)) {
			t.Fatalf("two writes mixed: %q", got)
		}
	}
	wg.Wait()
}
