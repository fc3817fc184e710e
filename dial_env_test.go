package fairlead_test

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"

	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/route"
)

// TestEnvironment: E12: without a Route the environment's proxy is asked, for each
// hop; a Route leaves it alone, and a bad one is an error without its password.
func TestEnvironment(t *testing.T) {
	n := newInternet(t)
	n.serve("proxy:80", false, func(s seen) string {
		switch {
		case s.Method == "CONNECT":
			return "HTTP/1.1 200 Connected\r\n\r\n"
		case s.Target == "/end":
			return accepted(s)
		}
		host, _ := s.Get("Host")
		return status(302, location("ws://"+map[string]string{"one.test": "two.test/x", "two.test": "127.0.0.1:1/x"}[host]))
	})
	for _, name := range []string{"ws_proxy", "WS_PROXY", "http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY", "no_proxy", "NO_PROXY", "REQUEST_METHOD"} {
		t.Setenv(name, "")
	}
	proxy := n.addrs["proxy:80"]
	t.Setenv("ws_proxy", "http://u:"+canary+"@"+proxy)
	_, err := (&fairlead.Dialer{Redirects: 5}).Dial(t.Context(), "ws://one.test/x")
	he := handshakeError(t, err, fairlead.PhaseConnect) // no proxy leads to this machine
	if he.Redirects != 2 || holdsCanary(he.Error()) {
		t.Errorf("%v", err)
	}
	var targets []string
	for _, s := range n.requests() {
		_, secret := s.Get("Proxy-Authorization")
		if secret && s.Method != "CONNECT" {
			t.Errorf("%s %s has the secret of the proxy", s.Method, s.Target)
		}
		targets = append(targets, s.Method+" "+s.Target)
	}
	if got := strings.Join(targets, ", "); got != "CONNECT one.test:80, GET /x, CONNECT two.test:80, GET /x" {
		t.Errorf("the proxy saw %s", got)
	}
	c, err := fairlead.Dial(t.Context(), "ws://three.test/end")
	if err != nil {
		t.Fatal(err)
	}
	c.CloseNow()
	n.requests()
	nowhere := &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) { return nil, errors.New("no DNS") }}
	_, err = (&fairlead.Dialer{Route: route.TCP{Resolver: nowhere}}).Dial(t.Context(), "ws://three.test/end")
	handshakeError(t, err, fairlead.PhaseResolve)
	if got := n.requests(); len(got) != 0 {
		t.Error("Route: route.TCP{} asked the proxy")
	}
	t.Setenv("ws_proxy", "gopher://u:"+canary+"@"+proxy)
	_, err = fairlead.Dial(t.Context(), "ws://three.test/end")
	if he := handshakeError(t, err, route.PhaseProxy); holdsCanary(he.Error()) {
		t.Errorf("%v", err)
	}
}
