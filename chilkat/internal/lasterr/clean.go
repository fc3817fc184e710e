package lasterr

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/fairlead-ws/fairlead/wstrace"
)

// clean makes text of any origin harmless wherever it is shown, and keeps at
// most limit bytes of it. What remains is printable, so it is also legal XML.
func clean(text string, limit int) string {
	if len(text) <= limit {
		return wstrace.Escape(text)
	}
	return wstrace.Escape(cut(text, limit)) + "… (" + strconv.Itoa(len(text)) + " bytes in all)"
}

// cut shortens text to at most limit bytes. It does not split a code point.
func cut(text string, limit int) string {
	for n := limit; n > limit-utf8.UTFMax; n-- {
		if utf8.RuneStart(text[n]) {
			return text[:n]
		}
	}
	return text[:limit]
}

// sentence gives text its capital letter and its full stop. A first word that
// is more than lower-case letters ("wss://", "x509:") stays as it is.
func sentence(text string) string {
	first, _, _ := strings.Cut(text, " ")
	if strings.Trim(first, "abcdefghijklmnopqrstuvwxyz") == "" {
		text = strings.ToUpper(text[:1]) + text[1:]
	}
	if strings.ContainsAny(text[len(text)-1:], ".!?)") {
		return text
	}
	return text + "."
}
