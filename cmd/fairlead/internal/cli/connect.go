package cli

import (
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/cmd/fairlead/internal/connect"
	"github.com/fairlead-ws/fairlead/cmd/fairlead/internal/exit"
	"github.com/fairlead-ws/fairlead/cmd/fairlead/internal/query"
	"github.com/fairlead-ws/fairlead/cmd/fairlead/internal/session"
	"github.com/fairlead-ws/fairlead/cmd/fairlead/internal/stream"
	"github.com/fairlead-ws/fairlead/cmd/fairlead/internal/terminal"
	"github.com/fairlead-ws/fairlead/frame"
)

// connection is the flags of the command without a subcommand.
type connection struct {
	connect.Flags

	data                []datum
	framing, delimiter  string
	null, keepNewline   bool
	binary, hex, base64 bool
	onEOF               string
	linger              connect.Duration
	one                 bool
	count               int
	until, filter       string
	expect              []string
	timeout             connect.Duration
	closeCode           int
	closeReason         string
	codesOK             []string
	pingInterval        connect.Duration
	pongTimeout         connect.Duration
	reconnect           bool
	reconnectMax        int
	reconnectDelay      connect.Duration
	reconnectMaxDelay   connect.Duration
	fragment            connect.Size
	allowInvalid        bool
	verbose             int
	include, quiet      bool
	showSecrets, raw    bool
	color               string
}

func (c *connection) register(fs *pflag.FlagSet) {
	c.Flags.Register(fs, "")
	c.linger, c.pongTimeout = connect.Duration(2*time.Second), connect.Duration(10*time.Second)
	c.reconnectDelay, c.reconnectMaxDelay = connect.Duration(time.Second), connect.Duration(30*time.Second)

	fs.VarP(&dataFlag{&c.data, false}, "data", "d", "send `TEXT`, the text of a @file or of standard input (@-) at first; may be repeated")
	fs.Var(&dataFlag{&c.data, true}, "data-binary", "send `DATA` or a @file, byte for byte, as a binary message; may be repeated")
	fs.StringVar(&c.framing, "framing", "lines", "how messages lie in input and output: `lines|null|length4|jsonl|raw`")
	fs.StringVar(&c.delimiter, "delimiter", "", "what ends a line, instead of a newline; \\n, \\r, \\t, \\0 and \\xHH are known")
	fs.BoolVarP(&c.null, "null", "0", false, "the same as --framing null")
	fs.BoolVar(&c.keepNewline, "keep-newline", false, "the newline belongs to the message")
	fs.BoolVar(&c.binary, "binary", false, "send binary messages")
	fs.BoolVar(&c.hex, "hex", false, "send binary messages, given in hexadecimal, and show them so")
	fs.BoolVar(&c.base64, "base64", false, "send binary messages, given in base64, and show them so")

	fs.StringVar(&c.onEOF, "on-eof", "", "at the end of input: `linger|close|wait` (default linger; wait where something is waited for)")
	fs.Var(&c.linger, "linger", "how long nothing may come before --on-eof linger closes, in `TIME`")
	fs.BoolVarP(&c.one, "one", "1", false, "end after one message; the same as --count 1")
	fs.IntVarP(&c.count, "count", "n", 0, "end after `N` messages")
	fs.StringVar(&c.until, "until", "", "end after a message that meets the `JQ` expression")
	fs.StringVar(&c.filter, "filter", "", "show only messages that meet the `JQ` expression")
	fs.StringArrayVar(&c.expect, "expect", nil, "a message that meets the `JQ` expression must come; may be repeated, in this order")
	fs.Var(&c.timeout, "timeout", "end when the session is older than `TIME`")
	fs.IntVar(&c.closeCode, "close-code", 1000, "close with this status `CODE`")
	fs.StringVar(&c.closeReason, "close-reason", "", "close with this `REASON`")
	fs.StringSliceVar(&c.codesOK, "close-codes-ok", nil, "status `CODES` of the peer that are a success, such as 4000,4100-4199")

	fs.Var(&c.pingInterval, "ping-interval", "send a ping every `TIME`")
	fs.Var(&c.pongTimeout, "pong-timeout", "give up when a pong takes longer than `TIME`")
	fs.BoolVar(&c.reconnect, "reconnect", false, "connect again when the connection is lost, and send the messages of -d again")
	fs.IntVar(&c.reconnectMax, "reconnect-max", 20, "at most `N` attempts in a row")
	fs.Var(&c.reconnectDelay, "reconnect-delay", "wait up to `TIME` before the first attempt, twice as long before each further one")
	fs.Var(&c.reconnectMaxDelay, "reconnect-max-delay", "never wait longer than `TIME`")
	fs.Var(&c.fragment, "fragment", "send frames of at most `BYTES`")
	fs.BoolVar(&c.allowInvalid, "allow-invalid", false, "send raw frames that RFC 6455 forbids")

	fs.CountVarP(&c.verbose, "verbose", "v", "show how the connection comes to be; -vv shows each frame too")
	fs.BoolVarP(&c.include, "include", "i", false, "show the head of the server's answer")
	fs.BoolVarP(&c.quiet, "quiet", "q", false, "show nothing but messages and errors")
	fs.BoolVar(&c.showSecrets, "show-secrets", false, "with -v, show passwords, tokens and cookies of the request")
	fs.BoolVar(&c.raw, "raw", false, "write what comes to a terminal as it is; DANGEROUS")
	fs.StringVar(&c.color, "color", "auto", "colours: `auto|always|never`")
}

