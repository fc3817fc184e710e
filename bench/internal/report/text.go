package report

import (
	"fmt"
	"io"
	"math"
	"strings"
	"text/tabwriter"

	"github.com/fairlead-ws/fairlead/bench/internal/measure"
)

// Text prints a row for a terminal.
func (r Row) Text(w io.Writer) {
	fmt.Fprintf(w, "%s   bar: %s   A/A %s\n", r.Row.Name, barText(r.Row.Bar), r.aaText())
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	idle := r.Row.Kind == measure.Hold
	if idle {
		fmt.Fprintln(t, "\theap+stack\tspread\theap\tstack\tRSS\tgoroutines\t")
	} else {
		fmt.Fprintln(t, "\tCPU/op\tspread\tx raw\tspread\twall/op\tB/op\tallocs\treads\twrites\tout B\t")
	}
	for _, l := range r.Lines {
		switch {
		case l.Err != "":
			fmt.Fprintf(t, "%s\tfailed: %s\n", l.ID, l.Err)
		case idle:
			fmt.Fprintf(t, "%s\t%.2f KiB\t%.2f..%.2f\t%.2f\t%.2f\t%.2f\t%.2f\t\n", l.ID, l.Cost.Median, l.Cost.Min, l.Cost.Max, l.Heap, l.Stack, l.RSS, l.Routine)
		default:
			fmt.Fprintf(t, "%s\t%s\t%s..%s\t%s\t%s\t%s\t%.0f\t%.2f\t%.3f\t%.3f\t%.0f\t\n", l.ID,
				ns(l.Cost.Median), ns(l.Cost.Min), ns(l.Cost.Max), times(l.Ratio.Median), span(l.Ratio), ns(l.Wall), l.Bytes, l.Allocs, l.Reads, l.Writes, l.WireOut)
		}
	}
	_ = t.Flush()
	for _, v := range r.Verdicts {
		fmt.Fprintf(w, "  fairlead/%s: %s", v.Form, v.Bar)
		if v.Why != "" {
			fmt.Fprintf(w, " (%s)", v.Why)
		}
		fmt.Fprintf(w, "; %s\n", v.Rank)
	}
	fmt.Fprintln(w)
}

// aaText is the A/A spread, if there are twins.
func (r Row) aaText() string {
	for _, l := range r.Lines {
		if l.Twin && l.Err == "" {
			return fmt.Sprintf("%.1f %%", 100*r.AA)
		}
	}
	return "not measured"
}

func barText(b measure.Bar) string {
	var parts []string
	if b.Limit > 0 {
		s := fmt.Sprintf("%.2f %s", b.Limit, b.Of)
		if b.Lean > 0 {
			s = fmt.Sprintf("%.2f, fast form %.2f %s", b.Limit, b.Lean, b.Of)
		}
		parts = append(parts, s)
	}
	if b.Allocs >= 0 {
		parts = append(parts, fmt.Sprintf("%.0f allocations", b.Allocs))
	}
	return strings.Join(append(parts, "first"), ", ")
}

// ns prints a time with three digits.
func ns(x float64) string {
	for _, u := range []struct {
		unit string
		of   float64
	}{{"ns", 1}, {"µs", 1e3}, {"ms", 1e6}} {
		if x < 1000*u.of || u.unit == "ms" {
			return fmt.Sprintf("%.*f %s", max(0, 2-int(math.Log10(max(1, x/u.of)))), x/u.of, u.unit)
		}
	}
	return ""
}

func times(x float64) string {
	if math.IsNaN(x) {
		return "-"
	}
	return fmt.Sprintf("%.2f", x)
}

func span(s Spread) string {
	if math.IsNaN(s.Median) {
		return "-"
	}
	return fmt.Sprintf("%.2f..%.2f", s.Min, s.Max)
}

// Summary prints which rows miss, and returns how many.
func Summary(w io.Writer, rows []Row) int {
	missed, beaten, failed := []string{}, []string{}, []string{}
	for _, r := range rows {
		for _, v := range r.Verdicts {
			if v.Bar == Miss {
				missed = append(missed, fmt.Sprintf("%s (%s): %s", r.Row.Name, v.Form, v.Why))
			}
			if !v.First {
				beaten = append(beaten, fmt.Sprintf("%s (%s): %s", r.Row.Name, v.Form, v.Rank))
			}
		}
		for _, l := range r.Lines {
			if l.Err != "" {
				failed = append(failed, fmt.Sprintf("%s: %s: %s", r.Row.Name, l.ID, l.Err))
			}
		}
	}
	for _, list := range []struct {
		title string
		lines []string
	}{{"Rows that miss their bar", missed}, {"Rows in which a peer is ahead", beaten}, {"Contenders that failed", failed}} {
		fmt.Fprintf(w, "%s: %d\n", list.title, len(list.lines))
		for _, line := range list.lines {
			fmt.Fprintln(w, "  "+line)
		}
	}
	return len(failed)
}
