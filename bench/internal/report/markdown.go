package report

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"strings"

	"github.com/fairlead-ws/fairlead/bench/internal/client"
	"github.com/fairlead-ws/fairlead/bench/internal/measure"
)

// The lines between which a run is written. What stands around them is kept.
const (
	begin = "<!-- written by make bench: begin -->"
	end   = "<!-- written by make bench: end -->"
)

const skeleton = `# Performance

How Fairlead compares with other Go clients, and with raw TCP that moves the same
bytes with the same system calls. ` + "`make bench`" + ` measures it and writes
everything between the two marks; nothing there is written by hand.

` + begin + "\n" + end + `

## What the rows that miss cost

Each row that misses its bar has its profile here, and why the cost cannot go.
`

// WriteMarkdown puts the run into the file, which is made where there is none.
func WriteMarkdown(name string, a About, rows []Row) error {
	old, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		old = []byte(skeleton)
	} else if err != nil {
		return err
	}
	text, err := splice(old, a, rows)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return os.WriteFile(name, text, 0o644)
}

func splice(old []byte, a About, rows []Row) ([]byte, error) {
	head, rest, ok := bytes.Cut(old, []byte(begin))
	_, tail, ok2 := bytes.Cut(rest, []byte(end))
	if !ok || !ok2 {
		return nil, fmt.Errorf("no lines %q and %q", begin, end)
	}
	var b bytes.Buffer
	b.Write(head)
	b.WriteString(begin + "\n\n")
	markdown(&b, a, rows)
	b.WriteString("\n" + end)
	b.Write(tail)
	return b.Bytes(), nil
}

func markdown(w io.Writer, a About, rows []Row) {
	fmt.Fprintf(w, "Measured on %s: %s, %d cores, %s, kernel %s, %s. Medians of %d interleaved rounds of %s, client with GOMAXPROCS=%d (with 1, on the same core as the server; 2 where 8 goroutines send); the run took %s.\n\n",
		a.Date, a.CPU, a.Cores, a.System, a.Kernel, a.Go, a.Rounds, a.For, a.Procs, a.Took)
	fmt.Fprintf(w, "Against: %s.\n\n", strings.Join(a.Libraries, ", "))
	fmt.Fprintln(w, `CPU time of the client process for each operation, as a ratio to raw TCP: newcomer's
form / fastest form. Text that a library does not check is marked *. In compressed rows
it is microseconds, in idle rows KiB of heap and stack per connection.

| row | bar | raw | fairlead | gorilla | coder | gobwas | gws | x/net | A/A | verdict, newcomer | verdict, fast |
|---|---|---|---|---|---|---|---|---|---|---|---|`)
	for _, r := range rows {
		fmt.Fprintf(w, "| %s | %s | %s |", r.Row.Name, barText(r.Row.Bar), r.rawCell())
		for _, lib := range []string{"fairlead", "gorilla", "coder", "gobwas", "gws", "x/net"} {
			fmt.Fprintf(w, " %s |", r.cell(lib))
		}
		fmt.Fprintf(w, " %s | %s | %s |\n", r.aaText(), r.verdictCell(client.Newcomer), r.verdictCell(client.Fast))
	}
	fmt.Fprintln(w, "\n### Spread, allocations, system calls\n\nRatios with the smallest and the largest of the rounds; the rest per operation.\n\n| row | contender | CPU | x raw | smallest to largest | wall | bytes | allocations | reads | writes | bytes sent |\n|---|---|---|---|---|---|---|---|---|---|---|")
	for _, r := range rows {
		if r.Row.Kind == measure.Hold {
			continue
		}
		for _, l := range r.Lines {
			if l.Err == "" {
				fmt.Fprintf(w, "| %s | %s | %s | %s | %s | %s | %.0f | %.2f | %.3f | %.3f | %.0f |\n", r.Row.Name, l.ID, ns(l.Cost.Median), times(l.Ratio.Median), span(l.Ratio), ns(l.Wall), l.Bytes, l.Allocs, l.Reads, l.Writes, l.WireOut)
			}
		}
	}
	fmt.Fprintln(w, "\n### Idle connections\n\nKiB per connection, dialled and waiting in a read.\n\n| row | contender | heap + stack | smallest to largest | heap | stack | RSS | goroutines |\n|---|---|---|---|---|---|---|---|")
	for _, r := range rows {
		if r.Row.Kind != measure.Hold {
			continue
		}
		for _, l := range r.Lines {
			if l.Err == "" {
				fmt.Fprintf(w, "| %s | %s | %.2f | %s | %.2f | %.2f | %.2f | %.2f |\n", r.Row.Name, l.ID, l.Cost.Median, span(l.Cost), l.Heap, l.Stack, l.RSS, l.Routine)
			}
		}
	}
}

func (r Row) rawCell() string {
	l, ok := r.find("raw", client.Raw)
	switch {
	case !ok:
		return "-"
	case r.Row.Kind == measure.Hold:
		return fmt.Sprintf("%.2f KiB", l.Cost.Median)
	}
	return ns(l.Cost.Median)
}

// cell is what a library has in the row, in both forms.
func (r Row) cell(library string) string {
	var parts []string
	for _, form := range []string{client.Newcomer, client.Fast} {
		l, ok := r.find(library, form)
		if !ok {
			continue
		}
		s := times(l.Ratio.Median)
		switch {
		case r.Row.Kind == measure.Hold:
			s = fmt.Sprintf("%.1f", l.Cost.Median)
		case math.IsNaN(l.Ratio.Median):
			s = fmt.Sprintf("%.1f", l.Cost.Median/1000)
		}
		if r.Row.Payload == "chinese" && !l.Checked {
			s += "*"
		}
		parts = append(parts, s)
	}
	if len(parts) == 0 {
		return "-"
	}
	return strings.Join(parts, " / ")
}

func (r Row) verdictCell(form string) string {
	for _, v := range r.Verdicts {
		if v.Form == form {
			return v.Bar + "; " + v.Rank
		}
	}
	return "-"
}
