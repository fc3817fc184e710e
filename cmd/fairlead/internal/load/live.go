package load

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/fairlead-ws/fairlead/wstrace"
)

// frameTime is how long a picture stands: more would cost the run what it is to
// measure.
const frameTime = time.Second / 8

// Live runs r and shows on the terminal how far it is. Nothing is read from the
// terminal: Ctrl-C is a signal as always, and ends ctx.
func (r *Runner) Live(ctx context.Context, out io.Writer, colour bool) (*Result, error) {
	type outcome struct {
		result *Result
		err    error
	}
	view := &live{run: r, colour: colour, width: 80}
	program := tea.NewProgram(view, tea.WithOutput(out), tea.WithInput(nil), tea.WithoutSignalHandler(), tea.WithFPS(10))
	done := make(chan outcome, 1)
	go func() {
		result, err := r.Run(ctx)
		done <- outcome{result, err}
		program.Quit()
	}()
	_, viewErr := program.Run()
	o := <-done
	return o.result, errors.Join(o.err, viewErr)
}

// live is the picture.
type live struct {
	run    *Runner
	now    Snapshot
	colour bool
	width  int
}

type tick struct{}

func next() tea.Cmd { return tea.Tick(frameTime, func(time.Time) tea.Msg { return tick{} }) }

func (v *live) Init() tea.Cmd {
	v.now = v.run.Snapshot()
	return next()
}

func (v *live) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		v.width = msg.Width
	case tick:
		v.now = v.run.Snapshot()
		return v, next()
	}
	return v, nil
}

func (v *live) View() tea.View { return tea.NewView(v.picture()) }

// paint colours text by a parameter of SGR.
func (v *live) paint(sgr, text string) string {
	if !v.colour || text == "" {
		return text
	}
	return "\x1b[" + sgr + "m" + text + "\x1b[m"
}

func (v *live) picture() string {
	s, width := v.now, min(max(v.width, 40), 100)
	var b strings.Builder
	line := func(format string, args ...any) {
		b.WriteString(cut(fmt.Sprintf(format, args...), width))
		b.WriteString("\n")
	}
	line("%s", wstrace.Escape(wstrace.RedactTarget(v.run.opts.URL)))
	head := fmt.Sprintf("%-20s", s.Phase)
	room := width - len(head) - 8
	if s.Done >= 0 {
		full := stripe(s.Done, room)
		b.WriteString(head + v.paint("36", full) + strings.Repeat(" ", room-len([]rune(full))) + fmt.Sprintf(" %5.1f%%\n", 100*min(s.Done, 1)))
	} else {
		line("%s%s", head, round(s.Elapsed))
	}
	line("connections  %d of %d open, %d failed", s.Open, s.Wanted, s.Failed)
	if s.pings {
		line("pings        %d answered", s.Pongs)
	} else {
		line("messages     %d sent, %d answered, %d under way, %.1f/s", s.Sent, s.Answered, s.Waiting, s.Rate)
	}
	if s.Errors > 0 {
		b.WriteString(v.paint("31", fmt.Sprintf("errors       %d", s.Errors)) + "\n")
	}
	if s.hist == nil {
		return b.String()
	}
	b.WriteString("\n")
	all, most := bars(s.hist, 10), int64(1)
	for _, x := range all {
		most = max(most, x.count)
	}
	for _, x := range all {
		b.WriteString(fmt.Sprintf("%9s %9d ", round(x.upto), x.count) + v.paint("36", stripe(float64(x.count)/float64(most), width-22)) + "\n")
	}
	b.WriteString("\n")
	parts := []string{}
	for _, p := range []float64{50, 90, 99, 99.9} {
		parts = append(parts, percentileName(p)+" "+round(time.Duration(s.hist.ValueAtQuantile(p))))
	}
	line("%s", strings.Join(append(parts, "max "+round(time.Duration(s.hist.Max()))), "   "))
	return b.String()
}

// cut shortens a line to the width of the terminal.
func cut(text string, width int) string {
	if r := []rune(text); len(r) > width {
		return string(r[:width-1]) + "…"
	}
	return text
}
