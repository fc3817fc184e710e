package fairlead

import (
	"sync"
	"sync/atomic"
	"time"
)

// watchdog ends a write that makes no progress. One timer runs on from write to
// write and looks back when it fires, so that a write costs it a clock reading.
type watchdog struct {
	c *Conn

	epoch time.Time
	since atomic.Int64 // when the write under way began, after epoch; 0 = none
	limit atomic.Int64
	wound atomic.Int64 // the timer fires this long after it was wound; 0 = it does not run

	mu    sync.Mutex
	timer *time.Timer
	ended bool
}

func (w *watchdog) start(c *Conn) {
	w.c, w.epoch = c, time.Now().Add(-1) // so that no time is 0
}

// begin says that a write begins to wait, or has come on: it may make no progress
// for as long as limit, or for ever if limit is 0.
func (w *watchdog) begin(limit time.Duration) {
	if limit == 0 {
		return
	}
	w.limit.Store(int64(limit))
	w.since.Store(int64(time.Since(w.epoch)))
	if wound := w.wound.Load(); wound == 0 || int64(limit) < wound {
		w.wind(limit)
	}
}

func (w *watchdog) end() { w.since.Store(0) }

func (w *watchdog) wind(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.ended {
		return
	}
	w.wound.Store(int64(d))
	if w.timer == nil {
		w.timer = time.AfterFunc(d, w.look)
	} else {
		w.timer.Reset(d)
	}
}

// look is called by the timer.
func (w *watchdog) look() {
	w.wound.Store(0)
	since := w.since.Load()
	if since == 0 {
		return // the next write winds the timer
	}
	limit := time.Duration(w.limit.Load())
	if left := limit - (time.Since(w.epoch) - time.Duration(since)); left > 0 {
		w.wind(left)
		return
	}
	if w.since.Load() == since {
		w.c.stalled(limit)
	}
}

func (w *watchdog) stop() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.ended = true
	if w.timer != nil {
		w.timer.Stop()
	}
}
