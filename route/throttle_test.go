package route_test

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fairlead-ws/fairlead/route"
	"github.com/fairlead-ws/fairlead/wstest"
)

// TestThrottleRate: within 5 % over 2 s, both directions at once, whatever the
// size of what is written.
func TestThrottleRate(t *testing.T) {
	for _, test := range []struct {
		name     string
		up, down int64
		piece    int
	}{
		{"20 KB/s, 5 KB/s", 20_000, 5_000, 1000},
		{"100 B/s", 100, 100, 7},
		{"10 MB/s in writes of 1 MiB", 10_000_000, 10_000_000, 1 << 20},
		{"3 MB/s in single bytes up", 30_000, 3_000_000, 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				client, server := wstest.Pipe()
				defer server.Close()
				conn := route.ThrottleConn(client, test.up, test.down)
				defer conn.Close()
				assertRates(t, conn, server, test.up, test.down, test.piece, 0.05)
			})
		})
	}
	t.Run("on the clock", func(t *testing.T) {
		t.Parallel()
		client, server := tcpPair(t)
		assertRates(t, route.ThrottleConn(client, 400_000, 200_000), server, 400_000, 200_000, 10_000, 0.05)
	})
}

// assertRates moves what 2 s allow and takes the time.
func assertRates(t *testing.T, conn, server net.Conn, up, down int64, piece int, tolerance float64) {
	t.Helper()
	const span = 2 * time.Second
	var wg sync.WaitGroup
	move := func(name string, from, to net.Conn, rate int64) {
		total := int(rate * int64(span/time.Second))
		wg.Go(func() {
			p := make([]byte, piece)
			for left := total; left > 0; left -= piece {
				if _, err := from.Write(p[:min(piece, left)]); err != nil {
					t.Error(name, err)
					return
				}
			}
		})
		wg.Go(func() {
			start := time.Now()
			if n, err := io.CopyN(io.Discard, to, int64(total)); err != nil {
				t.Error(name, n, err)
			}
			took := time.Since(start)
			if off := float64(took-span) / float64(span); off < -tolerance || off > tolerance {
				t.Errorf("%s: %d bytes at %d a second took %v", name, total, rate, took)
			} else {
				t.Logf("%s: %+.1f %%", name, 100*off)
			}
		})
	}
	move("up", conn, server, up)
	move("down", server, conn, down)
	wg.Wait()
}

// TestThrottleIsFair: after a long write a short one waits for a piece of it, and
// after a pause for nothing.
func TestThrottleIsFair(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, server := wstest.Pipe()
		defer server.Close()
		go io.Copy(io.Discard, server)
		conn := route.ThrottleConn(client, 10_000, 0)
		defer conn.Close()
		write := func(n int) time.Duration {
			start := time.Now()
			if _, err := conn.Write(make([]byte, n)); err != nil {
				t.Error(err)
			}
			return time.Since(start)
		}
		if took := write(50_000); took < 4900*time.Millisecond || took > 5*time.Second {
			t.Errorf("50 kB at 10 kB/s took %v", took)
		}
		if took := write(6); took > 10*time.Millisecond {
			t.Errorf("a short write behind it waited %v", took)
		}
		time.Sleep(time.Minute)
		if took := write(100); took != 0 {
			t.Errorf("after a pause a write waited %v", took)
		}
		if took := write(50_000); took < 4900*time.Millisecond {
			t.Errorf("a pause was saved up: 50 kB took %v", took)
		}
	})
}

// TestThrottleEnds: deadlines and Close end a wait of hours at once, and no byte
// is lost.
func TestThrottleEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, server := wstest.Pipe()
		defer server.Close()
		conn := route.ThrottleConn(client, 1, 1)
		start := time.Now()
		var wg sync.WaitGroup
		_ = conn.SetDeadline(start.Add(10 * time.Second))
		wg.Go(func() {
			n, err := conn.Write(make([]byte, 1000))
			if !errors.Is(err, os.ErrDeadlineExceeded) || n < 10 || n > 11 {
				t.Errorf("Write = %d, %v", n, err)
			}
		})
		if _, err := server.Write([]byte("0123456789abcdefghijklmnopqrstuvwxyz")); err != nil {
			t.Error(err)
		}
		var got []byte
		for p := make([]byte, 100); ; {
			n, err := conn.Read(p)
			got = append(got, p[:n]...)
			if err != nil {
				if !errors.Is(err, os.ErrDeadlineExceeded) {
					t.Error(err)
				}
				break
			}
		}
		wg.Wait()
		if took := time.Since(start); took != 10*time.Second {
			t.Errorf("a deadline in 10 s came after %v", took)
		}
		if _, err := route.TryRead(conn, make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("TryRead before its time: %v", err)
		}
		_ = conn.SetDeadline(time.Time{})
		for len(got) < 36 {
			time.Sleep(time.Second)
			p := make([]byte, 9)
			n, err := route.TryRead(conn, p)
			if n != 1 || err != nil {
				t.Fatalf("TryRead = %d, %v", n, err)
			}
			got = append(got, p[:n]...)
		}
		if !bytes.Equal(got, []byte("0123456789abcdefghijklmnopqrstuvwxyz")) {
			t.Errorf("read %q", got)
		}
		for _, call := range []func([]byte) (int, error){conn.Read, conn.Write, conn.Write} {
			wg.Go(func() {
				if _, err := call(make([]byte, 5)); !errors.Is(err, net.ErrClosed) {
					t.Errorf("ended by Close: %v", err)
				}
			})
		}
		synctest.Wait()
		start = time.Now()
		_ = conn.Close()
		wg.Wait()
		if took := time.Since(start); took != 0 {
			t.Errorf("Close was noticed after %v", took)
		}
		if _, err := route.TryRead(conn, make([]byte, 1)); !errors.Is(err, net.ErrClosed) {
			t.Errorf("TryRead after Close: %v", err)
		}
	})
}

func TestThrottleNothing(t *testing.T) {
	client, _ := tcpPair(t)
	if got := route.ThrottleConn(client, 0, -1); got != client {
		t.Errorf("without limits: %T", got)
	}
	if _, err := route.ThrottleConn(nil, 1, 1).Read(make([]byte, 1)); !errors.Is(err, net.ErrClosed) {
		t.Errorf("a nil connection: %v", err)
	}
}
