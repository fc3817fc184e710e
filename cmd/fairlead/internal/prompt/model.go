package prompt

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"charm.land/bubbles/v2/key"
	"charm.land/bubbles/v2/textarea"
	tea "charm.land/bubbletea/v2"

	"github.com/fairlead-ws/fairlead/cmd/fairlead/internal/terminal"
)

// maxRows is how high the line to type on grows.
const maxRows = 10

// openMsg says that the session is open, leaveMsg that it is over.
type (
	openMsg  struct{}
	leaveMsg struct{}
)

// model is the line to type on.
type model struct {
	p      *Prompt
	area   textarea.Model
	pos    int      // in the history; its length for what is being typed
	draft  string   // what was being typed before the history was looked at
	pastes []string // too long to be shown, or not to be shown as they are
	search *search
	status string
	open   bool
	ctrlC  int
	leave  bool
}

// search is the state of Ctrl-R.
type search struct {
	text  string
	found int // index in the history, -1 for none
}

func newModel(p *Prompt) *model {
	area := textarea.New()
	area.Prompt = "> "
	area.ShowLineNumbers = false
	area.EndOfBufferCharacter = ' '
	area.DynamicHeight, area.MaxHeight = true, maxRows
	area.SetStyles(textarea.Styles{})
	area.KeyMap.InsertNewline = key.NewBinding(key.WithKeys("alt+enter", "ctrl+j"))
	area.KeyMap.Paste.SetEnabled(false) // the terminal pastes
	area.SetVirtualCursor(false)
	area.Focus()
	return &model{p: p, area: area, pos: len(p.history.entries), status: "connecting..."}
}

// Init does nothing: the first size comes by itself.
func (m *model) Init() tea.Cmd { return nil }

// Update deals with a key or with what the session says.
func (m *model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		m.p.width.Store(int32(msg.Width))
		m.p.height.Store(int32(msg.Height))
		m.area.SetWidth(msg.Width)
		return m, nil
	case openMsg:
		m.open, m.status = true, ""
		return m, nil
	case leaveMsg:
		m.leave = true
		return m, tea.Quit
	case tea.PasteMsg:
		m.paste(msg.Content)
		return m, nil
	case tea.KeyPressMsg:
		if m.search != nil {
			return m, m.searchKey(msg)
		}
		return m, m.key(msg)
	}
	var cmd tea.Cmd
	m.area, cmd = m.area.Update(msg)
	return m, cmd
}

func (m *model) key(msg tea.KeyPressMsg) tea.Cmd {
	name := msg.String()
	if name != "ctrl+c" {
		m.ctrlC = 0
	}
	switch name {
	case "ctrl+c":
		if m.ctrlC++; m.ctrlC > 1 {
			close(m.p.abort)
			m.leave = true
			return tea.Quit
		}
		m.status = "closing; Ctrl-C again leaves at once"
		m.p.interrupt()
		return nil
	case "ctrl+d":
		if m.area.Value() == "" {
			m.quit()
			return nil
		}
	case "ctrl+z":
		return tea.Suspend
	case "ctrl+l":
		return tea.ClearScreen
	case "ctrl+r":
		m.search = &search{found: -1}
		return nil
	case "enter":
		m.submit()
		return nil
	case "tab":
		m.complete()
		return nil
	case "up":
		if m.area.Line() == 0 {
			m.recall(m.pos - 1)
			return nil
		}
	case "down":
		if m.area.Line() == m.area.LineCount()-1 {
			m.recall(m.pos + 1)
			return nil
		}
	}
	m.status = ""
	if !m.open {
		m.status = "connecting..."
	}
	var cmd tea.Cmd
	m.area, cmd = m.area.Update(msg)
	return cmd
}

// quit ends the input; the session closes then.
func (m *model) quit() {
	m.status = "closing..."
	m.p.change(func() { m.p.ended = true })
}

// recall shows an entry of the history.
func (m *model) recall(pos int) {
	entries := m.p.history.entries
	if pos < 0 || pos > len(entries) {
		return
	}
	if m.pos == len(entries) {
		m.draft = m.area.Value()
	}
	m.pos = pos
	if pos == len(entries) {
		m.set(m.draft)
		return
	}
	m.set(entries[pos])
}

