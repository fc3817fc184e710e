package http1_test

import (
	"errors"
	"io"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/fairlead-ws/fairlead/internal/fuzzlimit"
	"github.com/fairlead-ws/fairlead/internal/http1"
)

// endless repeats s for ever and counts the bytes it gave.
type endless struct {
	s     string
	given int
}

func (e *endless) Read(b []byte) (int, error) {
	n := 0
	for n < len(b) {
		n += copy(b[n:], e.s[(e.given+n)%len(e.s):])
	}
	e.given += n
	return n, nil
}

const ok = "HTTP/1.1 101 x\r\n"

func TestLimits(t *testing.T) {
	fill := func(n int) string { return strings.Repeat("x", n) }
	for _, tt := range []struct{ name, wire, part, text string }{
		{"A18 status line of 8 KiB", "HTTP/1.1 101 " + fill(8<<10-15) + "\r\n\r\n", "", ""},
		{"A18 status line of 8 KiB + 1", "HTTP/1.1 101 " + fill(8<<10-14) + "\r\n\r\n", "status line", "line longer than 8192 bytes"},
		{"A18 endless status line", "HTTP/1.1 101 " + fill(9<<10), "status line", "line longer than 8192 bytes"},
		{"A24 head of 64 KiB", ok + "A: " + fill(64<<10-len(ok)-7) + "\r\n\r\n", "", ""},
		{"A24 head of 64 KiB + 1", ok + "A: " + fill(64<<10-len(ok)-6) + "\r\n\r\n", "header field", "head longer than"},
		{"A24 one field of 64 KiB + 1", ok + "A: " + fill(64<<10-4) + "\r\n\r\n", "header field", "head longer than"},
		{"A25 128 fields", ok + strings.Repeat("A:\r\n", 128) + "\r\n", "", ""},
		{"A25 129 fields", ok + strings.Repeat("A:\r\n", 129) + "\r\n", "header field", "more than 128 fields"},
		{"A25 100,000 fields of 3 bytes", ok + strings.Repeat("A:b\r\n", 100_000) + "\r\n", "header field", "more than 128 fields"},
		{"L21 10,000 Set-Cookie", ok + strings.Repeat("Set-Cookie: a\r\n", 10_000) + "\r\n", "header field", "more than 128 fields"},
		{"L21 50 Set-Cookie of 4 KiB", ok + strings.Repeat("Set-Cookie: "+fill(4<<10)+"\r\n", 50) + "\r\n", "header field", "head longer than"},
		{"A30 8 interim responses", strings.Repeat("HTTP/1.1 100 C\r\n\r\n", 8) + ok + "\r\n", "", ""},
		{"A30 9 interim responses", strings.Repeat("HTTP/1.1 100 C\r\n\r\n", 9) + ok + "\r\n", "status line", "more than 8 interim responses"},
		{"A30 interim responses count for the head", strings.Repeat("HTTP/1.1 100 C\r\nA: "+fill(30<<10)+"\r\n\r\n", 2) + ok + "A: " + fill(6<<10) + "\r\n\r\n", "header field", "head longer than"},
		{"A30 interim responses leave less than a status line", strings.Repeat("HTTP/1.1 100 C\r\nA: "+fill(30<<10)+"\r\n\r\n", 2) + "HTTP/1.1 101 " + fill(6<<10) + "\r\n\r\n", "status line", "rest of the head longer than"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := response(tt.wire)
			if tt.part != "" {
				wantError(t, err, tt.part, tt.text)
			} else if err != nil {
				t.Error(err)
			}
		})
	}
}

// A line that has used up its limit is refused at once; its end is not awaited.
func TestLimitNotAwaited(t *testing.T) {
	src := io.MultiReader(strings.NewReader("HTTP/1.1 101 "+strings.Repeat("x", 8<<10-13)), iotest.ErrReader(errors.New("must not be read")))
	_, err := http1.NewReader(src, http1.Limits{}).ReadResponse()
	wantError(t, err, "status line", "line longer than 8192 bytes")
}

func TestLimitsSet(t *testing.T) {
	read := func(lim http1.Limits, wire string) error {
		_, err := http1.NewReader(strings.NewReader(wire), lim).ReadResponse()
		return err
	}
	const two = "HTTP/1.1 100 C\r\n\r\nHTTP/1.1 200 longer\r\nA: b\r\nC: d\r\n\r\n"
	if err := read(http1.Limits{HeadBytes: -1, LineBytes: -1, Fields: -1, Interim: -1}, two); err != nil {
		t.Errorf("negative limits are not the defaults: %v", err)
	}
	if err := read(http1.Limits{HeadBytes: len(two), LineBytes: 21, Fields: 2, Interim: 1}, two); err != nil {
		t.Errorf("exact limits: %v", err)
	}
	wantError(t, read(http1.Limits{HeadBytes: len(two) - 1}, two), "header field", "head longer than")
	wantError(t, read(http1.Limits{LineBytes: 20}, two), "status line", "line longer than 20 bytes")
	wantError(t, read(http1.Limits{Fields: 1}, two), "header field", "more than 1 fields")
	wantError(t, read(http1.Limits{Interim: 1}, "HTTP/1.1 100 C\r\n\r\n"+two), "status line", "more than 1 interim")
}

