package hostile_test

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"
	"text/tabwriter"
	"time"
)

// titles names the sections.
var titles = map[string]string{
	"A": "handshake", "B": "frames", "C": "compression", "D": "transport and TLS",
	"E": "redirects and credentials", "F": "HTTP proxies", "G": "SOCKS", "H": "SSH",
	"K": "resources", "L": "concurrency and misuse",
}

// results is what ran in this process.
var results table

type table struct {
	mu   sync.Mutex
	rows []result
}

type result struct {
	id, row, section string
	failed           bool
	took             time.Duration
	heap             int64 // allocated, or live where only that was measured; -1: not measured
	fat              string
}

func (t *table) add(c *Case, o *Outcome, failed bool) {
	heap := o.heap
	if heap < 0 {
		heap = o.live
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.rows = append(t.rows, result{c.ID, c.row(), c.section(), failed, o.took, heap, o.fat()})
}

// print writes a line for each section and one for all.
func (t *table) print(w io.Writer) {
	t.mu.Lock()
	defer t.mu.Unlock()
	out := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(out, "section\trows\tcases\tfailing\tslowest\t\tfattest\t\theap measured")
	sections := map[string][]result{}
	for _, r := range t.rows {
		sections[r.section] = append(sections[r.section], r)
	}
	for _, s := range slices.Sorted(maps.Keys(sections)) {
		line(out, strings.TrimSpace(s+" "+titles[s]), sections[s])
	}
	line(out, "all", t.rows)
	out.Flush()
}

func line(out io.Writer, title string, all []result) {
	if len(all) == 0 {
		fmt.Fprintf(out, "%s\t0\t0\t0\n", title)
		return
	}
	rows := map[string]bool{}
	failing, measured := 0, 0
	for _, r := range all {
		rows[r.row] = true
		if r.failed {
			failing++
		}
		if r.heap >= 0 {
			measured++
		}
	}
	slow := slices.MaxFunc(all, func(a, b result) int { return cmp.Compare(a.took, b.took) })
	fat := slices.MaxFunc(all, func(a, b result) int { return cmp.Compare(a.heap, b.heap) })
	bytes, fattest := "heap not measured", "-"
	if fat.heap >= 0 {
		bytes, fattest = fat.fat, fat.id
	}
	fmt.Fprintf(out, "%s\t%d\t%d\t%d\t%v\t%s\t%s\t%s\t%d\n", title, len(rows), len(all), failing,
		slow.took.Round(time.Microsecond), slow.id, bytes, fattest, measured)
}
