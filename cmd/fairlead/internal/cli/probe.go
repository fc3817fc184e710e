package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/fairlead-ws/fairlead/cmd/fairlead/internal/connect"
	"github.com/fairlead-ws/fairlead/cmd/fairlead/internal/exit"
	"github.com/fairlead-ws/fairlead/cmd/fairlead/internal/probe"
	"github.com/fairlead-ws/fairlead/cmd/fairlead/internal/terminal"
)

func newProbe() *cobra.Command {
	var (
		flags        connect.Flags
		opts         probe.Options
		data, path   string
		asJSON       bool
		listen, pong connect.Duration
	)
	cmd := &cobra.Command{
		Use:   "probe [flags] URL",
		Short: "Explain a connection",
		Long: `Probe opens one connection and explains it: each step with its time, who
answered with which certificates, what was agreed on, what is wrong and what to
do about it. It sends a ping, watches for the time of --listen, and closes.

The exit code is that of the connection, 0 when the session was opened.
Passwords, cookies and values of the query are masked.`,
		Example: `  fairlead probe wss://example.com/feed
  fairlead probe --html report.html --listen 2s -d '{"op":"hello"}' wss://example.com/feed`,
		Args: usage(cobra.MaximumNArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			setup, err := flags.Build(strings.Join(args, ""), connectEnv(cmd))
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, setup.Close()) }()
			ctx, cancel := setup.Context(cmd.Context())
			defer cancel()
			opts.Dialer, opts.URL, opts.Listen, opts.Patience = setup.Dialer, setup.URL, time.Duration(listen), time.Duration(pong)
			if cmd.Flags().Changed("data") {
				opts.Data = []byte(data)
			}
			report, err := probe.Run(ctx, opts)
			// What a probe finds goes out also when the connection failed.
			if out := writeReport(cmd, report, path, asJSON); out != nil {
				return out
			}
			return err
		},
	}
	fs := cmd.Flags()
	fs.BoolVar(&asJSON, "json", false, "print the report as JSON")
	fs.StringVar(&path, "html", "", "write the report to `FILE`, one page for any browser, besides")
	fs.StringVarP(&data, "data", "d", "", "send `TEXT` when the session is open")
	fs.Var(&listen, "listen", "watch the session for `TIME` before closing")
	fs.Var(&pong, "pong-timeout", "wait `TIME` for the answer to a ping (default 3s)")
	flags.Register(fs, "d")
	return cmd
}

func writeReport(cmd *cobra.Command, report *probe.Report, path string, asJSON bool) error {
	if path != "" {
		file, err := os.Create(path)
		if err != nil {
			return exit.With(exit.Write, fmt.Errorf("--html: %w", err))
		}
		if err := errors.Join(report.WriteHTML(file), file.Close()); err != nil {
			return exit.With(exit.Write, fmt.Errorf("--html: %w", err))
		}
	}
	out := cmd.OutOrStdout()
	if asJSON {
		encoder := json.NewEncoder(out)
		encoder.SetIndent("", "  ")
		return exit.Output(encoder.Encode(report))
	}
	return exit.Output(report.WriteText(out, terminal.Is(out) && os.Getenv("NO_COLOR") == ""))
}
