package frame_test

import (
	"testing"

	"github.com/fairlead-ws/fairlead/frame"
)

func TestStatusCodeOnWire(t *testing.T) {
	ranges := []struct {
		lo, hi int
		onWire bool
	}{
		{0, 999, false},
		{1000, 1003, true},
		{1004, 1006, false},
		{1007, 1014, true},
		{1015, 2999, false},
		{3000, 4999, true},
		{5000, 65535, false},
	}
	next := 0
	for _, r := range ranges {
		if r.lo != next {
			t.Fatalf("the table has a gap before %d", r.lo)
		}
		for c := r.lo; c <= r.hi; c++ {
			if got := frame.StatusCode(c).OnWire(); got != r.onWire {
				t.Errorf("StatusCode(%d).OnWire() = %v", c, got)
			}
		}
		next = r.hi + 1
	}
}

func TestStatusCodeString(t *testing.T) {
	for _, tt := range []struct {
		code frame.StatusCode
		want string
	}{
		{frame.StatusNormal, "1000 normal closure"},
		{frame.StatusGoingAway, "1001 going away"},
		{frame.StatusProtocolError, "1002 protocol error"},
		{frame.StatusUnsupportedData, "1003 unsupported data"},
		{1004, "1004"},
		{frame.StatusNoStatus, "1005 no status received"},
		{frame.StatusAbnormal, "1006 abnormal closure"},
		{frame.StatusInvalidPayload, "1007 invalid payload data"},
		{frame.StatusPolicyViolation, "1008 policy violation"},
		{frame.StatusTooBig, "1009 message too big"},
		{frame.StatusMandatoryExtension, "1010 mandatory extension"},
		{frame.StatusInternalError, "1011 internal error"},
		{frame.StatusServiceRestart, "1012 service restart"},
		{frame.StatusTryAgainLater, "1013 try again later"},
		{frame.StatusBadGateway, "1014 bad gateway"},
		{frame.StatusTLSHandshake, "1015 TLS handshake failure"},
		{0, "0"},
		{4000, "4000"},
		{65535, "65535"},
	} {
		if got := tt.code.String(); got != tt.want {
			t.Errorf("StatusCode(%d).String() = %q, want %q", uint16(tt.code), got, tt.want)
		}
	}
}
