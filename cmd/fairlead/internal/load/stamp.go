package load

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"fmt"
)

// Placeholder is where a stamp goes in Options.Data.
const Placeholder = "{stamp}"

// A stamp is 8 characters that mark the run, 8 hexadecimal digits for the
// connection, 12 for the intended time and 12 for the time it was sent, in
// nanoseconds from the beginning: 48 bits are three days.
const (
	markBytes = 8
	// StampBytes is the length of a stamp.
	StampBytes = markBytes + 8 + 12 + 12
)

// template is the message; at is where its stamp goes, negative for none.
type template struct {
	text []byte
	at   int
	mark []byte
}

// filler looks like text to a compressor without being one byte repeated.
const filler = "The quick brown fox jumps over the lazy dog; 0123456789. "

func newTemplate(o *Options) template {
	t := template{at: -1}
	if len(o.Data) > 0 {
		before, after, ok := bytes.Cut(o.Data, []byte(Placeholder))
		t.text = o.Data
		if ok {
			t.at = len(before)
			t.text = bytes.Join([][]byte{before, make([]byte, StampBytes), after}, nil)
		}
	} else {
		t.text = bytes.Repeat([]byte(filler), o.Size/len(filler)+1)[:o.Size]
		if o.Size >= StampBytes {
			t.at = 0
		}
	}
	var random [3]byte
	_, _ = rand.Read(random[:]) // never fails
	t.mark = fmt.Appendf(nil, "fl%x", random)
	return t
}

func (t *template) stamped() bool { return t.at >= 0 }

// put writes the stamp into p, a copy of the text.
func (t *template) put(p []byte, connection int, intended, sent int64) {
	s := p[t.at:][:StampBytes]
	copy(s, t.mark)
	hexInto(s[markBytes:][:8], uint64(connection))
	hexInto(s[markBytes+8:][:12], uint64(intended))
	hexInto(s[markBytes+20:][:12], uint64(sent))
}

// find reads the stamp of an answer, wherever it stands.
func (t *template) find(p []byte) (connection int, intended, sent int64, ok bool) {
	i := bytes.Index(p, t.mark)
	if i < 0 || len(p)-i < StampBytes {
		return 0, 0, 0, false
	}
	s := p[i+markBytes:]
	c, ok1 := hexFrom(s[:8])
	at, ok2 := hexFrom(s[8:20])
	out, ok3 := hexFrom(s[20:32])
	return int(c), int64(at), int64(out), ok1 && ok2 && ok3
}

func hexInto(p []byte, v uint64) {
	const alphabet = "0123456789abcdef"
	for i := len(p) - 1; i >= 0; i-- {
		p[i] = alphabet[v&15]
		v >>= 4
	}
}

func hexFrom(p []byte) (v uint64, ok bool) {
	var raw [6]byte
	n, err := hex.Decode(raw[:], p)
	for _, b := range raw[:n] {
		v = v<<8 | uint64(b)
	}
	return v, err == nil
}
