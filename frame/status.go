package frame

import "strconv"

// StatusCode says why a connection is closed (RFC 6455 section 7.4).
type StatusCode uint16

// The status codes of RFC 6455 section 7.4.1 and of the IANA registry of
// WebSocket close codes. StatusNoStatus, StatusAbnormal and
// StatusTLSHandshake never stand in a frame: they tell an application that
// no code was received.
const (
	StatusNormal             StatusCode = 1000
	StatusGoingAway          StatusCode = 1001
	StatusProtocolError      StatusCode = 1002
	StatusUnsupportedData    StatusCode = 1003
	StatusNoStatus           StatusCode = 1005 // Close frame without a code
	StatusAbnormal           StatusCode = 1006 // connection ended without a Close frame
	StatusInvalidPayload     StatusCode = 1007
	StatusPolicyViolation    StatusCode = 1008
	StatusTooBig             StatusCode = 1009
	StatusMandatoryExtension StatusCode = 1010
	StatusInternalError      StatusCode = 1011
	StatusServiceRestart     StatusCode = 1012
	StatusTryAgainLater      StatusCode = 1013
	StatusBadGateway         StatusCode = 1014
	StatusTLSHandshake       StatusCode = 1015 // TLS handshake failed
)

// OnWire reports whether c may stand in a Close frame: 1000 to 1003, 1007 to
// 1014, and the ranges for libraries and applications, 3000 to 4999 (RFC
// 6455 sections 7.4.1 and 7.4.2).
func (c StatusCode) OnWire() bool {
	switch {
	case c >= StatusNormal && c <= StatusUnsupportedData:
		return true
	case c >= StatusInvalidPayload && c <= StatusBadGateway:
		return true
	}
	return c >= 3000 && c <= 4999
}

// String returns the number and the meaning, such as "1000 normal closure",
// or the number alone when the code has no registered meaning.
func (c StatusCode) String() string {
	number := strconv.FormatUint(uint64(c), 10)
	if meaning := c.meaning(); meaning != "" {
		return number + " " + meaning
	}
	return number
}

func (c StatusCode) meaning() string {
	switch c {
	case StatusNormal:
		return "normal closure"
	case StatusGoingAway:
		return "going away"
	case StatusProtocolError:
		return "protocol error"
	case StatusUnsupportedData:
		return "unsupported data"
	case StatusNoStatus:
		return "no status received"
	case StatusAbnormal:
		return "abnormal closure"
	case StatusInvalidPayload:
		return "invalid payload data"
	case StatusPolicyViolation:
		return "policy violation"
	case StatusTooBig:
		return "message too big"
	case StatusMandatoryExtension:
		return "mandatory extension"
	case StatusInternalError:
		return "internal error"
	case StatusServiceRestart:
		return "service restart"
	case StatusTryAgainLater:
		return "try again later"
	case StatusBadGateway:
		return "bad gateway"
	case StatusTLSHandshake:
		return "TLS handshake failure"
	}
	return ""
}
