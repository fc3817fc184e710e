package cli

import (
	"context"
	"os"

	"github.com/fairlead-ws/fairlead/cmd/fairlead/internal/prompt"
	"github.com/fairlead-ws/fairlead/cmd/fairlead/internal/session"
	"github.com/fairlead-ws/fairlead/cmd/fairlead/internal/stream"
	"github.com/fairlead-ws/fairlead/cmd/fairlead/internal/terminal"
)

// start runs the session between the streams: at a prompt where all three are a
// terminal, else as a part of a pipe.
func (c *connection) start(ctx context.Context, cfg session.Config, streams Streams) error {
	how, err := c.reading()
	if err != nil {
		return err
	}
	if how.Framing == stream.Lines && how.Decoding == session.AsIs && !c.readsInput() && prompt.Interactive(streams.In, streams.Out, streams.Err) {
		p := prompt.New(prompt.Options{
			In: streams.In, Out: streams.Out, Binary: c.binary, Quiet: c.quiet, Getenv: os.Getenv,
			Style: terminal.Style{Color: terminal.Colors(c.color, os.Getenv, true), Raw: c.raw},
		})
		cfg.Trace = c.watch(cfg.Setup, p.Writer())
		if c.onEOF == "" {
			cfg.OnEOF = session.CloseNow // Ctrl-D
		}
		return p.Run(ctx, cfg)
	}
	cfg.Trace = c.watch(cfg.Setup, streams.Err)
	out := &session.Output{Out: streams.Out, Err: c.errWriter(streams), Framing: how.Framing, Delimiter: how.Delimiter, Encoding: how.Decoding}
	if how.Keep && how.Framing == stream.Lines {
		out.Framing = stream.Raw // the newlines are in the messages
	}
	if terminal.Is(streams.Out) {
		out.Terminal = &terminal.Style{Color: terminal.Colors(c.color, os.Getenv, true), Raw: c.raw}
	}
	cfg.Sink = out
	if !c.readsInput() {
		pipe := session.NewPipe(streams.In, how)
		defer pipe.Stop()
		cfg.Input = pipe
	}
	if terminal.Is(streams.In) && c.onEOF == "" && !cfg.Judging.Asks() {
		cfg.OnEOF = session.CloseNow // Ctrl-D
	}
	return session.Run(ctx, cfg)
}
