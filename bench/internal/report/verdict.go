package report

import (
	"fmt"
	"math"

	"github.com/fairlead-ws/fairlead/bench/internal/client"
	"github.com/fairlead-ws/fairlead/bench/internal/measure"
	"github.com/fairlead-ws/fairlead/bench/internal/server"
)

// What a verdict can be.
const (
	OK        = "ok"
	Miss      = "MISS"
	Undecided = "undecided" // past the bar by less than the A/A spread
	NoBar     = "no bar"
)

// Verdict says how Fairlead stands in a row in one form.
type Verdict struct {
	Form  string `json:"form"`
	Bar   string `json:"bar"` // OK, Miss, Undecided, NoBar
	Why   string `json:"why"` // the figures behind Bar
	Rank  string `json:"rank"`
	First bool   `json:"first"` // first, or level with the first within the A/A spread
}

func judge(r Row, form string) (Verdict, bool) {
	own, ok := r.find("fairlead", form)
	if !ok {
		return Verdict{}, false
	}
	v := Verdict{Form: form}
	peer, hasPeer := r.bestPeer(form, r.Row.Payload == server.Chinese)
	switch {
	case !hasPeer:
		v.Rank, v.First = "no peer", true
	default:
		v.Rank, v.First = rank(against(r, own, peer), peer, r.AA)
	}
	v.Bar, v.Why = bar(r, own, peer, hasPeer)
	return v, true
}

// against is what own costs of what peer does, round by round.
func against(r Row, own, peer Line) float64 {
	return ratio(own.samples, peer.samples, cost(r.Row)).Median
}

func rank(x float64, peer Line, aa float64) (string, bool) {
	switch {
	case x < 1/(1+aa):
		return fmt.Sprintf("first, %s of %s", percent(x), peer.Library), true
	case x <= 1+aa:
		return fmt.Sprintf("level with %s within the A/A spread", peer.Library), true
	}
	return fmt.Sprintf("beaten by %s, %s of it", peer.Library, percent(x)), false
}

func percent(x float64) string { return fmt.Sprintf("%.0f %%", 100*x) }

// bar compares with the bar of the row. Differences below the A/A spread decide
// nothing; a bar that is closer to raw than that is decided by what is exact:
// system calls and allocations.
func bar(r Row, own, peer Line, hasPeer bool) (verdict, why string) {
	b := r.Row.Bar
	limit := b.Limit
	if own.Form == client.Fast && b.Lean > 0 {
		limit = b.Lean
	}
	if limit == 0 {
		return NoBar, ""
	}
	var got float64
	switch b.Of {
	case measure.OfRaw:
		got = own.Ratio.Median
	case measure.OfBestPeer:
		if !hasPeer {
			return Undecided, "no peer to compare with"
		}
		got = against(r, own, peer)
	case measure.KiB:
		got = own.Cost.Median
	}
	why = fmt.Sprintf("%.2f, bar %.2f %s", got, limit, b.Of)
	switch {
	case math.IsNaN(got):
		return Undecided, why
	case b.Allocs >= 0 && own.Allocs > b.Allocs+own.allocSlack():
		return Miss, fmt.Sprintf("%s; %.2f allocations, bar %.0f", why, own.Allocs, b.Allocs)
	case got > limit*(1+r.AA):
		return Miss, why
	case b.Of == measure.OfRaw && math.Abs(limit-1) < r.AA:
		return exact(r, own, why)
	case got > limit:
		return Undecided, why
	}
	return OK, why
}

// allocSlack is what an operation is forgiven for what the runtime allocates, and
// for pools that are filled again after a collection: 20 a measurement.
func (l Line) allocSlack() float64 { return max(0.01, 20/float64(l.N)) }

// exact compares the counts of own with those of raw.
func exact(r Row, own Line, why string) (string, string) {
	raw, ok := r.find("raw", client.Raw)
	if !ok {
		return Undecided, why
	}
	near := func(a, b float64) bool { return a <= b*1.01+0.005 }
	counts := fmt.Sprintf("%s, which is within the A/A spread of raw: %.3f reads, %.3f writes, %.2f allocations; raw %.3f, %.3f, %.2f",
		why, own.Reads, own.Writes, own.Allocs, raw.Reads, raw.Writes, raw.Allocs)
	if near(own.Reads, raw.Reads) && near(own.Writes, raw.Writes) && own.Allocs <= raw.Allocs+own.allocSlack() {
		return OK, counts
	}
	return Miss, counts
}
