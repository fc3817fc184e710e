package cli

import (
	"errors"

	"github.com/spf13/cobra"

	"github.com/fairlead-ws/fairlead/cmd/fairlead/internal/demo"
	"github.com/fairlead-ws/fairlead/cmd/fairlead/internal/exit"
)

func newDemo() *cobra.Command {
	return &cobra.Command{
		Use:   "demo [URL]",
		Short: "Run the sample sessions and show every frame",
		Long: `Demo runs the sample programs of package chilkat and then the same sessions
through package fairlead, and shows each frame in both directions as it happens.
It ends with exit code 0 only if every answer was the expected one.

Without a URL it talks to an echo server of its own on loopback. URL is that of
another echo server, ws:// or wss://. What only a server can begin is asked of it
by query parameters: ping=TEXT for a Ping first, close=CODE&reason=TEXT for a
Close first. Where a server does not know them, a line that begins "left out:"
says so. Certificates are verified with the system's roots; on Unix systems the
environment variable SSL_CERT_FILE names another file of roots.`,
		Example: `  fairlead demo
  fairlead demo ws://127.0.0.1:8080/echo`,
		Args: usage(cobra.MaximumNArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			opts := demo.Options{Out: cmd.OutOrStdout()}
			if len(args) == 1 {
				opts.URL = args[0]
			}
			return demoError(demo.Run(cmd.Context(), opts))
		},
	}
}

func demoError(err error) error {
	switch {
	case errors.Is(err, demo.ErrURL):
		return exit.With(exit.URL, err)
	case errors.Is(err, demo.ErrOutput):
		return exit.Output(err)
	case errors.Is(err, demo.ErrUnexpected):
		return exit.With(exit.Unmet, err)
	}
	return err
}