// set replaces what is typed.
func (m *model) set(text string) {
	m.area.Reset()
	m.pastes = nil
	m.paste(text)
}

// paste inserts text. The line to type on knows neither tabs nor very many
// lines: such text is kept aside, and a mark stands for it.
func (m *model) paste(text string) {
	text = strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n")
	odd := func(r rune) bool { return r != '\n' && terminal.Line(string(r)) != string(r) }
	if len(text) < 4096 && strings.Count(text, "\n") < 100 && !strings.ContainsFunc(text, odd) {
		m.area.InsertString(text)
		return
	}
	m.pastes = append(m.pastes, text)
	m.area.InsertString(pasteMark(len(m.pastes), text))
}

func pasteMark(n int, text string) string {
	return fmt.Sprintf("[paste %d: %d lines, %d bytes]", n, strings.Count(text, "\n")+1, len(text))
}

// value is what is typed, with what was pasted in the place of the marks.
func (m *model) value() string {
	text := m.area.Value()
	for i, paste := range slices.Backward(m.pastes) {
		text = strings.Replace(text, pasteMark(i+1, paste), paste, 1)
	}
	return text
}

func (m *model) submit() {
	line := m.value()
	if line == "" {
		return
	}
	m.area.Reset()
	m.pastes, m.draft, m.status = nil, "", ""
	if err := m.p.history.add(line); err != nil {
		m.status = "the history cannot be written: " + terminal.Line(err.Error())
	}
	m.pos = len(m.p.history.entries)
	a, err := parse(line, m.p.Binary)
	switch {
	case errors.Is(err, errLocal):
		m.local(strings.TrimSpace(line))
	case err != nil:
		m.p.show(terminal.Text(err.Error()), "! ", false)
	default:
		m.p.sent(line, a)
	}
}

func (m *model) local(name string) {
	switch name {
	case "/quit":
		m.quit()
	case "/headers":
		m.p.show(m.p.headers(), "* ", false)
	default:
		var b strings.Builder
		for _, c := range commands {
			fmt.Fprintf(&b, "%s %s\n", c.name, c.help)
		}
		b.WriteString("Alt-Enter begins a line, Ctrl-R searches, Ctrl-D closes")
		m.p.show(b.String(), "* ", false)
	}
}

func (m *model) complete() {
	completed, candidates := complete(m.area.Value())
	m.area.SetValue(completed)
	m.status = strings.Join(candidates, "  ")
}

// searchKey deals with a key of Ctrl-R.
func (m *model) searchKey(msg tea.KeyPressMsg) tea.Cmd {
	h := m.p.history
	switch name := msg.String(); name {
	case "ctrl+r":
		limit := m.search.found
		if limit < 0 {
			limit = len(h.entries)
		}
		if found := h.search(m.search.text, limit); found >= 0 {
			m.search.found = found
		}
	case "enter", "tab", "right", "left", "ctrl+e", "ctrl+a":
		if m.search.found >= 0 {
			m.pos = m.search.found
			m.set(h.entries[m.search.found])
		}
		m.search = nil
		if name == "enter" {
			m.submit()
		}
	case "esc", "ctrl+g", "ctrl+c":
		m.search = nil
	case "backspace":
		if runes := []rune(m.search.text); len(runes) > 0 {
			m.search.text = string(runes[:len(runes)-1])
		}
		m.search.found = h.search(m.search.text, len(h.entries))
	default:
		m.search.text += msg.Text
		m.search.found = h.search(m.search.text, len(h.entries))
	}
	return nil
}

// View draws the line to type on, and below it what there is to say.
func (m *model) View() tea.View {
	if m.leave {
		return tea.NewView("")
	}
	if m.search != nil {
		match := ""
		if m.search.found >= 0 {
			match = m.p.history.entries[m.search.found]
		}
		text := fmt.Sprintf("(search %q) %s", m.search.text, terminal.Line(match))
		return tea.NewView(clip(text, int(m.p.width.Load())))
	}
	content := m.area.View()
	if m.status != "" {
		content += "\n" + clip(m.status, int(m.p.width.Load()))
	}
	v := tea.NewView(content)
	v.Cursor = m.area.Cursor()
	return v
}

func clip(text string, width int) string {
	if runes := []rune(text); width > 0 && len(runes) > width {
		return string(runes[:width])
	}
	return text
}
