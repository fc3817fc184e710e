package route_test

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/http/httptrace"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/fairlead-ws/fairlead/route"
	"github.com/fairlead-ws/fairlead/wstrace"
)

// events is a trace that keeps each event as text. Durations are replaced by a
// mark when they are negative or longer than the test may run.
type events []string

func (e *events) add(format string, args ...any) { *e = append(*e, fmt.Sprintf(format, args...)) }

func (e *events) trace() *wstrace.Trace {
	return &wstrace.Trace{
		ResolveStart: func(x wstrace.ResolveStart) { e.add("resolve %s", x.Host) },
		ResolveDone: func(x wstrace.ResolveDone) {
			e.add("resolved %s %v %v %v", x.Host, x.Addrs, x.Duration >= 0 && x.Duration < limit, x.Err != nil)
		},
		ConnectStart: func(x wstrace.ConnectStart) { e.add("connect %s %s", x.Network, x.Addr) },
		ConnectDone: func(x wstrace.ConnectDone) {
			e.add("connected %s %s local=%s %v %v", x.Network, x.Addr, x.LocalAddr, x.Duration >= 0 && x.Duration < limit, x.Err != nil)
		},
		TLSStart: func(x wstrace.TLSStart) { e.add("tls %s", x.ServerName) },
		TLSDone: func(x wstrace.TLSDone) {
			e.add("tls done %s %q %q %q %q %v %v", x.ServerName, x.Version, x.CipherSuite, x.ALPN, x.PeerSubject, x.Duration >= 0 && x.Duration < limit, x.Err)
		},
	}
}

func (e *events) assert(t *testing.T, want ...string) {
	t.Helper()
	if !slices.Equal(*e, want) {
		t.Errorf("events:\n%s\nwant:\n%s", strings.Join(*e, "\n"), strings.Join(want, "\n"))
	}
}

func accepting(t *testing.T) (addr, port string) {
	t.Helper()
	addr = listen(t, "tcp", "127.0.0.1:0", func(conn net.Conn) { _ = conn.Close() })
	_, port, _ = net.SplitHostPort(addr)
	return addr, port
}

