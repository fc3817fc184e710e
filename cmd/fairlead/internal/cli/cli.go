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
	fmt.Fprintf(w, "fairlead: %s\n", terminal.Text(err.Error()))
	if advice := exit.Advice(err); advice != "" {
		fmt.Fprintf(w, "fairlead: %s\n", advice)
	}
}

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:           "fairlead",
		Short:         "A strict WebSocket client",
		Args:          usage(cobra.NoArgs),
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error { return misuse(cmd, err) })
	root.AddCommand(newDemo(), newVersion(), newEcho(), newBench(), newRecord(), newReplay(), newExport(), newProbe(), newGen())
	return root
}

func newVersion() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Args:  usage(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, err := fmt.Fprintf(cmd.OutOrStdout(), "fairlead %s %s %s/%s\n", version(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
			return err
		},
	}
}

func version() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(devel)"
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
