package interop_test

import (
	"sync/atomic"
	"testing"

	"github.com/fairlead-ws/fairlead/frame"
)

// TestRoutes leads each way to ws and wss, by addresses of both versions of IP and
// by name, and plays at its end.
func TestRoutes(t *testing.T) {
	var connections atomic.Int64
	t.Run("ways", func(t *testing.T) {
		for _, w := range ways {
			t.Run(w.name, func(t *testing.T) {
				t.Parallel()
				e := backend.get(t)
				for _, scheme := range []string{"ws", "wss"} {
					e.via = w.make(t, scheme)
					for i, host := range w.hosts(t) {
						t.Run(scheme+" "+host, func(t *testing.T) {
							if i == 0 {
								play(t, e.endpoint, e.url(scheme, host))
							} else {
								playScenarios(t, e.endpoint, e.url(scheme, host), text)
							}
							connections.Add(2)
						})
					}
				}
			})
		}
	})
	t.Logf("%d ways, %d connections", len(ways), connections.Load())
}

// hosts are the names by which a way can lead to the echo server.
func (w way) hosts(t *testing.T) []string {
	if w.only4 || without6(t) {
		return []string{"127.0.0.1", "localhost"}
	}
	return []string{"127.0.0.1", "::1", "localhost"}
}

// play sends text, binary and a message of 1 MiB over one connection and closes
// it, and lets the server close another.
func play(t *testing.T, e endpoint, url string) {
	t.Helper()
	playScenarios(t, e, url, text, binaries, big(1<<20))
}

func playScenarios(t *testing.T, e endpoint, url string, scenarios ...func(*testing.T, session)) {
	t.Helper()
	s := e.dial(t, url)
	for _, scenario := range scenarios {
		scenario(t, s)
	}
	s.wantAnswer(t)
	closesAtQuery(frame.StatusGoingAway)(t, e, url)
}
