package route_test

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"strings"
	"testing"

	"github.com/fairlead-ws/fairlead/route"
)

// to is a dialer that reaches addr whatever it is asked for, as a name server
// could make it.
func to(addr string) route.Dialer {
	return route.DialerFunc(func(ctx context.Context, network, _ string) (net.Conn, error) {
		return route.TCP{}.DialContext(ctx, network, addr)
	})
}

// handshakes serves TLS and nothing in it.
func handshakes(t *testing.T, cert tls.Certificate) *proxyDouble {
	return newProxyDouble(t, func(conn net.Conn) {
		_ = tls.Server(conn, &tls.Config{Certificates: []tls.Certificate{cert}}).HandshakeContext(deadline(t))
		_, _ = io.Copy(io.Discard, conn)
		_ = conn.Close()
	})
}

// TestProxyCertificates: F17, L61 to L63. The name in the certificate is that of
// the proxy, not of the server behind it.
func TestProxyCertificates(t *testing.T) {
	root := newAuthority(t, authority{})
	secure := &route.HTTPProxyOptions{TLS: &tls.Config{RootCAs: root.pool()}}
	for _, test := range badCertificates(t, root) {
		proxy := handshakes(t, test.cert)
		dialer := route.HTTPProxy(test.host+":443", secure)(to(proxy.addr))
		conn, err := dialer.DialContext(deadline(t), "tcp", host+":443")
		var routeErr *route.Error
		if conn != nil || !errors.As(err, &routeErr) || routeErr.Phase != route.PhaseTLS || routeErr.Addr != test.host || !errors.As(err, test.as) {
			t.Errorf("%s: %v, want a %T for %s", test.name, err, test.as, test.host)
		}
	}
	proxy := connectDouble(t, &tls.Config{Certificates: []tls.Certificate{root.issue(t)}}, "")
	target, _ := accepting(t)
	if conn, err := route.HTTPProxy(host+":443", secure)(to(proxy.addr)).DialContext(deadline(t), "tcp", target); err != nil {
		t.Errorf("a good certificate: %v", err)
	} else {
		_ = conn.Close()
	}
	spoken := newProxyDouble(t, func(conn net.Conn) { // D29
		_, _ = conn.Read(make([]byte, 1))
		_, _ = io.WriteString(conn, "HTTP/1.1 400 Bad Request\r\n\r\n")
		_, _ = io.Copy(io.Discard, conn)
		_ = conn.Close()
	})
	if _, err := route.HTTPProxy(host+":443", secure)(to(spoken.addr)).DialContext(deadline(t), "tcp", target); err == nil || !strings.Contains(err.Error(), "plain HTTP") {
		t.Errorf("TLS to a plain proxy: %v", err)
	}
}

// TestInnerCertificates: F18, L61. Through whatever hop, the certificate of the
// server must be right for the server's name.
func TestInnerCertificates(t *testing.T) {
	root := newAuthority(t, authority{})
	server := &tls.Config{Certificates: []tls.Certificate{root.issue(t)}}
	secure := &route.HTTPProxyOptions{TLS: &tls.Config{RootCAs: root.pool(), ServerName: host}}
	bad := badCertificates(t, root)
	for name, layers := range map[string][]route.Layer{
		"HTTP":        {route.HTTPProxy(connectDouble(t, nil, "").addr, nil)},
		"HTTPS":       {route.HTTPProxy(connectDouble(t, server, "").addr, secure)},
		"SOCKS5":      {route.Socks5(socksDouble(t, "", "").addr, nil)},
		"throttled":   {route.Throttle(1<<30, 1<<30)},
		"two proxies": {route.Socks5h(socksDouble(t, "", "").addr, nil), route.HTTPProxy(connectDouble(t, server, "").addr, secure)},
	} {
		for _, test := range append(bad, badCertificate{"right", root.issue(t), host, nil}) {
			conn, err := route.Through(layers...).DialContext(deadline(t), "tcp", handshakes(t, test.cert).addr)
			if err != nil {
				t.Fatal(name, err)
			}
			tlsConn, err := route.TLS(deadline(t), conn, &tls.Config{RootCAs: root.pool()}, test.host)
			if test.as == nil {
				if err != nil {
					t.Errorf("%s, %s: %v", name, test.name, err)
				}
				_ = conn.Close()
				continue
			}
			if tlsConn != nil || !errors.As(err, test.as) {
				t.Errorf("%s, %s: %v, want a %T", name, test.name, err, test.as)
			}
		}
	}
}
