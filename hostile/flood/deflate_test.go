package flood_test

import (
	"bytes"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/deflate"
	"github.com/fairlead-ws/fairlead/frame"
	"github.com/fairlead-ws/fairlead/handshake"
)

// compressed is a message in frames of at most size bytes.
func compressed(p string, size int) string {
	var b strings.Builder
	op, rsv := frame.Binary, frame.RSV1
	for {
		n := min(size, len(p))
		b.WriteString(header(op, n == len(p), rsv, int64(n)) + p[:n])
		if p = p[n:]; p == "" {
			return b.String()
		}
		op, rsv = frame.Continuation, 0
	}
}

// squeeze compresses the pieces as one message.
func squeeze(c *deflate.Compressor, piece []byte, times int) string {
	var out []byte
	for i := range times {
		out = c.Append(out, piece, i == times-1)
	}
	return string(out)
}

// What a compressor never writes, in whole bytes that can be repeated for ever.
const (
	// A stored block of no bytes (RFC 1951 section 3.2.4).
	storedEmpty = "\x00\x00\x00\xff\xff"
	// Four blocks with fixed codes (bits 0 01) and nothing but their end (0000000):
	// 10 bits each (section 3.2.6).
	fixedEmpty = "\x02\x08\x20\x80\x00"
	// A stored block of one byte.
	storedOne = "\x00\x01\x00\xfe\xffx"
	// Eight blocks that each bring the codes for one letter and their end (section
	// 3.2.7), and use them once: 95 bits each.
	dearBlocks = "\x04\xc0\x81\x08\x00\x00\x00\x00\x20\xed\xf1\x4f\x02\xe0\x40\x04\x00\x00\x00\x00\x90\xf6\xf8\x27" +
		"\x01\x70\x20\x02\x00\x00\x00\x00\x48\x7b\xfc\x93\x00\x38\x10\x01\x00\x00\x00\x00\xa4\x3d\xfe\x49" +
		"\x00\x1c\x88\x00\x00\x00\x00\x00\xd2\x1e\xff\x24\x00\x0e\x44\x00\x00\x00\x00\x00\x69\x8f\x7f\x12" +
		"\x00\x07\x22\x00\x00\x00\x00\x80\xb4\xc7\x3f\x09\x80\x03\x11\x00\x00\x00\x00\x40\xda\xe3\x9f"
)

// withDeflate is a connection that inflates, with a limit.
func withDeflate(limit int64, takeover bool) fairlead.ConnConfig {
	return fairlead.ConnConfig{
		Limits:      fairlead.Limits{MessageBytes: limit},
		Compression: &handshake.Deflate{ServerMaxWindowBits: 15, ClientMaxWindowBits: 15, ServerNoContextTakeover: !takeover},
	}
}

// TestBombs: L09 to L13, C01, C02: little that inflates to much more than the limit
// of 1 MiB.
func TestBombs(t *testing.T) {
	const limit = 1 << 20
	z := deflate.NewCompressor(15, true)
	random := make([]byte, 1<<15-300)
	rnd := rand.NewChaCha8([32]byte{})
	_, _ = rnd.Read(random) // never fails
	for name, bomb := range map[string]string{
		"zeros":          squeeze(z, make([]byte, 1<<20), times(16, 256)),
		"repeated block": squeeze(z, random, times(200, 2000)),
		"pairs":          squeeze(z, bytes.Repeat([]byte("ab"), 1<<19), times(8, 64)),
	} {
		for _, takeover := range []bool{false, true} {
			kind := map[bool]string{false: name, true: name + ", window kept"}[takeover]
			for size, cut := range map[string]int{"one frame": 1 << 30, "frames of 1000": 1000, "frames of 7": 7} {
				if cut == 7 && (name != "zeros" || !long) {
					continue
				}
				framed{flood{name: kind + " in " + size, limit: limit}, torrent{start: compressed(bomb, cut), end: bye}, withDeflate(limit, takeover), frame.StatusTooBig}.test(t)
			}
		}
	}
}

