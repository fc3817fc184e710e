// Command autobahn runs Fairlead as an echo client against the fuzzing server of
// the Autobahn testsuite and prints what the server thinks of it: a line for each
// case that is not OK and a table by section.
//
//	autobahn -url ws://127.0.0.1:9001 [-agent NAME] [-from N] [-to N] [-report index.json]
//
// Cases are numbered from 1. The server tells how a client behaved, but how it
// closed stands only in the report that it writes to its own disk: -report names
// that file, where it can be reached.
//
// The exit status is 1 when any verdict is FAILED, NON-STRICT or UNIMPLEMENTED or
// a close is wrong, and 2 when the cases could not be run.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
)

const (
	exitOK    = 0
	exitWrong = 1
	exitError = 2
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// options are the flags.
type options struct {
	url      string
	agent    string
	from, to int
	report   string
}

func run(ctx context.Context, args []string, out, errOut io.Writer) int {
	var o options
	flags := flag.NewFlagSet("autobahn", flag.ContinueOnError)
	flags.SetOutput(errOut)
	flags.StringVar(&o.url, "url", "ws://127.0.0.1:9001", "`URL` of the fuzzing server")
	flags.StringVar(&o.agent, "agent", "fairlead", "`name` of the client in the server's report")
	flags.IntVar(&o.from, "from", 1, "`number` of the first case")
	flags.IntVar(&o.to, "to", 0, "`number` of the last case, 0 for the last that there is")
	flags.StringVar(&o.report, "report", "", "the index.json that the server writes, for the verdicts on closes")
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return exitOK
	case err != nil:
		return exitError
	}
	if flags.NArg() > 0 {
		fmt.Fprintf(errOut, "autobahn: argument %q is not a flag\n", flags.Arg(0))
		return exitError
	}
	card, err := drive(ctx, o)
	if err != nil {
		fmt.Fprintf(errOut, "autobahn: %v\n", err)
		return exitError
	}
	if err := card.print(out); err != nil {
		fmt.Fprintf(errOut, "autobahn: %v\n", err)
		return exitError
	}
	if card.wrong() > 0 {
		return exitWrong
	}
	return exitOK
}

// drive runs the cases and collects their verdicts.
func drive(ctx context.Context, o options) (*scorecard, error) {
	s, err := newFuzzer(o.url, o.agent)
	if err != nil {
		return nil, err
	}
	last, err := s.caseCount(ctx)
	if err != nil {
		return nil, err
	}
	if o.to == 0 {
		o.to = last
	}
	if o.from < 1 || o.from > o.to || o.to > last {
		return nil, fmt.Errorf("no cases %d to %d: the server has cases 1 to %d", o.from, o.to, last)
	}
	card := &scorecard{}
	for n := o.from; n <= o.to; n++ {
		v, err := s.play(ctx, n)
		if err != nil {
			return nil, err
		}
		card.verdicts = append(card.verdicts, v)
	}
	if err := s.updateReports(ctx); err != nil {
		return nil, err
	}
	if o.report != "" {
		if err := card.readReport(o.report, o.agent); err != nil {
			return nil, err
		}
	}
	return card, nil
}
