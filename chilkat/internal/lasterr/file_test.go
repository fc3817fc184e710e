package lasterr_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/fairlead-ws/fairlead/chilkat/internal/lasterr"
)

var callNumber = regexp.MustCompile(`#\d+`)

func content(t *testing.T, path string) string {
	t.Helper()
	p, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return callNumber.ReplaceAllString(string(p), "#N")
}

func TestFileShowsACallAsItGoes(t *testing.T) {
	path := filepath.Join(t.TempDir(), "debug.log")
	c := newClock()
	cfg := c.config()
	cfg.File = path
	cfg.Header = []lasterr.Pair{{Key: "FairleadVersion", Value: "0.1.0"}}
	want := ""
	step := func(lines string) {
		t.Helper()
		want += lines
		if diff := cmp.Diff(want, content(t, path)); diff != "" {
			t.Fatal(diff)
		}
	}
	l := lasterr.Start(cfg)
	step("2024-02-29T12:00:00.000Z #N Connect:\n2024-02-29T12:00:00.000Z #N   FairleadVersion: 0.1.0\n")
	b := l.Open("tls")
	step("2024-02-29T12:00:00.000Z #N   tls:\n")
	c.pass(1500 * time.Microsecond)
	b.Value("peer", "a\nb")
	step("2024-02-29T12:00:00.001Z #N     peer: a\\nb\n")
	b.Problem("bad certificate")
	step("2024-02-29T12:00:00.001Z #N     Bad certificate.\n")
	b.Close()
	step("2024-02-29T12:00:00.001Z #N   --tls(1ms)\n")
	l.Open("open")
	step("2024-02-29T12:00:00.001Z #N   open:\n")
	l.Finish(false)
	step("2024-02-29T12:00:00.001Z #N   --open(0ms)\n2024-02-29T12:00:00.001Z #N   Failed.\n2024-02-29T12:00:00.001Z #N --Connect(1ms)\n")
	lasterr.RecordGet(path, c.now, "IsConnected", "bool")
	step("2024-02-29T12:00:00.001Z #N get IsConnected (bool)\n")
}

func TestFileTellsCallsApart(t *testing.T) {
	path := filepath.Join(t.TempDir(), "debug.log")
	cfg := lasterr.Config{Name: "ReadFrame", File: path}
	first, second := lasterr.Start(cfg), lasterr.Start(cfg)
	first.Finish(true)
	second.Finish(true)
	p, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	numbers := map[string]int{}
	for _, n := range callNumber.FindAllString(string(p), -1) {
		numbers[n]++
	}
	if len(numbers) != 2 {
		t.Errorf("calls in the file: %v", numbers)
	}
}

func TestAFileThatCannotBeWrittenIsSilent(t *testing.T) {
	dir := t.TempDir()
	for _, path := range []string{dir, filepath.Join(dir, "missing", "debug.log"), "\x00"} {
		c := newClock()
		cfg := c.config()
		cfg.File = path
		l := lasterr.Start(cfg)
		l.Say("fine")
		l.Finish(true)
		lasterr.RecordGet(path, nil, "Version", "string")
		if !strings.Contains(l.Text(), "Fine.\n    Success.") {
			t.Errorf("%q: %s", path, l.Text())
		}
	}
	lasterr.RecordGet("", nil, "Version", "string") // no file is wanted
}