// TestBombBehindAWindow: C02: the bomb is the second message and copies from the
// window that the first one has left.
func TestBombBehindAWindow(t *testing.T) {
	const limit = 1 << 20
	z := deflate.NewCompressor(15, true)
	random := make([]byte, 1<<15-300)
	_, _ = rand.NewChaCha8([32]byte{}).Read(random) // never fails
	first := squeeze(z, random, 1)
	bomb := squeeze(z, random, 1+times(160, 512))
	if len(bomb) > limit/4 {
		t.Fatalf("the bomb has %d bytes", len(bomb))
	}
	framed{flood{name: "one", limit: limit}, torrent{start: compressed(first, 1<<30) + compressed(bomb, 1<<30), end: bye}, withDeflate(limit, true), frame.StatusTooBig}.test(t)
}

// TestStoredForEver: L12: stored blocks as large as they get, without an end.
func TestStoredForEver(t *testing.T) {
	const limit = 1 << 20
	block := "\x00\xff\xff\x00\x00" + strings.Repeat("x", 0xffff)
	start := header(frame.Binary, false, frame.RSV1, 0)
	framed{
		flood{name: "stored", limit: limit},
		torrent{start: start, again: whole(frame.Continuation, false, block), decides: 2 + 16*(10+5+0xffff) + 10 + 5 + 17},
		withDeflate(limit, false), frame.StatusTooBig,
	}.test(t)
}

// TestNothingForEver: L12, C03: blocks that cost work and give nothing or next to
// it. More than 64 KiB that give less than a sixteenth are refused.
func TestNothingForEver(t *testing.T) {
	const limit = 64 << 10 // of the inflater
	for name, unit := range map[string]string{"stored": storedEmpty, "fixed codes": fixedEmpty} {
		for label, cut := range map[string]int{"1000": 200, "5": 1} {
			f := whole(frame.Continuation, false, strings.Repeat(unit, cut))
			size := len(unit) * cut
			before := limit/size*len(f) + len(f) - size + limit%size // the bytes up to the limit, and the headers
			framed{
				flood{name: name + " in frames of " + label, limit: limit},
				torrent{start: header(frame.Binary, false, frame.RSV1, 0), again: f, decides: 2 + int64(before) + 1},
				withDeflate(1<<20, false), frame.StatusTooBig,
			}.test(t)
		}
	}
	// These give a byte for six, so the limit of the message decides.
	one := whole(frame.Continuation, false, strings.Repeat(storedOne, 200))
	framed{
		flood{name: "stored blocks of one byte", limit: 1 << 16},
		torrent{start: header(frame.Binary, false, frame.RSV1, 0), again: one, decides: 2 + (1<<16/200+1)*int64(len(one))},
		withDeflate(1<<16, false), frame.StatusTooBig,
	}.test(t)
}

// TestDearBlocks: L12: blocks with codes of their own, as many as fit, each of which
// has tables made for it. The processor time stays in proportion to the bytes.
func TestDearBlocks(t *testing.T) {
	const limit = 1 << 20
	p := strings.Repeat(dearBlocks, limit/len(dearBlocks)) + "\x00" // the head of the block that the sender cuts off
	framed{
		flood{name: "codes of their own", limit: limit, cpu: time.Second},
		torrent{start: compressed(p, 1<<30), end: bye},
		withDeflate(limit, false), frame.StatusNormal,
	}.test(t)
}

// TestFatButLegal: C04: messages just below the limit for ever, each of a few bytes
// on the wire. Nothing is left of one when the next one comes.
func TestFatButLegal(t *testing.T) {
	const limit = 1 << 20
	n := times(16, 1000)
	z := deflate.NewCompressor(15, false)
	framed{
		flood{name: "a thousand for one", limit: limit, cpu: time.Duration(n) * 20 * time.Millisecond},
		torrent{again: compressed(squeeze(z, make([]byte, limit), 1), 1<<30), times: n, end: bye},
		withDeflate(limit, false), frame.StatusNormal,
	}.test(t)
}
