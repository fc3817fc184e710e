// Package prompt is the session at a terminal: a line to type on, and above it
// what comes. Begin with New.
package prompt

import (
	"context"
	"io"
	"net/http"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/cmd/fairlead/internal/exit"
	"github.com/fairlead-ws/fairlead/cmd/fairlead/internal/session"
	"github.com/fairlead-ws/fairlead/cmd/fairlead/internal/terminal"
)

// Options are those of New.
type Options struct {
	In     io.Reader
	Out    io.Writer
	Style  terminal.Style
	Binary bool // what is typed is sent as binary messages
	Quiet  bool // events are not shown
	Getenv func(string) string
}

// Prompt is the Input and the Sink of a session.
type Prompt struct {
	Options
	program *tea.Program
	printer *printer
	history *history
	width   atomic.Int32
	height  atomic.Int32

	mu      sync.Mutex
	queue   []session.Action
	ended   bool
	changed chan struct{} // has a value when queue or ended did
	header  http.Header

	interrupt func() // what Ctrl-C does first
	abort     chan struct{}
}

// New makes a prompt. Nothing is shown before Run.
func New(o Options) *Prompt {
	p := &Prompt{Options: o, history: loadHistory(historyPath(o.Getenv)), changed: make(chan struct{}, 1), abort: make(chan struct{})}
	p.width.Store(80)
	p.height.Store(24)
	p.program = tea.NewProgram(newModel(p), tea.WithInput(o.In), tea.WithOutput(o.Out), tea.WithoutSignalHandler())
	p.printer = newPrinter(func(text string) { p.program.Println(text) })
	return p
}

// Run runs the session with the prompt as its Input and Sink.
func (p *Prompt) Run(ctx context.Context, cfg session.Config) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	p.interrupt = func() { cancel(exit.SignalError{Number: syscall.SIGINT}) }
	cfg.Input, cfg.Sink = p, p
	result := make(chan error, 1)
	go p.printer.run()
	go func() {
		err := session.Run(ctx, cfg)
		p.printer.close()
		result <- err
		p.program.Send(leaveMsg{})
	}()
	_, err := p.program.Run()
	if err != nil {
		cancel(exit.With(exit.Other, err))
	}
	select {
	case <-p.abort:
		return exit.SignalError{Number: syscall.SIGINT}
	case err := <-result:
		return err
	}
}

// Next returns what was typed next.
func (p *Prompt) Next(ctx context.Context) (session.Action, error) {
	for {
		p.mu.Lock()
		if len(p.queue) > 0 {
			a := p.queue[0]
			p.queue = p.queue[1:]
			p.mu.Unlock()
			return a, nil
		}
		ended := p.ended
		p.mu.Unlock()
		if ended {
			return session.Action{}, io.EOF
		}
		select {
		case <-p.changed:
		case <-ctx.Done():
			return session.Action{}, ctx.Err()
		}
	}
}

func (p *Prompt) change(f func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	f()
	select {
	case p.changed <- struct{}{}:
	default:
	}
}

// Message shows a message above the prompt.
func (p *Prompt) Message(m session.Message) error {
	p.show(session.Clip(p.Style.Message(m.Type == fairlead.Binary, session.Head(m.Data)), m.Data), "< ", true)
	return nil
}

// Event shows an event above the prompt.
func (p *Prompt) Event(e session.Event) {
	if e.Type == "open" {
		p.mu.Lock()
		p.header = e.Header
		p.mu.Unlock()
		p.program.Send(openMsg{})
		if e.Text == "" {
			return
		}
	}
	if !p.Quiet && !e.Failed {
		p.show(e.String(), "* ", false)
	}
}

// Writer is where traces go.
func (p *Prompt) Writer() io.Writer { return lineWriter{p} }

type lineWriter struct{ p *Prompt }

func (w lineWriter) Write(text []byte) (int, error) {
	w.p.show(strings.TrimSuffix(string(text), "\n"), "", true)
	return len(text), nil
}

// show prints safe text above the prompt. The first line has the mark, the
// others are indented, so that a message cannot look like two. What is higher
// than the screen goes in pieces, each line no wider than the screen. The model
// must not wait.
func (p *Prompt) show(text, mark string, wait bool) {
	width := max(10, int(p.width.Load())-len(mark)-1)
	lines := strings.Split(ansi.Hardwrap(strings.ReplaceAll(text, "\t", "    "), width, true), "\n")
	for i := range lines {
		if i > 0 {
			mark = strings.Repeat(" ", len(mark))
		}
		lines[i] = mark + lines[i]
	}
	piece := max(1, int(p.height.Load())/2)
	for len(lines) > 0 {
		n := min(piece, len(lines))
		p.printer.add(strings.Join(lines[:n], "\n"), wait)
		lines = lines[n:]
	}
}

// Interactive reports whether all streams are terminals.
func Interactive(in io.Reader, out, errs io.Writer) bool {
	return terminal.Is(in) && terminal.Is(out) && terminal.Is(errs) && os.Getenv("TERM") != "dumb"
}
