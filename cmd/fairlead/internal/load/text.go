package load

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/fairlead-ws/fairlead/wstrace"
)

// what a histogram is, for people, in the order in which they are shown.
var captions = [kinds]string{
	kindMessage: "from the time a message was due to its answer",
	kindService: "from the time it was sent to its answer",
	kindLag:     "from the time it was due to the time it was sent",
	kindFanout:  "from the time it was due to another connection",
	kindPing:    "round trip of a ping",
	kindDial:    "until the session was open",
	kindDNS:     "lookup of the name",
	kindTCP:     "TCP connect",
	kindTLS:     "TLS handshake",
	kindUpgrade: "answer to the opening request",
}

var inOrder = []kind{kindMessage, kindService, kindLag, kindFanout, kindPing, kindDial, kindDNS, kindTCP, kindTLS, kindUpgrade}

// WriteText writes a report for people.
func (r *Result) WriteText(w io.Writer) error {
	var b strings.Builder
	r.summary(&b)
	main := r.Histograms[kindNames[kindMessage]]
	if main == nil {
		main = r.Histograms[kindNames[kindPing]]
	}
	if main != nil {
		b.WriteString("\n")
		most := int64(1)
		all := bars(main.all, 10)
		for _, x := range all {
			most = max(most, x.count)
		}
		for _, x := range all {
			fmt.Fprintf(&b, "  %9s %9d %s\n", round(x.upto), x.count, stripe(float64(x.count)/float64(most), 40))
		}
	}
	b.WriteString("\n")
	r.table(&b)
	if r.Histograms[kindNames[kindLag]] != nil {
		if lag, all := r.Histograms["lag"].Percentiles["p99"], r.Histograms["message"]; all != nil && lag > int64(5*time.Millisecond) && lag > all.Percentiles["p99"]/2 {
			b.WriteString("\nThis machine was late with its own messages: what is measured is more its load than the server's.\nUse another machine, fewer connections or a lower rate.\n")
		}
	}
	for _, c := range r.Closes {
		fmt.Fprintf(&b, "\nclosed by %-4s  %s: %d", c.By, wstrace.Escape(c.Name), c.Count)
	}
	if len(r.Closes) > 0 {
		b.WriteString("\n")
	}
	for _, f := range r.Faults {
		fmt.Fprintf(&b, "\nerror  %s: %d", wstrace.Escape(f.Error), f.Count)
	}
	if len(r.Faults) > 0 {
		b.WriteString("\n")
	}
	for _, g := range r.Gates {
		verdict := "holds"
		if g.Failed {
			verdict = "FAILED"
		}
		fmt.Fprintf(&b, "\ngate  fail if %s: %s, got %s", g.Gate, verdict, g.Got)
	}
	if len(r.Gates) > 0 {
		b.WriteString("\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func (r *Result) summary(b *strings.Builder) {
	c, m := r.Connections, r.Messages
	fmt.Fprintf(b, "%s\n\n", wstrace.Escape(r.URL))
	fmt.Fprintf(b, "connections  %d of %d opened in %s", c.Opened, c.Wanted, round(r.Connect))
	if c.Failed > 0 {
		fmt.Fprintf(b, ", %d failed", c.Failed)
	}
	if c.Lost > 0 {
		fmt.Fprintf(b, ", %d lost on the way", c.Lost)
	}
	b.WriteString("\n")
	if r.Interrupted {
		b.WriteString("interrupted  what follows is what had come by then\n")
	}
	if r.Loop == "idle" {
		fmt.Fprintf(b, "held         %s\n", round(r.Measured))
		return
	}
	fmt.Fprintf(b, "messages     %d sent, %d answered, %d missing, %d not sent\n", m.Sent, m.Answered, m.Missing, m.Unsent)
	switch r.Loop {
	case "open":
		fmt.Fprintf(b, "rate         %.1f/s of %.1f/s, open loop: times count from when a message was due\n", r.Rate.Achieved, r.Rate.Wanted)
	case "closed":
		fmt.Fprintf(b, "rate         %.1f/s, closed loop: each connection waits for its answer, which hides stalls\n", r.Rate.Achieved)
	}
	seconds := max(r.Measured.Seconds(), 1e-9)
	fmt.Fprintf(b, "payload      %s sent, %s received, %s/s and %s/s; %d bytes a message\n",
		bytesOf(r.Bytes.PayloadSent), bytesOf(r.Bytes.PayloadReceived),
		bytesOf(int64(float64(r.Bytes.PayloadSent)/seconds)), bytesOf(int64(float64(r.Bytes.PayloadReceived)/seconds)), m.Size)
	fmt.Fprintf(b, "frames       %s sent, %s received, with their headers, all of the run\n", bytesOf(r.Bytes.WireSent), bytesOf(r.Bytes.WireReceived))
}

// table shows all histograms.
func (r *Result) table(b *strings.Builder) {
	tw := tabwriter.NewWriter(b, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(tw, "\tcount\tmin\tmean\tp50\tp90\tp99\tp99.9\tmax\t")
	for _, k := range inOrder {
		h := r.Histograms[kindNames[k]]
		if h == nil {
			continue
		}
		fmt.Fprintf(tw, "%s\t%d\t", kindNames[k], h.Count)
		for _, d := range []int64{h.Min, int64(h.Mean), h.Percentiles["p50"], h.Percentiles["p90"], h.Percentiles["p99"], h.Percentiles["p99.9"], h.Max} {
			fmt.Fprintf(tw, "%s\t", round(time.Duration(d)))
		}
		fmt.Fprintln(tw)
	}
	_ = tw.Flush() // to a strings.Builder
	b.WriteString("\n")
	for _, k := range inOrder {
		if r.Histograms[kindNames[k]] != nil {
			fmt.Fprintf(b, "%-8s %s\n", kindNames[k], captions[k])
		}
	}
}

func bytesOf(n int64) string {
	const units = "KMGTPE"
	if n < 1024 {
		return fmt.Sprintf("%d B", n)
	}
	f, i := float64(n)/1024, 0
	for ; f >= 1024; i++ {
		f /= 1024
	}
	return fmt.Sprintf("%.1f %ciB", f, units[i])
}
