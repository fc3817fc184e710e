package report

import (
	"cmp"
	"math"
	"slices"

	"github.com/fairlead-ws/fairlead/bench/internal/client"
	"github.com/fairlead-ws/fairlead/bench/internal/measure"
)

// Line is what one contender did in a row. What is not a ratio is per operation.
type Line struct {
	ID      string  `json:"contender"`
	Library string  `json:"library"`
	Form    string  `json:"form"`
	Twin    bool    `json:"twin,omitempty"`
	N       int     `json:"n"`
	Cost    Spread  `json:"cost"` // ns of CPU; in idle rows KiB of heap and stack
	Ratio   Spread  `json:"-"`    // to raw; NaN where there is no raw
	Wall    float64 `json:"wall_ns"`
	Bytes   float64 `json:"bytes"`
	Allocs  float64 `json:"allocs"`
	Reads   float64 `json:"reads"`
	Writes  float64 `json:"writes"`
	WireOut float64 `json:"wire_out"`
	Heap    float64 `json:"heap_kib,omitempty"`
	Stack   float64 `json:"stack_kib,omitempty"`
	RSS     float64 `json:"rss_kib,omitempty"`
	Routine float64 `json:"goroutines,omitempty"`
	Checked bool    `json:"checks_utf8,omitempty"`
	Err     string  `json:"error,omitempty"`
	samples []measure.Sample
}

// Row is a row of the table with what is to be said of it.
type Row struct {
	Row      measure.Row      `json:"row"`
	Lines    []Line           `json:"lines"`
	AA       float64          `json:"aa"` // spread between twins; 0 without any
	Verdicts []Verdict        `json:"verdicts"`
	Samples  []measure.Result `json:"samples"`
}

// NewRow judges results.
func NewRow(r measure.Row, results []measure.Result) Row {
	out := Row{Row: r, Samples: results}
	f := cost(r)
	var raw []measure.Sample
	first := map[string][]measure.Sample{}
	for _, res := range results {
		switch name := res.Entry.Name(); {
		case res.Err != "":
		case res.Entry.Twin:
			if s, ok := first[name]; ok {
				out.AA = max(out.AA, apart(res.Samples, s, f))
			}
		default:
			first[name] = res.Samples
			if res.Entry.Form == client.Raw {
				raw = res.Samples
			}
		}
	}
	for _, res := range results {
		out.Lines = append(out.Lines, newLine(res, raw, f))
	}
	for _, form := range []string{client.Newcomer, client.Fast} {
		if v, ok := judge(out, form); ok {
			out.Verdicts = append(out.Verdicts, v)
		}
	}
	return out
}

func newLine(res measure.Result, raw []measure.Sample, f func(measure.Sample) float64) Line {
	e := res.Entry
	l := Line{
		ID: res.ID, Library: e.Library, Form: e.Form, Twin: e.Twin, Checked: e.ChecksUTF8, Err: res.Err, samples: res.Samples,
		Cost: over(res.Samples, f), Ratio: ratio(res.Samples, raw, f),
	}
	if len(res.Samples) == 0 {
		l.Err = cmp.Or(l.Err, "no sample")
		return l
	}
	median := func(f func(measure.Sample) float64) float64 { return over(res.Samples, f).Median }
	l.N = res.Samples[0].N
	l.Wall = median(func(s measure.Sample) float64 { return perOp(s.Wall, s) })
	l.Bytes = median(func(s measure.Sample) float64 { return perOp(s.Bytes, s) })
	l.Allocs = median(func(s measure.Sample) float64 { return perOp(s.Allocs, s) })
	l.Reads = median(func(s measure.Sample) float64 { return perOp(s.Reads, s) })
	l.Writes = median(func(s measure.Sample) float64 { return perOp(s.Writes, s) })
	l.WireOut = median(func(s measure.Sample) float64 { return perOp(s.WireOut, s) })
	if res.Samples[0].Idle != nil {
		l.Heap = median(func(s measure.Sample) float64 { return perOp(s.Idle.Heap, s) / 1024 })
		l.Stack = median(func(s measure.Sample) float64 { return perOp(s.Idle.Stack, s) / 1024 })
		l.RSS = median(func(s measure.Sample) float64 { return perOp(s.Idle.RSS, s) / 1024 })
		l.Routine = median(func(s measure.Sample) float64 { return perOp(int64(s.Idle.Goroutines), s) })
	}
	return l
}

// find returns the line of a library in a form.
func (r Row) find(library, form string) (Line, bool) {
	i := slices.IndexFunc(r.Lines, func(l Line) bool { return l.Library == library && l.Form == form && !l.Twin && l.Err == "" })
	if i < 0 {
		return Line{}, false
	}
	return r.Lines[i], true
}

// bestPeer is the cheapest of the other libraries in a form. Where text is to be
// checked, those that do not check it do not compete.
func (r Row) bestPeer(form string, checked bool) (best Line, ok bool) {
	best.Cost.Median = math.Inf(1)
	for _, l := range r.Lines {
		if l.Library == "fairlead" || l.Form != form || l.Err != "" || checked && !l.Checked {
			continue
		}
		if l.Cost.Median < best.Cost.Median {
			best, ok = l, true
		}
	}
	return best, ok
}
