package flood_test

import (
	"io"
	"strings"
	"testing"

	"github.com/fairlead-ws/fairlead/internal/fuzzlimit"
)

// TestGauge has clients that hoard and dawdle: they must not go unnoticed.
func TestGauge(t *testing.T) {
	stream := torrent{again: strings.Repeat("x", 4<<10), times: 4 << 10, decides: 1}
	for name, row := range map[string]struct {
		client func(r io.Reader)
		want   string // what the complaint is about
	}{
		"honest": {func(r io.Reader) { _, _ = io.Copy(io.Discard, r) }, ""},
		"makes garbage": {func(r io.Reader) {
			for p := make([]byte, 4<<10); ; p = make([]byte, 4<<10) {
				if _, err := r.Read(p); err != nil {
					return
				}
			}
		}, ""},
		"hoards": {func(r io.Reader) { _, _ = io.ReadAll(r) }, "are allowed at a limit"},
		"hoards small pieces": {func(r io.Reader) {
			type piece struct {
				p    []byte
				next *piece
			}
			for all := (*piece)(nil); ; {
				all = &piece{make([]byte, 1<<10), all}
				if _, err := r.Read(all.p); err != nil {
					return
				}
			}
		}, "are allowed at a limit"},
		"dawdles": {func(r io.Reader) {
			_, _ = r.Read(make([]byte, 1))
			for end := fuzzlimit.ProcessorTime() + promptly*slowdown()*11/10; fuzzlimit.ProcessorTime() < end; {
			}
		}, "after the deciding byte"},
	} {
		r := measure(func(g *gauge) { row.client(stream.on(g)) })
		got := strings.Join(flood{limit: 1 << 20}.complaints(r), "; ")
		if (row.want == "") != (got == "") || !strings.Contains(got, row.want) {
			t.Errorf("a client that %s: %q, %+v", name, got, r)
		}
	}
}

func TestSummary(t *testing.T) {
	got := summary([]cost{{"a", 1 << 20, 2 << 20, 1e6}, {"b", 0, 1 << 19, 0}, {"c", 0, 1000, 2e6}})
	const want = "floods: 3, fattest b (0.50 MiB over limit 0.00 MiB), slowest c (2.0 ms from the deciding byte)"
	if got != want {
		t.Errorf("%s, want %s", got, want)
	}
}
