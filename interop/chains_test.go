package interop_test

import (
	"testing"

	"github.com/fairlead-ws/fairlead/route"
)

// TestChainHTTPSDigestSocks: TLS and Digest to squid, then a password to danted,
// then TLS to the server.
func TestChainHTTPSDigestSocks(t *testing.T) {
	w, b, d := atWork.get(t), backend.get(t), dantedPassword.get(t)
	b.playThrough(t, "wss",
		route.HTTPProxy(squid.get(t).at("tlsdigest"), &route.HTTPProxyOptions{TLS: w.tls(), Auth: w.any()}),
		route.Socks5(d.at("port"), &route.SocksOptions{Username: d.name, Password: d.password}))
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
