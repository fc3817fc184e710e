package load

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Gate is a condition that makes a run fail: "p99>50ms", "ping.max>=1s",
// "rate<990", "missing>0", "error-rate>0.1%".
type Gate struct {
	text  string
	hist  string // "" for a number of the result
	stat  string
	op    string
	limit float64 // nanoseconds for a time
}

// Verdict is what became of a gate.
type Verdict struct {
	Gate   string `json:"gate"`
	Failed bool   `json:"failed"`
	// Got is the value, in the unit of the gate.
	Got string `json:"got"`
}

var gateForm = regexp.MustCompile(`^\s*(?:([a-z]+)\.)?(p\d+(?:\.\d+)?|[a-z]+(?:-[a-z]+)?)\s*(>=|<=|>|<)\s*(\S+)\s*$`)

// numbers are what a gate may ask for besides times.
var numbers = map[string]func(r *Result) float64{
	"rate":   func(r *Result) float64 { return r.Rate.Achieved },
	"failed": func(r *Result) float64 { return float64(r.Connections.Failed) },
	"lost":   func(r *Result) float64 { return float64(r.Connections.Lost) },
	"missing": func(r *Result) float64 {
		return float64(r.Messages.Missing)
	},
	"unsent": func(r *Result) float64 { return float64(r.Messages.Unsent) },
	"errors": func(r *Result) float64 {
		n := r.Messages.Missing
		for _, f := range r.Faults {
			n += f.Count
		}
		return float64(n)
	},
	"error-rate": func(r *Result) float64 {
		bad := float64(r.Messages.Missing + r.Messages.Unsent)
		return 100 * bad / max(float64(r.Messages.Sent+r.Messages.Unsent), 1)
	},
}

var stats = []string{"min", "max", "mean", "stddev"}

// ParseGate reads a condition.
func ParseGate(text string) (Gate, error) {
	m := gateForm.FindStringSubmatch(text)
	if m == nil {
		return Gate{}, fmt.Errorf("expected a condition such as p99>50ms, ping.max>1s, rate<990 or error-rate>1%%, not %q", text)
	}
	g := Gate{text: strings.TrimSpace(text), hist: m[1], stat: m[2], op: m[3]}
	if _, ok := numbers[g.stat]; ok && g.hist == "" {
		number := m[4]
		if g.stat == "error-rate" {
			number = strings.TrimSuffix(number, "%")
		}
		var err error
		if g.limit, err = strconv.ParseFloat(number, 64); err != nil {
			return Gate{}, fmt.Errorf("%s is compared with a number, not %q", g.stat, m[4])
		}
		return g, nil
	}
	if g.hist == "" {
		g.hist = kindNames[kindMessage]
	}
	if !slices.Contains(kindNames[:], g.hist) {
		return Gate{}, fmt.Errorf("there is no histogram %q: they are %s", g.hist, strings.Join(kindNames[:], ", "))
	}
	if _, ok := percentileOf(g.stat); !ok && !slices.Contains(stats, g.stat) {
		return Gate{}, fmt.Errorf("%q is none of p0 to p100, min, max, mean, stddev, rate, errors, error-rate, missing, unsent, failed, lost", g.stat)
	}
	limit, err := time.ParseDuration(m[4])
	if err != nil {
		return Gate{}, fmt.Errorf("%s.%s is compared with a duration such as 50ms, not %q", g.hist, g.stat, m[4])
	}
	g.limit = float64(limit)
	return g, nil
}

func percentileOf(stat string) (float64, bool) {
	digits, ok := strings.CutPrefix(stat, "p")
	p, err := strconv.ParseFloat(digits, 64)
	return p, ok && err == nil && p <= 100
}

// Judge asks the gates and notes their verdicts in r. It returns those that
// failed. A time of which there is no sample fails: nobody knows whether it holds.
func (r *Result) Judge(gates []Gate) (failed []Verdict) {
	for _, g := range gates {
		v := g.judge(r)
		r.Gates = append(r.Gates, v)
		if v.Failed {
			failed = append(failed, v)
		}
	}
	return failed
}

func (g Gate) judge(r *Result) Verdict {
	if g.hist == "" {
		got := numbers[g.stat](r)
		text := strconv.FormatFloat(got, 'f', -1, 64)
		if g.stat == "rate" || g.stat == "error-rate" {
			text = strconv.FormatFloat(got, 'f', 2, 64)
		}
		return Verdict{g.text, g.holds(got), text}
	}
	h := r.Histograms[g.hist]
	if h == nil {
		return Verdict{g.text, true, "no sample"}
	}
	var got float64
	switch g.stat {
	case "min":
		got = float64(h.Min)
	case "max":
		got = float64(h.Max)
	case "mean":
		got = h.Mean
	case "stddev":
		got = h.StdDev
	default:
		p, _ := percentileOf(g.stat)
		got = float64(h.all.ValueAtQuantile(p))
	}
	return Verdict{g.text, g.holds(got), time.Duration(got).String()}
}

func (g Gate) holds(got float64) bool {
	switch g.op {
	case ">":
		return got > g.limit
	case ">=":
		return got >= g.limit
	case "<":
		return got < g.limit
	}
	return got <= g.limit
}
