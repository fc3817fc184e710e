package interop_test

import (
	"context"
	"net"
	"strings"
	"sync"
	"testing"

	"github.com/fairlead-ws/fairlead/auth"
	"github.com/fairlead-ws/fairlead/route"
)

// TestNTLM: the messages of NTLM go over one connection, which they authenticate.
func TestNTLM(t *testing.T) {
	b, w := backend.get(t), atWork.get(t)
	for _, test := range []struct {
		name     string
		auth     auth.Credentials
		requests int
	}{
		{"unasked", auth.NTLM{Username: w.username, Password: w.password, Domain: domain}, 2},
		{"when asked", auth.Password{Username: domain + `\` + w.username, Password: w.password}, 3},
	} {
		t.Run(test.name, func(t *testing.T) {
			var c recorder
			e := b.endpoint
			e.via = route.Through(c.layer, route.HTTPProxy(squid.get(t).at("ntlm"), &route.HTTPProxyOptions{Auth: test.auth}))
			s := e.dial(t, b.wss)
			text(t, s)
			s.wantAnswer(t)
			requests := strings.Count(c.sent.String(), "CONNECT ")
			messages := strings.Count(c.sent.String(), "Proxy-Authorization: NTLM ")
			if c.connections != 1 || requests != test.requests || messages != 2 {
				t.Errorf("%d connections, %d requests, %d NTLM messages sent, want 1, %d, 2", c.connections, requests, messages, test.requests)
			}
			t.Logf("%d requests with %d NTLM messages over %d connection", requests, messages, c.connections)
		})
	}
}

// A recorder counts connections and keeps what is sent.
type recorder struct {
	mu          sync.Mutex
	connections int
	sent        strings.Builder
}

func (r *recorder) layer(next route.Dialer) route.Dialer {
	return route.DialerFunc(func(ctx context.Context, network, addr string) (net.Conn, error) {
		conn, err := next.DialContext(ctx, network, addr)
		if err != nil {
			return nil, err
		}
		r.mu.Lock()
		defer r.mu.Unlock()
		r.connections++
		return recordedConn{conn, r}, nil
	})
}

type recordedConn struct {
	net.Conn
	*recorder
}

func (c recordedConn) Write(p []byte) (int, error) {
	c.mu.Lock()
	c.sent.Write(p)
	c.mu.Unlock()
	return c.Conn.Write(p)
}
