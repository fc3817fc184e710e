package record

import (
	"net"
	"time"
)

func ms(d time.Duration) float64 { return float64(d) / 1e6 }

// msOr gives -1, as HAR says it of a step that there was not.
func msOr(times map[string]time.Duration, name string) float64 {
	if d, ok := times[name]; ok {
		return ms(d)
	}
	return -1
}

func noNil(fields []Field) []Field {
	if fields == nil {
		return []Field{}
	}
	return fields
}

func hostOf(addr string) string {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return ""
	}
	return host
}
