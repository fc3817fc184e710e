package route_test

import (
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fairlead-ws/fairlead/route"
)

// stubStream is a stream of functions; nil ones succeed with nothing.
type stubStream struct {
	read, write func(p []byte) (int, error)
	close       func() error
}

func (s stubStream) Read(p []byte) (int, error) {
	if s.read == nil {
		return 0, io.EOF
	}
	return s.read(p)
}

func (s stubStream) Write(p []byte) (int, error) {
	if s.write == nil {
		return len(p), nil
	}
	return s.write(p)
}

func (s stubStream) Close() error {
	if s.close == nil {
		return nil
	}
	return s.close()
}

func TestWithDeadlinesKeepsLateBytes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, server := duplexPair()
		conn := route.WithDeadlines(client)
		for range 3 {
			_ = conn.SetReadDeadline(time.Now().Add(time.Second))
			if n, err := conn.Read(make([]byte, 10)); n != 0 || !errors.Is(err, os.ErrDeadlineExceeded) {
				t.Fatalf("Read = %d, %v", n, err)
			}
		}
		// The stream's read is still under way, although nobody reads.
		if _, err := server.Write([]byte("hello")); err != nil {
			t.Fatal(err)
		}
		_ = conn.SetReadDeadline(time.Time{})
		p := make([]byte, 3)
		for _, want := range []string{"hel", "lo"} {
			if n, err := conn.Read(p); string(p[:n]) != want || err != nil {
				t.Errorf("Read = %q, %v; want %q", p[:n], err, want)
			}
		}
		_ = server.Close()
		for range 2 {
			if _, err := conn.Read(p); err != io.EOF {
				t.Errorf("at the end: %v", err)
			}
		}
		_ = conn.Close()
	})
}

// A stream that ignores Close holds its goroutines, not its callers.
func TestWithDeadlinesNeedsNothingOfTheStream(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gone := make(chan struct{})
		block := func([]byte) (int, error) { <-gone; return 0, io.EOF }
		conn := route.WithDeadlines(stubStream{read: block, write: block})
		results := make(chan error, 3)
		go func() { _, err := conn.Read(make([]byte, 1)); results <- err }()
		for range 2 { // the second waits for its turn
			go func() { _, err := conn.Write([]byte("x")); results <- err }()
		}
		synctest.Wait()
		if err := conn.Close(); err != nil {
			t.Error(err)
		}
		for range 3 {
			if err := <-results; !errors.Is(err, net.ErrClosed) {
				t.Errorf("after Close: %v", err)
			}
		}
		close(gone)
	})
}

func TestWithDeadlinesCutWrite(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, server := duplexPair()
		conn := route.WithDeadlines(client)
		_ = conn.SetWriteDeadline(time.Now().Add(-time.Second))
		_, err := conn.Write([]byte("x"))
		var timeout net.Error
		if !errors.As(err, &timeout) || !timeout.Timeout() || !timeout.Temporary() {
			t.Errorf("before anything was written: %v", err)
		}

		first, p := make(chan struct{}), make([]byte, 40<<10)
		go func() {
			_, _ = io.ReadFull(server, make([]byte, 33<<10)) // the second piece begins
			close(first)
		}()
		_ = conn.SetWriteDeadline(time.Now().Add(time.Second))
		n, err := conn.Write(p)
		<-first
		if n != 32<<10 {
			t.Errorf("%d bytes were certainly written, want %d", n, 32<<10)
		}
		_ = conn.SetWriteDeadline(time.Time{})
		_, again := conn.Write([]byte("x"))
		for _, err := range []error{err, again} {
			if !errors.As(err, &timeout) || !timeout.Timeout() || timeout.Temporary() || !errors.Is(err, os.ErrDeadlineExceeded) ||
				!strings.Contains(err.Error(), "middle of a write") {
				t.Errorf("in the middle: %v", err)
			}
		}
		go func() { _, _ = server.Write([]byte("y")) }()
		if n, err := conn.Read(p); n != 1 || err != nil {
			t.Errorf("Read = %d, %v", n, err)
		}
		_ = conn.Close()
	})
}

// The deadline passes between two pieces: the count is exact, and the next write
// may follow.
func TestWithDeadlinesBetweenPieces(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var conn net.Conn
		conn = route.WithDeadlines(stubStream{write: func(p []byte) (int, error) {
			time.Sleep(time.Second)
			return len(p), conn.SetWriteDeadline(time.Now())
		}})
		if n, err := conn.Write(make([]byte, 40<<10)); n != 0 && n != 32<<10 || !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("Write = %d, %v", n, err)
		}
	})
}

