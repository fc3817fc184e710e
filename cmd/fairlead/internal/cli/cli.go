// Package cli is the body of the command fairlead: it turns arguments into a
// run and the run's outcome into an exit code. Run is all there is to call.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"

	"github.com/fairlead-ws/fairlead/cmd/fairlead/internal/exit"
	"github.com/fairlead-ws/fairlead/cmd/fairlead/internal/terminal"
)

// Streams are what the command reads and writes.
type Streams struct {
	In  io.Reader
	Out io.Writer
	Err io.Writer
}

// Run runs the command with args, the program's name not among them, and
// returns its exit code. SIGINT and SIGTERM end it in an orderly way; a second
// one kills the process.
func Run(ctx context.Context, args []string, streams Streams) int {
	ctx, stop := withSignals(ctx)
	defer stop()
	root := newRoot()
	root.SetArgs(args)
	root.SetIn(streams.In)
	root.SetOut(streams.Out)
	root.SetErr(streams.Err)
	err := root.ExecuteContext(ctx)
	var sig exit.SignalError
	if errors.As(context.Cause(ctx), &sig) {
		err = sig
	}
	complain(streams.Err, err)
	return exit.Code(err)
}

// complain says what went wrong and what to do about it.
func complain(w io.Writer, err error) {
	var known *exit.Error
	if err == nil || errors.As(err, &known) && known.Quiet {
		return
	}
	// Errors escape what a peer wrote; this is for those that do not.
	fmt.Fprintf(w, "fairlead: %s\n", terminal.Text(strings.TrimPrefix(err.Error(), "fairlead: ")))
	if advice := exit.Advice(err); advice != "" {
		fmt.Fprintf(w, "fairlead: %s\n", advice)
	}
}

func newRoot() *cobra.Command {
	var c connection
	root := &cobra.Command{
		Use:   "fairlead [flags] URL",
		Short: "A strict WebSocket client",
		Long: `Fairlead connects to a WebSocket server. At a terminal it has a prompt; in a
pipe the lines of standard input are messages, standard output has what the
server sends and nothing else, and the rest is on standard error.

URL is ws://host/path or wss://host/path; host:port and :port are short for ws.`,
		Example: `  fairlead wss://echo.example/chat
  printf 'a\nb\n' | fairlead :8000
  fairlead -d '{"subscribe":"ticker"}' --until '.price > 100' wss://feed.example`,
		Args:    usage(cobra.MaximumNArgs(1)),
		Version: version(),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 && cmd.Flags().NFlag() == 0 {
				return cmd.Help()
			}
			return c.run(cmd, args)
		},
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error { return misuse(cmd, err) })
	root.SetVersionTemplate("{{.Version}}\n")
	c.register(root.Flags())
	root.AddCommand(newDemo(), newVersion(), newEcho(), newBench(), newRecord(), newReplay(), newExport(), newProbe(), newGen())
	return root
}

func newVersion() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Args:  usage(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, err := fmt.Fprintln(cmd.OutOrStdout(), version())
			return exit.Output(err)
		},
	}
}

// number is that of the release.
func number() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(devel)"
}

func version() string {
	return fmt.Sprintf("fairlead %s %s %s/%s", number(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
}

// usage makes what check finds wrong a mistake of the caller's.
func usage(check cobra.PositionalArgs) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if err := check(cmd, args); err != nil {
			return misuse(cmd, err)
		}
		return nil
	}
}

// misuse is a command line that makes no sense.
func misuse(cmd *cobra.Command, err error) error {
	return exit.Usagef("%w (see %s --help)", err, cmd.CommandPath())
}
