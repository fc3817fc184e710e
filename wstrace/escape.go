package wstrace

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// Escape returns text that may come from a peer in a form that is safe on a
// terminal and in a log of one line per entry. Everything that is not a
// printable character becomes a Go escape sequence such as \n, \x1b or \u202e:
// the control characters C0, DEL and C1, bidirectional and other format
// characters, line separators, spaces other than U+0020, and each byte that is
// not valid UTF-8. Quotes and backslashes stay as they are.
func Escape(text string) string {
	var b strings.Builder
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		char := text[i : i+size]
		i += size
		if strconv.IsPrint(r) && (r != utf8.RuneError || size > 1) {
			b.WriteString(char)
			continue
		}
		quoted := strconv.Quote(char)
		b.WriteString(quoted[1 : len(quoted)-1])
	}
	return b.String()
}
