package probe

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/fairlead-ws/fairlead/route"
	"github.com/fairlead-ws/fairlead/wstest"
)

// TestHop probes through a proxy: the step of the hop holds those that lead to
// it.
func TestHop(t *testing.T) {
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		server, err := net.Dial("tcp", r.Host)
		if err != nil {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		defer server.Close()
		client, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer client.Close()
		_, _ = io.WriteString(client, "HTTP/1.1 200 OK\r\n\r\n")
		done := make(chan struct{})
		go func() {
			defer close(done)
			_, _ = io.Copy(server, client)
			_ = server.Close()
		}()
		_, _ = io.Copy(client, server)
		_ = client.Close()
		<-done
	}))
	defer proxy.Close()
	d := dialer()
	d.Route = route.Through(route.HTTPProxy(strings.TrimPrefix(proxy.URL, "http://"), nil))
	r := probeOf(t, d, serve(t, wstest.Options{}).URL())
	want(t, r, "open", "proxy")
	var hop, tcp *Step
	for i := range r.Steps {
		switch r.Steps[i].Name {
		case "hop":
			hop = &r.Steps[i]
		case "tcp":
			tcp = &r.Steps[i]
		}
	}
	if hop == nil || tcp == nil || tcp.Start < hop.Start || tcp.Start+tcp.Took > hop.Start+hop.Took || tcp.depth != hop.depth+1 {
		t.Errorf("hop %+v, tcp %+v", hop, tcp)
	}
	if !strings.Contains(hop.Detail, "http "+strings.TrimPrefix(proxy.URL, "http://")) {
		t.Errorf("detail %q", hop.Detail)
	}
}
