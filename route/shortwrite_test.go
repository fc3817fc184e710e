package route_test

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"testing"

	"github.com/fairlead-ws/fairlead/route"
	"github.com/fairlead-ws/fairlead/wstest"
)

// halfConn takes half of each write and says nothing of it.
type halfConn struct{ net.Conn }

func (c halfConn) Write(p []byte) (int, error) { return c.Conn.Write(p[:len(p)/2]) }

// TestShortWrite: K08: half a request is an error and not waited for.
func TestShortWrite(t *testing.T) {
	next := route.DialerFunc(func(context.Context, string, string) (net.Conn, error) {
		client, server := wstest.Pipe()
		t.Cleanup(func() { server.Close() })
		return halfConn{client}, nil
	})
	const proxy, target = "proxy.example:1", "192.0.2.1:80"
	for name, layer := range map[string]route.Layer{
		"http":    route.HTTPProxy(proxy, nil),
		"https":   route.HTTPProxy(proxy, &route.HTTPProxyOptions{TLS: &tls.Config{}}),
		"socks4":  route.Socks4(proxy, ""),
		"socks5h": route.Socks5h(proxy, nil),
	} {
		conn, err := layer(next).DialContext(t.Context(), "tcp", target)
		if !errors.Is(err, io.ErrShortWrite) {
			t.Errorf("%s: %v, %v, want io.ErrShortWrite", name, conn, err)
		}
	}
	conn, err := next.DialContext(t.Context(), "", "")
	if err == nil {
		_, err = route.TLS(t.Context(), conn, nil, "server.example")
	}
	if !errors.Is(err, io.ErrShortWrite) {
		t.Errorf("TLS: %v, want io.ErrShortWrite", err)
	}
}
