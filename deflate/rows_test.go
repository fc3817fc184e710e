package deflate_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fairlead-ws/fairlead/deflate"
)

// bitString makes the bytes of a message from its bits as RFC 1951 draws them:
// numbers with the lowest bit first, codes as they are read. Spaces count for
// nothing, the rest of the last byte is zero.
func bitString(s string) []byte {
	var b []byte
	n := 0
	for _, c := range strings.ReplaceAll(s, " ", "") {
		if n%8 == 0 {
			b = append(b, 0)
		}
		b[n/8] |= byte(c-'0') << (n % 8)
		n++
	}
	return b
}

func unhex(s string) []byte {
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		panic(err)
	}
	return b
}

// Section C of the catalogue of hostile peers, as far as it is about the bytes of
// messages: what comes, in messages of one connection, and what becomes of it.
// A message may have a fault only as the last.
type row struct {
	name     string
	bits     int
	takeover bool
	wire     [][]byte
	want     []string
	err      error
	says     string // part of the error
}

var rows = []row{
	{name: "RFC 7692 7.2.3.1", wire: [][]byte{unhex("f248cdc9c90700")}, want: []string{"Hello"}},
	{name: "RFC 7692 7.2.3.2", takeover: true, wire: [][]byte{unhex("f248cdc9c90700"), unhex("f200110000")}, want: []string{"Hello", "Hello"}},
	{name: "RFC 7692 7.2.3.3", wire: [][]byte{unhex("000500faff48656c6c6f00")}, want: []string{"Hello"}},
	{name: "RFC 7692 7.2.3.4", wire: [][]byte{unhex("f348cdc9c9070000")}, want: []string{"Hello"}},
	{name: "RFC 7692 7.2.3.5", wire: [][]byte{unhex("f24805000000ffffcac9c90700")}, want: []string{"Hello"}},
	{name: "RFC 7692 7.2.3.6", wire: [][]byte{unhex("00")}, want: []string{""}},

	{name: "C05 block of the reserved type", wire: [][]byte{unhex("06")}, err: deflate.ErrCorrupt, says: "reserved type"},
	{name: "C05 reserved type in the second block", wire: [][]byte{unhex("000100feff61 06")}, want: nil, err: deflate.ErrCorrupt, says: "reserved type"},
	{name: "C05 complement of a stored length", wire: [][]byte{unhex("000500faf048656c6c6f00")}, err: deflate.ErrCorrupt, says: "complement"},
	{name: "C05 fixed code 286", wire: [][]byte{bitString("0 10 11000110")}, err: deflate.ErrCorrupt, says: "stands for nothing"},
	{name: "C05 fixed code 287", wire: [][]byte{bitString("0 10 11000111")}, err: deflate.ErrCorrupt, says: "stands for nothing"},
	{name: "C05 fixed distance 30", wire: [][]byte{bitString("0 10 10010001 0000001 11110")}, err: deflate.ErrCorrupt, says: "stands for nothing"},
	{name: "C05 fixed distance 31, much input", wire: [][]byte{append(bitString("0 10 10010001 0000001 11111"), make([]byte, 40)...)}, err: deflate.ErrCorrupt, says: "stands for nothing"},
	{name: "C05 287 literal codes", wire: [][]byte{bitString("0 01 01111 00000 0000 000000000000")}, err: deflate.ErrCorrupt, says: "do not fit together"},
	{name: "C05 31 distance codes", wire: [][]byte{bitString("0 01 00000 01111 0000 000000000000")}, err: deflate.ErrCorrupt, says: "do not fit together"},
	{name: "C05 too many codes for lengths", wire: [][]byte{bitString("0 01 00000 00000 0000 100 100 100 100")}, err: deflate.ErrCorrupt, says: "do not fit together"},
	{name: "C05 too few codes for lengths", wire: [][]byte{bitString("0 01 00000 00000 0000 010 010 010 000")}, err: deflate.ErrCorrupt, says: "do not fit together"},
	{name: "C05 no code for lengths", wire: [][]byte{bitString("0 01 00000 00000 0000 000 000 000 000 11111111")}, err: deflate.ErrCorrupt, says: "do not fit together"},
	{name: "C05 the other side of a single code for lengths", wire: [][]byte{bitString("0 01 00000 00000 0000 000 000 100 000 1")}, err: deflate.ErrCorrupt, says: "do not fit together"},
	{name: "C05 fixed code 286, much input", wire: [][]byte{append(bitString("0 10 11000110"), make([]byte, 40)...)}, err: deflate.ErrCorrupt, says: "stands for nothing"},
	{name: "C05 repeats a length before the first", wire: [][]byte{bitString("0 01 00000 00000 0000 100 100 000 000 0 00 0000")}, err: deflate.ErrCorrupt, says: "do not fit together"},
	{name: "C05 more lengths than codes", wire: [][]byte{bitString("0 01 00000 00000 0000 000 000 100 100 1 1111111 1 1111111 1 1111111")}, err: deflate.ErrCorrupt, says: "do not fit together"},
	{name: "C05 no code for the end", wire: [][]byte{bitString("0 01 00000 00000 0000 000 000 100 100 1 1111111 1 1011011 ")}, err: deflate.ErrCorrupt, says: "do not fit together"},
	{name: "C05 length without a code for distances", wire: [][]byte{noDistances("1")}, err: deflate.ErrCorrupt, says: "stands for nothing"},
	{name: "C05 the other side of a single distance code", wire: [][]byte{oneDistance("1 1")}, err: deflate.ErrCorrupt, says: "stands for nothing"},
	{name: "single distance code", wire: [][]byte{oneDistance("01 11 0 00")}, want: []string{"\x00\x00\x00\x00"}},
	{name: "C05 ends in a stored block", wire: [][]byte{unhex("000900f6ff48656c6c")}, err: deflate.ErrCorrupt, says: "ends inside"},
	{name: "C05 ends in a fixed block", wire: [][]byte{unhex("f248cd")}, err: deflate.ErrCorrupt, says: "ends inside"},
	{name: "C05 ends in the codes", wire: [][]byte{bitString("0 01 10000 00000 0111 000")}, err: deflate.ErrCorrupt, says: "ends inside"},

	{name: "C06 distance before the first byte", wire: [][]byte{bitString("0 10 0000001 00000")}, err: deflate.ErrCorrupt, says: "out of the window"},
	{name: "C06 distance one too far", wire: [][]byte{bitString("0 10 01111000 01111001 0000001 00010")}, err: deflate.ErrCorrupt, says: "out of the window"},
	{name: "C06 distance that just fits", wire: [][]byte{bitString("0 10 01111000 01111001 0000001 00001 0000000 000 00")}, want: []string{"HIHIH"}},
	{name: "C06 much input, distance one too far", wire: [][]byte{append(bitString("0 10 01111000 01111001 0000001 00010"), make([]byte, 40)...)}, err: deflate.ErrCorrupt, says: "out of the window"},
	{name: "C07 into the message before, not kept", wire: [][]byte{unhex("f248cdc9c90700"), unhex("f200110000")}, want: []string{"Hello"}, err: deflate.ErrCorrupt, says: "out of the window"},
	{name: "C08 distance of the window", bits: 8, wire: [][]byte{far(256)}, want: []string{farText(256)}},
	{name: "C08 distance beyond the window", bits: 8, wire: [][]byte{far(257)}, err: deflate.ErrCorrupt, says: "out of the window"},
	{name: "C08 distance of a window of 15 bits", wire: [][]byte{far(32768)}, want: []string{farText(32768)}},
	{name: "C08 distance of the window, kept", bits: 9, takeover: true, wire: [][]byte{far(512), far(512)}, want: []string{farText(512), farText(512)}},
	{name: "C08 distance beyond the window, kept", bits: 9, takeover: true, wire: [][]byte{far(512), far(513)}, want: []string{farText(512)}, err: deflate.ErrCorrupt, says: "out of the window"},

	{name: "C09 tail left on", takeover: true, wire: [][]byte{unhex("f248cdc9c907000000ffff"), unhex("f200110000")}, want: []string{"Hello", "Hello"}},
	{name: "C09 tail never made", takeover: true, wire: [][]byte{unhex("000500faff48656c6c6f"), unhex("f200110000")}, want: []string{"Hello", "Hello"}},
	{name: "C09 tail made twice", takeover: true, wire: [][]byte{unhex("f248cdc9c907000000ffff00"), unhex("f200110000")}, want: []string{"Hello", "Hello"}},
	{name: "C10 blocks after the final one", takeover: true, wire: [][]byte{unhex("f348cdc9c90700 f348cdc9c90700 f200110000"), unhex("f200110000")}, want: []string{"HelloHelloHello", "Hello"}},
	{name: "C10 final block alone", takeover: true, wire: [][]byte{unhex("f348cdc9c90700"), unhex("f200110000")}, want: []string{"Hello", "Hello"}},
	{name: "C11 junk after the final block", wire: [][]byte{unhex("f348cdc9c90700 ff")}, err: deflate.ErrCorrupt},
	{name: "C12 empty fixed block", wire: [][]byte{unhex("0200")}, want: []string{""}},
	{name: "C12 no payload at all", wire: [][]byte{{}}, want: []string{""}},
	{name: "C12 empty between others", takeover: true, wire: [][]byte{unhex("f248cdc9c90700"), unhex("00"), {}, unhex("0200"), unhex("f200110000")}, want: []string{"Hello", "", "", "", "Hello"}},
}

