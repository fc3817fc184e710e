package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/fairlead-ws/fairlead/cmd/fairlead/internal/connect"
	"github.com/fairlead-ws/fairlead/cmd/fairlead/internal/exit"
	"github.com/fairlead-ws/fairlead/cmd/fairlead/internal/load"
	"github.com/fairlead-ws/fairlead/cmd/fairlead/internal/terminal"
)

// benchFlags are the flags of bench that are not plain fields of its options.
type benchFlags struct {
	connect.Flags
	opts                                load.Options
	size                                connect.Size
	ramp, warmup, duration, drain, ping connect.Duration
	data, latencies                     string
	failIf                              []string
	noTUI, asJSON                       bool
}

func newBench() *cobra.Command {
	var f benchFlags
	cmd := &cobra.Command{
		Use:   "bench [flags] URL",
		Short: "Measure a server under load",
		Long: `Bench opens connections, sends messages at a steady rate, and reports how long
answers took. It expects the server to answer each message with one that holds
the same text somewhere; an echo server does.

The loop is open: each message has the time at which it is due, and what is
measured begins there, also when the server stalls and the message has to wait
(no coordinated omission). --closed sends a connection's next message when the
last one was answered instead.

-q is the rate of all connections together. A rate that this machine cannot keep
shows as "lag".`,
		Example: `  fairlead bench wss://example.com/echo
  fairlead bench -c 1000 -q 5000 -z 30s --ramp 5s ws://localhost:8080
  fairlead bench --idle -c 10000 --ping 30s -z 5m ws://localhost:8080
  fairlead bench --no-tui --fail-if 'p99>50ms' --fail-if 'errors>0' ws://localhost:8080`,
		Args: usage(cobra.MaximumNArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error { return f.run(cmd, strings.Join(args, "")) },
	}
	fs := cmd.Flags()
	fs.IntVarP(&f.opts.Connections, "connections", "c", 50, "hold `N` connections")
	fs.Int64VarP(&f.opts.Messages, "messages", "n", 0, "stop after `N` messages")
	fs.VarP(&f.duration, "duration", "z", "stop after `TIME` (default 10s, or no limit with -n)")
	fs.Float64VarP(&f.opts.Rate, "rate", "q", 0, "`N` messages a second over all connections (default one for each)")
	fs.BoolVar(&f.opts.Closed, "closed", false, "closed loop: wait for each answer before the next message")
	fs.BoolVar(&f.opts.Idle, "idle", false, "send nothing: hold the connections for the time of -z")
	fs.Var(&f.size, "size", "`BYTES` of a message (default 64)")
	fs.StringVarP(&f.data, "data", "d", "", "send `TEXT`, or what is in a @file; {stamp} in it is where an answer is known by")
	fs.BoolVar(&f.opts.Binary, "binary", false, "send binary messages")
	fs.Var(&f.ramp, "ramp", "open the connections over `TIME`, evenly")
	fs.Var(&f.warmup, "warmup", "do not count the messages of the first `TIME`")
	fs.Var(&f.drain, "drain", "wait `TIME` for the last answers (default 5s)")
	fs.Var(&f.ping, "ping", "ping each connection every `TIME`")
	fs.StringArrayVar(&f.failIf, "fail-if", nil, "exit with 104 if the `CONDITION` is true: p99>50ms, ping.max>1s, rate<990, errors>0, error-rate>1%; may be repeated")
	fs.BoolVar(&f.noTUI, "no-tui", false, "no live view")
	fs.BoolVar(&f.asJSON, "json", false, "print the result as JSON, with HdrHistograms; implies --no-tui")
	fs.StringVar(&f.latencies, "latencies", "", "write a line for each answer to `FILE`: due, sent, answered (ns), connection")
	f.Register(fs, "cnzqd")
	return cmd
}

func (f *benchFlags) run(cmd *cobra.Command, url string) (err error) {
	gates := make([]load.Gate, 0, len(f.failIf))
	for _, text := range f.failIf {
		g, err := load.ParseGate(text)
		if err != nil {
			return misuse(cmd, fmt.Errorf("--fail-if: %w", err))
		}
		gates = append(gates, g)
	}
	setup, err := f.Build(url, connectEnv(cmd))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, setup.Close()) }()
	ctx, cancel := setup.Context(cmd.Context())
	defer cancel()
	closeFiles, err := f.complete(setup)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeFiles()) }()
	runner, err := load.Begin(f.opts)
	if err != nil {
		return misuse(cmd, err)
	}
	if warning := load.CheckFiles(f.opts.Connections); warning != "" {
		fmt.Fprintf(cmd.ErrOrStderr(), "fairlead: warning: %s\n", warning)
	}
	result, err := f.measure(ctx, cmd.OutOrStdout(), runner)
	if result == nil {
		return err
	}
	failed := result.Judge(gates)
	if err := errors.Join(err, exit.Output(f.report(cmd.OutOrStdout(), result))); err != nil {
		return err
	}
	if err := causeOf(ctx); err != nil {
		return err
	}
	if len(failed) > 0 {
		return exit.With(exit.Unmet, fmt.Errorf("%d of %d conditions of --fail-if came true, the first one is %s: got %s", len(failed), len(gates), failed[0].Gate, failed[0].Got))
	}
	return nil
}

// complete puts the flags into the options. What it opens the result closes.
func (f *benchFlags) complete(setup *connect.Setup) (closeFiles func() error, err error) {
	f.opts.Dialer, f.opts.URL = setup.Dialer, setup.URL
	f.opts.Size = int(f.size)
	f.opts.Ramp, f.opts.Warmup, f.opts.Drain = time.Duration(f.ramp), time.Duration(f.warmup), time.Duration(f.drain)
	f.opts.Duration, f.opts.Ping = time.Duration(f.duration), time.Duration(f.ping)
	f.opts.Data = []byte(f.data)
	if path, ok := strings.CutPrefix(f.data, "@"); ok {
		if f.opts.Data, err = os.ReadFile(path); err != nil {
			return nil, exit.With(exit.Read, fmt.Errorf("--data: %w", err))
		}
	}
	if f.latencies == "" {
		return func() error { return nil }, nil
	}
	file, err := os.Create(f.latencies)
	if err != nil {
		return nil, exit.With(exit.Write, fmt.Errorf("--latencies: %w", err))
	}
	f.opts.Latencies = file
	return func() error { return exit.With(exit.Write, file.Close()) }, nil
}

func (f *benchFlags) measure(ctx context.Context, out io.Writer, runner *load.Runner) (*load.Result, error) {
	if f.noTUI || f.asJSON || !terminal.Is(out) || os.Getenv("TERM") == "dumb" {
		return runner.Run(ctx)
	}
	return runner.Live(ctx, out, os.Getenv("NO_COLOR") == "")
}

func (f *benchFlags) report(out io.Writer, result *load.Result) error {
	if !f.asJSON {
		return result.WriteText(out)
	}
	encoder := json.NewEncoder(out)
	encoder.SetIndent("", "  ")
	return encoder.Encode(result)
}

// causeOf is why ctx ended early, if anybody is to be told: a signal is known
// to Run, and --max-time is an error.
func causeOf(ctx context.Context) error {
	if cause := context.Cause(ctx); cause != nil && !errors.Is(cause, context.Canceled) {
		return cause
	}
	return nil
}

// connectEnv is what the flags of a subcommand's connection need of the world.
func connectEnv(cmd *cobra.Command) connect.Env {
	return environment(Streams{In: cmd.InOrStdin(), Out: cmd.OutOrStdout(), Err: cmd.ErrOrStderr()})
}