// The limits hold for each message anew on one connection.
func TestLimitsPerMessage(t *testing.T) {
	one := "HTTP/1.1 100 C\r\n\r\nHTTP/1.1 204 x\r\nA: " + strings.Repeat("x", 40<<10) + "\r\n\r\n"
	r := http1.NewReader(strings.NewReader(strings.Repeat(one, 10)), http1.Limits{})
	for range 10 {
		if _, err := r.ReadResponse(); err != nil {
			t.Fatal(err)
		}
	}
	request := "GET / HTTP/1.1\r\nA: " + strings.Repeat("x", 40<<10) + "\r\n\r\n"
	r = http1.NewReader(strings.NewReader(strings.Repeat(request, 10)), http1.Limits{})
	for range 10 {
		if _, err := r.ReadRequest(); err != nil {
			t.Fatal(err)
		}
	}
}

// A26: an endless head at full speed ends at the limit; neither the bytes
// taken nor the memory depend on what the peer would go on to send.
func TestA26Endless(t *testing.T) {
	for name, s := range map[string]string{
		"fields":         "A: bcdefghijklmnopqrstuvwxyz\r\n",
		"long fields":    "A: " + strings.Repeat("x", 4000) + "\r\n",
		"one field":      "x",
		"folded":         "A: b\r\n c",
		"short fields":   "A:\r\n",
		"interim":        "\r\nHTTP/1.1 100 C\r\n",
		"interim fields": "A: " + strings.Repeat("x", 4000) + "\r\n\r\nHTTP/1.1 100 C\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			src := &endless{s: s}
			start := "HTTP/1.1 101 x\r\n"
			if strings.Contains(name, "interim") {
				start = "HTTP/1.1 100 C\r\n"
			}
			r := http1.NewReader(io.MultiReader(strings.NewReader(start), src), http1.Limits{})
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, err := r.ReadResponse()
			runtime.ReadMemStats(&after)
			if err == nil {
				t.Fatal("an endless head was accepted")
			}
			if src.given > 128<<10 {
				t.Errorf("%d bytes were read", src.given)
			}
			if grown := after.TotalAlloc - before.TotalAlloc; grown > 1<<20 {
				t.Errorf("%d bytes were allocated", grown)
			}
		})
	}
}

// L20, L90: a head that comes in single bytes costs time in proportion to its
// length.
func TestLinear(t *testing.T) {
	if testing.CoverMode() != "" {
		t.Skip("counting statements distorts time")
	}
	// What is collected, and when, is no matter of the parser's.
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	lim := http1.Limits{HeadBytes: 1 << 22, LineBytes: 1 << 22, Fields: 1 << 20}
	const size = 1 << 15
	for name, wire := range map[string]func(n int) string{
		"status line": func(n int) string { return "HTTP/1.1 200 " + strings.Repeat("x", n) + "\r\n\r\n" },
		"one field":   func(n int) string { return ok + "A: " + strings.Repeat("x", n) + "\r\n\r\n" },
		"many fields": func(n int) string { return ok + strings.Repeat("A:b\r\n", n/5) + "\r\n" },
		"chunk extension": func(n int) string {
			return "HTTP/1.1 200 x\r\nTransfer-Encoding: chunked\r\n\r\n1;" + strings.Repeat("x", n) + "\r\na\r\n0\r\n\r\n"
		},
		"small chunks": func(n int) string {
			return "HTTP/1.1 200 x\r\nTransfer-Encoding: chunked\r\n\r\n" + strings.Repeat("1\r\na\r\n", n/6) + "0\r\n\r\n"
		},
	} {
		t.Run(name, func(t *testing.T) {
			best := func(s string) time.Duration {
				shortest := time.Hour
				for range 3 {
					start := fuzzlimit.ProcessorTime()
					r := http1.NewReader(iotest.OneByteReader(strings.NewReader(s)), lim)
					resp, err := r.ReadResponse()
					if err != nil {
						t.Fatal(err)
					}
					if _, _, err := r.ReadBody("GET", resp, 1<<22); err != nil {
						t.Fatal(err)
					}
					shortest = min(shortest, fuzzlimit.ProcessorTime()-start)
				}
				return shortest
			}
			var ratio float64
			for range 5 { // a busy machine may spoil a measurement, not five
				ratio = float64(best(wire(4*size))) / float64(best(wire(size)))
				if ratio < 8 { // quadratic time would make it 16
					return
				}
			}
			t.Errorf("four times the input takes %.1f times as long", ratio)
		})
	}
}