// noDistances is a block with dynamic codes for the end (bit 0) and the length 3
// (bit 1), and with none for distances. More bits are its body.
func noDistances(body string) []byte {
	return bitString("0 01 10000 00000 0111" + // 258 literals, 1 distance, 18 lengths
		"000 000 100 010 000 000 000 000 000 000 000 000 000 000 000 000 000 010" + // 18: 1 bit, 0 and 1: 2 bits
		"0 1111111 0 1101011 11 11 10" + body + strings.Repeat("0", 200))
}

// oneDistance has codes for the literal 0 (bits 0), the end (10), the length 3
// (11), and a single one for the distance 1.
func oneDistance(body string) []byte {
	body = strings.NewReplacer("01 11 0 00", "0 11 0 10 000", "1 1", "0 11 1").Replace(body)
	return bitString("0 01 10000 00000 0111" +
		"000 000 100 000 000 000 000 000 000 000 000 000 000 000 000 010 000 010" + // 18: 1 bit, 1 and 2: 2 bits
		"10 0 1111111 0 0101011 11 11 10" + body)
}

// far is a message of so many bytes, stored, and a copy of three from as far back.
func far(distance int) []byte {
	p := []byte(farText(distance))[:distance]
	var b []byte
	for len(p) > 0 {
		n := min(len(p), 65535)
		b = append(b, 0, byte(n), byte(n>>8), byte(^n), byte(^n>>8))
		b = append(b, p[:n]...)
		p = p[n:]
	}
	symbol, base, extra := 0, 1, 0
	for {
		extra = max(0, symbol/2-1)
		if distance < base+1<<extra {
			break
		}
		base += 1 << extra
		symbol++
	}
	s := "0 10 0000001" + fmt.Sprintf("%05b", symbol)
	for i := range extra {
		s += fmt.Sprint((distance - base) >> i & 1)
	}
	return append(b, bitString(s+"0000000 000")...)
}

