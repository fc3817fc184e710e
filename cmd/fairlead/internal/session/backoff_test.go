package session

import (
	"errors"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/auth"
	"github.com/fairlead-ws/fairlead/cmd/fairlead/internal/exit"
	"github.com/fairlead-ws/fairlead/frame"
	"github.com/fairlead-ws/fairlead/handshake"
	"github.com/fairlead-ws/fairlead/route"
)

// TestDelays: M01 and M06. They grow to a cap, never fall below a floor, and are
// spread over the window.
func TestDelays(t *testing.T) {
	r := Reconnecting{First: time.Second, Longest: 30 * time.Second}
	for n, window := range map[int]time.Duration{1: time.Second, 2: 2 * time.Second, 5: 16 * time.Second, 6: 30 * time.Second, 1000: 30 * time.Second} {
		const tries, parts = 10000, 9
		var spread [parts]int
		for range tries {
			d := r.delay(n, nil, time.Now())
			if d < window/10 || d > window {
				t.Fatalf("attempt %d: %v is not within %v and %v", n, d, window/10, window)
			}
			spread[min(parts-1, int((d-window/10)*parts/(window*9/10)))]++
		}
		for i, count := range spread {
			if count < tries/parts*8/10 {
				t.Errorf("attempt %d: %d of %d delays are in part %d of %d", n, count, tries, i, parts)
			}
		}
	}
}

// TestRetryAfter: M04.
func TestRetryAfter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // for the clock
		r := Reconnecting{First: time.Millisecond, Longest: time.Millisecond}
		now := time.Now()
		for text, want := range map[string]time.Duration{
			"7": 7 * time.Second, "999999": maxRetryAfter, "": 0, "-5": 0, "soon": 0,
			now.Add(time.Minute).UTC().Format(http.TimeFormat):  time.Minute,
			now.Add(-time.Minute).UTC().Format(http.TimeFormat): 0,
		} {
			err := &fairlead.HandshakeError{Status: 503, Header: http.Header{"Retry-After": {text}}}
			if got := r.delay(1, err, now).Round(time.Second); got != want {
				t.Errorf("Retry-After %q: %v, want %v", text, got, want)
			}
		}
	})
}

// TestWorthRetrying: M03 and M05.
func TestWorthRetrying(t *testing.T) {
	refused := func(status int) error {
		return &fairlead.HandshakeError{Phase: fairlead.PhaseVerify, Status: status, Err: &handshake.Error{Status: status}}
	}
	closed := func(code frame.StatusCode) error { return &fairlead.CloseError{Code: code, Remote: true} }
	phase := func(phase string) error {
		return &fairlead.HandshakeError{Phase: phase, Err: errors.New("why")}
	}
	for _, tt := range []struct {
		err  error
		want bool
	}{
		{refused(400), false},
		{refused(401), false},
		{refused(403), false},
		{refused(404), false},
		{refused(501), false},
		{refused(302), false},
		{refused(408), true},
		{refused(429), true},
		{refused(500), true},
		{refused(502), true},
		{refused(503), true},
		{refused(504), true},
		{closed(1000), false},
		{closed(1002), false},
		{closed(1003), false},
		{closed(1007), false},
		{closed(1008), false},
		{closed(1009), false},
		{closed(1010), false},
		{closed(3000), false},
		{closed(4000), false},
		{closed(1001), true},
		{closed(1005), true},
		{closed(1006), true},
		{closed(1011), true},
		{closed(1012), true},
		{closed(1013), true},
		{closed(1014), true},
		{&fairlead.ProtocolError{Code: 1002}, false},
		{&fairlead.ProtocolError{Code: 1011}, false},
		{phase(fairlead.PhaseURL), false},
		{phase(fairlead.PhaseAuth), false},
		{phase(route.PhaseSSH), false},
		{phase(fairlead.PhaseRedirect), false},
		{phase(fairlead.PhaseResolve), true},
		{phase(fairlead.PhaseConnect), true},
		{phase(fairlead.PhaseTLS), true},
		{phase(route.PhaseProxy), true},
		{&fairlead.HandshakeError{Phase: route.PhaseProxy, Err: auth.ErrRefused}, false},
		{exit.With(exit.PongTimeout, errors.New("no pong")), true},
		{exit.With(exit.Read, errors.New("no input")), false},
	} {
		if got := worthRetrying(tt.err); got != tt.want {
			t.Errorf("%v: %v, want %v", tt.err, got, tt.want)
		}
	}
}
