package load

import (
	"sync/atomic"
	"time"

	"github.com/fairlead-ws/fairlead/frame"
	"github.com/fairlead-ws/fairlead/wstrace"
)

// counters are what the run counts while it goes on.
type counters struct {
	opened, failed, open atomic.Int64
	sent, unsent         atomic.Int64
	received, fanout     atomic.Int64 // answers that count
	foreign              atomic.Int64 // messages that are no answers
	outstanding          atomic.Int64 // sent and not answered, warm-up included
	writing              atomic.Int64 // calls of Write under way: an answer may come before they return
	pongs                atomic.Int64
	payloadOut           atomic.Int64
	payloadIn            atomic.Int64
	wireOut, wireIn      atomic.Int64 // frames with their headers, from the opening on
	firstSent, lastSent  atomic.Int64
}

// note remembers when the first and the last message that counts went out.
func (t *counters) note(now int64) {
	t.firstSent.CompareAndSwap(0, now)
	for last := t.lastSent.Load(); now > last; last = t.lastSent.Load() {
		if t.lastSent.CompareAndSwap(last, now) {
			return
		}
	}
}

// trace measures the phases of each dial and the bytes of the frames.
func (r *Runner) trace() *wstrace.Trace {
	var turn atomic.Int64 // spreads the dials over the shards
	record := func(k kind, d time.Duration, err error) {
		if err == nil {
			r.hist.record(int(turn.Add(1)%shards), k, d)
		}
	}
	return &wstrace.Trace{
		ResolveDone: func(e wstrace.ResolveDone) { record(kindDNS, e.Duration, e.Err) },
		ConnectDone: func(e wstrace.ConnectDone) { record(kindTCP, e.Duration, e.Err) },
		TLSDone:     func(e wstrace.TLSDone) { record(kindTLS, e.Duration, e.Err) },
		ResponseDone: func(e wstrace.ResponseDone) {
			if e.Status == 101 {
				record(kindUpgrade, e.Duration, e.Err)
			}
		},
		FrameSent:     func(e wstrace.Frame) { r.total.wireOut.Add(wireLength(e.Header)) },
		FrameReceived: func(e wstrace.Frame) { r.total.wireIn.Add(wireLength(e.Header)) },
	}
}

func wireLength(h frame.Header) int64 {
	var scratch [frame.MaxHeaderSize]byte
	return int64(len(frame.AppendHeader(scratch[:0], h))) + h.Length
}
