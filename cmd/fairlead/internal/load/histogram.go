package load

import (
	"sync"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// kind is what a histogram measures.
type kind int

const (
	kindDNS     kind = iota
	kindTCP          // each attempt that succeeded
	kindTLS          // with proxies, too
	kindUpgrade      // from the request to the head of the answer
	kindDial         // all of it
	kindMessage      // from the intended time to the answer
	kindFanout       // the same, when another connection got it
	kindService      // from the time it was sent to the answer
	kindLag          // from the intended time to the time it was sent
	kindPing
	kinds
)

var kindNames = [kinds]string{"dns", "tcp", "tls", "upgrade", "dial", "message", "fanout", "service", "lag", "ping"}

const (
	longest = int64(time.Hour)
	digits  = 3 // 0.1 %
)

func newHistogram() *hdrhistogram.Histogram { return hdrhistogram.New(1, longest, digits) }

// shard is one part of the histograms, so that connections do not queue for one
// lock.
type shard struct {
	mu   sync.Mutex
	each [kinds]*hdrhistogram.Histogram
	_    [64]byte // no line of the cache in common with the next one
}

const shards = 4

type histograms [shards]shard

// record counts d, which is cut to one hour; below zero counts as zero.
func (h *histograms) record(connection int, k kind, d time.Duration) {
	s := &h[connection%shards]
	s.mu.Lock()
	defer s.mu.Unlock()
	s.count(k, d)
}

func (s *shard) count(k kind, d time.Duration) {
	if s.each[k] == nil {
		s.each[k] = newHistogram()
	}
	// The only error is a value out of range.
	_ = s.each[k].RecordValue(min(max(int64(d), 0), longest))
}

// answer records what one answer tells.
func (h *histograms) answer(connection int, intended, sent, came int64) {
	s := &h[connection%shards]
	s.mu.Lock()
	defer s.mu.Unlock()
	s.count(kindMessage, time.Duration(came-intended))
	if sent != 0 {
		s.count(kindService, time.Duration(came-sent))
	}
}

// merged returns a copy of all parts, or nil when nothing was recorded.
func (h *histograms) merged(k kind) *hdrhistogram.Histogram {
	var all *hdrhistogram.Histogram
	for i := range h {
		s := &h[i]
		s.mu.Lock()
		if s.each[k] != nil {
			if all == nil {
				all = newHistogram()
			}
			all.Merge(s.each[k])
		}
		s.mu.Unlock()
	}
	return all
}
