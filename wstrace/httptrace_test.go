package wstrace_test

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net/http/httptrace"
	"strings"
	"testing"

	"github.com/fairlead-ws/fairlead/wstrace"
)

func TestHTTPTrace(t *testing.T) {
	var got []string
	add := func(format string, args ...any) { got = append(got, fmt.Sprintf(format, args...)) }
	trace := wstrace.HTTPTrace(&httptrace.ClientTrace{
		DNSStart:          func(i httptrace.DNSStartInfo) { add("dns %s", i.Host) },
		DNSDone:           func(i httptrace.DNSDoneInfo) { add("dns done %v %v", i.Addrs, i.Err) },
		ConnectStart:      func(network, addr string) { add("connect %s %s", network, addr) },
		ConnectDone:       func(network, addr string, err error) { add("connect done %s %s %v", network, addr, err) },
		TLSHandshakeStart: func() { add("tls") },
		TLSHandshakeDone: func(s tls.ConnectionState, err error) {
			add("tls done %s %s %v", tls.VersionName(s.Version), tls.CipherSuiteName(s.CipherSuite), err)
		},
		WroteRequest:         func(i httptrace.WroteRequestInfo) { add("request %v", i.Err) },
		GotFirstResponseByte: func() { add("response") },
	})
	trace.ResolveStart(wstrace.ResolveStart{Host: "h"})
	trace.ConnectStart(wstrace.ConnectStart{Network: "tcp", Addr: "127.0.0.1:1"})
	trace.TLSStart(wstrace.TLSStart{ServerName: "h"})
	everyEvent(trace, nil)
	want := "dns h,connect tcp 127.0.0.1:1,tls,dns done [{127.0.0.1 }] <nil>,connect done tcp 127.0.0.1:1 <nil>," +
		"tls done TLS 1.3 TLS_AES_128_GCM_SHA256 <nil>,request <nil>,response"
	if s := strings.Join(got, ","); s != want {
		t.Errorf("got  %s\nwant %s", s, want)
	}
	for _, empty := range []*httptrace.ClientTrace{nil, {}} {
		everyEvent(wstrace.HTTPTrace(empty), errors.New("x"))
	}
}