func farText(distance int) string {
	p := make([]byte, distance)
	for i := range p {
		p[i] = byte(i * i >> 8)
	}
	copy(p, "abc")
	return string(p) + "abc"
}

func TestRows(t *testing.T) {
	for _, tt := range rows {
		t.Run(tt.name, func(t *testing.T) {
			for _, size := range [][2]int{{1 << 20, 1 << 20}, {1, 1}, {1 << 20, 1}, {1, 1 << 20}, {2, 3}, {17, 259}} {
				d := deflate.NewDecompressor(tt.bits, tt.takeover)
				for i, wire := range tt.wire {
					got, err := inflate(d, wire, size[0], size[1])
					if i == len(tt.want) {
						if !errors.Is(err, tt.err) || tt.err == nil || !strings.Contains(err.Error(), tt.says) {
							t.Fatalf("pieces %v: message %d: %q, %v; want %v", size, i, got, err, tt.err)
						}
						if _, _, again := d.Inflate(make([]byte, 1), nil, false); again != err {
							t.Errorf("after %v: %v", err, again)
						}
						continue
					}
					if err != nil || string(got) != tt.want[i] {
						t.Fatalf("pieces %v: message %d: %.40q, %v; want %.40q", size, i, got, err, tt.want[i])
					}
				}
			}
		})
	}
}

// L31, C15, C16: messages of all sizes, the window kept, inflated into buffers of
// all sizes.
func TestL31Takeover(t *testing.T) {
	messages := 150
	if testing.Short() {
		messages = 60
	}
	for _, bits := range []int{8, 12, 15} {
		for _, size := range []int{1, 2, 3, 7, 511, 512, 32768, 1 << 20} {
			r := rand.New(rand.NewPCG(uint64(bits), uint64(size)))
			c, d := deflate.NewCompressor(bits, true), deflate.NewDecompressor(bits, true)
			all := corpus(1 << 17)
			for i := range messages {
				p := all[[]string{"json", "text", "random", "zeros", "base64"}[i%5]][r.IntN(1<<16):][:r.IntN(3000)]
				if i%50 == 49 {
					p = all["json"][:70000]
				}
				got, err := inflate(d, c.Append(nil, p, true), size, size)
				if err != nil || !bytes.Equal(got, p) {
					t.Fatalf("%d bits, pieces of %d, message %d: %v, %d of %d bytes", bits, size, i, err, len(got), len(p))
				}
			}
		}
	}
}

