// Command bench measures Fairlead beside other WebSocket clients, in one run.
//
//	go run . -quick
//
// See the flags, and docs/performance.md for what came out.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"regexp"
	"time"

	"github.com/fairlead-ws/fairlead/bench/internal/adapter"
	"github.com/fairlead-ws/fairlead/bench/internal/client"
	"github.com/fairlead-ws/fairlead/bench/internal/measure"
	"github.com/fairlead-ws/fairlead/bench/internal/report"
	"github.com/fairlead-ws/fairlead/bench/internal/server"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := dispatch(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// dispatch is what this process is: the run, or one of the children that it
// starts.
func dispatch(ctx context.Context, args []string) error {
	if len(args) == 1 && args[0] == measure.WorkerFlag {
		return measure.Work(ctx, os.Stdin, os.Stdout, adapter.All())
	}
	if len(args) == 1 && args[0] == measure.ServerFlag {
		return serve(os.Stdin, os.Stdout)
	}
	o, err := parse(args)
	if err != nil {
		return err
	}
	return o.run(ctx, os.Stdout)
}

// serve is the process of the server, which ends with its input.
func serve(in io.Reader, out io.Writer) error {
	a, _, err := server.Start()
	if err != nil {
		return err
	}
	if err := json.NewEncoder(out).Encode(a); err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, in)
	return err
}

type options struct {
	measure.Config
	rows, contenders *regexp.Regexp
	quick            bool
	json, md         string
}

func parse(args []string) (*options, error) {
	o := &options{}
	fs := flag.NewFlagSet("bench", flag.ContinueOnError)
	rows := fs.String("rows", "", "`regexp` of the rows to measure; default all")
	contenders := fs.String("contenders", "", "`regexp` of the contenders, as library/form; raw and fairlead always run")
	fs.IntVar(&o.Rounds, "rounds", 5, "rounds of each row")
	fs.DurationVar(&o.For, "for", 50*time.Millisecond, "time of one measurement")
	fs.IntVar(&o.Procs, "procs", 1, "GOMAXPROCS of a client; with 1, client and server are kept on one core")
	fs.BoolVar(&o.quick, "quick", false, "about two minutes: 3 rounds of 20 ms, smaller counts")
	fs.StringVar(&o.json, "json", "", "write everything to this `file`")
	fs.StringVar(&o.md, "md", "", "write the table to this `file`, between its marks")
	if err := fs.Parse(args); err != nil {
		return nil, err
	}
	if o.quick {
		o.Rounds, o.For = 3, 20*time.Millisecond
	}
	if o.Rounds < 1 || o.For <= 0 || o.Procs < 1 || fs.NArg() > 0 {
		return nil, fmt.Errorf("-rounds, -for and -procs are at least 1, and there are no arguments: see -help")
	}
	o.Seed = uint64(time.Now().UnixNano())
	var err error
	if o.rows, err = regexp.Compile(*rows); err != nil {
		return nil, fmt.Errorf("-rows: %w", err)
	}
	if o.contenders, err = regexp.Compile(*contenders); err != nil {
		return nil, fmt.Errorf("-contenders: %w", err)
	}
	return o, nil
}

// entries are the contenders of a row: raw and Fairlead's first form twice.
func (o *options) entries(r measure.Row) []measure.Entry {
	var list []measure.Entry
	for _, c := range adapter.All() {
		ours := c.Library == "raw" || c.Library == "fairlead"
		if !r.Takes(c) || !ours && !o.contenders.MatchString(c.Name()) {
			continue
		}
		list = append(list, measure.Entry{Contender: c})
		if c.Form == client.Raw || ours && c.Form == client.Newcomer {
			list = append(list, measure.Entry{Contender: c, Twin: true})
		}
	}
	return list
}

func (o *options) run(ctx context.Context, w io.Writer) error {
	began := time.Now()
	addr, stop, err := measure.StartServer(ctx, o.Config)
	if err != nil {
		return err
	}
	defer stop()
	var rows []report.Row
	for _, r := range measure.Rows(o.quick) {
		if !o.rows.MatchString(r.Name) {
			continue
		}
		row := report.NewRow(r, measure.RunRow(ctx, o.Config, r, o.entries(r), addr))
		if err := ctx.Err(); err != nil {
			return err
		}
		row.Text(w)
		rows = append(rows, row)
	}
	about := report.Here(began)
	about.Rounds, about.For, about.Procs = o.Rounds, o.For.String(), o.Procs
	about.Took = time.Since(began).Round(time.Second).String()
	failed := report.Summary(w, rows)
	fmt.Fprintf(w, "%d rows in %s\n", len(rows), about.Took)
	if o.json != "" {
		p, err := json.MarshalIndent(map[string]any{"about": about, "rows": rows}, "", "\t")
		if err != nil {
			return err
		}
		if err := os.WriteFile(o.json, p, 0o644); err != nil {
			return err
		}
	}
	if o.md != "" {
		if err := report.WriteMarkdown(o.md, about, rows); err != nil {
			return err
		}
	}
	if failed > 0 {
		return fmt.Errorf("%d contenders failed", failed)
	}
	return nil
}
