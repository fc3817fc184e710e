//go:build mutation

package simulation_test

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// A mutant is a mistake in package fairlead: old text, which stands once in a file,
// and what takes its place.
type mutant struct{ name, file, old, new string }

var mutants = []mutant{
	{"a Ping is not answered", "control.go", "c.out.queuePong(payload)", "_ = c.out.queuePong"},
	{"a Pong carries another payload", "control.go", "c.out.queuePong(payload)", "c.out.queuePong(payload[:len(payload)/2])"},
	{"a Close is answered twice", "control.go", "c.lastWords(protocol.CloseAnswer(ctl.Code))", "c.lastWords(protocol.CloseAnswer(ctl.Code))\n\t\tc.out.sender = protocol.Sender{}\n\t\tc.lastWords(protocol.CloseAnswer(ctl.Code))"},
	{"an interrupted Read forgets what came", "read.go", "in.partial = p\n\tdefault:", "in.partial = nil\n\tdefault:"},
	{"a Reader ends with each frame", "reader.go", "if in.user == verbNone {\n\t\t\treturn 0, io.EOF", "if in.user == verbNone || in.typ == Text {\n\t\t\treturn 0, io.EOF"},
	{"Messages lends what it uses again", "messages.go", "in.data, in.lent = p, true", "in.data, in.lent = p[:0], false\n\tclear(p)"},
	{"a pump takes a message away", "pump.go", "case !discard:", "case !discard && in.hdr.Length > 60:"},
	{"CloseNow leaves the socket open", "ending.go", "_ = route.HangUp(c.nc)", "_ = route.HangUp"},
	{"Close does not wait for the peer", "close.go", "c.pumpUntil(ctx, c.end.whenCloseCame(), true)", "error(nil)"},
	{"Close forgets its cause", "close.go", "c.bothClosed() // whoever", "// whoever"},
	{"a Close that never went out counts", "close.go", "if c.end.unsent.Load() {", "if false {"},
	{"a read timeout ends the connection", "read.go", "c.keep(dst[base:], own)", "c.keep(dst[base:], own)\n\t\t\tc.drop(lost(false, err))"},
	{"a Writer's claim outlives it", "writer.go", "if o.streaming == w {\n\t\to.streaming = nil", "if o.streaming == w && w.typ == Text {\n\t\to.streaming = nil"},
	{"the watchdog sleeps", "watchdog.go", "w.c.stalled(limit)", "_ = limit"},
	{"the text of a Batch is sent twice", "batch.go", "b.plain, b.waiting = b.plain[:0], b.waiting[:0]", "b.waiting = b.waiting[:0]"},
	{"the idle timeout is forgotten", "conn.go", "c.orLost().idle.Store(int64(max(d, 0)))", "_ = d"},
}

// TestMutants demands that each mistake is found, and that a seed that finds one
// finds it again.
func TestMutants(t *testing.T) {
	for _, m := range mutants {
		t.Run(m.name, func(t *testing.T) {
			overlay := m.overlay(t)
			out, err := goTest(overlay, "^TestSimulation$")
			if err == nil {
				t.Fatalf("no seed finds it")
			}
			found := regexp.MustCompile(`FAIRLEAD_SEED=(\d+) go test`).FindSubmatch(out)
			if found == nil {
				t.Fatalf("no seed is named:\n%s", out)
			}
			seed := string(found[1])
			again, err := goTest(overlay, "^TestSeed$", "FAIRLEAD_SEED="+seed)
			if err == nil || !bytes.Contains(again, []byte("BROKEN")) && !bytes.Contains(again, []byte("panic")) {
				t.Fatalf("seed %s does not find it again: %v\n%s", seed, err, again)
			}
			t.Logf("seed %s: %s", seed, firstLine(again))
		})
	}
}

// firstLine is what the log says was broken.
func firstLine(out []byte) string {
	for line := range strings.Lines(string(out)) {
		if _, text, ok := strings.Cut(line, "BROKEN: "); ok {
			return strings.TrimSpace(text)
		}
	}
	return "the process went down"
}

func goTest(overlay, run string, env ...string) ([]byte, error) {
	cmd := exec.Command("go", "test", "-vet=off", "-count=1", "-timeout=200s", "-overlay", overlay, "-run", run, "-v", ".")
	cmd.Env = append(os.Environ(), env...)
	out, err := cmd.CombinedOutput()
	return out, err
}

func (m *mutant) overlay(t *testing.T) (file string) {
	t.Helper()
	original, err := filepath.Abs(filepath.Join("../..", m.file))
	if err != nil {
		t.Fatal(err)
	}
	source, err := os.ReadFile(original)
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(source), m.old); n != 1 {
		t.Fatalf("%q stands %d times in %s: write the mutant anew", m.old, n, m.file)
	}
	dir := t.TempDir()
	changed := filepath.Join(dir, "mutant.go")
	overlay, err := json.Marshal(map[string]map[string]string{"Replace": {original: changed}})
	if err != nil {
		t.Fatal(err)
	}
	file = filepath.Join(dir, "overlay.json")
	for name, content := range map[string]string{changed: strings.Replace(string(source), m.old, m.new, 1), file: string(overlay)} {
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return file
}
