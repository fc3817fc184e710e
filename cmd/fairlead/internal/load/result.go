package load

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/fairlead-ws/fairlead/wstrace"
)

// Result is what a run has found. Its JSON form is stable: fields may come, none
// goes. Times are in nanoseconds.
type Result struct {
	Version     int              `json:"version"`
	URL         string           `json:"url"` // without secrets
	Loop        string           `json:"loop"`
	Interrupted bool             `json:"interrupted"`
	Connect     time.Duration    `json:"connect_ns"`
	Measured    time.Duration    `json:"measured_ns"`
	Connections Connections      `json:"connections"`
	Rate        Rate             `json:"rate"`
	Messages    Messages         `json:"messages"`
	Bytes       Bytes            `json:"bytes"`
	Histograms  map[string]*Hist `json:"histograms"`
	Closes      []Close          `json:"closes"`
	Faults      []Fault          `json:"errors"`
	Gates       []Verdict        `json:"gates,omitempty"`
}

// Connections counts connections.
type Connections struct {
	Wanted int64 `json:"wanted"`
	Opened int64 `json:"opened"`
	Failed int64 `json:"failed"`
	// Lost are those that ended before the run did.
	Lost int64 `json:"lost"`
}

// Rate is in messages a second. Wanted is 0 where there was no rate to keep.
type Rate struct {
	Wanted   float64 `json:"wanted"`
	Achieved float64 `json:"achieved"`
}

// Messages counts messages that count, those of the warm-up left out.
type Messages struct {
	Size     int   `json:"size"`
	Sent     int64 `json:"sent"`
	Answered int64 `json:"answered"`
	// Missing were sent and not answered in time.
	Missing int64 `json:"missing"`
	// Unsent could not be sent, warm-up included.
	Unsent int64 `json:"unsent"`
	// Fanout are messages of other connections.
	Fanout int64 `json:"fanout"`
	// Foreign are messages that are no answers, warm-up included.
	Foreign int64 `json:"foreign"`
	Pongs   int64 `json:"pongs"`
}

// Bytes counts bytes after the opening handshake, warm-up included where they
// are of frames. Wire is frames with their headers, without TLS.
type Bytes struct {
	PayloadSent     int64 `json:"payload_sent"`
	PayloadReceived int64 `json:"payload_received"`
	WireSent        int64 `json:"wire_sent"`
	WireReceived    int64 `json:"wire_received"`
}

// Close is how often sessions ended with a status code.
type Close struct {
	Code  int    `json:"code"`
	Name  string `json:"name"`
	By    string `json:"by"` // "us" or "peer"
	Count int64  `json:"count"`
}

// Hist is a histogram in figures, and whole in HDR: HdrHistogram V2, compressed,
// base64.
type Hist struct {
	Count       int64            `json:"count"`
	Min         int64            `json:"min"`
	Max         int64            `json:"max"`
	Mean        float64          `json:"mean"`
	StdDev      float64          `json:"stddev"`
	Percentiles map[string]int64 `json:"percentiles"`
	HDR         string           `json:"hdr"`
	all         *hdrhistogram.Histogram
}

// percentiles are those that reports show.
var percentiles = []float64{50, 75, 90, 95, 99, 99.9, 99.99}

func newHist(h *hdrhistogram.Histogram) *Hist {
	if h == nil {
		return nil
	}
	// Only a format that does not exist is refused.
	encoded, _ := h.EncodeV2()
	out := &Hist{
		Count: h.TotalCount(), Min: h.Min(), Max: h.Max(), Mean: h.Mean(), StdDev: h.StdDev(),
		Percentiles: map[string]int64{}, HDR: string(encoded), all: h,
	}
	for _, p := range percentiles {
		out.Percentiles[percentileName(p)] = h.ValueAtQuantile(p)
	}
	return out
}

func percentileName(p float64) string { return fmt.Sprintf("p%g", p) }

func (r *Runner) result(interrupted bool, connect, measured time.Duration) *Result {
	t := &r.total
	out := &Result{
		Version: 1, URL: wstrace.RedactTarget(r.opts.URL), Loop: r.loop(), Interrupted: interrupted,
		Connect: connect, Measured: measured,
		Connections: Connections{
			Wanted: int64(r.opts.Connections), Opened: t.opened.Load(), Failed: t.failed.Load(),
		},
		Rate: Rate{Achieved: r.achieved()},
		Messages: Messages{
			Size: len(r.template.text), Sent: t.sent.Load(), Answered: t.received.Load(),
			Missing: max(t.sent.Load()-t.received.Load(), 0), Unsent: t.unsent.Load(),
			Fanout: t.fanout.Load(), Foreign: t.foreign.Load(), Pongs: t.pongs.Load(),
		},
		Bytes: Bytes{
			PayloadSent: t.payloadOut.Load(), PayloadReceived: t.payloadIn.Load(),
			WireSent: t.wireOut.Load(), WireReceived: t.wireIn.Load(),
		},
		Histograms: map[string]*Hist{}, Faults: r.faults.list(), Closes: []Close{},
	}
	if out.Loop == "open" {
		out.Rate.Wanted = r.opts.Rate
	}
	for k := range kinds {
		if h := newHist(r.hist.merged(k)); h != nil {
			out.Histograms[kindNames[k]] = h
		}
	}
	out.Connections.Lost = r.lost.Load()
	r.mu.Lock()
	defer r.mu.Unlock()
	for end, n := range r.closes {
		by := "us"
		if end.remote {
			by = "peer"
		}
		out.Closes = append(out.Closes, Close{int(end.code), end.code.String(), by, n})
	}
	slices.SortFunc(out.Closes, func(a, b Close) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Code, b.Code), cmp.Compare(a.By, b.By))
	})
	return out
}

func (r *Runner) loop() string {
	switch {
	case r.opts.Idle:
		return "idle"
	case r.opts.Closed:
		return "closed"
	}
	return "open"
}

// achieved is the rate between the first and the last message that count.
func (r *Runner) achieved() float64 {
	first, last := r.total.firstSent.Load(), r.total.lastSent.Load()
	if last <= first {
		return 0
	}
	return float64(r.total.sent.Load()-1) / (float64(last-first) / 1e9)
}
