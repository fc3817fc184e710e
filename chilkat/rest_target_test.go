package chilkat

import (
	"context"
	"errors"
	"net"
	"os"
	"strings"
	"testing"

	"github.com/fairlead-ws/fairlead/route"
)

func TestTarget(t *testing.T) {
	tests := []struct {
		hostname string
		port     int
		tls      bool
		addr     string // to dial
		field    string // Host
		private  bool
	}{
		{"Example.COM", 80, false, "example.com:80", "example.com", false},
		{"example.com", 443, false, "example.com:443", "example.com:443", false},
		{"example.com", 443, true, "example.com:443", "example.com", true},
		{"example.com.", 80, true, "example.com.:80", "example.com.:80", true},
		{"my_service", 8080, false, "my_service:8080", "my_service:8080", false},
		{"bücher.example", 80, false, "xn--bcher-kva.example:80", "xn--bcher-kva.example", false},
		{"localhost", 80, false, "localhost:80", "localhost", true},
		{"localhost.evil.example", 80, false, "localhost.evil.example:80", "localhost.evil.example", false},
		{"127.9.9.9", 81, false, "127.9.9.9:81", "127.9.9.9:81", true},
		{"192.0.2.1", 80, false, "192.0.2.1:80", "192.0.2.1", false},
		{"[::1]", 80, false, "[::1]:80", "[::1]", true},
		{"2001:DB8::1", 81, false, "[2001:db8::1]:81", "[2001:db8::1]:81", false},
		{"fe80::1%eth0", 81, false, "[fe80::1%eth0]:81", "[fe80::1]:81", false},
	}
	for _, test := range tests {
		target, reason, err := newTarget(test.hostname, test.port, test.tls, false)
		if err != nil || reason != connectOK {
			t.Errorf("%s is refused: %v", test.hostname, err)
			continue
		}
		if target.addr() != test.addr || target.hostField() != test.field || target.private() != test.private {
			t.Errorf("%s gives %s, Host %s, private %t", test.hostname, target.addr(), target.hostField(), target.private())
		}
	}
	for _, bad := range []string{"bü..\u0000", "a\u2028b.example", "ü" + strings.Repeat("a", 70), strings.Repeat("a.", 130), "-\xff"} {
		if _, _, err := newTarget(bad, 80, false, false); err == nil {
			t.Errorf("%q is taken", bad)
		}
	}
}

func TestConnectReason(t *testing.T) {
	in := func(phase string, err error) error { return &route.Error{Phase: phase, Err: err} }
	tests := []struct {
		err  error
		want int
	}{
		{errors.New("of another kind"), connectRefused},
		{in(route.PhaseResolve, &net.DNSError{IsNotFound: true}), connectDNS},
		{in(route.PhaseResolve, &net.DNSError{IsTimeout: true}), connectDNSTimeout},
		{in(route.PhaseConnect, context.DeadlineExceeded), connectTimeout},
		{in(route.PhaseConnect, &net.OpError{Op: "dial", Err: os.ErrDeadlineExceeded}), connectTimeout},
		{in(route.PhaseConnect, &net.OpError{Op: "dial", Err: errors.New("connection refused")}), connectRefused},
		{in(route.PhaseTLS, os.ErrDeadlineExceeded), connectTLSRead},
		{in(route.PhaseTLS, errors.New("tls: something else")), connectTLSHandshake},
	}
	for _, test := range tests {
		reason, err := connectFailure(t.Context(), test.err, target{})
		if reason != test.want || !errors.Is(err, test.err) || connectAdvice[reason][1] == "" {
			t.Errorf("%v gives %d, want %d", test.err, reason, test.want)
		}
	}
}
