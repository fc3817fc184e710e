// Package report turns the samples of a run into ratios, verdicts and tables.
package report

import (
	"math"
	"slices"

	"github.com/fairlead-ws/fairlead/bench/internal/measure"
)

// Spread is a median with the smallest and the largest value.
type Spread struct {
	Median float64 `json:"median"`
	Min    float64 `json:"min"`
	Max    float64 `json:"max"`
}

func spreadOf(v []float64) Spread {
	if len(v) == 0 {
		return Spread{math.NaN(), math.NaN(), math.NaN()}
	}
	v = slices.Sorted(slices.Values(v))
	m := v[len(v)/2]
	if len(v)%2 == 0 {
		m = (v[len(v)/2-1] + m) / 2
	}
	return Spread{m, v[0], v[len(v)-1]}
}

// over returns f of every sample.
func over(samples []measure.Sample, f func(measure.Sample) float64) Spread {
	v := make([]float64, len(samples))
	for i, s := range samples {
		v[i] = f(s)
	}
	return spreadOf(v)
}

// ratio compares two contenders round by round: what disturbs a whole round
// disturbs both.
func ratio(a, b []measure.Sample, f func(measure.Sample) float64) Spread {
	var v []float64
	for i := range min(len(a), len(b)) {
		v = append(v, f(a[i])/f(b[i]))
	}
	return spreadOf(v)
}

// cost is what a row ranks by: CPU time of an operation in nanoseconds, or KiB of
// heap and stack of an idle connection.
func cost(r measure.Row) func(measure.Sample) float64 {
	if r.Kind == measure.Hold {
		return func(s measure.Sample) float64 {
			if s.Idle == nil {
				return math.NaN()
			}
			return perOp(s.Idle.Heap+s.Idle.Stack, s) / 1024
		}
	}
	return func(s measure.Sample) float64 { return perOp(s.CPU, s) }
}

func perOp[T ~int64 | ~uint64](x T, s measure.Sample) float64 { return float64(x) / float64(s.N) }

// apart is how far two of the same are from each other: 0.02 is 2 %.
func apart(a, b []measure.Sample, f func(measure.Sample) float64) float64 {
	m := ratio(a, b, f).Median
	return max(m, 1/m) - 1
}
