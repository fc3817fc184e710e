package prompt

import (
	"slices"
	"strings"

	"github.com/fairlead-ws/fairlead/cmd/fairlead/internal/session"
	"github.com/fairlead-ws/fairlead/cmd/fairlead/internal/terminal"
)

// sent shows what was typed and gives it to the session. Frames of a session that
// is not open yet wait.
func (p *Prompt) sent(line string, a session.Action) {
	p.show(terminal.Text(session.ClipText(line)), "> ", false)
	p.change(func() { p.queue = append(p.queue, a) })
}

// headers is the head of the server's answer.
func (p *Prompt) headers() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.header == nil {
		return "the session is not open yet"
	}
	var lines []string
	for name, values := range p.header {
		for _, value := range values {
			lines = append(lines, terminal.Line(name+": "+value))
		}
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}