func TestTraceLiteralAddress(t *testing.T) {
	addr, _ := accepting(t)
	var got events
	conn, err := route.TCP{}.DialContext(wstrace.WithTrace(deadline(t), got.trace()), "tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	got.assert(t, "connect tcp "+addr, "connected tcp "+addr+" local="+conn.LocalAddr().String()+" true false")
}

func TestTraceName(t *testing.T) {
	addr, port := accepting(t)
	var got events
	dialer := route.TCP{Resolver: answeringResolver("127.0.0.1")}
	conn, err := dialer.DialContext(wstrace.WithTrace(deadline(t), got.trace()), "tcp4", "a.example:"+port)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	got.assert(t, "resolve a.example", "resolved a.example [127.0.0.1] true false",
		"connect tcp4 "+addr, "connected tcp4 "+addr+" local="+conn.LocalAddr().String()+" true false")
}

func TestTraceFailures(t *testing.T) {
	var got events
	ctx := wstrace.WithTrace(deadline(t), got.trace())
	_, _ = route.TCP{Resolver: deadResolver()}.DialContext(ctx, "tcp", "a.example:80")
	got.assert(t, "resolve a.example", "resolved a.example [] true true")

	got = nil
	addr := refusedAddr(t)
	_, _ = route.TCP{}.DialContext(ctx, "tcp", addr)
	got.assert(t, "connect tcp "+addr, "connected tcp "+addr+" local= true true")
}

func TestTraceUnix(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	listen(t, "unix", path, func(conn net.Conn) { _ = conn.Close() })
	var got events
	conn, err := route.Unix{Path: path}.DialContext(wstrace.WithTrace(deadline(t), got.trace()), "tcp", "a.example:80")
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	got.assert(t, "connect unix "+path, "connected unix "+path+" local="+conn.LocalAddr().String()+" true false")
}

// TestTraceEachHookAlone finds a hook that is called though it is nil.
func TestTraceEachHookAlone(t *testing.T) {
	_, port := accepting(t)
	var got events
	all := got.trace()
	for _, trace := range []*wstrace.Trace{
		{ResolveStart: all.ResolveStart},
		{ResolveDone: all.ResolveDone},
		{ConnectStart: all.ConnectStart},
		{ConnectDone: all.ConnectDone},
	} {
		got = nil
		dialer := route.TCP{Resolver: answeringResolver("127.0.0.1")}
		conn, err := dialer.DialContext(wstrace.WithTrace(deadline(t), trace), "tcp4", "a.example:"+port)
		if err != nil {
			t.Fatal(err)
		}
		_ = conn.Close()
		if len(got) != 1 {
			t.Errorf("events %q, want one", got)
		}
	}
}

// TestHTTPTraceGoesOn: a trace of net/http that the caller put into the context
// sees what it would see without ours.
func TestHTTPTraceGoesOn(t *testing.T) {
	_, port := accepting(t)
	for name, ours := range map[string]*wstrace.Trace{"beside ours": new(events).trace(), "alone": nil} {
		var got events
		ctx := httptrace.WithClientTrace(wstrace.WithTrace(deadline(t), ours), &httptrace.ClientTrace{
			DNSStart:     func(x httptrace.DNSStartInfo) { got.add("dns %s", x.Host) },
			DNSDone:      func(x httptrace.DNSDoneInfo) { got.add("dns done %v", x.Addrs) },
			ConnectStart: func(network, addr string) { got.add("connect %s %s", network, addr) },
			ConnectDone:  func(network, addr string, err error) { got.add("connected %s %s %v", network, addr, err) },
		})
		dialer := route.TCP{Resolver: answeringResolver("127.0.0.1")}
		conn, err := dialer.DialContext(ctx, "tcp4", "a.example:"+port)
		if err != nil {
			t.Fatal(err)
		}
		_ = conn.Close()
		t.Run(name, func(t *testing.T) {
			got.assert(t, "dns a.example", "dns done [{127.0.0.1 }]", "connect tcp4 127.0.0.1:"+port, "connected tcp4 127.0.0.1:"+port+" <nil>")
		})
	}
}

// TestDeadIPv6 (RFC 8305): no address of the first family answers, the other
// family does. Every attempt that began has ended when the dial returns.
func TestDeadIPv6(t *testing.T) {
	addr, port := accepting(t)
	var got events
	dialer := route.TCP{Resolver: answeringResolver("100::1", "127.0.0.1")} // RFC 6666: goes nowhere
	conn, err := dialer.DialContext(wstrace.WithTrace(deadline(t), got.trace()), "tcp", "a.example:"+port)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if conn.RemoteAddr().String() != addr {
		t.Errorf("connected to %v, want %v", conn.RemoteAddr(), addr)
	}
	count := func(part string) (n int) {
		for _, e := range got {
			if strings.HasPrefix(e, part) {
				n++
			}
		}
		return n
	}
	if count("connect ") != count("connected ") || count("connected tcp "+addr+" local="+conn.LocalAddr().String()+" true false") != 1 {
		t.Errorf("events:\n%s", strings.Join(got, "\n"))
	}
}

func TestTraceTLS(t *testing.T) {
	ca := newAuthority(t, authority{})
	server := &tls.Config{Certificates: []tls.Certificate{ca.issue(t)}, NextProtos: []string{"http/1.1"}, MaxVersion: tls.VersionTLS12, CipherSuites: []uint16{tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256}}

	var got events
	dial := func(cfg *tls.Config) error {
		client, peer := tcpPair(t)
		end := serveTLS(t, peer, server)
		_, err := route.TLS(wstrace.WithTrace(deadline(t), got.trace()), client, cfg, host)
		<-end
		return err
	}
	if err := dial(&tls.Config{RootCAs: ca.pool(), NextProtos: []string{"http/1.1"}}); err != nil {
		t.Fatal(err)
	}
	got.assert(t, "tls "+host, `tls done `+host+` "TLS 1.2" "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256" "http/1.1" "CN=`+host+`" true <nil>`)

	got = nil
	err := dial(&tls.Config{RootCAs: newAuthority(t, authority{}).pool()})
	got.assert(t, "tls "+host, fmt.Sprintf(`tls done `+host+` "" "" "" "" true %v`, err))

	got = nil
	ctx, cancel := context.WithCancel(wstrace.WithTrace(t.Context(), got.trace()))
	cancel()
	client, _ := tcpPair(t)
	_, err = route.TLS(ctx, client, nil, host)
	got.assert(t, "tls "+host, fmt.Sprintf(`tls done `+host+` "" "" "" "" true %v`, err))
}
