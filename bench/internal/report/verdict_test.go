package report_test

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/fairlead-ws/fairlead/bench/internal/client"
	"github.com/fairlead-ws/fairlead/bench/internal/measure"
	"github.com/fairlead-ws/fairlead/bench/internal/report"
	"github.com/fairlead-ws/fairlead/bench/internal/server"
)

// result has a sample of 1000 operations for each CPU time, in ns per operation.
func result(library, form string, twin bool, cpu ...int) measure.Result {
	e := measure.Entry{Contender: client.Contender{Library: library, Form: form, ChecksUTF8: library != "gorilla"}, Twin: twin}
	r := measure.Result{Entry: e, ID: e.ID()}
	for _, c := range cpu {
		r.Samples = append(r.Samples, measure.Sample{N: 1000, CPU: time.Duration(c) * 1000, Reads: 1000, Writes: 1000})
	}
	return r
}

func with(r measure.Result, change func(*measure.Sample)) measure.Result {
	for i := range r.Samples {
		change(&r.Samples[i])
	}
	return r
}

func TestVerdicts(t *testing.T) {
	echo := measure.Row{Kind: measure.Echo, Bar: measure.Bar{Limit: 1.05, Of: measure.OfRaw, Allocs: 0}}
	chinese := echo
	chinese.Payload = server.Chinese
	noBar := measure.Row{Kind: measure.Echo, Bar: measure.Bar{Of: measure.OfRaw, Allocs: -1}}
	peers := measure.Row{Kind: measure.Echo, Bar: measure.Bar{Limit: 0.8, Of: measure.OfBestPeer, Allocs: -1}}
	raw := result("raw", client.Raw, false, 100, 100, 100)
	quiet := result("raw", client.Raw, true, 101, 101, 101) // an A/A spread of 1 %
	noisy := result("raw", client.Raw, true, 110, 110, 110) // of 10 %
	own := func(cpu ...int) measure.Result { return result("fairlead", client.Newcomer, false, cpu...) }
	gws := result("gws", client.Newcomer, false, 120, 120, 120)
	gorilla := result("gorilla", client.Newcomer, false, 90, 90, 90)
	for _, tt := range []struct {
		name    string
		row     measure.Row
		results []measure.Result
		bar     string
		first   bool
		why     string
	}{
		{"ok and first", echo, []measure.Result{raw, quiet, own(104, 104, 104), gws}, report.OK, true, "1.04"},
		{"the median counts", echo, []measure.Result{raw, quiet, own(104, 300, 50), gws}, report.OK, true, "1.04"},
		{"rounds are compared with their own raw", echo, []measure.Result{result("raw", client.Raw, false, 100, 200, 300), own(104, 208, 312), result("gws", client.Newcomer, false, 120, 240, 360)}, report.OK, true, "1.04"},
		{"past the bar", echo, []measure.Result{raw, quiet, own(110, 110, 110), gws}, report.Miss, true, "1.10"},
		{"past the bar by less than A/A", echo, []measure.Result{raw, quiet, own(106, 105, 106), gws}, report.Undecided, true, "1.06"},
		{"an allocation", echo, []measure.Result{raw, quiet, with(own(100, 100, 100), func(s *measure.Sample) { s.Allocs = 1000 }), gws}, report.Miss, true, "1.00 allocations, bar 0"},
		{"what the runtime allocates", echo, []measure.Result{raw, quiet, with(own(100, 100, 100), func(s *measure.Sample) { s.Allocs = 10 }), gws}, report.OK, true, ""},
		{"bar within A/A, counts equal", echo, []measure.Result{raw, noisy, own(109, 109, 109), gws}, report.OK, true, "within the A/A spread of raw"},
		{"bar within A/A, one read more", echo, []measure.Result{raw, noisy, with(own(104, 104, 104), func(s *measure.Sample) { s.Reads = 2000 }), gws}, report.Miss, true, "2.000 reads"},
		{"bar within A/A, far past it", echo, []measure.Result{raw, noisy, own(130, 130, 130), gws}, report.Miss, true, "1.30"},
		{"level with the first", echo, []measure.Result{raw, noisy, own(95, 95, 95), gorilla}, report.OK, true, ""},
		{"beaten", echo, []measure.Result{raw, quiet, own(95, 95, 95), gorilla}, report.OK, false, ""},
		{"beaten by a fast form only", echo, []measure.Result{raw, quiet, own(95, 95, 95), result("gws", client.Fast, false, 10, 10, 10)}, report.OK, true, ""},
		{"who does not check text does not compete in it", chinese, []measure.Result{raw, quiet, own(95, 95, 95), gorilla, gws}, report.OK, true, ""},
		{"no bar", noBar, []measure.Result{raw, own(500, 500, 500), gws}, report.NoBar, false, ""},
		{"best peer", peers, []measure.Result{own(72, 72, 72), gorilla, gws}, report.OK, true, "0.80"},
		{"worse than the best peer", peers, []measure.Result{own(80, 80, 80), gorilla, gws}, report.Miss, true, "0.89"},
		{"no peer", peers, []measure.Result{own(80, 80, 80)}, report.Undecided, true, "no peer"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			v := report.NewRow(tt.row, tt.results).Verdicts
			if len(v) != 1 || v[0].Bar != tt.bar || v[0].First != tt.first || !strings.Contains(v[0].Why, tt.why) {
				t.Errorf("%+v, want %s, first %v, why %q", v, tt.bar, tt.first, tt.why)
			}
		})
	}
}

