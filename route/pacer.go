package route

import (
	"sync"
	"time"
)

const (
	// pieceTime is how long a piece takes that passes at once.
	pieceTime = 10 * time.Millisecond
	maxPiece  = 64 << 10
	// maxCredit is how much time that went by unused may be made up for: timers
	// are late, and over 2 s it is no more than 2.5 %.
	maxCredit = 50 * time.Millisecond
)

// pacer is the clock of one direction. What passes is paid for afterwards.
type pacer struct {
	rate int64 // bytes per second; 0 or less: no limit

	mu   sync.Mutex
	free time.Time // when the next piece may pass
}

// piece returns the beginning of b that may pass at once.
func (p *pacer) piece(b []byte) []byte {
	if p.rate <= 0 {
		return b
	}
	most := max(1, min(p.rate/int64(time.Second/pieceTime), maxPiece))
	return b[:min(int64(len(b)), most)]
}

// delay returns how long the next piece has to wait.
func (p *pacer) delay() time.Duration {
	if p.rate <= 0 {
		return 0
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return time.Until(p.free)
}

// charge moves the clock by what n bytes take.
func (p *pacer) charge(n int) {
	if p.rate <= 0 || n <= 0 {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if earliest := time.Now().Add(-maxCredit); p.free.Before(earliest) {
		p.free = earliest
	}
	p.free = p.free.Add(time.Duration(int64(n) * int64(time.Second) / p.rate))
}

// alarm is a deadline that a select can wait for.
type alarm struct {
	mu    sync.Mutex
	timer *time.Timer
	ring  chan struct{} // closed when the deadline has passed
}

func (a *alarm) init() { a.ring = make(chan struct{}) }

func (a *alarm) rang() <-chan struct{} {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.ring
}

// set moves the deadline. Those who wait for it notice.
func (a *alarm) set(t time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.timer != nil && !a.timer.Stop() {
		<-a.ring // it has fired and will close the channel, if it has not
	}
	a.timer = nil
	closed := false
	select {
	case <-a.ring:
		closed = true
	default:
	}
	wait := time.Until(t)
	switch {
	case t.IsZero() || wait > 0:
		if closed {
			a.ring = make(chan struct{})
		}
		if !t.IsZero() {
			ring := a.ring
			a.timer = time.AfterFunc(wait, func() { close(ring) })
		}
	case !closed:
		close(a.ring)
	}
}
