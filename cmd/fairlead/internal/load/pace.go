package load

import (
	"context"
	"time"
)

// clock counts nanoseconds from the beginning of a run.
type clock struct{ base time.Time }

func (c clock) now() int64 { return int64(time.Since(c.base)) }

// fine is what is left of a wait for pause, which is more exact than a timer but
// cannot be interrupted.
const fine = 4 * time.Millisecond

// until waits for the time t. It returns false when done ends first.
func (c clock) until(done <-chan struct{}, t int64) bool {
	for {
		left := time.Duration(t - c.now())
		switch {
		case left <= 0:
			select {
			case <-done:
				return false
			default:
				return true
			}
		case left <= fine:
			pause(left)
			continue
		}
		timer := time.NewTimer(left - fine/2)
		select {
		case <-timer.C:
		case <-done:
			timer.Stop()
			return false
		}
	}
}

// pacer calls each with 0, 1, 2 ... at the time that belongs to it, until count
// is reached (0: no limit), the time would be end or later (0: no limit), or ctx
// ends. When it is late it does not skip: what was missed comes at once, with
// its own time.
func (c clock) pacer(ctx context.Context, start int64, perSecond float64, count, end int64, each func(k, at int64)) {
	done := ctx.Done()
	for k := int64(0); count == 0 || k < count; k++ {
		at := start + int64(float64(k)/perSecond*1e9)
		if end != 0 && at >= end || !c.until(done, at) {
			return
		}
		each(k, at)
	}
}