// run connects.
func (c *connection) run(cmd *cobra.Command, args []string) error {
	streams := Streams{In: cmd.InOrStdin(), Out: cmd.OutOrStdout(), Err: cmd.ErrOrStderr()}
	text := ""
	if len(args) == 1 {
		text = args[0]
	}
	if isWord(text) {
		return misuse(cmd, exit.Usagef("unknown command %q; a URL has a dot, a colon or a slash", text))
	}
	setup, err := c.Build(text, environment(streams))
	if err != nil {
		return err
	}
	defer func() {
		if err := setup.Close(); err != nil {
			complain(streams.Err, err)
		}
	}()
	cfg, err := c.config(setup, streams)
	if err != nil {
		return err
	}
	return c.start(cmd.Context(), cfg, streams)
}

// isWord is true for what is meant as a subcommand.
func isWord(text string) bool {
	return text != "" && text != "localhost" && !strings.ContainsAny(text, ".:/[@?")
}

func environment(streams Streams) connect.Env {
	env := connect.Env{Getenv: os.Getenv, Err: streams.Err}
	if terminal.Is(streams.Err) {
		env.AskPassword = terminal.AskPassword
	}
	return env
}

// config is the session that the flags describe, but for its input and sink.
func (c *connection) config(setup *connect.Setup, streams Streams) (session.Config, error) {
	cfg := session.Config{
		Setup: setup, Linger: time.Duration(c.linger), Timeout: time.Duration(c.timeout),
		Code: frame.StatusCode(c.closeCode), Reason: c.closeReason,
		PingInterval: time.Duration(c.pingInterval), PongTimeout: time.Duration(c.pongTimeout),
		Fragment: int(c.fragment), AllowInvalid: c.allowInvalid,
		Reconnect: session.Reconnecting{On: c.reconnect, Attempts: c.reconnectMax, First: time.Duration(c.reconnectDelay), Longest: time.Duration(c.reconnectMaxDelay)},
	}
	if _, err := frame.AppendClose(nil, cfg.Code, cfg.Reason); err != nil || c.closeCode != int(cfg.Code) {
		return cfg, exit.Usagef("--close-code and --close-reason: expected 1000 to 1003, 1007 to 1014 or 3000 to 4999, and at most 123 bytes of text")
	}
	if c.pongTimeout == 0 {
		return cfg, exit.Usagef("--pong-timeout: expected a time above 0")
	}
	var err error
	if cfg.CodesOK, err = parseCodes(c.codesOK); err != nil {
		return cfg, err
	}
	if cfg.Judging, err = c.judging(); err != nil {
		return cfg, err
	}
	if cfg.OnEOF, err = c.atEOF(cfg.Judging); err != nil {
		return cfg, err
	}
	how, err := c.reading()
	if err != nil {
		return cfg, err
	}
	cfg.Script = how.Framing == stream.JSONL
	cfg.Initial, err = c.initial(how, streams.In)
	return cfg, err
}

