package load

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestQueue(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var q queue
		var want []int64
		for range rapid.IntRange(0, 200).Draw(t, "steps") {
			if len(want) > 0 && rapid.Bool().Draw(t, "pop") {
				if got := q.pop(); got != want[0] {
					t.Fatalf("pop %d, want %d", got, want[0])
				}
				want = want[1:]
			} else {
				v := rapid.Int64().Draw(t, "v")
				q.push(v)
				want = append(want, v)
			}
			if q.len() != len(want) {
				t.Fatalf("len %d, want %d", q.len(), len(want))
			}
		}
	})
}

func TestStamp(t *testing.T) {
	tmpl := newTemplate(&Options{Data: []byte("a{stamp}b")})
	p := append([]byte(nil), tmpl.text...)
	tmpl.put(p, 7, 123456789, 1<<47)
	if !strings.HasPrefix(string(p), "afl") || p[len(p)-1] != 'b' || len(p) != StampBytes+2 {
		t.Errorf("message %q", p)
	}
	if c, due, sent, ok := tmpl.find(append([]byte(`{"echo":"`), p...)); c != 7 || due != 123456789 || sent != 1<<47 || !ok {
		t.Errorf("find = %d, %d, %d, %t", c, due, sent, ok)
	}
	p[20] = 'x'
	for _, bad := range [][]byte{nil, tmpl.mark, p, p[:StampBytes]} {
		if _, _, _, ok := tmpl.find(bad); ok {
			t.Errorf("a stamp in %q", bad)
		}
	}
}

func TestGates(t *testing.T) {
	h := newHistogram()
	for i := range int64(100) {
		if err := h.RecordValue((i + 1) * int64(time.Millisecond)); err != nil {
			t.Fatal(err)
		}
	}
	r := &Result{
		Rate: Rate{Achieved: 990}, Histograms: map[string]*Hist{"message": newHist(h)},
		Messages: Messages{Sent: 200, Missing: 2}, Connections: Connections{Failed: 1}, Faults: []Fault{{"x", 3}},
	}
	for text, failed := range map[string]bool{
		"p99>98ms": true, "p99>100ms": false, "message.p50>=49ms": true, "p50 < 10ms": false, "p99.9>99ms": true,
		"max>101ms": false, "max>99ms": true, "min<2ms": true, "mean<=60ms": true, "stddev>1s": false,
		"rate<1000": true, "rate<900": false, "errors>4": true, "errors>5": false, "missing>=2": true, "failed>0": true, "lost>0": false,
		"error-rate>0.5%": true, "error-rate>1": false, "unsent>0": false,
		"ping.p99>1h": true, // nobody knows
	} {
		g, err := ParseGate(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if got := r.Judge([]Gate{g}); (len(got) == 1) != failed {
			t.Errorf("%s: %+v, want failed %t", text, g.judge(r), failed)
		}
	}
	for _, text := range []string{"", "p99", "p99>", "p101>1s", "p99>5", "rate>1s", "dance>1s", "dance.p99>1s", "p99=1s", "error-rate>x%", "ping.rate>1"} {
		if g, err := ParseGate(text); err == nil {
			t.Errorf("%q is %+v, want an error", text, g)
		}
	}
}

func TestBars(t *testing.T) {
	h := newHistogram()
	for i := range int64(10_000) {
		if err := h.RecordValue(1000 + i*100); err != nil {
			t.Fatal(err)
		}
	}
	var n int64
	all := bars(h, 10)
	for i, b := range all {
		n += b.count
		if i > 0 && b.upto < all[i-1].upto {
			t.Errorf("bars %v are not in order", all)
		}
	}
	if n != 10_000 || len(all) < 10 || len(all) > 11 {
		t.Errorf("%d values in %d bars", n, len(all))
	}
	if s := stripe(0.5, 10); s != "█████" {
		t.Errorf("stripe %q", s)
	}
	if s := round(123456789); s != "123ms" {
		t.Errorf("round: %s", s)
	}
}
