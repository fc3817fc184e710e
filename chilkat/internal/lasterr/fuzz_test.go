package lasterr_test

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/fairlead-ws/fairlead/chilkat/internal/lasterr"
	"github.com/fairlead-ws/fairlead/internal/fuzzlimit"
)

// FuzzLog: what a peer says cannot leave its line of the text, its element of the
// XML or of the page, or make any of them long.
func FuzzLog(f *testing.F) {
	for _, s := range []string{
		"plain", "a\nSuccess.\n--Connect", "]]></value><result>Success.</result>", "<script>alert(1)</script>\x00\x1b[2J", "\u202e\u2028\ufeff\ufffe\xff", "&amp;'\"", strings.Repeat("ü", 3000), "",
	} {
		f.Add("status", s, s)
		f.Add(s, "x", s)
	}
	f.Fuzz(func(t *testing.T, name, value, sentence string) {
		defer fuzzlimit.Input(t)()
		c := newClock()
		l := lasterr.Start(c.config())
		b := l.Open(name)
		b.Value(name, value)
		b.Say(sentence)
		b.Fail(errors.New(sentence))
		b.Close()
		l.Advise(value)
		l.Finish(false)

		text := l.Text()
		if lines := strings.Count(text, "\n"); lines > 12 || len(text) > 60<<10 || !utf8.ValidString(text) {
			t.Errorf("%d lines, %d bytes: %q", lines, len(text), text)
		}
		if strings.ContainsFunc(strings.ReplaceAll(text, "\n", ""), func(r rune) bool { return !unicode.IsPrint(r) }) {
			t.Errorf("not printable: %q", text)
		}
		elements := 0
		for d := xml.NewDecoder(strings.NewReader(l.XML())); ; {
			token, err := d.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatalf("%v in %q", err, l.XML())
			}
			if _, ok := token.(xml.StartElement); ok {
				elements++
			}
		}
		if elements > 12 {
			t.Errorf("%d elements: %q", elements, l.XML())
		}
		checkTags(t, l.HTML())
	})
}
