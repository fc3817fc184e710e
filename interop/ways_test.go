package interop_test

import (
	"crypto/tls"
	"net"
	"net/url"
	"testing"

	"github.com/fairlead-ws/fairlead/auth"
	"github.com/fairlead-ws/fairlead/route"
	"github.com/fairlead-ws/fairlead/route/clientcert"
)

// A way is a route to the echo server, through one program.
type way struct {
	name string
	make func(t *testing.T, scheme string) route.Dialer
	// only4 says that it leads to addresses of IPv4 only.
	only4 bool
}

// through is a way that is the same for ws and wss.
func through(name string, layer func(t *testing.T, w *workplace) route.Layer) way {
	return way{name: name, make: func(t *testing.T, _ string) route.Dialer {
		return route.Through(layer(t, atWork.get(t)))
	}}
}

// byURL is a way that is written as a URL.
func byURL(name string, hop func(t *testing.T, w *workplace) *url.URL) way {
	return way{name: name, make: func(t *testing.T, _ string) route.Dialer {
		dialer, err := route.FromURLs(hop(t, atWork.get(t)).String())
		if err != nil {
			t.Fatal(err)
		}
		return dialer
	}}
}

func to4(w way) way {
	w.only4 = true
	return w
}

var ways = []way{
	// HTTP proxies without credentials, and with Basic.
	through("HTTP squid", func(t *testing.T, _ *workplace) route.Layer { return route.HTTPProxy(squid.get(t).at("open"), nil) }),
	through("HTTP squid at IPv6", func(t *testing.T, _ *workplace) route.Layer { return route.HTTPProxy(squid.get(t).at6("open6"), nil) }),
	through("Basic squid", func(t *testing.T, w *workplace) route.Layer {
		return route.HTTPProxy(squid.get(t).at("basic"), &route.HTTPProxyOptions{Auth: w.basic()})
	}),
	through("Basic Tinyproxy", func(t *testing.T, w *workplace) route.Layer {
		return route.HTTPProxy(tinyproxy.get(t).at("port"), &route.HTTPProxyOptions{Auth: w.basic()})
	}),
	through("Basic when asked Tinyproxy at IPv6", func(t *testing.T, w *workplace) route.Layer {
		return route.HTTPProxy(tinyproxy.get(t).at6("port"), &route.HTTPProxyOptions{Auth: w.any()})
	}),
	through("Basic Apache", func(t *testing.T, w *workplace) route.Layer {
		return route.HTTPProxy(apache.get(t).at("basic"), &route.HTTPProxyOptions{Auth: w.basic()})
	}),
	byURL("Basic squid by URL", func(t *testing.T, w *workplace) *url.URL { return w.url("http", squid.get(t).at("basic")) }),

	// Credentials that need more than one request.
	through("Digest squid", func(t *testing.T, w *workplace) route.Layer {
		return route.HTTPProxy(squid.get(t).at("digest"), &route.HTTPProxyOptions{Auth: auth.Digest{Username: w.username, Password: w.password}})
	}),
	through("Digest Apache", func(t *testing.T, w *workplace) route.Layer {
		return route.HTTPProxy(apache.get(t).at("digest"), &route.HTTPProxyOptions{Auth: auth.Digest{Username: w.username, Password: w.password}})
	}),
	through("Digest before Basic squid", func(t *testing.T, w *workplace) route.Layer {
		return route.HTTPProxy(squid.get(t).at("both"), &route.HTTPProxyOptions{Auth: w.any()})
	}),
	through("NTLM squid", func(t *testing.T, w *workplace) route.Layer {
		return route.HTTPProxy(squid.get(t).at("ntlm"), &route.HTTPProxyOptions{Auth: auth.NTLM{Username: w.username, Password: w.password, Domain: domain}})
	}),

	byURL("NTLM squid by URL", func(t *testing.T, w *workplace) *url.URL { return w.url("http", squid.get(t).at("ntlm")) }),

	// HTTPS proxies: with a wss URL there is TLS in TLS.
	through("HTTPS squid", func(t *testing.T, w *workplace) route.Layer {
		return route.HTTPProxy(squid.get(t).at("tls"), &route.HTTPProxyOptions{TLS: w.tls()})
	}),
	through("HTTPS squid at IPv6", func(t *testing.T, w *workplace) route.Layer {
		return route.HTTPProxy(squid.get(t).at6("tls6"), &route.HTTPProxyOptions{TLS: w.tls()})
	}),
	through("HTTPS and Digest squid", func(t *testing.T, w *workplace) route.Layer {
		return route.HTTPProxy(squid.get(t).at("tlsdigest"), &route.HTTPProxyOptions{TLS: w.tls(), Auth: w.any()})
	}),
	through("HTTPS and a client certificate squid", func(t *testing.T, w *workplace) route.Layer {
		cfg := w.tls()
		cfg.Certificates = []tls.Certificate{w.clientCertificate(t)}
		return route.HTTPProxy(squid.get(t).at("tlsclient"), &route.HTTPProxyOptions{TLS: cfg})
	}),
	through("HTTPS and Basic Apache", func(t *testing.T, w *workplace) route.Layer {
		return route.HTTPProxy(apache.get(t).at("tls"), &route.HTTPProxyOptions{TLS: w.tls(), Auth: w.basic()})
	}),
	through("HTTPS and Basic HAProxy", func(t *testing.T, w *workplace) route.Layer {
		return route.HTTPProxy(haproxy.get(t).at("tls"), &route.HTTPProxyOptions{TLS: w.tls(), Auth: w.basic()})
	}),

	// Unix sockets: to a proxy, and to the server.
	{name: "Basic over Unix HAProxy", make: func(t *testing.T, _ string) route.Dialer {
		return route.Through(route.OverUnix(haproxy.get(t).squid),
			route.HTTPProxy("proxy.invalid:3128", &route.HTTPProxyOptions{Auth: atWork.get(t).basic()}))
	}},
	{name: "Unix HAProxy", make: func(t *testing.T, scheme string) route.Dialer {
		if scheme == "ws" {
			return route.Unix{Path: haproxy.get(t).ws}
		}
		return route.Through(route.OverUnix(haproxy.get(t).wss))
	}},

	// SOCKS.
	to4(through("SOCKS4 danted", func(t *testing.T, _ *workplace) route.Layer {
		return route.Socks4(danted.get(t).at("port"), "somebody")
	})),
	to4(through("SOCKS4 danted at IPv6", func(t *testing.T, _ *workplace) route.Layer { return route.Socks4(danted.get(t).at6("port"), "") })),
	to4(through("SOCKS4 ssh -D", func(t *testing.T, _ *workplace) route.Layer { return route.Socks4(sshDynamic.get(t).at("port"), "") })),
	to4(through("SOCKS4a ssh -D", func(t *testing.T, _ *workplace) route.Layer {
		return route.Socks4a(sshDynamic.get(t).at("port"), "somebody")
	})),
	to4(byURL("SOCKS4a ssh -D by URL", func(t *testing.T, _ *workplace) *url.URL {
		return &url.URL{Scheme: "socks4a", Host: sshDynamic.get(t).at6("port")}
	})),
	through("SOCKS5 danted", func(t *testing.T, _ *workplace) route.Layer { return route.Socks5(danted.get(t).at("port"), nil) }),
	through("SOCKS5h danted at IPv6", func(t *testing.T, _ *workplace) route.Layer { return route.Socks5h(danted.get(t).at6("port"), nil) }),
	through("SOCKS5 and a password danted", func(t *testing.T, _ *workplace) route.Layer {
		d := dantedPassword.get(t)
		return route.Socks5(d.at("port"), &route.SocksOptions{Username: d.name, Password: d.password})
	}),
	through("SOCKS5 microsocks at IPv6", func(t *testing.T, _ *workplace) route.Layer { return route.Socks5(microsocks.get(t).at6("open6"), nil) }),
	through("SOCKS5h microsocks", func(t *testing.T, _ *workplace) route.Layer { return route.Socks5h(microsocks.get(t).at("open"), nil) }),
	through("SOCKS5h and a password microsocks", func(t *testing.T, w *workplace) route.Layer {
		return route.Socks5h(microsocks.get(t).at("password"), w.socks())
	}),
	byURL("SOCKS5h and a password microsocks by URL", func(t *testing.T, w *workplace) *url.URL {
		return w.url("socks5h", microsocks.get(t).at("password"))
	}),
	through("SOCKS5 ssh -D", func(t *testing.T, _ *workplace) route.Layer { return route.Socks5(sshDynamic.get(t).at6("port"), nil) }),
	through("SOCKS5h and a password not wanted ssh -D", func(t *testing.T, w *workplace) route.Layer {
		return route.Socks5h(sshDynamic.get(t).at("port"), w.socks())
	}),

	through("throttled", func(*testing.T, *workplace) route.Layer { return route.Throttle(8<<20, 8<<20) }),
}

// Credentials of the workplace.

func (w *workplace) basic() auth.Basic {
	return auth.Basic{Username: w.username, Password: w.password}
}

func (w *workplace) any() auth.Password {
	return auth.Password{Username: w.username, Password: w.password}
}

func (w *workplace) socks() *route.SocksOptions {
	return &route.SocksOptions{Username: w.username, Password: w.password}
}

func (w *workplace) url(scheme, address string) *url.URL {
	return &url.URL{Scheme: scheme, User: url.UserPassword(w.username, w.password), Host: address}
}

// tls trusts the workplace's authority and nobody else.
func (w *workplace) tls() *tls.Config { return &tls.Config{RootCAs: w.ca.Pool()} }

func (w *workplace) clientCertificate(t *testing.T) tls.Certificate {
	t.Helper()
	cert, err := clientcert.FromFile(w.clientCert, "")
	if err != nil {
		t.Fatal(err)
	}
	return cert
}

// without6 says whether this machine has no IPv6, which CI must have.
func without6(t *testing.T) bool {
	t.Helper()
	l, err := net.Listen("tcp6", "[::1]:0")
	if err != nil {
		return true
	}
	_ = l.Close()
	return false
}
