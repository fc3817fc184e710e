package route_test

import (
	"crypto/tls"
	"net"
	"testing"
	"time"

	"github.com/fairlead-ws/fairlead/route"
)

// TestHangUpDoesNotWait: the peer of a TLS connection takes nothing more, so there is
// no room for a goodbye.
func TestHangUpDoesNotWait(t *testing.T) {
	ca := newAuthority(t, authority{})
	server := &tls.Config{Certificates: []tls.Certificate{ca.issue(t)}, SessionTicketsDisabled: true}
	for _, c := range []struct {
		name string
		wrap func(net.Conn) net.Conn
	}{
		{"TLS", func(nc net.Conn) net.Conn { return nc }},
		{"TLS in another", func(nc net.Conn) net.Conn { return route.ThrottleConn(nc, 1<<20, 1<<20) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			near, far := net.Pipe()
			defer far.Close()
			shaken := make(chan error, 1)
			go func() { shaken <- tls.Server(far, server).Handshake() }()
			nc, err := route.TLS(t.Context(), near, &tls.Config{RootCAs: ca.pool()}, host)
			if err != nil {
				t.Fatal(err)
			}
			if err := <-shaken; err != nil {
				t.Fatal(err)
			}
			begin := time.Now()
			_ = route.HangUp(c.wrap(nc)) // what could not be said is no matter
			if took := time.Since(begin); took > time.Second {
				t.Errorf("HangUp took %v", took)
			}
			if n, err := far.Read(make([]byte, 1)); err == nil {
				t.Errorf("the peer read %d bytes of a connection that was to be closed", n)
			}
		})
	}
}
