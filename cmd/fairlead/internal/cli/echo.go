package cli

import (
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/fairlead-ws/fairlead/cmd/fairlead/internal/connect"
	"github.com/fairlead-ws/fairlead/cmd/fairlead/internal/echo"
	"github.com/fairlead-ws/fairlead/cmd/fairlead/internal/exit"
	"github.com/fairlead-ws/fairlead/frame"
	"github.com/fairlead-ws/fairlead/handshake"
)

func newEcho() *cobra.Command {
	var (
		opts       echo.Options
		slow       connect.Size
		chaosDelay connect.Duration
		compress   bool
		closeCode  uint16
	)
	cmd := &cobra.Command{
		Use:   "echo [ADDRESS]",
		Short: "Run an echo server",
		Long: `Echo runs a WebSocket echo server until it is stopped by Ctrl-C or SIGTERM, and
prints its URL as the first line. ADDRESS is HOST:PORT, :PORT for a port of
127.0.0.1, or unix:PATH; without one it is a free port of 127.0.0.1.

It is strict: a client that breaks RFC 6455 is told so by the status code and the
reason of a Close. The query of the URL steers a session: ?ping=TEXT sends a Ping
first, ?close=CODE&reason=TEXT a Close, ?drop=1 ends the connection.

It is made for tests. Do not offer it to a network.`,
		Example: `  fairlead echo :8080
  fairlead echo :8443 --tls --write-ca ca.pem
  fairlead echo --chaos-fragments 5 --chaos-pings --chaos-delay 20ms`,
		Args: usage(cobra.MaximumNArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 1 {
				opts.Listen = args[0]
				if strings.HasPrefix(opts.Listen, ":") {
					opts.Listen = "127.0.0.1" + opts.Listen
				}
			}
			opts.TLS = opts.TLS || opts.CAFile != "" || len(opts.Names) > 0
			opts.Rate = int64(slow)
			opts.Server.Chaos.Delay = time.Duration(chaosDelay)
			if compress {
				opts.Server.Deflate = &handshake.Deflate{}
			}
			if _, err := frame.AppendClose(nil, frame.StatusCode(closeCode), ""); err != nil {
				return misuse(cmd, fmt.Errorf("--close-code: %w", err))
			}
			opts.Server.CloseCode = frame.StatusCode(closeCode)
			if opts.Server.CloseAfter < 0 || opts.Server.Chaos.Fragments < 0 || opts.Server.Chaos.WriteBytes < 0 || opts.Server.Chaos.DropAfter < 0 {
				return misuse(cmd, fmt.Errorf("a number must not be negative"))
			}
			s, err := echo.Start(opts)
			if err != nil {
				return err
			}
			defer s.Close()
			if _, err := fmt.Fprintln(cmd.OutOrStdout(), s.URL); err != nil {
				return exit.Output(err)
			}
			<-cmd.Context().Done()
			return nil
		},
	}
	f := cmd.Flags()
	f.BoolVar(&opts.TLS, "tls", false, "speak TLS, with a certificate of an authority of its own")
	f.StringVar(&opts.CAFile, "write-ca", "", "write the authority's certificate to `FILE`, for --cacert; implies --tls")
	f.StringArrayVar(&opts.Names, "tls-name", nil, "one more `NAME` in the certificate; implies --tls; may be repeated")
	f.StringArrayVarP(&opts.Server.Subprotocols, "subprotocol", "s", nil, "know the subprotocol `NAME`; may be repeated")
	f.BoolVar(&compress, "compress", false, "agree to permessage-deflate and compress every echo")
	f.Var(&slow, "slow", "at most `BYTES` a second each way of a connection; k, M and G are 1024-fold")
	f.IntVar(&opts.Server.CloseAfter, "close-after", 0, "close a session after `N` echoes")
	f.Uint16Var(&closeCode, "close-code", 1000, "the status `CODE` for --close-after")
	f.Uint64Var(&opts.Server.Chaos.Seed, "chaos-seed", 0, "where the chance of the flags below begins: the same `NUMBER` gives the same chaos")
	f.IntVar(&opts.Server.Chaos.Fragments, "chaos-fragments", 0, "send each echo in 1 to `N` frames")
	f.BoolVar(&opts.Server.Chaos.Pings, "chaos-pings", false, "put pings between frames")
	f.Var(&chaosDelay, "chaos-delay", "wait up to `TIME` before each frame")
	f.IntVar(&opts.Server.Chaos.WriteBytes, "chaos-write-bytes", 0, "write at most `N` bytes at a time")
	f.Int64Var(&opts.Server.Chaos.DropAfter, "chaos-drop-after", 0, "drop a connection without a word after `N` bytes")
	return cmd
}
