package route_test

import (
	"context"
	"crypto/tls"
	"errors"
	"testing"
	"time"

	"github.com/fairlead-ws/fairlead/auth"
	"github.com/fairlead-ws/fairlead/route"
)

// nosy are credentials that only look at the request.
type nosy struct{ seen *auth.Request }

func (n nosy) Begin() auth.Exchange { return n }

var errSeen = errors.New("seen")

func (n nosy) Authorize(_ context.Context, r *auth.Request, _ []string) error {
	*n.seen = *r
	return errSeen
}

// TestWhatCredentialsSee: of the request, and whether others can read it.
func TestWhatCredentialsSee(t *testing.T) {
	through := func(hops ...route.Layer) func(route.Layer) route.Layer {
		return func(last route.Layer) route.Layer {
			return func(route.Dialer) route.Dialer { return route.Through(append(hops, last)...) }
		}
	}
	for _, test := range []struct {
		name string
		addr string
		tls  *tls.Config
		over func(route.Layer) route.Layer
		want bool
	}{
		{"in the clear", "proxy.example:1", nil, through(), false},
		{"on this machine", "127.0.0.1:1", nil, through(), true},
		{"on this machine, IPv6", "[::1]:1", nil, through(), true},
		{"TLS", "proxy.example:1", &tls.Config{MinVersion: tls.VersionTLS12}, through(), true},
		{"Unix socket", "proxy.example:1", nil, through(route.OverUnix("/x")), true},
		{"on another machine, as it calls itself", "127.0.0.1:1", nil, through(route.Socks5h("socks.example:1", nil)), false},
		{"TLS through another", "proxy.example:1", &tls.Config{MinVersion: tls.VersionTLS12}, through(route.Socks5h("socks.example:1", nil)), true},
	} {
		var seen auth.Request
		layer := test.over(route.HTTPProxy(test.addr, &route.HTTPProxyOptions{TLS: test.tls, Auth: nosy{&seen}}))
		_, err := layer(nil).DialContext(t.Context(), "tcp", "server.example:443")
		if !errors.Is(err, errSeen) || seen.Method != "CONNECT" || seen.URL.Host != "server.example:443" || !seen.Proxy || seen.Private != test.want {
			t.Errorf("%s: %+v, %v", test.name, seen, err)
		}
	}
}

func TestProxyErrorTimeout(t *testing.T) {
	proxy := newScripted(t, true, answersOf(""))
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	_, err := route.Through(route.HTTPProxy(proxy.addr, nil)).DialContext(ctx, "tcp", "server.example:443")
	failed, ok := errors.AsType[*route.ProxyError](err)
	if !ok || !failed.Timeout() || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error = %v", err)
	}
}
