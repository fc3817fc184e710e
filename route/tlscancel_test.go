package route_test

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/fairlead-ws/fairlead/route"
)

// stallingConn is a connection on which nothing moves any more from a given
// call of Read or Write on, until it is closed.
type stallingConn struct {
	closeRecorder
	calls   atomic.Int32
	stallAt int32
	stalled func() // called once, when the calls have come that far
	gone    chan struct{}
	once    sync.Once
}

func (c *stallingConn) step() error {
	if c.calls.Add(1) != c.stallAt {
		return nil
	}
	c.stalled()
	select {
	case <-c.gone:
		return net.ErrClosed
	case <-time.After(limit):
		return errors.New("the connection was not closed")
	}
}

func (c *stallingConn) Read(p []byte) (int, error) {
	if err := c.step(); err != nil {
		return 0, err
	}
	return c.Conn.Read(p)
}

func (c *stallingConn) Write(p []byte) (int, error) {
	if err := c.step(); err != nil {
		return 0, err
	}
	return c.Conn.Write(p)
}

func (c *stallingConn) Close() error {
	c.once.Do(func() { close(c.gone) })
	return c.closeRecorder.Close()
}

// TestTLSIsCancelledAtEachCall lets the handshake stall at its first read or
// write, its second, and so on until it succeeds, and ends the context there.
func TestTLSIsCancelledAtEachCall(t *testing.T) {
	ca := newAuthority(t, authority{})
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		server := &tls.Config{Certificates: []tls.Certificate{ca.issue(t)}, MaxVersion: version}
		var delays []time.Duration
		succeeded := false
		for call := int32(1); !succeeded && call < 50; call++ {
			client, peer := tcpPair(t)
			end := serveTLS(t, peer, server)
			ctx, cancel := context.WithCancel(deadline(t))
			var ended time.Time
			conn := &stallingConn{
				closeRecorder: closeRecorder{Conn: client}, stallAt: call, gone: make(chan struct{}),
				stalled: func() { ended = time.Now(); cancel() },
			}
			tlsConn, err := route.TLS(ctx, conn, &tls.Config{RootCAs: ca.pool()}, host)
			if succeeded = err == nil && ended.IsZero(); succeeded {
				cancel()
				break
			}
			delays = append(delays, time.Since(ended))
			if !errors.Is(err, context.Canceled) {
				t.Errorf("%s, stalled at call %d: error = %v", tls.VersionName(version), call, err)
			}
			assertTLSError(t, tlsConn, &conn.closeRecorder, err)
			<-end
		}
		if !succeeded || len(delays) < 4 {
			t.Errorf("%s: stalled at %d calls, then succeeded: %v", tls.VersionName(version), len(delays), succeeded)
		}
		assertPrompt(t, tls.VersionName(version), delays)
	}
}

// assertPrompt allows one slow return for a machine that had other things to do.
func assertPrompt(t *testing.T, name string, delays []time.Duration) {
	t.Helper()
	slices.Sort(delays)
	if median := delays[len(delays)/2]; median > 50*time.Millisecond || delays[len(delays)-1] > 2*time.Second {
		t.Errorf("%s: the end of the context was noticed after %v", name, delays)
	}
}

// TestTLSEndsWithItsContext stalls real sockets by a server that stops talking
// after some bytes of its flight.
// Rows D31 of the catalogue.
func TestTLSEndsWithItsContext(t *testing.T) {
	ca := newAuthority(t, authority{})
	server := &tls.Config{Certificates: []tls.Certificate{ca.issue(t)}}
	for _, test := range []struct {
		name string
		ctx  func(context.Context) (context.Context, context.CancelFunc)
		want error
	}{
		{"cancelled", context.WithCancel, context.Canceled},
		{"timed out", func(ctx context.Context) (context.Context, context.CancelFunc) {
			return context.WithTimeout(ctx, 20*time.Millisecond)
		}, context.DeadlineExceeded},
	} {
		var delays []time.Duration
		for _, stopAfter := range []int{-1, 0, 1, 5, 60, 300, 700} {
			t.Run(fmt.Sprintf("%s after %d bytes", test.name, stopAfter), func(t *testing.T) {
				ctx, cancel := test.ctx(deadline(t))
				defer cancel()
				client, peer := tcpPair(t)
				ended := make(chan time.Time, 1)
				context.AfterFunc(ctx, func() { ended <- time.Now() })
				stop := func() {
					if errors.Is(test.want, context.Canceled) {
						cancel()
					}
				}
				if stopAfter < 0 {
					stop() // the server does not even read
				} else {
					serveTLS(t, &mutedConn{Conn: peer, left: stopAfter, silent: stop}, server)
				}
				recorder := &closeRecorder{Conn: client}
				conn, err := route.TLS(ctx, recorder, &tls.Config{RootCAs: ca.pool()}, host)
				delays = append(delays, time.Since(<-ended))
				assertTLSError(t, conn, recorder, err)
				if !errors.Is(err, test.want) {
					t.Errorf("error = %v, want one that matches %v", err, test.want)
				}
			})
		}
		assertPrompt(t, test.name, delays)
	}
}

// mutedConn swallows what is written after the first bytes.
type mutedConn struct {
	net.Conn
	left   int
	silent func() // called when the first byte is swallowed
}

func (c *mutedConn) Write(p []byte) (int, error) {
	n := min(c.left, len(p))
	c.left -= n
	if n > 0 {
		if _, err := c.Conn.Write(p[:n]); err != nil {
			return 0, err
		}
	}
	if n < len(p) {
		c.silent()
	}
	return len(p), nil
}

// TestTLSCancelledWhileNobodyReads: the ClientHello does not get out.
func TestTLSCancelledWhileNobodyReads(t *testing.T) {
	client, peer := net.Pipe()
	defer peer.Close()
	ctx, cancel := context.WithCancel(deadline(t))
	go func() {
		_, _ = io.ReadFull(peer, make([]byte, 1)) // the write has begun
		cancel()
	}()
	recorder := &closeRecorder{Conn: client}
	conn, err := route.TLS(ctx, recorder, nil, host)
	assertTLSError(t, conn, recorder, err)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error = %v", err)
	}
}

func TestTLSContextHasEnded(t *testing.T) {
	client, _ := tcpPair(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	recorder := &closeRecorder{Conn: client}
	conn, err := route.TLS(ctx, recorder, nil, host)
	assertTLSError(t, conn, recorder, err)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error = %v", err)
	}
}

func TestContextHasNoEffectAfterTheHandshake(t *testing.T) {
	ca := newAuthority(t, authority{})
	client, peer := tcpPair(t)
	end := serveTLS(t, peer, &tls.Config{Certificates: []tls.Certificate{ca.issue(t)}})
	ctx, cancel := context.WithCancel(deadline(t))
	conn, err := route.TLS(ctx, client, &tls.Config{RootCAs: ca.pool()}, host)
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	assertEcho(t, conn, (<-end).conn)
}
