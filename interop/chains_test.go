package interop_test

import (
	"net/url"
	"testing"
	"time"

	"github.com/fairlead-ws/fairlead/route"
	"github.com/fairlead-ws/fairlead/route/sshroute"
)

// TestChainHTTPSDigestSocks: TLS and Digest to squid, then a password to danted,
// then TLS to the server.
func TestChainHTTPSDigestSocks(t *testing.T) {
	w, b, d := atWork.get(t), backend.get(t), dantedPassword.get(t)
	b.playThrough(t, "wss",
		route.HTTPProxy(squid.get(t).at("tlsdigest"), &route.HTTPProxyOptions{TLS: w.tls(), Auth: w.any()}),
		route.Socks5(d.at("port"), &route.SocksOptions{Username: d.name, Password: d.password}))
}

// TestChainByURLs is a chain as a user of the command writes it.
func TestChainByURLs(t *testing.T) {
	w, b, e := atWork.get(t), sshBastion.get(t), backend.get(t)
	query := url.Values{"identity": {b.key}, "known_hosts": {b.knownHosts}}
	jump := url.URL{Scheme: "ssh", User: url.User(b.user), Host: b.at("port"), RawQuery: query.Encode()}
	via, err := route.FromURLs(
		w.url("socks5h", microsocks.get(t).at("password")).String(),
		jump.String(),
		w.url("http", squid.get(t).at("digest")).String())
	if err != nil {
		t.Fatal(err)
	}
	e.via = via
	play(t, e.endpoint, e.url("wss", "localhost"))
}

// TestChainJumpsSocks4aThrottled: two SSH servers, then a SOCKS 4a server, and no
// faster than it may be.
func TestChainJumpsSocks4aThrottled(t *testing.T) {
	const perSecond = 4 << 20
	b, outer, inner := backend.get(t), sshBastion.get(t), sshInner.get(t)
	begin := time.Now()
	b.playThrough(t, "ws",
		sshroute.Hop(outer.at("port"), outer.byKey(t)),
		sshroute.Hop(inner.at("port"), inner.byKey(t)),
		route.Socks4a(sshDynamic.get(t).at("port"), ""),
		route.Throttle(perSecond, perSecond))
	// 1 MiB for each of two names, each way; 50 ms of each may be caught up.
	if took, least := time.Since(begin), 4*(time.Second/4-50*time.Millisecond); took < least {
		t.Errorf("4 MiB at %d a second took %v, want %v at least", perSecond, took, least)
	}
}

// playThrough plays at the end of a chain, by name and by address.
func (b behind) playThrough(t *testing.T, scheme string, layers ...route.Layer) {
	t.Helper()
	b.via = route.Through(layers...)
	for _, host := range []string{"localhost", "127.0.0.1"} {
		t.Run(scheme+" "+host, func(t *testing.T) { play(t, b.endpoint, b.url(scheme, host)) })
	}
	t.Logf("%d hops, 1 MiB came back byte for byte", len(layers))
}
