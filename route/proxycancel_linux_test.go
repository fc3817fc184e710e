package route_test

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/fairlead-ws/fairlead/route"
	"github.com/fairlead-ws/fairlead/wstrace"
)

const (
	cancels   = 1000
	cancelP99 = 50 * time.Millisecond
)

// stalling is a proxy that reads what comes, gives its answers one after the
// other, each after the client has written, and then says nothing more. It tells
// reached when it has come so far.
func stalling(t *testing.T, reached chan<- struct{}, answers ...string) string {
	return newProxyDouble(t, func(conn net.Conn) {
		defer conn.Close()
		p := make([]byte, 4096)
		for i := 0; ; i++ {
			if _, err := conn.Read(p); err != nil {
				return
			}
			if i < len(answers) {
				_, _ = io.WriteString(conn, answers[i])
			}
			if i == max(0, len(answers)-1) || i >= len(answers) {
				reached <- struct{}{}
				_, _ = io.Copy(io.Discard, conn)
				return
			}
		}
	}).addr
}

// TestProxyCancel: F16, G14, in each phase the end of the context ends the dial
// at once, nothing stays open and no goroutine is left.
func TestProxyCancel(t *testing.T) {
	password := &route.SocksOptions{Username: "user", Password: "pw"}
	secure := &route.HTTPProxyOptions{TLS: &tls.Config{MinVersion: tls.VersionTLS12}}
	type phase struct {
		name    string
		phase   string
		dialer  route.Dialer
		reached chan struct{}
	}
	through := func(name, phaseName string, layer func(addr string) route.Layer, answers ...string) phase {
		reached := make(chan struct{}, 1)
		return phase{name, phaseName, route.Through(layer(stalling(t, reached, answers...))), reached}
	}
	http := func(addr string) route.Layer { return route.HTTPProxy(addr, nil) }
	https := func(addr string) route.Layer { return route.HTTPProxy(addr, secure) }
	socks5 := func(addr string) route.Layer { return route.Socks5h(addr, password) }
	socks4 := func(addr string) route.Layer { return route.Socks4a(addr, "") }
	resolving := make(chan struct{}, 1)
	tell := func() {
		select {
		case resolving <- struct{}{}:
		default:
		}
	}
	connecting := make(chan struct{}, 1)
	phases := []phase{
		{"resolving the proxy", route.PhaseResolve, route.HTTPProxy("proxy.example:1", nil)(route.TCP{Resolver: blockedResolver(tell)}), resolving},
		{"resolving for SOCKS5", route.PhaseResolve, route.Socks5("127.0.0.1:1", nil)(route.TCP{Resolver: blockedResolver(tell)}), resolving},
		{"connecting", route.PhaseConnect, route.Through(http(blackHole(t))), connecting},
		through("CONNECT sent", route.PhaseProxy, http),
		through("CONNECT, middle of the reply", route.PhaseProxy, http, "HTTP/1.1 200 Conn"),
		through("TLS to the proxy", route.PhaseTLS, https),
		through("SOCKS4 request", route.PhaseProxy, socks4),
		through("SOCKS4, middle of the reply", route.PhaseProxy, socks4, "\x00\x5a\x00"),
		through("SOCKS5 greeting", route.PhaseProxy, socks5),
		through("SOCKS5 password", route.PhaseProxy, socks5, "\x05\x02"),
		through("SOCKS5 request", route.PhaseProxy, socks5, "\x05\x02", "\x01\x00"),
		through("SOCKS5, middle of the reply", route.PhaseProxy, socks5, "\x05\x00", "\x05\x00\x00\x03\x10"),
	}
	for _, p := range phases {
		t.Run(p.name, func(t *testing.T) {
			before := runtime.NumGoroutine()
			took := make([]time.Duration, 0, cancels)
			for range cancels {
				ctx, cancel := context.WithCancel(deadline(t))
				if p.reached == connecting {
					ctx = wstrace.WithTrace(ctx, &wstrace.Trace{ConnectStart: func(wstrace.ConnectStart) { connecting <- struct{}{} }})
				}
				cancelled := make(chan time.Time, 1)
				go func() {
					<-p.reached
					now := time.Now()
					cancel()
					cancelled <- now
				}()
				conn, err := p.dialer.DialContext(ctx, "tcp", "server.example:443")
				end := time.Now()
				took = append(took, end.Sub(<-cancelled))
				var routeErr *route.Error
				if conn != nil || !errors.Is(err, context.Canceled) || !errors.As(err, &routeErr) || routeErr.Phase != p.phase {
					t.Fatalf("%v, %v", conn, err)
				}
			}
			slices.Sort(took)
			p50, p99 := took[cancels/2], took[cancels*99/100]
			if p99 > cancelP99 {
				t.Errorf("p99 is %v, want at most %v", p99, cancelP99)
			}
			// Those of the proxy end when they read that the connection is closed.
			end := time.Now().Add(limit)
			for runtime.NumGoroutine() > before && time.Now().Before(end) {
				runtime.Gosched()
			}
			if n := runtime.NumGoroutine(); n > before {
				t.Errorf("%d goroutines, %d before", n, before)
			}
			t.Logf("%d cancels: p50 %v, p99 %v", cancels, p50, p99)
		})
	}
}
