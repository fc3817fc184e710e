package route_test

import (
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"
	"time"

	"github.com/fairlead-ws/fairlead/route"
)

// tryUntil calls TryRead until something is there.
func tryUntil(t *testing.T, conn net.Conn, p []byte) (int, error) {
	t.Helper()
	for start := time.Now(); time.Since(start) < limit; runtime.Gosched() {
		n, err := route.TryRead(conn, p)
		if n > 0 || !errors.Is(err, os.ErrDeadlineExceeded) {
			return n, err
		}
	}
	t.Fatal("nothing came")
	return 0, nil
}

func assertNothing(t *testing.T, conn net.Conn) {
	t.Helper()
	n, err := route.TryRead(conn, make([]byte, 8))
	var netErr net.Error
	if n != 0 || !errors.Is(err, os.ErrDeadlineExceeded) || !errors.As(err, &netErr) || !netErr.Timeout() {
		t.Fatalf("TryRead = %d, %v; want nothing", n, err)
	}
}

func assertTryRead(t *testing.T, conn net.Conn, want string) {
	t.Helper()
	p := make([]byte, len(want))
	if n, err := tryUntil(t, conn, p); string(p[:n]) != want || err != nil {
		t.Fatalf("TryRead = %q, %v; want %q", p[:n], err, want)
	}
}

func TestTryReadSocket(t *testing.T) {
	for network, addr := range map[string]string{"tcp": "127.0.0.1:0", "unix": filepath.Join(t.TempDir(), "s")} {
		t.Run(network, func(t *testing.T) {
			client, peer := pair(t, network, addr)
			assertNothing(t, client)
			if n, err := route.TryRead(client, nil); n != 0 || err != nil {
				t.Errorf("into no buffer: %d, %v", n, err)
			}
			if _, err := io.WriteString(peer, "hello"); err != nil {
				t.Fatal(err)
			}
			assertTryRead(t, client, "he")
			assertTryRead(t, client, "llo")
			assertNothing(t, client)
			_ = peer.Close()
			for range 2 {
				if n, err := tryUntil(t, client, make([]byte, 8)); n != 0 || err != io.EOF { //nolint:errorlint // readers compare
					t.Errorf("at the end: %d, %v", n, err)
				}
			}
			_ = client.Close()
			if n, err := route.TryRead(client, make([]byte, 8)); n != 0 || !errors.Is(err, net.ErrClosed) {
				t.Errorf("after Close: %d, %v", n, err)
			}
		})
	}
}

func TestTryReadSocketReset(t *testing.T) {
	client, peer := tcpPair(t)
	_ = peer.(*net.TCPConn).SetLinger(0)
	_ = peer.Close()
	_, err := tryUntil(t, client, make([]byte, 8))
	var opErr *net.OpError
	if !errors.Is(err, syscall.ECONNRESET) || !errors.As(err, &opErr) || opErr.Op != "read" {
		t.Errorf("error = %v", err)
	}
}

// TestTryReadAndDeadlines: a socket's deadline neither stops TryRead nor is it
// changed by it.
func TestTryReadAndDeadlines(t *testing.T) {
	client, peer := tcpPair(t)
	if err := client.SetReadDeadline(time.Now().Add(-time.Second)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(peer, "hello"); err != nil {
		t.Fatal(err)
	}
	assertTryRead(t, client, "hello")
	if _, err := client.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("after TryRead, Read = %v; want the deadline of before", err)
	}
}

func TestTryReadNil(t *testing.T) {
	if n, err := route.TryRead(nil, make([]byte, 1)); n != 0 || err == nil {
		t.Errorf("TryRead(nil) = %d, %v", n, err)
	}
	if n, err := route.TryRead(&net.TCPConn{}, make([]byte, 1)); n != 0 || err == nil {
		t.Errorf("TryRead of no socket = %d, %v", n, err)
	}
}

func TestTryReadOtherConn(t *testing.T) {
	client, peer := net.Pipe()
	defer client.Close()
	defer peer.Close()
	assertNothing(t, client)

	written := make(chan error, 1)
	write := func(text string) {
		_, err := io.WriteString(peer, text)
		written <- err
	}
	go write("hello")
	assertTryRead(t, client, "he")
	// The deadline of 1 ms is gone: a plain read waits.
	p := make([]byte, 8)
	if n, err := client.Read(p); string(p[:n]) != "llo" || err != nil {
		t.Errorf("Read = %q, %v", p[:n], err)
	}
	if err := <-written; err != nil {
		t.Fatal(err)
	}
	_ = client.SetReadDeadline(time.Now().Add(-time.Second))
	assertNothing(t, client)
	go func() {
		time.AfterFunc(10*time.Millisecond, func() { write("late") })
	}()
	if n, err := client.Read(p); string(p[:n]) != "late" || err != nil {
		t.Errorf("Read = %q, %v", p[:n], err)
	}
	if err := <-written; err != nil {
		t.Fatal(err)
	}
	_ = peer.Close()
	if n, err := tryUntil(t, client, p); n != 0 || err == nil {
		t.Errorf("at the end: %d, %v", n, err)
	}
}

// oddConn is a connection whose errors are under control.
type oddConn struct {
	net.Conn
	setErr   []error // of successive calls of SetReadDeadline
	n        int
	readErr  error
	deadline []time.Time
}

func (c *oddConn) Read([]byte) (int, error) { return c.n, c.readErr }

func (c *oddConn) SetReadDeadline(d time.Time) error {
	c.deadline = append(c.deadline, d)
	err := c.setErr[0]
	c.setErr = c.setErr[1:]
	return err
}

// plainTimeout is a timeout that does not match os.ErrDeadlineExceeded.
type plainTimeout struct{}

func (plainTimeout) Error() string   { return "channel: timeout" }
func (plainTimeout) Timeout() bool   { return true }
func (plainTimeout) Temporary() bool { return false }

func TestTryReadOddConn(t *testing.T) {
	errOdd := errors.New("odd")
	for _, test := range []struct {
		name    string
		conn    oddConn
		n       int
		want    error
		cleared bool
	}{
		{"no deadlines", oddConn{setErr: []error{errOdd}}, 0, errOdd, false},
		{"timeout of its own", oddConn{setErr: []error{nil, nil}, readErr: plainTimeout{}}, 0, os.ErrDeadlineExceeded, true},
		{"bytes and a timeout", oddConn{setErr: []error{nil, nil}, n: 3, readErr: plainTimeout{}}, 3, nil, true},
		{"bytes and the end", oddConn{setErr: []error{nil, nil}, n: 3, readErr: io.EOF}, 3, io.EOF, true},
		{"error", oddConn{setErr: []error{nil, nil}, readErr: errOdd}, 0, errOdd, true},
		{"deadline not cleared", oddConn{setErr: []error{nil, errOdd}, n: 3}, 3, errOdd, true},
		{"error, and deadline not cleared", oddConn{setErr: []error{nil, errOdd}, readErr: io.ErrUnexpectedEOF}, 0, io.ErrUnexpectedEOF, true},
	} {
		n, err := route.TryRead(&test.conn, make([]byte, 8))
		if n != test.n || !errors.Is(err, test.want) {
			t.Errorf("%s: TryRead = %d, %v; want %d, %v", test.name, n, err, test.n, test.want)
		}
		if last := test.conn.deadline[len(test.conn.deadline)-1]; last.IsZero() != test.cleared {
			t.Errorf("%s: the last deadline set is %v", test.name, last)
		}
	}
}
