package route_test

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"

	"github.com/fairlead-ws/fairlead/route"
	"github.com/fairlead-ws/fairlead/wstest"
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

// badCertificates returns them with the verdict on each over a direct connection,
// which every other way has to repeat.
func badCertificates(t *testing.T) (bad []wstest.BadCertificate, verdicts []string) {
	t.Helper()
	bad, err := wstest.BadCertificates()
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range bad {
		conn, err := route.TCP{}.DialContext(deadline(t), "tcp", handshakes(t, test.Certificate).addr)
		if err != nil {
			t.Fatal(err)
		}
		_, err = route.TLS(deadline(t), conn, &tls.Config{RootCAs: test.Roots}, test.Host)
		verdicts = append(verdicts, verdict(err))
		if err == nil {
			t.Fatalf("%s is accepted", test.Name)
		}
	}
	t.Logf("%d bad certificates", len(bad))
	return bad, verdicts
}

// verdict is what an error of TLS says, without the time of day.
func verdict(err error) string {
	routeErr, ok := errors.AsType[*route.Error](err)
	if !ok || routeErr.Phase != route.PhaseTLS {
		return fmt.Sprint("no error of TLS: ", err)
	}
	text, _, _ := strings.Cut(routeErr.Err.Error(), "current time")
	return text
}

// TestProxyCertificates: F17, L61 to L63. The name in the certificate is that of
// the proxy, not of the server behind it.
func TestProxyCertificates(t *testing.T) {
	root := newAuthority(t, authority{})
	secure := &route.HTTPProxyOptions{TLS: &tls.Config{RootCAs: root.pool()}}
	bad, verdicts := badCertificates(t)
	for i, test := range bad {
		proxy := handshakes(t, test.Certificate)
		trusting := &route.HTTPProxyOptions{TLS: &tls.Config{RootCAs: test.Roots}}
		dialer := route.HTTPProxy(net.JoinHostPort(test.Host, "443"), trusting)(to(proxy.addr))
		conn, err := dialer.DialContext(deadline(t), "tcp", host+":443")
		var routeErr *route.Error
		if conn != nil || !errors.As(err, &routeErr) || routeErr.Addr != test.Host || verdict(err) != verdicts[i] {
			t.Errorf("%s: %v, want for %s: %s", test.Name, err, test.Host, verdicts[i])
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
	bad, verdicts := badCertificates(t)
	right := wstest.BadCertificate{Name: "right", Certificate: root.issue(t), Host: host, Roots: root.pool()}
	for name, layers := range map[string][]route.Layer{
		"HTTP":        {route.HTTPProxy(connectDouble(t, nil, "").addr, nil)},
		"HTTPS":       {route.HTTPProxy(connectDouble(t, server, "").addr, secure)},
		"SOCKS5":      {route.Socks5(socksDouble(t, "", "").addr, nil)},
		"throttled":   {route.Throttle(1<<30, 1<<30)},
		"two proxies": {route.Socks5h(socksDouble(t, "", "").addr, nil), route.HTTPProxy(connectDouble(t, server, "").addr, secure)},
	} {
		for i, test := range append(bad, right) {
			conn, err := route.Through(layers...).DialContext(deadline(t), "tcp", handshakes(t, test.Certificate).addr)
			if err != nil {
				t.Fatal(name, err)
			}
			tlsConn, err := route.TLS(deadline(t), conn, &tls.Config{RootCAs: test.Roots}, test.Host)
			switch {
			case i == len(bad):
				if err != nil {
					t.Errorf("%s, a right certificate: %v", name, err)
				}
				_ = conn.Close()
			case tlsConn != nil || verdict(err) != verdicts[i]:
				t.Errorf("%s, %s: %v, want: %s", name, test.Name, err, verdicts[i])
			}
		}
	}
}
