package wstrace_test

import (
	"strconv"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/fairlead-ws/fairlead/wstrace"
)

func TestEscape(t *testing.T) {
	for _, test := range []struct{ name, text, want string }{
		{"empty", "", ""},
		{"printable", `Grüße, "世界" \o/`, `Grüße, "世界" \o/`},
		{"line ends", "a\r\nb\tc", `a\r\nb\tc`},
		{"NUL and BEL", "\x00\a", `\x00\a`},
		{"ESC", "\x1b]52;c;eA==\x07", `\x1b]52;c;eA==\a`},
		{"DEL", "\x7f", `\x7f`},
		{"C1 as a character", "\u009b31m", `\u009b31m`},
		{"C1 as a byte", "\x9b31m", `\x9b31m`},
		{"bidi override", "a\u202eb\u2066c\u200fd\u061ce", `a\u202eb\u2066c\u200fd\u061ce`},
		{"line and paragraph separator", "\u2028\u2029", `\u2028\u2029`},
		{"no-break space, zero width space, BOM", "\u00a0\u200b\ufeff", `\u00a0\u200b\ufeff`},
		{"tag character", "\U000e0041", `\U000e0041`},
		{"replacement character", "\ufffd", "\ufffd"},
		{"invalid UTF-8", "a\xff\xc0\x80b", `a\xff\xc0\x80b`},
		{"surrogate in UTF-8", "\xed\xa0\x80", `\xed\xa0\x80`},
		{"cut off", "\xe2\x82", `\xe2\x82`},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := wstrace.Escape(test.text); got != test.want {
				t.Errorf("Escape(%q) = %s, want %s", test.text, got, test.want)
			}
		})
	}
}

// harmless reports whether text can do nothing to a terminal but show itself.
func harmless(text string) bool {
	for _, r := range text {
		if !strconv.IsPrint(r) {
			return false
		}
	}
	return utf8.ValidString(text)
}

func TestEscapeAnything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(rapid.String(), rapid.Map(rapid.SliceOf(rapid.Byte()), func(p []byte) string { return string(p) })).Draw(t, "text")
		escaped := wstrace.Escape(text)
		if !harmless(escaped) {
			t.Fatalf("Escape(%q) = %q", text, escaped)
		}
		if again := wstrace.Escape(escaped); again != escaped {
			t.Fatalf("escaped twice, %q becomes %q", escaped, again)
		}
	})
}
