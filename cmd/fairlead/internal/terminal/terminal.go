// Package terminal knows what a terminal is and what must not reach one. Begin
// with Text and Line, which make what a peer wrote safe to show.
package terminal

import (
	"strings"

	"golang.org/x/term"

	"github.com/fairlead-ws/fairlead/wstrace"
)

// Line makes text that may come from a peer safe for one line: everything that
// is not a printable character becomes an escape sequence of Go, such as \x1b or
// \u202e.
func Line(text string) string { return wstrace.Escape(text) }

// Text is Line for text of several lines: newlines and tabs stay.
func Text(text string) string {
	if !strings.ContainsAny(text, "\n\t") {
		return Line(text)
	}
	var b strings.Builder
	for {
		i := strings.IndexAny(text, "\n\t")
		if i < 0 {
			b.WriteString(Line(text))
			return b.String()
		}
		b.WriteString(Line(text[:i]))
		b.WriteByte(text[i])
		text = text[i+1:]
	}
}

// Is reports whether stream, a reader or a writer, is a terminal.
func Is(stream any) bool {
	file, ok := stream.(interface{ Fd() uintptr })
	return ok && term.IsTerminal(int(file.Fd()))
}

// AskPassword asks at the terminal in, without showing what is typed. The prompt
// goes to out.
func AskPassword(in interface{ Fd() uintptr }, out interface{ WriteString(string) (int, error) }, prompt string) (string, error) {
	if _, err := out.WriteString(Line(prompt)); err != nil {
		return "", err
	}
	password, err := term.ReadPassword(int(in.Fd()))
	_, _ = out.WriteString("\n")
	return string(password), err
}
