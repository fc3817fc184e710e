package route_test

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/fairlead-ws/fairlead/route"
	"github.com/fairlead-ws/fairlead/wstest/conntest"
)

// TestProxyConns holds what proxies return against the rules for connections.
func TestProxyConns(t *testing.T) {
	ca := newAuthority(t, authority{})
	server := &tls.Config{Certificates: []tls.Certificate{ca.issue(t)}}
	secure := &route.HTTPProxyOptions{TLS: &tls.Config{RootCAs: ca.pool(), ServerName: host}}
	const glue = "left over"
	through := func(layers ...route.Layer) func(addr string) (net.Conn, error) {
		return func(addr string) (net.Conn, error) {
			return route.Through(layers...).DialContext(deadline(t), "tcp", addr)
		}
	}
	unglued := func(dial func(string) (net.Conn, error)) func(string) (net.Conn, error) {
		return func(addr string) (net.Conn, error) {
			conn, err := dial(addr)
			if err != nil {
				return nil, err
			}
			p := make([]byte, len(glue))
			if _, err := io.ReadFull(conn, p); err != nil || string(p) != glue {
				return nil, fmt.Errorf("read %q, %w", p, err)
			}
			return conn, nil
		}
	}
	for name, dial := range map[string]func(addr string) (net.Conn, error){
		"HTTP":                through(route.HTTPProxy(connectDouble(t, nil, "").addr, nil)),
		"HTTP, leftovers":     unglued(through(route.HTTPProxy(connectDouble(t, nil, glue).addr, nil))),
		"HTTPS":               through(route.HTTPProxy(connectDouble(t, server, "").addr, secure)),
		"HTTPS, leftovers":    unglued(through(route.HTTPProxy(connectDouble(t, server, glue).addr, secure))),
		"SOCKS5":              through(route.Socks5(socksDouble(t, "u", "p").addr, &route.SocksOptions{Username: "u", Password: "p"})),
		"SOCKS5h over HTTPS":  through(route.HTTPProxy(connectDouble(t, server, "").addr, secure), route.Socks5h(socksDouble(t, "", "").addr, nil)),
		"throttled":           through(route.Throttle(64<<20, 64<<20)),
		"throttled downwards": through(route.Throttle(0, 64<<20)),
		"HTTP, throttled":     through(route.Throttle(64<<20, 64<<20), route.HTTPProxy(connectDouble(t, nil, "").addr, nil)),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			conntest.TestConn(t, dialed(t, "tcp", "127.0.0.1:0", dial))
		})
	}
}

// TestPlainProxiesReturnTheSocket: nothing stands between the caller and the
// system when there is no reason for it.
func TestPlainProxiesReturnTheSocket(t *testing.T) {
	target, _ := accepting(t)
	for name, layer := range map[string]route.Layer{
		"HTTP":    route.HTTPProxy(connectDouble(t, nil, "").addr, nil),
		"SOCKS5":  route.Socks5(socksDouble(t, "", "").addr, nil),
		"SOCKS5h": route.Socks5h(socksDouble(t, "", "").addr, nil),
	} {
		conn, err := route.Through(layer).DialContext(deadline(t), "tcp", target)
		if err != nil {
			t.Fatal(name, err)
		}
		defer conn.Close()
		if _, ok := conn.(*net.TCPConn); !ok {
			t.Errorf("%s: the connection is a %T", name, conn)
		}
	}
}

// TestLeftovers: F07, what came with the 200 is the first of the connection,
// whichever way it is read.
func TestLeftovers(t *testing.T) {
	const glue = "left over"
	proxy := connectDouble(t, nil, glue)
	addr := listen(t, "tcp", "127.0.0.1:0", func(conn net.Conn) {
		_, _ = io.WriteString(conn, " and more")
		_ = conn.Close()
	})
	open := func(t *testing.T) net.Conn {
		conn, err := route.Through(route.HTTPProxy(proxy.addr, nil)).DialContext(deadline(t), "tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = conn.Close() })
		return conn
	}
	t.Run("Read", func(t *testing.T) {
		all, err := io.ReadAll(open(t))
		if string(all) != glue+" and more" || err != nil {
			t.Errorf("read %q, %v", all, err)
		}
	})
	t.Run("TryRead", func(t *testing.T) {
		conn := open(t)
		p := make([]byte, 4)
		if n, err := route.TryRead(conn, p); string(p[:n]) != "left" || err != nil {
			t.Errorf("TryRead = %q, %v", p[:n], err)
		}
		rest := make([]byte, len(glue)-4)
		if n, err := route.TryRead(conn, rest); string(rest[:n]) != glue[4:] || err != nil {
			t.Errorf("TryRead = %q, %v", rest[:n], err)
		}
		all, err := io.ReadAll(conn)
		if string(all) != " and more" || err != nil {
			t.Errorf("then %q, %v", all, err)
		}
	})
	t.Run("deadline", func(t *testing.T) {
		conn := open(t)
		_ = conn.SetReadDeadline(past)
		if _, err := conn.Read(make([]byte, 4)); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("after the deadline: %v", err)
		}
		_ = conn.SetDeadline(noDeadline)
		if all, err := io.ReadAll(conn); string(all) != glue+" and more" || err != nil {
			t.Errorf("read %q, %v", all, err)
		}
	})
	t.Run("Close", func(t *testing.T) {
		conn := open(t)
		_ = conn.Close()
		if n, err := conn.Read(make([]byte, 4)); n != 0 || !errors.Is(err, net.ErrClosed) {
			t.Errorf("after Close: %d, %v", n, err)
		}
	})
	t.Run("SyscallConn", func(t *testing.T) {
		conn := open(t)
		raw, err := conn.(syscall.Conn).SyscallConn()
		if err != nil || raw.Control(func(uintptr) {}) != nil {
			t.Fatal(err)
		}
		called := false
		f := func(uintptr) bool { called = true; return true }
		if err := raw.Read(f); err == nil || called {
			t.Errorf("a read may pass by what is left: %v", err)
		}
		if _, err := io.ReadFull(conn, make([]byte, len(glue+" and more"))); err != nil {
			t.Fatal(err)
		}
		if err := raw.Read(f); err != nil || !called {
			t.Errorf("after it: %v", err)
		}
	})
	t.Run("TLS above", func(t *testing.T) { // F08, L76 (CVE-2021-22947)
		_, err := route.TLS(deadline(t), open(t), nil, host)
		var routeErr *route.Error
		if !errors.As(err, &routeErr) || routeErr.Phase != route.PhaseTLS {
			t.Errorf("error = %v", err)
		}
	})
}

var (
	past       = time.Unix(1, 0)
	noDeadline time.Time
)