func TestWithDeadlinesOddStreams(t *testing.T) {
	errOdd := errors.New("odd")
	for _, test := range []struct {
		name   string
		stream stubStream
		read   error // matched by Read
		write  error // matched by Write
		text   string
	}{
		{name: "errors", stream: stubStream{
			read:  func([]byte) (int, error) { return 0, errOdd },
			write: func([]byte) (int, error) { return 0, errOdd },
		}, read: errOdd, write: errOdd},
		{name: "nothing, for ever", stream: stubStream{read: func([]byte) (int, error) { return 0, nil }}, read: io.ErrNoProgress},
		{name: "short write", stream: stubStream{write: func(p []byte) (int, error) { return len(p) - 1, nil }}, read: io.EOF, write: io.ErrShortWrite},
		{name: "writes end in EOF", stream: stubStream{write: func([]byte) (int, error) { return 0, io.EOF }}, read: io.EOF, write: io.ErrClosedPipe},
		{name: "too high a count", stream: stubStream{
			read:  func(p []byte) (int, error) { return len(p) + 1, nil },
			write: func(p []byte) (int, error) { return len(p) + 1, nil },
		}, text: "impossible count"},
		{name: "negative count", stream: stubStream{
			read:  func([]byte) (int, error) { return -1, nil },
			write: func([]byte) (int, error) { return -1, nil },
		}, text: "impossible count"},
	} {
		t.Run(test.name, func(t *testing.T) {
			conn := route.WithDeadlines(test.stream)
			defer conn.Close()
			if _, err := conn.Read(make([]byte, 8)); test.text == "" && !errors.Is(err, test.read) || test.text != "" && (err == nil || !strings.Contains(err.Error(), test.text)) {
				t.Errorf("Read: %v", err)
			}
			n, err := conn.Write(make([]byte, 8))
			if test.text == "" && !errors.Is(err, test.write) || test.text != "" && (n != 0 || err == nil || !strings.Contains(err.Error(), test.text)) {
				t.Errorf("Write: %d, %v", n, err)
			}
			if errors.Is(err, io.EOF) {
				t.Error("Write returns EOF")
			}
		})
	}
}

func TestWithDeadlinesNilStream(t *testing.T) {
	conn := route.WithDeadlines(nil)
	if _, err := conn.Read(make([]byte, 1)); !errors.Is(err, net.ErrClosed) {
		t.Errorf("Read: %v", err)
	}
	if _, err := conn.Write([]byte("x")); !errors.Is(err, net.ErrClosed) {
		t.Errorf("Write: %v", err)
	}
	if err := errors.Join(conn.SetDeadline(time.Time{})); !errors.Is(err, net.ErrClosed) {
		t.Errorf("SetDeadline: %v", err)
	}
	if err := conn.Close(); err != nil {
		t.Errorf("Close: %v", err)
	}
}

func TestWithDeadlinesAddresses(t *testing.T) {
	client, _ := tcpPair(t)
	conn := route.WithDeadlines(client)
	if conn.LocalAddr() != client.LocalAddr() || conn.RemoteAddr() != client.RemoteAddr() {
		t.Errorf("addresses %v, %v; want those of the stream", conn.LocalAddr(), conn.RemoteAddr())
	}
	errClose := errors.New("close")
	conn = route.WithDeadlines(nilAddrStream{stubStream{close: func() error { return errClose }}})
	if a := conn.LocalAddr(); a == nil || a.Network() != "stream" || a.String() != "stream" || conn.RemoteAddr() == nil {
		t.Errorf("address %v", a)
	}
	if err := conn.Close(); !errors.Is(err, errClose) {
		t.Errorf("Close: %v", err)
	}
}

type nilAddrStream struct{ stubStream }

func (nilAddrStream) LocalAddr() net.Addr  { return nil }
func (nilAddrStream) RemoteAddr() net.Addr { return nil }

func TestWithDeadlinesCloseWrite(t *testing.T) {
	client, server := tcpPair(t)
	conn := route.WithDeadlines(client).(interface {
		net.Conn
		CloseWrite() error
	})
	if _, err := conn.Write([]byte("bye")); err != nil {
		t.Fatal(err)
	}
	if err := conn.CloseWrite(); err != nil {
		t.Fatal(err)
	}
	_ = server.SetDeadline(time.Now().Add(limit))
	if got, err := io.ReadAll(server); string(got) != "bye" || err != nil {
		t.Errorf("the server read %q, %v", got, err)
	}
	_ = conn.Close()
	if err := conn.CloseWrite(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("CloseWrite after Close: %v", err)
	}
	half := route.WithDeadlines(stubStream{}).(interface{ CloseWrite() error })
	if err := half.CloseWrite(); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("CloseWrite of a stream without: %v", err)
	}
}

func TestTryReadWithDeadlines(t *testing.T) {
	client, server := duplexPair()
	conn := route.WithDeadlines(client)
	defer conn.Close()
	defer server.Close()
	p := make([]byte, 10)
	if n, err := route.TryRead(conn, p); n != 0 || !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("nothing there: %d, %v", n, err)
	}
	if _, err := server.Write([]byte("x")); err != nil { // taken by the read that was begun
		t.Fatal(err)
	}
	if n, err := conn.Read(p); n != 1 || err != nil {
		t.Errorf("Read = %d, %v", n, err)
	}
}
