package cli

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/cmd/fairlead/internal/connect"
	"github.com/fairlead-ws/fairlead/cmd/fairlead/internal/exit"
	"github.com/fairlead-ws/fairlead/cmd/fairlead/internal/record"
	"github.com/fairlead-ws/fairlead/cmd/fairlead/internal/terminal"
)

func newRecord() *cobra.Command {
	var (
		flags  connect.Flags
		opts   record.Options
		path   string
		stay   bool
		linger = connect.Duration(2 * time.Second)
	)
	cmd := &cobra.Command{
		Use:   "record [flags] URL",
		Short: "Record a session, frame by frame",
		Long: `Record connects, sends each line of standard input as a message, and writes down
every frame of the session as a line of JSON: the time, the direction, opcode,
FIN and reserved bits, the payload and the length on the wire. Each line is
written when its frame passes, so that a crash loses nothing but half a line.

The recording goes to the file of -o, behind what is there, and what the server
sends to standard output. Without -o the recording goes to standard output.
Passwords, cookies and values of the query are masked; payloads are not.`,
		Example: `  fairlead record -o session.jsonl wss://example.com/feed
  printf 'hello\n' | fairlead record -o session.jsonl ws://localhost:8080
  fairlead export session.jsonl > session.har`,
		Args: usage(cobra.MaximumNArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			if opts.Count < 0 {
				return misuse(cmd, errors.New("--count: a number cannot be negative"))
			}
			setup, err := flags.Build(strings.Join(args, ""), connectEnv(cmd))
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, setup.Close()) }()
			ctx, cancel := setup.Context(cmd.Context())
			defer cancel()
			opts.Dialer, opts.URL = setup.Dialer, setup.URL
			opts.Out, opts.In = cmd.OutOrStdout(), cmd.InOrStdin()
			if path != "" {
				file, err := record.Append(path)
				if err != nil {
					return exit.With(exit.Write, err)
				}
				defer func() { err = errors.Join(err, exit.With(exit.Write, file.Close())) }()
				opts.Out, opts.Show = file, show(cmd.OutOrStdout())
			}
			if opts.Linger = time.Duration(linger); stay {
				opts.Linger = 0
			}
			end, err := record.Record(ctx, opts)
			if err != nil {
				return err
			}
			fmt.Fprintf(cmd.ErrOrStderr(), "fairlead: recorded %d messages from the server and %d to it\n", end.In, end.Out)
			return causeOf(ctx)
		},
	}
	fs := cmd.Flags()
	fs.StringVarP(&path, "output", "o", "", "write the recording to `FILE`, behind what is there")
	fs.BoolVar(&opts.Binary, "binary", false, "send binary messages")
	fs.IntVarP(&opts.Count, "count", "n", 0, "end after `N` messages of the server")
	fs.Var(&linger, "linger", "end when the input has ended and nothing came for `TIME`")
	fs.BoolVar(&stay, "stay", false, "do not end when the input has ended")
	flags.Register(fs, "on")
	return cmd
}

// show writes messages as lines: text as it is, but escaped for a terminal,
// binary in hexadecimal.
func show(out io.Writer) func(fairlead.MessageType, []byte) error {
	safe := terminal.Is(out)
	return func(typ fairlead.MessageType, p []byte) error {
		text := string(p)
		switch {
		case typ == fairlead.Binary:
			text = hex.EncodeToString(p)
		case safe:
			text = terminal.Text(text)
		}
		_, err := fmt.Fprintln(out, text)
		return exit.Output(err)
	}
}

