package probe

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// bar is where a step lies in the waterfall, in percent of the whole.
type bar struct{ Left, Width float64 }

func (r *Report) bar(s Step) bar {
	all := float64(max(r.Total, 1))
	left := min(100*float64(s.Start)/all, 99)
	return bar{left, min(max(100*float64(s.Took)/all, 0.5), 100-left)}
}

const barWidth = 32

// WriteText writes the report for people, with colours if colour is true.
func (r *Report) WriteText(w io.Writer, colour bool) error {
	var b strings.Builder
	paint := func(sgr, text string) string {
		if !colour {
			return text
		}
		return "\x1b[" + sgr + "m" + text + "\x1b[m"
	}
	fmt.Fprintf(&b, "%s\n\n", paint("1", r.URL))
	for _, s := range r.Steps {
		place := r.bar(s)
		left := int(place.Left * barWidth / 100)
		width := max(int(place.Width*barWidth/100+0.5), 1)
		bar := strings.Repeat("·", left) + strings.Repeat("█", min(width, barWidth-left))
		bar += strings.Repeat("·", barWidth-len([]rune(bar)))
		sgr := "36"
		if s.Error != "" {
			sgr = "31"
		}
		fmt.Fprintf(&b, "%-9s %9s  %s  %s%s\n", s.Name, round(s.Took), paint(sgr, bar), strings.Repeat("  ", s.depth), s.Detail)
		if s.Error != "" {
			fmt.Fprintf(&b, "%-9s %9s  %s\n", "", "", paint("31", s.Error))
		}
	}
	fmt.Fprintf(&b, "%-9s %9s\n", "in all", round(r.Total))
	r.writeHeads(&b)
	r.writeTLS(&b)
	b.WriteString("\n")
	for _, f := range r.Findings {
		sgr := map[Severity]string{Good: "32", Info: "36", Warning: "33", Bad: "31"}[f.Severity]
		fmt.Fprintf(&b, "%s %s\n", paint(sgr, fmt.Sprintf("%-8s", f.Severity)), f.Title)
		for _, line := range []string{f.Detail, f.Advice} {
			if line != "" {
				fmt.Fprintf(&b, "%-8s %s\n", "", line)
			}
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func (r *Report) writeHeads(b *strings.Builder) {
	for _, part := range []struct {
		mark string
		head *Head
	}{{">", r.Request}, {"<", r.Response}} {
		if part.head == nil {
			continue
		}
		fmt.Fprintf(b, "\n%s %s\n", part.mark, part.head.Line)
		for _, f := range part.head.Fields {
			fmt.Fprintf(b, "%s %s: %s\n", part.mark, f.Name, f.Value)
		}
	}
	if r.Body != "" {
		fmt.Fprintf(b, "\n%s\n", r.Body)
	}
}

func (r *Report) writeTLS(b *strings.Builder) {
	if t := r.TLS; t != nil {
		fmt.Fprintf(b, "\nTLS        %s, %s", t.Version, t.Cipher)
		if t.Curve != "" {
			fmt.Fprintf(b, ", %s", t.Curve)
		}
		if t.ALPN != "" {
			fmt.Fprintf(b, ", ALPN %s", t.ALPN)
		}
		b.WriteString("\n")
	}
	for i, c := range r.Certificates {
		if i == 0 && r.TLS == nil {
			b.WriteString("\n")
		}
		fmt.Fprintf(b, "cert %d     %s\n", i+1, c.Subject)
		fmt.Fprintf(b, "           by %s\n", c.Issuer)
		if len(c.Names) > 0 {
			fmt.Fprintf(b, "           for %s\n", strings.Join(c.Names, ", "))
		}
		fmt.Fprintf(b, "           %s to %s, %s, %s\n", c.NotBefore.Format(time.DateOnly), c.NotAfter.Format(time.DateOnly), c.Key, c.Signature)
	}
}
