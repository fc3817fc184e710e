package load

import (
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// Snapshot is how far a run has come.
type Snapshot struct {
	Phase    string
	Done     float64 // 0 to 1, of the phase; negative where nobody knows
	Elapsed  time.Duration
	Wanted   int64 // connections
	Open     int64
	Failed   int64
	Sent     int64
	Answered int64
	Pongs    int64
	Waiting  int64 // answers that are still to come
	Errors   int64
	Rate     float64                 // achieved so far
	hist     *hdrhistogram.Histogram // of answers, of pings where there are none
	pings    bool
}

// Snapshot looks at the run. It may be called at any time.
func (r *Runner) Snapshot() Snapshot {
	t := &r.total
	s := Snapshot{
		Elapsed: time.Duration(r.clock.now()), Wanted: int64(r.opts.Connections), Open: t.open.Load(), Failed: t.failed.Load(),
		Sent: t.sent.Load(), Answered: t.received.Load(), Pongs: t.pongs.Load(), Waiting: t.outstanding.Load(),
		Rate: r.achieved(), hist: r.hist.merged(kindMessage),
	}
	if s.hist == nil {
		s.hist, s.pings = r.hist.merged(kindPing), true
	}
	for _, f := range r.faults.list() {
		s.Errors += f.Count
	}
	now, from := r.clock.now(), r.from.Load()
	switch r.state.Load() {
	case stateConnecting:
		s.Phase, s.Done = "connecting", float64(t.opened.Load()+s.Failed)/float64(s.Wanted)
	case stateMeasuring:
		if now < from {
			s.Phase, s.Done = "warming up", 1-float64(from-now)/float64(r.opts.Warmup)
			break
		}
		s.Phase, s.Done = "measuring", -1
		if end := r.until.Load(); end != 0 {
			s.Done = float64(now-from) / float64(end-from)
		}
		if n := r.opts.Messages; n > 0 {
			s.Done = max(s.Done, float64(s.Sent)/float64(n))
		}
	case stateDraining:
		s.Phase, s.Done = "waiting for answers", -1
	default:
		s.Phase, s.Done = "closing", 1-float64(s.Open)/float64(max(t.opened.Load(), 1))
	}
	return s
}