func TestIdleRow(t *testing.T) {
	row := measure.Row{Kind: measure.Hold, Bar: measure.Bar{Limit: 4.5, Lean: 4, Of: measure.KiB, Allocs: -1}}
	hold := func(form string, heap, stack int64) measure.Result {
		return with(result("fairlead", form, false, 1), func(s *measure.Sample) {
			s.Idle = &measure.Idle{Heap: heap * 1024 * 1000, Stack: stack * 1024 * 1000, Goroutines: 1000}
		})
	}
	r := report.NewRow(row, []measure.Result{hold(client.Newcomer, 2, 2), hold(client.Fast, 2, 3)})
	if r.Lines[0].Cost.Median != 4 || r.Lines[0].Routine != 1 {
		t.Errorf("%+v, want 4 KiB and a goroutine", r.Lines[0])
	}
	if r.Verdicts[0].Bar != report.OK || r.Verdicts[1].Bar != report.Miss {
		t.Errorf("%+v, want ok for 4 of 4.5 and a miss for 5 of 4", r.Verdicts)
	}
}

func TestAA(t *testing.T) {
	for _, tt := range []struct {
		a, b []int
		want float64
	}{
		{[]int{100, 100, 100}, []int{110, 100, 90}, 0},
		{[]int{100, 100, 100}, []int{110, 110, 90}, 0.1},
		{[]int{110, 110, 100}, []int{100, 100, 100}, 0.1},
	} {
		r := report.NewRow(measure.Row{Kind: measure.Echo}, []measure.Result{result("raw", client.Raw, false, tt.a...), result("raw", client.Raw, true, tt.b...)})
		if math.Abs(r.AA-tt.want) > 1e-9 {
			t.Errorf("%v, %v: %v, want %v", tt.a, tt.b, r.AA, tt.want)
		}
	}
}

// TestFailures: a contender without samples is shown and does not compete.
func TestFailures(t *testing.T) {
	broken := measure.Result{Entry: measure.Entry{Contender: client.Contender{Library: "gws", Form: client.Newcomer}}, ID: "gws/newcomer", Err: "refused"}
	r := report.NewRow(measure.Row{Name: "echo", Kind: measure.Echo}, []measure.Result{result("raw", client.Raw, false, 1), result("fairlead", client.Newcomer, false, 2), broken})
	var b strings.Builder
	r.Text(&b)
	if n := report.Summary(&b, []report.Row{r}); n != 1 || !strings.Contains(b.String(), "failed: refused") || r.Verdicts[0].Rank != "no peer" {
		t.Errorf("%d failures in\n%s", n, &b)
	}
}

// TestMarkdown writes twice: what stands around the marks is kept, the run of
// before is not.
func TestMarkdown(t *testing.T) {
	file := filepath.Join(t.TempDir(), "performance.md")
	write := func(name string) string {
		t.Helper()
		r := report.NewRow(measure.Row{Name: name, Kind: measure.Echo}, []measure.Result{
			result("raw", client.Raw, false, 100), result("fairlead", client.Newcomer, false, 104), result("fairlead", client.Fast, false, 102), result("gws", client.Fast, false, 130),
		})
		if err := report.WriteMarkdown(file, report.Here(time.Now()), []report.Row{r}); err != nil {
			t.Fatal(err)
		}
		p, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		return string(p)
	}
	first := write("row one")
	if err := os.WriteFile(file, []byte(first+"\nby hand\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	second := write("row two")
	for text, want := range map[string]bool{"row one": false, "| row two |": true, "1.04 / 1.02": true, "by hand": true, "# Performance": true, "go1.": true} {
		if strings.Contains(second, text) != want {
			t.Errorf("%q there: %v, want %v, in\n%s", text, !want, want, second)
		}
	}
	if err := os.WriteFile(file, []byte("no marks"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := report.WriteMarkdown(file, report.About{}, nil); err == nil {
		t.Error("a file without marks was overwritten")
	}
}