func newReplay() *cobra.Command {
	var (
		flags    connect.Flags
		opts     record.ReplayOptions
		patience = connect.Duration(10 * time.Second)
		session  int
		quiet    bool
	)
	cmd := &cobra.Command{
		Use:   "replay [flags] RECORDING URL",
		Short: "Play a recorded session again",
		Long: `Replay connects to URL and sends the frames of a recording that went to the
server: at the times of the recording, --speed times as fast, or in lock-step
with the server, that is, each when as many messages have come as had come
before it in the recording. RECORDING is a file, - is standard input.

With --check what comes must be what came then: exit code 104 if not.`,
		Example: `  fairlead replay session.jsonl ws://localhost:8080
  fairlead replay --speed 10 session.jsonl ws://localhost:8080
  fairlead replay --lockstep --check session.jsonl ws://localhost:8080`,
		Args: usage(cobra.RangeArgs(1, 2)),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			sessions, err := readRecording(cmd, args[0])
			if err != nil {
				return err
			}
			switch {
			case !(opts.Speed > 0) || opts.Speed > 1e6:
				return misuse(cmd, errors.New("--speed: expected a number above 0, at most 1,000,000"))
			case session < 1 || session > len(sessions):
				return misuse(cmd, fmt.Errorf("--session: the recording has %d sessions", len(sessions)))
			}
			setup, err := flags.Build(strings.Join(args[1:], ""), connectEnv(cmd))
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, setup.Close()) }()
			ctx, cancel := setup.Context(cmd.Context())
			defer cancel()
			opts.Dialer, opts.URL, opts.Patience = setup.Dialer, setup.URL, time.Duration(patience)
			if !quiet {
				opts.Show = show(cmd.OutOrStdout())
			}
			done, err := record.Replay(ctx, sessions[session-1], opts)
			var mismatch *record.MismatchError
			if errors.As(err, &mismatch) {
				return exit.With(exit.Unmet, err)
			}
			if err != nil {
				return err
			}
			fmt.Fprintf(cmd.ErrOrStderr(), "fairlead: sent %d frames, received %d messages of %d in the recording\n", done.Sent, done.Received, done.Expected)
			return nil
		},
	}
	fs := cmd.Flags()
	fs.Float64Var(&opts.Speed, "speed", 1, "send `N` times as fast as it was recorded")
	fs.BoolVar(&opts.Lockstep, "lockstep", false, "wait for the server's messages instead of the time")
	fs.BoolVar(&opts.Check, "check", false, "exit with 104 if the server sends anything else than it did")
	fs.Var(&patience, "wait", "with --lockstep and --check, wait `TIME` for the next message of the server")
	fs.IntVar(&session, "session", 1, "the session `NUMBER` of the recording")
	fs.BoolVarP(&quiet, "quiet", "q", false, "do not show what the server sends")
	flags.Register(fs, "q")
	return cmd
}

func newExport() *cobra.Command {
	var path string
	cmd := &cobra.Command{
		Use:   "export [flags] RECORDING",
		Short: "Turn a recording into HAR",
		Long: `Export writes the sessions of a recording as HAR 1.2 with _webSocketMessages, as
the developer tools of browsers do, to standard output or the file of -o.
RECORDING is a file, - is standard input.`,
		Args: usage(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			sessions, err := readRecording(cmd, args[0])
			if err != nil {
				return err
			}
			out := cmd.OutOrStdout()
			if path != "" {
				file, err := os.Create(path)
				if err != nil {
					return exit.With(exit.Write, err)
				}
				defer func() { err = errors.Join(err, exit.With(exit.Write, file.Close())) }()
				out = file
			}
			return exit.Output(record.WriteHAR(out, sessions, number()))
		},
	}
	cmd.Flags().StringVarP(&path, "output", "o", "", "write to `FILE`")
	return cmd
}

func readRecording(cmd *cobra.Command, path string) ([]record.Session, error) {
	in := cmd.InOrStdin()
	if path != "-" {
		file, err := os.Open(path)
		if err != nil {
			return nil, exit.With(exit.Read, err)
		}
		defer func() { _ = file.Close() }()
		in = file
	}
	sessions, err := record.Read(in)
	if err != nil {
		return nil, exit.With(exit.Read, fmt.Errorf("%s: %w", path, err))
	}
	if len(sessions) == 0 {
		return nil, exit.With(exit.Read, fmt.Errorf("%s: there is no session in it", path))
	}
	return sessions, nil
}
