package conformance

import (
	"fmt"
	"time"

	"github.com/fairlead-ws/fairlead/deflate"
	"github.com/fairlead-ws/fairlead/frame"
	"github.com/fairlead-ws/fairlead/handshake"
)

// sizes are those of the messages of sections 12 and 13, and of the frames they
// are cut into when they are compressed; 0 is a single frame.
var sizes = [...]struct{ message, fragment int }{
	{16, 0},
	{64, 0},
	{256, 0},
	{1 * kib, 0},
	{4 * kib, 0},
	{8 * kib, 0},
	{16 * kib, 0},
	{32 * kib, 0},
	{64 * kib, 0},
	{128 * kib, 0},
	{8 * kib, 256},
	{16 * kib, 256},
	{32 * kib, 256},
	{64 * kib, 256},
	{128 * kib, 256},
	{128 * kib, 1 * kib},
	{128 * kib, 4 * kib},
	{128 * kib, 32 * kib},
}

// parameters are what the server of section 13 wants, in its order of preference.
var parameters = [...][]handshake.Deflate{
	{{}},
	{{ClientNoContextTakeover: true}},
	{{ClientMaxWindowBits: 9}},
	{{ClientMaxWindowBits: 15}},
	{{ClientNoContextTakeover: true, ClientMaxWindowBits: 9}},
	{{ClientNoContextTakeover: true, ClientMaxWindowBits: 15}},
	{{ClientNoContextTakeover: true, ClientMaxWindowBits: 9}, {ClientNoContextTakeover: true}, {}},
}

const (
	allMessages   = 1000
	fewestOfACase = 3
)

// Compressed returns the cases of sections 12 and 13, which need
// permessage-deflate; see [Case.Answer]. Each has 1000 messages in the catalogue,
// up to 128 MiB: of so many, a case here has as many as fit into size bytes, and
// at least three. A size of 0 or less means all.
func Compressed(size int) []Case {
	var cases []Case
	for i, d := range samples {
		for j := range sizes {
			cases = append(cases, compressedCase(fmt.Sprintf("12.%d.%d", i+1, j+1), j, d, parameters[0], size))
		}
	}
	for i, p := range parameters {
		for j := range sizes {
			cases = append(cases, compressedCase(fmt.Sprintf("13.%d.%d", i+1, j+1), j, samples[0], p, size))
		}
	}
	return cases
}

func compressedCase(id string, kind int, data sample, server []handshake.Deflate, size int) Case {
	seconds := [...]time.Duration{60, 60, 120, 240}
	limit := 480 * time.Second
	if kind < len(seconds) {
		limit = seconds[kind] * time.Second
	}
	s := sizes[kind]
	count := allMessages
	if size > 0 {
		count = max(fewestOfACase, min(count, size/s.message))
	}
	text := fmt.Sprintf("%d messages of %d octets of %s", count, s.message, data.name)
	if s.fragment > 0 {
		text += fmt.Sprintf(", compressed, in fragments of %d", s.fragment)
	}
	var acts []act
	var want []event
	bytes, at := data.bytes(), 0
	for range count {
		var p []byte
		p, at = slice(bytes, at, s.message, data.op == frame.Text)
		acts = append(acts, act{header: frame.Header{Fin: true, Opcode: data.op}, payload: p, fragment: s.fragment, await: true})
		want = append(want, eventOf(data.op.String(), p))
	}
	c := normal(id, text, want, acts...).within(limit)
	c.server = server
	return c
}

// slice returns the next n octets of p from at on, or n code points, going round
// at its end.
func slice(p []byte, at, n int, points bool) (piece []byte, next int) {
	if !points {
		if at+n <= len(p) {
			return p[at : at+n], (at + n) % len(p)
		}
		piece = append(piece, p[at:]...)
		for len(piece)+len(p) < n {
			piece = append(piece, p...)
		}
		next = n - len(piece)
		return append(piece, p[:next]...), next
	}
	for next = at; n > 0; n-- {
		if next == len(p) {
			piece, at, next = append(piece, p[at:]...), 0, 0
		}
		for next++; next < len(p) && p[next]&0xc0 == 0x80; next++ {
		}
	}
	return append(piece, p[at:next]...), next
}

// Answer is the handshake of a case of [Compressed]: it returns the extension that
// the server answers the client's offers with, and the case as it is to be run
// then. ok is false when no offer will do: the case cannot be played, and its
// result is [Unimplemented].
func (c Case) Answer(offers []handshake.Extension) (answer handshake.Extension, negotiated Case, ok bool) {
	for _, d := range c.server {
		answer, agreed, ok := handshake.AnswerDeflate(offers, d)
		if ok {
			c.agreed = &agreed
			return answer, c, true
		}
	}
	return handshake.Extension{}, c, false
}

// compressor is that of the server; nil where nothing was agreed on.
func (c *Case) compressor() *deflate.Compressor {
	if c.agreed == nil {
		return nil
	}
	return deflate.NewCompressor(c.agreed.ServerMaxWindowBits, !c.agreed.ServerNoContextTakeover)
}

// inflater is for what the client compresses. It gives no more than was agreed on.
func (c *Case) inflater() *deflate.Decompressor {
	if c.agreed == nil {
		return nil
	}
	return deflate.NewDecompressor(c.agreed.ClientMaxWindowBits, !c.agreed.ClientNoContextTakeover)
}
