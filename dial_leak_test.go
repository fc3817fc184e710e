package fairlead_test

import (
	"crypto/tls"
	"errors"
	"os"
	"runtime"
	"testing"
	"time"

	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/auth"
)

// TestRefusedDialsLeaveNothing: K04: dials that fail in each phase leave neither a
// goroutine nor a descriptor.
func TestRefusedDialsLeaveNothing(t *testing.T) {
	const rounds = 100
	n := newInternet(t)
	answer := func(s seen) string {
		switch s.Target {
		case "/verify":
			return status(403, "Connection: close")
		case "/auth":
			return status(401, "WWW-Authenticate: Basic")
		case "/redirect":
			return status(302, location("file:///x"))
		case "/response":
			return "SSH-2.0-x\r\nConnection: close"
		}
		return ""
	}
	n.serve("a.example:80", false, answer)
	n.serve("a.example:443", true, answer)
	d := fairlead.Dialer{Route: n, Redirects: 1, Auth: auth.Basic{Username: "u"}, TLS: clientTLS(n)}
	urls := map[string]string{
		"ws://a.example/verify": fairlead.PhaseVerify, "wss://a.example/verify": fairlead.PhaseVerify, "ws://a.example/auth": fairlead.PhaseAuth,
		"wss://a.example/auth": fairlead.PhaseAuth, "ws://a.example/redirect": fairlead.PhaseRedirect, "ws://a.example/response": fairlead.PhaseResponse,
		"ws://a.example/closed": fairlead.PhaseResponse, "ws://absent.example/": fairlead.PhaseConnect, "ws:": fairlead.PhaseURL,
		"wss://a.example:80/": fairlead.PhaseTLS,
	}
	n.mu.Lock()
	n.addrs["stranger.example:443"] = n.addrs["a.example:443"]
	n.mu.Unlock()
	urls["wss://stranger.example/"] = fairlead.PhaseTLS
	goroutines, files := runtime.NumGoroutine(), descriptors()
	for u, phase := range urls {
		for range rounds {
			_, err := d.Dial(t.Context(), u)
			if he, ok := errors.AsType[*fairlead.HandshakeError](err); !ok || he.Phase != phase {
				t.Fatalf("%s: %v, want phase %s", u, err, phase)
			}
		}
	}
	for end := time.Now().Add(10 * time.Second); runtime.NumGoroutine() > goroutines || descriptors() > files; runtime.Gosched() {
		if time.Now().After(end) {
			t.Fatalf("%d goroutines, %d before; %d descriptors, %d before", runtime.NumGoroutine(), goroutines, descriptors(), files)
		}
	}
	t.Logf("%d refused dials, %d ways", rounds*len(urls), len(urls))
}

// descriptors counts those of the process, where the system shows them.
func descriptors() int {
	all, _ := os.ReadDir("/proc/self/fd")
	return len(all)
}

// TestAuthStateStaysWithItsOrigin: L50, E20: what one server said is of no effect
// on the next dial with the same Dialer.
func TestAuthStateStaysWithItsOrigin(t *testing.T) {
	n := newInternet(t)
	for _, host := range []string{"a.example", "b.example"} {
		n.serve(host+":80", false, func(s seen) string {
			if v, _ := s.Get("Authorization"); v != "" {
				return accepted(s)
			}
			return status(401, `WWW-Authenticate: Digest realm="r", qop="auth", algorithm=SHA-256, nonce="`+host+`"`)
		})
	}
	d := fairlead.Dialer{Route: n, Auth: auth.Digest{Username: "u", Password: "p"}, TLS: &tls.Config{}}
	for _, host := range []string{"a.example", "b.example", "a.example"} {
		c, err := d.Dial(t.Context(), "ws://"+host+"/")
		if err != nil {
			t.Fatal(err)
		}
		c.CloseNow()
		got := n.requests()
		if v, ok := got[0].Get("Authorization"); ok || len(got) != 2 {
			t.Errorf("%s: the first request has %q", host, v)
		}
	}
}
