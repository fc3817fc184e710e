package session

import (
	"errors"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/cmd/fairlead/internal/exit"
	"github.com/fairlead-ws/fairlead/frame"
)

// Reconnecting says how to come back. RFC 6455, section 7.2.3, wants the delays
// to grow and to be left to chance.
type Reconnecting struct {
	On       bool
	Attempts int           // in a row
	First    time.Duration // the first delay is up to so long
	Longest  time.Duration // no delay is longer, but for a Retry-After
}

const (
	// maxRetryAfter is how long a server may ask us to wait.
	maxRetryAfter = 10 * time.Minute
	// floor is the shortest part of a delay: of a window of 1 s, delays are
	// spread over the last 900 ms.
	floor = 0.1
)

// delay is how long to wait before attempt n, from 1, after err.
func (r Reconnecting) delay(n int, err error, now time.Time) time.Duration {
	window := r.Longest
	if n < 30 && r.First<<(n-1) < r.Longest {
		window = r.First << (n - 1)
	}
	d := time.Duration(float64(window) * (floor + (1-floor)*rand.Float64()))
	return max(d, min(retryAfter(err, now), maxRetryAfter))
}

// retryAfter is what the refusal asks for (RFC 9110, section 10.2.3).
func retryAfter(err error, now time.Time) time.Duration {
	var refused *fairlead.HandshakeError
	if !errors.As(err, &refused) {
		return 0
	}
	text := strings.TrimSpace(refused.Header.Get("Retry-After"))
	if seconds, err := strconv.ParseUint(text, 10, 31); err == nil {
		return time.Duration(seconds) * time.Second
	}
	if at, err := http.ParseTime(text); err == nil {
		return max(0, at.Sub(now))
	}
	return 0
}

// worthRetrying reports whether another attempt may end otherwise.
func worthRetrying(err error) bool {
	var refused *fairlead.HandshakeError
	if errors.As(err, &refused) && refused.Status != 0 && exit.Code(err) == exit.Refused {
		switch refused.Status {
		case http.StatusRequestTimeout, http.StatusTooEarly, http.StatusTooManyRequests:
			return true
		}
		return refused.Status >= 500 && refused.Status != http.StatusNotImplemented && refused.Status != http.StatusHTTPVersionNotSupported
	}
	var own *exit.Error
	if errors.As(err, &own) {
		return own.Code == exit.PongTimeout || own.Code == exit.ResolveProxy
	}
	if code, ok := fairlead.CloseCode(err); ok {
		switch code {
		case frame.StatusGoingAway, frame.StatusNoStatus, frame.StatusAbnormal, frame.StatusInternalError,
			frame.StatusServiceRestart, frame.StatusTryAgainLater, frame.StatusBadGateway:
			var broken *fairlead.ProtocolError
			return !errors.As(err, &broken)
		}
		return false
	}
	switch exit.Code(err) {
	case exit.Resolve, exit.Connect, exit.Timeout, exit.TLS, exit.Dropped, exit.Proxy:
		return true
	}
	return false
}
