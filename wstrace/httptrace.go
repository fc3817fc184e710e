package wstrace

import (
	"crypto/tls"
	"net"
	"net/http/httptrace"
)

// HTTPTrace returns a trace that reports to the hooks of an HTTP client's trace:
// lookup, connect, TLS handshake, request and first byte of the response. What it
// cannot know is left out: TLSHandshakeDone gets the version and the protocol of
// the connection state, and no certificates. A nil ct gives an empty trace.
//
// It is for programs that measure their HTTP requests in this way already. Hooks
// about pooled connections are never called.
func HTTPTrace(ct *httptrace.ClientTrace) *Trace {
	if ct == nil {
		return &Trace{}
	}
	return &Trace{
		ResolveStart: bridge(ct.DNSStart, func(e ResolveStart) httptrace.DNSStartInfo {
			return httptrace.DNSStartInfo{Host: e.Host}
		}),
		ResolveDone: bridge(ct.DNSDone, dnsDone),
		ConnectStart: func(e ConnectStart) {
			if ct.ConnectStart != nil {
				ct.ConnectStart(e.Network, e.Addr)
			}
		},
		ConnectDone: func(e ConnectDone) {
			if ct.ConnectDone != nil {
				ct.ConnectDone(e.Network, e.Addr, e.Err)
			}
		},
		TLSStart: func(TLSStart) {
			if ct.TLSHandshakeStart != nil {
				ct.TLSHandshakeStart()
			}
		},
		TLSDone: func(e TLSDone) {
			if ct.TLSHandshakeDone != nil {
				ct.TLSHandshakeDone(tlsState(e), e.Err)
			}
		},
		RequestDone: bridge(ct.WroteRequest, func(e RequestDone) httptrace.WroteRequestInfo {
			return httptrace.WroteRequestInfo{Err: e.Err}
		}),
		ResponseDone: func(e ResponseDone) {
			if ct.GotFirstResponseByte != nil && e.Status != 0 {
				ct.GotFirstResponseByte()
			}
		},
	}
}

// bridge makes a hook for our event of a hook for theirs.
func bridge[Ours, Theirs any](hook func(Theirs), convert func(Ours) Theirs) func(Ours) {
	if hook == nil {
		return nil
	}
	return func(e Ours) { hook(convert(e)) }
}

func dnsDone(e ResolveDone) httptrace.DNSDoneInfo {
	info := httptrace.DNSDoneInfo{Err: e.Err}
	for _, addr := range e.Addrs {
		if ip, err := net.ResolveIPAddr("ip", addr); err == nil { // a literal: nothing is looked up
			info.Addrs = append(info.Addrs, *ip)
		}
	}
	return info
}

func tlsState(e TLSDone) tls.ConnectionState {
	s := tls.ConnectionState{ServerName: e.ServerName, NegotiatedProtocol: e.ALPN, HandshakeComplete: e.Err == nil}
	for _, v := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		if tls.VersionName(v) == e.Version {
			s.Version = v
		}
	}
	for _, suite := range tls.CipherSuites() {
		if suite.Name == e.CipherSuite {
			s.CipherSuite = suite.ID
		}
	}
	return s
}
