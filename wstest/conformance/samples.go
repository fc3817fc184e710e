package conformance

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"

	"github.com/fairlead-ws/fairlead/frame"
)

// sample is a kind of data that messages are cut from. It is made up, as large as
// that of the catalogue and about as hard to compress.
type sample struct {
	name  string
	op    frame.Opcode
	bytes func() []byte
}

var samples = [...]sample{
	{"JSON", frame.Text, sync.OnceValue(func() []byte { return filled(194056, jsonRecord) })},
	{"a bitmap", frame.Binary, sync.OnceValue(bitmap)},
	{"German text", frame.Binary, sync.OnceValue(func() []byte { return filled(222218, sentence) })},
	{"HTML", frame.Text, sync.OnceValue(func() []byte { return filled(263647, htmlRow) })},
	{"a packed document", frame.Binary, sync.OnceValue(document)},
}

// chance decides alike each time.
func chance() *rand.Rand { return rand.New(rand.NewPCG(7692, 12)) }

// filled returns size bytes of records, valid UTF-8 to the end.
func filled(size int, record func(r *rand.Rand) string) []byte {
	r := chance()
	var b bytes.Buffer
	for b.Len() < size {
		b.WriteString(record(r))
	}
	return bytes.ToValidUTF8(b.Bytes()[:size], []byte("."))
}

func jsonRecord(r *rand.Rand) string {
	return fmt.Sprintf(`{"id":%d,"name":%q,"place":%q,"score":%.3f,"tags":[%q,%q],"active":%t}`+",\n",
		r.IntN(1e6), word(r)+" "+word(r), word(r), r.Float64()*100, word(r), word(r), r.IntN(2) == 0)
}

func htmlRow(r *rand.Rand) string {
	return fmt.Sprintf("<tr class=\"row-%d\"><td><a href=\"/%s/%d.html\">%s</a></td><td>%s</td></tr>\n",
		r.IntN(2), word(r), r.IntN(1e5), word(r), strings.TrimSpace(sentence(r)))
}

func sentence(r *rand.Rand) string {
	words := make([]string, 5+r.IntN(12))
	for i := range words {
		words[i] = word(r)
	}
	return strings.Join(words, " ") + ". "
}

// word is one of a few thousand that look German, common ones more often.
func word(r *rand.Rand) string {
	syllables := [...]string{"der", "ein", "ung", "schaft", "über", "lich", "keit", "stra", "ße", "mög", "hö", "ren", "auf", "gang", "zu", "ver", "wasser", "tür", "en", "be"}
	var b strings.Builder
	for range 1 + r.IntN(3) {
		b.WriteString(syllables[int(float64(len(syllables))*r.Float64()*r.Float64())])
	}
	return b.String()
}

// bitmap has rows that are like the ones before but for a few points.
func bitmap() []byte {
	r := chance()
	p := make([]byte, 263222)
	const row = 3 * 296
	for i := range p {
		switch {
		case i < row || r.IntN(40) == 0:
			p[i] = byte(r.IntN(64))
		default:
			p[i] = p[i-row]
		}
	}
	return p
}

// document is noise, with a little text between.
func document() []byte {
	r := chance()
	var b bytes.Buffer
	for b.Len() < 1042328 {
		fmt.Fprintf(&b, "%d 0 obj << /Length %d /Filter /FlateDecode >> stream\n", r.IntN(1e4), r.IntN(1e5))
		for range 4000 {
			b.WriteByte(byte(r.Uint32()))
		}
		b.WriteString("\nendstream endobj\n")
	}
	return b.Bytes()[:1042328]
}
