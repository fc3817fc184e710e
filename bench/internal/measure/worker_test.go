package measure_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/fairlead-ws/fairlead/bench/internal/adapter"
	"github.com/fairlead-ws/fairlead/bench/internal/client"
	"github.com/fairlead-ws/fairlead/bench/internal/measure"
	"github.com/fairlead-ws/fairlead/bench/internal/server"
)

// answers is what a worker writes to requests.
func answers(t *testing.T, task measure.Task, requests ...string) (all []measure.Sample, failure string) {
	t.Helper()
	in, err := json.Marshal(task)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := measure.Work(t.Context(), strings.NewReader(string(in)+strings.Join(requests, "")), &out, adapter.All()); err != nil {
		t.Fatal(err)
	}
	for dec := json.NewDecoder(&out); dec.More(); {
		var a struct {
			Sample measure.Sample
			Err    string
		}
		if err := dec.Decode(&a); err != nil {
			t.Fatal(err)
		}
		all, failure = append(all, a.Sample), a.Err
	}
	return all, failure
}

// TestRows does a little of every row, as each contender that stands in it.
func TestRows(t *testing.T) {
	a, stop, err := server.Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	seen := map[string]bool{}
	for _, r := range measure.Rows(true) {
		if seen[r.Name] {
			t.Errorf("%s twice", r.Name)
		}
		seen[r.Name] = true
		n := 3
		if r.Kind == measure.Batch {
			n = 3000
		}
		for _, c := range adapter.All() {
			if !r.Takes(c) {
				continue
			}
			s, failure := answers(t, measure.Task{Row: r, Contender: c.Name(), Server: a}, fmt.Sprintf(`{"n":%d}`, n))
			if failure != "" || len(s) != 1 || s[0].N != n {
				t.Errorf("%s, %s: %+v, %s", r.Name, c.Name(), s, failure)
			}
			if idle := s[0].Idle; r.Kind == measure.Hold && (idle == nil || idle.Goroutines < n) {
				t.Errorf("%s, %s: %+v, want a goroutine for each connection", r.Name, c.Name(), idle)
			}
		}
	}
}

// TestCounts holds that what is said to be exact is: raw echoes with one write
// and no allocation.
func TestCounts(t *testing.T) {
	a, stop, err := server.Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	row := measure.Row{Kind: measure.Send, Payload: server.Binary, Size: 64}
	s, failure := answers(t, measure.Task{Row: row, Contender: "raw", Server: a}, `{"for":1000000}`, `{"n":100}`)
	if failure != "" || len(s) != 2 || s[0].N < 1 {
		t.Fatalf("%+v, %s", s, failure)
	}
	if got := s[1]; got.N != 100 || got.Allocs > 20 || got.CPU <= 0 || got.Wall <= 0 {
		t.Errorf("%+v", got)
	}
	if got := s[1]; got.Writes != 0 && (got.Writes < 100 || got.Writes > 110 || got.WireOut < 7000 || got.WireOut > 7100) {
		t.Errorf("%d writes of %d bytes, want about 100 of 7000", got.Writes, got.WireOut)
	}
}

func TestWorkerSaysWhatFails(t *testing.T) {
	row := measure.Row{Kind: measure.Echo, Payload: server.Binary, Size: 64}
	for name, task := range map[string]measure.Task{
		`no contender "nobody"`: {Row: row, Contender: "nobody"},
		"dial":                  {Row: row, Contender: "raw", Server: server.Address{Plain: "127.0.0.1:0"}},
	} {
		if _, failure := answers(t, task, `{"n":1}`); !strings.Contains(failure, name) {
			t.Errorf("%q, want %q in it", failure, name)
		}
	}
}

func TestTakes(t *testing.T) {
	row := measure.Row{Deflate: client.Takeover}
	if row.Takes(client.Contender{Deflates: true}) || !row.Takes(client.Contender{TakesOver: true}) {
		t.Error("a row with takeover is for those that have it")
	}
	row.Deflate = client.NoTakeover
	if row.Takes(client.Contender{}) || !row.Takes(client.Contender{Deflates: true}) {
		t.Error("a row with compression is for those that have it")
	}
}
