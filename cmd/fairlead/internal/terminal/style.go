package terminal

import (
	"encoding/hex"
	"encoding/json"
	"strings"

	"github.com/tidwall/pretty"
)

// Style is how messages look on a terminal.
type Style struct {
	Color bool
	// Raw shows text as the peer wrote it, escape sequences included.
	Raw bool
}

// maxPretty is the size up to which JSON is laid out.
const maxPretty = 1 << 20

// Message is a message for a person: JSON laid out, other text escaped, bytes as
// a hex dump. It does not end with a newline.
func (s *Style) Message(binary bool, p []byte) string {
	switch {
	case binary:
		return strings.TrimSuffix(hex.Dump(p), "\n")
	case s.Raw:
		return string(p)
	case len(p) <= maxPretty && looksLikeJSON(p):
		// Escaped before it is coloured: the colours are ours.
		laid := []byte(Text(strings.TrimSuffix(string(pretty.Pretty(p)), "\n")))
		if s.Color {
			laid = pretty.Color(laid, nil)
		}
		return string(laid)
	}
	return Text(string(p))
}

// looksLikeJSON is true for objects and arrays: a number or a word in quotes is
// not worth a colour.
func looksLikeJSON(p []byte) bool {
	return len(p) > 1 && (p[0] == '{' || p[0] == '[') && json.Valid(p)
}

// Colors decides about colours: NO_COLOR, then the flag (auto, always, never),
// then CLICOLOR_FORCE and FORCE_COLOR, then whether it is a terminal.
func Colors(flag string, getenv func(string) string, isTerminal bool) bool {
	switch {
	case getenv("NO_COLOR") != "", flag == "never":
		return false
	case flag == "always":
		return true
	case forced(getenv("CLICOLOR_FORCE")), forced(getenv("FORCE_COLOR")):
		return true
	}
	return isTerminal && getenv("TERM") != "dumb"
}

func forced(value string) bool { return value != "" && value != "0" && value != "false" }