func (c *connection) judging() (session.Judging, error) {
	if c.one {
		if c.count > 1 {
			return session.Judging{}, exit.Usagef("--one and --count exclude each other")
		}
		c.count = 1
	}
	if c.count < 0 {
		return session.Judging{}, exit.Usagef("--count: expected a number above 0")
	}
	j := session.Judging{Count: c.count}
	for _, q := range []struct {
		flag, text string
		to         **query.Query
	}{{"until", c.until, &j.Until}, {"filter", c.filter, &j.Filter}} {
		if q.text == "" {
			continue
		}
		compiled, err := query.Compile(q.text)
		if err != nil {
			return j, exit.Usagef("--%s: %w", q.flag, err)
		}
		*q.to = compiled
	}
	for _, text := range c.expect {
		compiled, err := query.Compile(text)
		if err != nil {
			return j, exit.Usagef("--expect: %w", err)
		}
		j.Expect = append(j.Expect, compiled)
	}
	return j, nil
}

// atEOF is what --on-eof says. Who waits for something, or wants to stay, does
// not want the end of the input to be the end.
func (c *connection) atEOF(j session.Judging) (session.OnEOF, error) {
	switch on := session.OnEOF(c.onEOF); on {
	case session.Linger, session.CloseNow, session.Wait:
		return on, nil
	case "":
		if j.Asks() || c.reconnect {
			return session.Wait, nil
		}
		return session.Linger, nil
	}
	return "", exit.Usagef("--on-eof: expected linger, close or wait")
}

// reading is how input becomes messages.
func (c *connection) reading() (session.Reading, error) {
	how := session.Reading{Framing: stream.Framing(c.framing), Keep: c.keepNewline, Type: fairlead.Text}
	if c.null {
		how.Framing = stream.Null
	}
	if !how.Framing.Known() {
		return how, exit.Usagef("--framing: expected lines, null, length4, jsonl or raw")
	}
	if c.delimiter != "" {
		if how.Framing != stream.Lines {
			return how, exit.Usagef("--delimiter is for --framing lines")
		}
		text, err := strconv.Unquote(`"` + strings.NewReplacer(`"`, `\"`, `\0`, `\x00`).Replace(c.delimiter) + `"`)
		if err != nil || text == "" {
			return how, exit.Usagef("--delimiter: expected text with the escapes \\n, \\r, \\t, \\0, \\xHH")
		}
		how.Delimiter = []byte(text)
	}
	if c.hex && c.base64 {
		return how, exit.Usagef("--hex and --base64 exclude each other")
	}
	if c.hex {
		how.Decoding = session.Hex
	}
	if c.base64 {
		how.Decoding = session.Base64
	}
	if c.binary || how.Decoding != session.AsIs {
		how.Type = fairlead.Binary
	}
	return how, nil
}

// parseCodes reads 4000,4100-4199.
func parseCodes(texts []string) (func(frame.StatusCode) bool, error) {
	type span struct{ low, high frame.StatusCode }
	var spans []span
	for _, text := range texts {
		low, high, isRange := strings.Cut(text, "-")
		if !isRange {
			high = low
		}
		a, errA := strconv.ParseUint(strings.TrimSpace(low), 10, 16)
		b, errB := strconv.ParseUint(strings.TrimSpace(high), 10, 16)
		if errA != nil || errB != nil || a > b {
			return nil, exit.Usagef("--close-codes-ok: expected codes such as 4000,4100-4199")
		}
		spans = append(spans, span{frame.StatusCode(a), frame.StatusCode(b)})
	}
	return func(code frame.StatusCode) bool {
		for _, s := range spans {
			if s.low <= code && code <= s.high {
				return true
			}
		}
		return false
	}, nil
}

// errWriter is where events go: nowhere with --quiet.
func (c *connection) errWriter(streams Streams) io.Writer {
	if c.quiet {
		return nil
	}
	return streams.Err
}
