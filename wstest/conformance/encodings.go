package conformance

import (
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"github.com/fairlead-ws/fairlead/frame"
)

// encodingRows is the second part of section 6: one text message each, in hex.
// V is valid, X is not (RFC 3629 section 4).
var encodingRows = []struct{ id, what, messages string }{
	{"6.5", "samples", "V68656c6c6f24776f726c64 V68656c6c6fc2a2776f726c64 V68656c6c6fe282ac776f726c64 V68656c6c6ff0a4ada2776f726c64 Vcebae1bdb9cf83cebcceb5"},
	{"6.6", "prefixes of a Greek word", "Xce Vceba Xcebae1 Xcebae1bd Vcebae1bdb9 Xcebae1bdb9cf Vcebae1bdb9cf83 Xcebae1bdb9cf83ce Vcebae1bdb9cf83cebc Xcebae1bdb9cf83cebcce Vcebae1bdb9cf83cebcceb5"},
	{"6.7", "the smallest of a length", "V00 Vc280 Ve0a080 Vf0908080"},
	{"6.8", "the smallest of five or six octets", "Xf888808080 Xfc8480808080"},
	{"6.9", "the largest of a length", "V7f Vdfbf Vefbfbf Vf48fbfbf"},
	{"6.10", "the largest of four to six octets", "Xf7bfbfbf Xfbbfbfbfbf Xfdbfbfbfbfbf"},
	{"6.11", "around the surrogates and the last code point", "Ved9fbf Vee8080 Vefbfbd Vf48fbfbf Xf4908080"},
	{"6.12", "stray continuation octets", "X80 Xbf X80bf X80bf80 X80bf80bf X80bf80bf80 X80bf80bf80bf X" + octets(0x80, 0xbe, "")},
	{"6.13", "first octets, each before a space", "X" + octets(0xc0, 0xde, "20") + " X" + octets(0xe0, 0xee, "20") + " X" + octets(0xf0, 0xf6, "20") + " X" + octets(0xf8, 0xfa, "20") + " Xfc20"},
	{"6.14", "the last octet is missing", "Xc0 Xe080 Xf08080 Xf8808080 Xfc80808080 Xdf Xefbf Xf7bfbf Xfbbfbfbf Xfdbfbfbfbf"},
	{"6.15", "many incomplete code points", "Xc0e080f08080f8808080fc80808080dfefbff7bfbffbbfbfbffdbfbfbfbf"},
	{"6.16", "impossible octets", "Xfe Xff Xfefeffff"},
	{"6.17", "overlong slash", "Xc0af Xe080af Xf08080af Xf8808080af Xfc80808080af"},
	{"6.18", "the largest overlong", "Xc1bf Xe09fbf Xf08fbfbf Xf887bfbfbf Xfc83bfbfbfbf"},
	{"6.19", "overlong NUL", "Xc080 Xe08080 Xf0808080 Xf880808080 Xfc8080808080"},
	{"6.20", "single surrogate", "Xeda080 Xedadbf Xedae80 Xedafbf Xedb080 Xedbe80 Xedbfbf"},
	{"6.21", "pair of surrogates", "Xeda080edb080 Xeda080edbfbf Xedadbfedb080 Xedadbfedbfbf Xedae80edb080 Xedae80edbfbf Xedafbfedb080 Xedafbfedbfbf"},
	{"6.22", "noncharacter", nonCharacters()},
	{"6.23", "specials", "Vefbfb9 Vefbfba Vefbfbb Vefbfbc Vefbfbd Vefbfbe Vefbfbf"},
}

func encodings() []Case {
	var cases []Case
	for _, row := range encodingRows {
		for i, m := range strings.Fields(row.messages) {
			b, _ := hex.DecodeString(m[1:]) // a test decodes the table
			id, p := fmt.Sprintf("%s.%d", row.id, i+1), string(b)
			c := failing(id, row.what, frame.StatusInvalidPayload, nil, send(frame.Text, p))
			if m[0] == 'V' {
				c = normal(id, row.what, texts(p), send(frame.Text, p))
			}
			c.limit, c.closerFatal = 500*time.Millisecond, true
			cases = append(cases, c)
		}
	}
	return cases
}

// octets is the hex of first to last, each before the hex of after.
func octets(first, last int, after string) string {
	var b strings.Builder
	for o := first; o <= last; o++ {
		fmt.Fprintf(&b, "%02x%s", o, after)
	}
	return b.String()
}

// nonCharacters is the last two code points of each plane (Unicode section 23.7).
func nonCharacters() string {
	var list []string
	for plane := range rune(17) {
		for _, last := range []rune{0xfffe, 0xffff} {
			list = append(list, fmt.Sprintf("V%x", string(plane<<16|last)))
		}
	}
	return strings.Join(list, " ")
}
