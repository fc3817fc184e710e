package route_test

import (
	"errors"
	"net"
	"net/netip"
	"strings"
	"testing"

	"github.com/fairlead-ws/fairlead/route"
	"github.com/fairlead-ws/fairlead/wstrace"
)

// TestPrefer: both versions of IP would answer.
func TestPrefer(t *testing.T) {
	four, six := bothVersions(t)
	port := four[strings.LastIndex(four, ":")+1:]
	for _, test := range []struct {
		tcp  route.TCP
		want string
	}{
		{route.TCP{Prefer: route.PreferIPv4}, four},
		{route.TCP{Prefer: route.PreferIPv6}, six},
		{route.TCP{LocalAddr: netip.MustParseAddrPort("127.0.0.1:0")}, four},
		{route.TCP{LocalAddr: netip.MustParseAddrPort("127.0.0.1:0"), Prefer: route.PreferIPv6}, four},
		{route.TCP{LocalAddr: netip.MustParseAddrPort("[::1]:0")}, six},
	} {
		test.tcp.Resolver = answeringResolver("127.0.0.1", "::1")
		conn, err := test.tcp.DialContext(deadline(t), "tcp", "a.example:"+port)
		if err != nil {
			t.Errorf("%+v: %v", test.tcp, err)
			continue
		}
		if got := conn.RemoteAddr().String(); got != test.want {
			t.Errorf("%+v: connected to %s, want %s", test.tcp, got, test.want)
		}
		_ = conn.Close()
	}
}

// bothVersions listens on one port of both loopback addresses.
func bothVersions(t *testing.T) (four, six string) {
	t.Helper()
	for range 10 {
		four = listen(t, "tcp4", "127.0.0.1:0", func(conn net.Conn) { _ = conn.Close() })
		_, port, _ := net.SplitHostPort(four)
		l, err := net.Listen("tcp6", "[::1]:"+port)
		if err == nil {
			_ = l.Close()
			return four, listen(t, "tcp6", l.Addr().String(), func(conn net.Conn) { _ = conn.Close() })
		}
	}
	missing(t, "a port that is free for both versions of IP")
	return "", ""
}

func TestLocalAddr(t *testing.T) {
	addr, port := accepting(t)
	free := netip.MustParseAddrPort(refusedAddr(t)).Port()
	for _, test := range []struct {
		name  string
		local netip.AddrPort
	}{
		{"address", netip.MustParseAddrPort("127.0.0.1:0")},
		{"address of IPv4 in IPv6", netip.MustParseAddrPort("[::ffff:127.0.0.1]:0")},
		{"port", netip.AddrPortFrom(netip.Addr{}, free)},
		{"port, any address", netip.AddrPortFrom(netip.IPv6Unspecified(), 0)},
	} {
		for _, to := range []string{addr, "a.example:" + port} {
			tcp := route.TCP{LocalAddr: test.local, Resolver: answeringResolver("127.0.0.1")}
			conn, err := tcp.DialContext(deadline(t), "tcp", to)
			if err != nil {
				t.Errorf("%s: %v", test.name, err)
				continue
			}
			got := netip.MustParseAddrPort(conn.LocalAddr().String())
			if want := test.local.Port(); want != 0 && got.Port() != want {
				t.Errorf("%s: from %v", test.name, got)
			}
			// So that the port is free again at once.
			_ = conn.(*net.TCPConn).SetLinger(0)
			_ = conn.Close()
		}
	}
}

func TestLocalAddrOfOtherVersion(t *testing.T) {
	tcp := route.TCP{LocalAddr: netip.MustParseAddrPort("[::1]:0"), Resolver: answeringResolver("127.0.0.1")}
	for _, addr := range []string{"a.example:80", "127.0.0.1:80"} {
		_, err := tcp.DialContext(deadline(t), "tcp", addr)
		var routeErr *route.Error
		if !errors.As(err, &routeErr) || routeErr.Phase != route.PhaseConnect {
			t.Errorf("%s: %v", addr, err)
		}
	}
}

// A port of our own can serve one attempt at a time.
func TestLocalPortTriesInTurn(t *testing.T) {
	addr, port := accepting(t)
	free := netip.MustParseAddrPort(refusedAddr(t)).Port()
	var got events
	ctx := wstrace.WithTrace(deadline(t), got.trace())
	tcp := route.TCP{LocalAddr: netip.AddrPortFrom(netip.Addr{}, free), Resolver: answeringResolver("127.0.0.1", "::1"), Prefer: route.PreferIPv6}
	conn, err := tcp.DialContext(ctx, "tcp", "a.example:"+port)
	if err != nil {
		t.Fatal(err)
	}
	_ = conn.(*net.TCPConn).SetLinger(0)
	defer conn.Close()
	local := conn.LocalAddr().String()
	if conn.RemoteAddr().String() != addr || netip.MustParseAddrPort(local).Port() != free {
		t.Errorf("connected from %s to %v", local, conn.RemoteAddr())
	}
	got = got[2:] // the lookup
	got.assert(t, "connect tcp [::1]:"+port, "connected tcp [::1]:"+port+" local= true true",
		"connect tcp "+addr, "connected tcp "+addr+" local="+local+" true false")
}

func TestUnknownService(t *testing.T) {
	_, err := route.TCP{}.DialContext(deadline(t), "tcp", "127.0.0.1:no-such-service")
	if err == nil || !strings.Contains(err.Error(), "no-such-service") {
		t.Errorf("error = %v", err)
	}
}

func TestEmptyHostIsThisMachine(t *testing.T) {
	_, port := accepting(t)
	conn, err := route.TCP{}.DialContext(deadline(t), "tcp4", ":"+port)
	if err != nil {
		t.Fatal(err)
	}
	_ = conn.Close()
}
