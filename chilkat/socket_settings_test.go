package chilkat

import (
	"net"
	"net/netip"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/fairlead-ws/fairlead/auth"
	"github.com/fairlead-ws/fairlead/route"
)

func TestSocketOptionsBecomeTCP(t *testing.T) {
	on, off := setting[bool]{true, true}, setting[bool]{false, true}
	local := func(addr string, port uint16) netip.AddrPort {
		if addr == "" {
			return netip.AddrPortFrom(netip.Addr{}, port)
		}
		return netip.AddrPortFrom(netip.MustParseAddr(addr), port)
	}
	tests := []struct {
		name string
		in   socketOptionSettings
		want route.TCP
	}{
		{"defaults", socketOptionSettings{}, route.TCP{}},
		{"defaults, said", socketOptionSettings{noDelay: on, keepAlive: on}, route.TCP{}},
		{"off", socketOptionSettings{noDelay: off, keepAlive: off}, route.TCP{Nagle: true, KeepAlive: &net.KeepAliveConfig{}}},
		{"buffers", socketOptionSettings{rcvBuf: 1, sndBuf: 2}, route.TCP{ReadBuffer: 1, WriteBuffer: 2}},
		{"local", socketOptionSettings{clientIP: "::1", clientPort: 7}, route.TCP{LocalAddr: local("::1", 7)}},
		{"local port", socketOptionSettings{clientPort: 7}, route.TCP{LocalAddr: local("", 7)}},
		{"IPv6", socketOptionSettings{preferIPv6: true}, route.TCP{Prefer: route.PreferIPv6}},
	}
	for _, test := range tests {
		got, err := test.in.dialer()
		if diff := cmp.Diff(test.want, got, cmpopts.EquateComparable(netip.AddrPort{})); diff != "" || err != nil {
			t.Errorf("%s: %v %s", test.name, err, diff)
		}
	}
}

func TestHTTPProxyCredentials(t *testing.T) {
	for method, want := range map[string]auth.Credentials{
		"":       auth.Password{Username: "u", Password: "p", Domain: "d"},
		"Basic":  auth.Basic{Username: "u", Password: "p"},
		"DIGEST": auth.Digest{Username: "u", Password: "p"},
		"ntlm":   auth.NTLM{Username: "u", Password: "p", Domain: "d"},
	} {
		h := httpProxySettings{username: "u", password: "p", domain: "d", method: method}
		if got := h.credentials(); got != want {
			t.Errorf("%q gives %T", method, got)
		}
	}
	if (httpProxySettings{password: "p", method: "Basic"}).credentials() != nil {
		t.Error("there are credentials without a user name")
	}
}
