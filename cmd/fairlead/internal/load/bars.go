package load

import (
	"math"
	"strings"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// bar is one line of a histogram: values above the last one up to Upto.
type bar struct {
	upto  time.Duration
	count int64
}

// bars cuts the values into n parts on a logarithmic scale from the least to the
// 99.9th percentile; what is above is a part of its own.
func bars(h *hdrhistogram.Histogram, n int) []bar {
	low, high := float64(max(h.Min(), 1)), float64(max(h.ValueAtQuantile(99.9), 1))
	step := math.Pow(math.Max(high/low, 1), 1/float64(n))
	out := make([]bar, 0, n+1)
	edge := low
	for range n {
		edge *= step
		out = append(out, bar{upto: time.Duration(edge)})
	}
	out[n-1].upto = time.Duration(high)
	out = append(out, bar{upto: time.Duration(h.Max())})
	at := 0
	for _, b := range h.Distribution() {
		if b.Count == 0 {
			continue
		}
		for at < n && b.From > int64(out[at].upto) {
			at++
		}
		out[at].count += b.Count
	}
	if out[n].count == 0 {
		out = out[:n]
	}
	return out
}

// stripe draws a part of width in eighths of a character.
func stripe(part float64, width int) string {
	eighths := int(math.Round(min(max(part, 0), 1) * float64(width) * 8))
	s := strings.Repeat("█", eighths/8)
	if rest := eighths % 8; rest > 0 {
		s += string([]rune("▏▎▍▌▋▊▉")[rest-1])
	}
	return s
}

// round shortens a time for people: three digits that count.
func round(d time.Duration) string {
	unit := time.Nanosecond
	for d/unit >= 1000 {
		unit *= 10
	}
	return d.Round(unit).String()
}