// C01, C02, L09, L12: the limit is on what comes out, and nothing beyond it does.
func TestC01Bomb(t *testing.T) {
	const limit = 1 << 20
	zeros := message(t, 1, make([]byte, 256<<20))
	block := message(t, 1, bytes.Repeat(corpus(300)["random"], 16<<10))
	stored := message(t, 0, make([]byte, 8<<20))
	for name, wire := range map[string][]byte{"zeros": zeros, "repeated block": block, "stored blocks": stored} {
		for _, piece := range []int{len(wire), 1000} {
			for _, takeover := range []bool{false, true} {
				d := deflate.NewDecompressor(15, takeover)
				if takeover {
					if _, err := d.Append(nil, message(t, 9, make([]byte, limit)), true, limit); err != nil {
						t.Fatal(err)
					}
				}
				heap := heapNow()
				var got []byte
				var err error
				for rest := wire; err == nil && len(rest) > 0; {
					n := min(piece, len(rest))
					got, err = d.Append(got, rest[:n], n == len(rest), limit)
					rest = rest[n:]
				}
				if !errors.Is(err, deflate.ErrTooLarge) || len(got) != limit {
					t.Errorf("%s: %d bytes, %v", name, len(got), err)
				}
				if grown := heapNow() - heap; grown > 4*limit {
					t.Errorf("%s: the heap grew by %d bytes", name, grown)
				}
				runtime.KeepAlive(got)
			}
		}
	}
}

func heapNow() int64 {
	runtime.GC()
	runtime.GC() // the second one empties pools
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// C03: what comes out of nothing but empty blocks is nothing, for ever.
func TestC03Padding(t *testing.T) {
	for name, block := range map[string][]byte{
		"stored": unhex("000000ffff"),
		"final":  unhex("010000ffff"),
		"fixed":  bitString(strings.Repeat("0 10 0000000", 4)),
	} {
		d := deflate.NewDecompressor(15, false)
		wire := bytes.Repeat(block, 1_000_000)
		used, err := 0, error(nil)
		for err == nil && used < len(wire) {
			n := 0
			_, n, err = d.Inflate(make([]byte, 64), wire[used:min(used+4096, len(wire))], false)
			used += n
		}
		if !errors.Is(err, deflate.ErrPadded) || used > 70_000 {
			t.Errorf("%s: %v after %d of %d bytes", name, err, used, len(wire))
		}
	}
	// The most that a sender of single bytes needs.
	d, c := deflate.NewDecompressor(15, true), deflate.NewCompressor(15, true)
	for i := range 20_000 {
		if _, err := d.Append(nil, c.Append(nil, []byte{byte(i * 7)}, false), false, 1<<20); err != nil {
			t.Fatal(i, err)
		}
	}
}

// C04, at the end of the limit all is well.
func TestC04Ratio(t *testing.T) {
	const limit = 16 << 20
	wire := message(t, 9, make([]byte, limit))
	start := time.Now()
	got, err := deflate.NewDecompressor(15, false).Append(nil, wire, true, limit)
	if err != nil || len(got) != limit {
		t.Fatal(len(got), err)
	}
	if took := time.Since(start); took > 10*time.Second {
		t.Errorf("%d bytes from %d took %v", limit, len(wire), took)
	}
}

// C18: what failed leaves nothing behind for others.
func TestC18Pool(t *testing.T) {
	for _, tt := range rows {
		d := deflate.NewDecompressor(tt.bits, tt.takeover)
		for _, wire := range tt.wire {
			_, _ = d.Append(nil, wire, true, 1<<20)
		}
		for _, good := range slices.DeleteFunc(slices.Clone(rows), func(r row) bool { return r.err != nil }) {
			d := deflate.NewDecompressor(good.bits, good.takeover)
			for i, wire := range good.wire {
				if got, err := d.Append(nil, wire, true, 1<<20); err != nil || string(got) != good.want[i] {
					t.Fatalf("%s after %s: %v", good.name, tt.name, err)
				}
			}
		}
	}
}

// An error keeps what was inflated before the fault, and io.EOF is never one.
func TestFaultAfterOutput(t *testing.T) {
	d := deflate.NewDecompressor(15, false)
	got, err := d.Append([]byte("> "), unhex("000500faff48656c6c6f 06"), true, 100)
	if string(got) != "> Hello" || !errors.Is(err, deflate.ErrCorrupt) || errors.Is(err, io.EOF) {
		t.Errorf("%q, %v", got, err)
	}
}
