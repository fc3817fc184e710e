package model_test

import (
	"bytes"
	"compress/flate"
	"sync"
)

var levels = [...]int{flate.NoCompression, flate.BestSpeed, flate.HuffmanOnly, flate.DefaultCompression}

var writers [len(levels)]sync.Pool

// compress makes the payload of a compressed message (RFC 7692, section 7.2.1), in
// one of several ways.
func compress(p []byte, way int) []byte {
	var b bytes.Buffer
	level := way % len(levels)
	w, ok := writers[level].Get().(*flate.Writer)
	if ok {
		w.Reset(&b)
	} else {
		w, _ = flate.NewWriter(&b, levels[level]) // of a level that there is
	}
	defer writers[level].Put(w)
	_, _ = w.Write(p) // to memory
	if way%3 == 0 {
		_ = w.Close() // a final block
		return append(b.Bytes(), 0)
	}
	_ = w.Flush()
	return bytes.TrimSuffix(b.Bytes(), []byte{0x00, 0x00, 0xFF, 0xFF})
}

// Settings of the seeds: see settingOf.
const (
	plain      = 0
	inflating  = 1<<2 | 7<<4 // no limits, a window of 15 bits
	takingOver = inflating | 1<<3
	small      = 2 << 7 // 125 bytes
	silent     = 3      // nothing is answered
	byFrame    = 1 << 12
	inTurn     = 2 << 12
	streaming  = 3 << 12
)

var seeds = []struct {
	script  string
	setting uint32
	chunk   uint8
}{
	{"", plain, 0},
	{"\x81\x05hello\x82\x03\x00\x01\x02", plain, 0},
	{"\x01\x03hel\x89\x04ping\x80\x02lo\x8A\x04pong", byFrame, 1},
	{"\x01\x01\xe6\x00\x00\x80\x02\xb0\xb4", streaming, 1},
	{"\x81\x02\xc0\x80", plain, 1},
	{"\x81\x03\xed\xa0\x80", inTurn, 1},
	{"\x81\x04\xf4\x90\x80\x80", plain, 2},
	{"\x81\x02\xe6\xb0", plain, 0},
	{"\x88\x00\x81\x01x", plain, 0},
	{"\x88\x02\x03\xe8", plain, 1},
	{"\x88\x05\x0f\xa0bye", silent, 0},
	{"\x88\x01\x03", plain, 0},
	{"\x88\x02\x03\xed", plain, 0},
	{"\x88\x03\x03\xe8\xff", plain, 0},
	{"\x81\xeb\x05", plain, 0},                                      // masked
	{"\xc1\x00", plain, 0},                                          // RSV1 without an extension
	{"\xa1\x00\x91\x00", inflating, 0},                              // RSV2, RSV3
	{"\x83\x00", plain, 0},                                          // reserved opcodes
	{"\x8b\x00", plain, 0},                                          //
	{"\x09\x00", plain, 0},                                          // a Ping in fragments
	{"\x89\x7eA", plain, 0},                                         //
	{"\x89\xc8A\x7e", plain, 0},                                     // a Ping of 127 bytes
	{"\x80\x00", plain, 0},                                          // a continuation of nothing
	{"\x01\x00\x81\x00", plain, 0},                                  // a message inside a message
	{"\x82\xf0\x00\x05", plain, 0},                                  // lengths that are not minimal
	{"\x82\xf5\x00\x00\x00\x00\x00\x00\x00\x05", plain, 3},          //
	{"\x82\xf5\x80", plain, 0},                                      // 2^63
	{"\x02\x01x\x80\xf5\x7f\xff\xff\xff\xff\xff\xff\xff", plain, 0}, // a sum of 2^63
	{"\x82\xc8A\x7d", small, 0},                                     // beyond the limit
	{"\x02\x03abc\x80\xc8A\x7b", small, 1},                          //
	{"\x02\x00\x00\x00\x00\x00\x00\x00\x80\x00", 2 << 10, 0},        // of fragments
	{"\x89\x00\x89\x01a\x89\x01b\x89\x01c\x89\x01d\x89\x01e\x89\x01f\x89\x01g\x89\x01h\x89\x01i\x89\x01j\x89\x01k\x89\x01l\x89\x01m\x89\x01n\x89\x01o\x89\x01p\x89\x01q", plain, 0},
	{"\xc1\xdd\x05hello\xc1\xdd\x05hello", inflating, 0},
	{"\xc1\xde\x05hello\xc1\x07\xf2\x48\xcd\xc9\xc9\x07\x00", takingOver | streaming, 1},
	{"\xc1\x07\xf2\x48\xcd\xc9\xc9\x07\x00\xc1\x05\xf2\x00\x11\x00\x00", takingOver, 0}, // RFC 7692, section 7.2.3.2
	{"\xc1\x07\xf2\x48\xcd\xc9\xc9\x07\x00\xc1\x05\xf2\x00\x11\x00\x00", inflating, 0},  // which needs the takeover
	{"\xc1\x0b\x00\x05\x00\xfa\xff\x48\x65\x6c\x6c\x6f\x00", inflating | byFrame, 2},    // section 7.2.3.3
	{"\xc1\x08\xf3\x48\xcd\xc9\xc9\x07\x00\x00", inflating, 0},                          // section 7.2.3.4
	{"\xc1\x0d\xf2\x48\x05\x00\x00\x00\xff\xff\xca\xc9\xc9\x07\x00", inflating, 0},      // section 7.2.3.5
	{"\x41\x03\xf2\x48\xcd\x89\x01p\x80\x04\xc9\xc9\x07\x00", inflating | inTurn, 1},    // in fragments
	{"\xc1\x01\x06", inflating, 0},                                                      // a reserved block
	{"\xc1\x02\xf2\x48", inflating, 0},                                                  // cut
	{"\xc1\x00", inflating, 0},                                                          // nothing
	{"\xc2\x04\xff\xff\xff\xff", inflating, 0},                                          //
	{"\xc1\xdf\xc8aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", inflating | small, 0},
}
