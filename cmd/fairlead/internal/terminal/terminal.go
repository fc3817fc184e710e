// Package terminal knows what a terminal is and what must not reach one. Begin
// with Text and Line, which make what a peer wrote safe to show.
package terminal

import (
	"fmt"
	"os"
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

// AskPassword asks at the terminal of this process, whatever its streams are,
// without showing what is typed.
func AskPassword(prompt string) (string, error) {
	tty, err := os.OpenFile(ttyPath, os.O_RDWR, 0)
	if err != nil {
		return "", err
	}
	defer func() { _ = tty.Close() }()
	// Nothing is echoed from before the question is there.
	state, err := term.MakeRaw(int(tty.Fd()))
	if err != nil {
		return "", err
	}
	defer func() { _ = term.Restore(int(tty.Fd()), state) }()
	password, err := term.NewTerminal(tty, "").ReadPassword(Line(prompt))
	if err != nil {
		return "", fmt.Errorf("no password was typed: %w", err)
	}
	return password, nil
}
