package fairlead_test

import (
	"context"
	"errors"
	"io"
	"net"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/auth"
	"github.com/fairlead-ws/fairlead/route"
	"github.com/fairlead-ws/fairlead/wstest"
)

// TestDialCancel: in each phase that a dial has above its route, the end of the
// context ends it at once, and no goroutine is left. Package route and its tests
// have the phases below.
func TestDialCancel(t *testing.T) {
	cancels, most := 1000, 50*time.Millisecond
	if raceDetector {
		cancels, most = 200, 500*time.Millisecond
	}
	reached := make(chan struct{}, 1)
	// via plays the server on a connection that keeps no port after its end.
	via := func(serve func(net.Conn)) route.Dialer {
		ln, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { ln.Close() })
		go func() {
			for {
				conn, err := ln.Accept()
				if err != nil {
					return
				}
				go func() {
					defer conn.Close()
					serve(conn)
				}()
			}
		}()
		return route.DialerFunc(func(ctx context.Context, network, _ string) (net.Conn, error) {
			conn, err := route.TCP{}.DialContext(ctx, network, ln.Addr().String())
			if err != nil {
				return nil, err
			}
			return conn, conn.(*net.TCPConn).SetLinger(0)
		})
	}
	silent := func(answers ...string) route.Dialer {
		return via(func(conn net.Conn) {
			p := make([]byte, 4096)
			for i := 0; ; i++ {
				if _, err := conn.Read(p); err != nil {
					return
				}
				if i == len(answers) {
					reached <- struct{}{}
					_, _ = io.Copy(io.Discard, conn)
					return
				}
				_, _ = io.WriteString(conn, answers[i])
			}
		})
	}
	half := via(func(conn net.Conn) {
		if _, err := conn.Read(make([]byte, 4096)); err == nil {
			_, _ = io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\nUpgr")
			reached <- struct{}{}
			_, _ = io.Copy(io.Discard, conn)
		}
	})
	unread := route.DialerFunc(func(context.Context, string, string) (net.Conn, error) {
		client, server := net.Pipe() // whose writes wait for a reader
		go func() {
			var one [1]byte
			_, _ = server.Read(one[:])
			reached <- struct{}{}
		}()
		return client, nil
	})
	const challenge = "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"r\"\r\nContent-Length: 0\r\n\r\n"
	for _, tt := range []struct {
		name, url, phase string
		via              route.Dialer
	}{
		{"TLS", "wss://h/", fairlead.PhaseTLS, silent()},
		{"request", "ws://h/", fairlead.PhaseRequest, unread},
		{"response", "ws://h/", fairlead.PhaseResponse, silent()},
		{"middle of the response", "ws://h/", fairlead.PhaseResponse, half},
		{"response after a 401", "ws://h/", fairlead.PhaseResponse, silent(challenge)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			before := runtime.NumGoroutine()
			d := fairlead.Dialer{Route: tt.via, Auth: auth.Password{Username: "u", Password: "p"}}
			took := make([]time.Duration, 0, cancels)
			for range cancels {
				ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
				cancelled := make(chan time.Time, 1)
				go func() {
					<-reached
					cancelled <- time.Now()
					cancel()
				}()
				c, err := d.Dial(ctx, tt.url)
				end := time.Now()
				took = append(took, end.Sub(<-cancelled))
				var failed *fairlead.HandshakeError
				if c != nil || !errors.Is(err, context.Canceled) || !errors.As(err, &failed) || failed.Phase != tt.phase {
					t.Fatalf("%v, %v, want phase %q", c, err, tt.phase)
				}
			}
			slices.Sort(took)
			p50, p99 := took[cancels/2], took[cancels*99/100]
			if p99 > most {
				t.Errorf("p99 is %v, want at most %v", p99, most)
			}
			// Those of the server end when they read that the connection is closed.
			for end := time.Now().Add(5 * time.Second); runtime.NumGoroutine() > before && time.Now().Before(end); {
				runtime.Gosched()
			}
			if n := runtime.NumGoroutine(); n > before {
				t.Errorf("%d goroutines, %d before", n, before)
			}
			t.Logf("%d cancels: p50 %v, p99 %v", cancels, p50, p99)
		})
	}
}

// TestDialShortWrite: K08: a request that goes out by half is an error at once.
func TestDialShortWrite(t *testing.T) {
	client, server := wstest.Pipe()
	defer server.Close()
	half := wstest.Faulty(client, wstest.Fault{On: wstest.OnWrite, Call: 1, Short: 10})
	d := fairlead.Dialer{Route: route.DialerFunc(func(context.Context, string, string) (net.Conn, error) {
		return silentConn{half}, nil
	})}
	_, err := d.Dial(t.Context(), "ws://h/")
	var failed *fairlead.HandshakeError
	if !errors.Is(err, io.ErrShortWrite) || !errors.As(err, &failed) || failed.Phase != fairlead.PhaseRequest {
		t.Errorf("%v, want io.ErrShortWrite in the phase of the request", err)
	}
}

// silentConn says nothing of errors when it writes.
type silentConn struct{ net.Conn }

func (c silentConn) Write(p []byte) (int, error) {
	n, _ := c.Conn.Write(p)
	return n, nil
}
