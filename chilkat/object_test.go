package chilkat

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/fairlead-ws/fairlead/chilkat/internal/lasterr"
)

var errProbe = errors.New("wrong weather")

func headerText(verbose string) string {
	return "    FairleadVersion: 0.1.0\n    GoVersion: " + runtime.Version() + "\n    Platform: " +
		runtime.GOOS + "/" + runtime.GOARCH + "\n    VerboseLogging: " + verbose + "\n"
}

func TestCallGolden(t *testing.T) {
	c := newClock()
	p := &probe{}
	p.now = c.now
	r := p.base().call("Sail", func(l *lasterr.Log) error {
		b := l.Open("hoist")
		c.t = c.t.Add(2 * time.Millisecond)
		b.Close()
		return failFor(errProbe, "the ship does not move", "Wait for wind.")
	})
	want := "FairleadLog:\n  Sail(2ms):\n" + headerText("false") + `    hoist(2ms):
    --hoist
    The ship does not move.
    cause: wrong weather
    Wait for wind.
    Failed.
  --Sail
--FairleadLog
`
	if diff := cmp.Diff(want, p.lastErrorText()); diff != "" {
		t.Error(diff)
	}
	if r.status() || p.lastMethodSuccess() {
		t.Error("the call succeeded")
	}
	if err := p.lastError(); !errors.Is(err, errProbe) || err.Error() != "chilkat: the ship does not move: wrong weather" {
		t.Errorf("LastError is %v", err)
	}

	p.setVerboseLogging(true)
	p.base().call("Sail", func(l *lasterr.Log) error {
		if !l.Verbose() {
			t.Error("the log is not verbose")
		}
		return nil
	})
	want = "FairleadLog:\n  Sail(0ms):\n" + headerText("true") + "    Success.\n  --Sail\n--FairleadLog\n"
	if diff := cmp.Diff(want, p.lastErrorText()); diff != "" {
		t.Error(diff)
	}
	if p.lastError() != nil {
		t.Errorf("LastError is %v after a success", p.lastError())
	}
}

func TestResults(t *testing.T) {
	p := &probe{}
	o := p.base()
	bad := func(*lasterr.Log) error { return errProbe }
	good := func(*lasterr.Log) error { return nil }
	tests := []struct {
		name    string
		run     func() any
		want    any
		success bool
	}{
		{"status", func() any { return o.call("M", good).status() }, true, true},
		{"status failed", func() any { return o.call("M", bad).status() }, false, false},
		{"void", func() any { return o.void("M", good).value }, nil, true},
		{"void failed", func() any { return o.void("M", bad).value }, nil, true},
		{"yes", func() any { return o.ask("M", answer(true, nil)).answer() }, true, true},
		{"no", func() any { return o.ask("M", answer(false, nil)).answer() }, false, true},
		{"no answer", func() any { return o.ask("M", answer(true, errProbe)).answer() }, false, true},
		{"text", func() any { return *give(o, "M", answer("x", nil)).text() }, "x", true},
		{"empty text", func() any { return *give(o, "M", answer("", nil)).text() }, "", true},
		{"no text", func() any { return give(o, "M", answer("x", errProbe)).text() }, (*string)(nil), false},
		{"bytes", func() any { return give(o, "M", answer([]byte{1}, nil)).bytes() }, []byte{1}, true},
		{"no bytes", func() any { return give(o, "M", answer([]byte{1}, errProbe)).bytes() }, []byte(nil), false},
		{"number", func() any { return give(o, "M", answer(7, nil)).integer() }, 7, true},
		{"no number", func() any { return give(o, "M", answer(7, errProbe)).integer() }, -1, false},
		{"object", func() any { return give(o, "M", answer(p, nil)).value == any(p) }, true, true},
		{"no object", func() any { return give(o, "M", answer(p, errProbe)).value }, nil, false},
	}
	for _, tt := range tests {
		o.setLastMethodSuccess(!tt.success)
		if diff := cmp.Diff(tt.want, tt.run()); diff != "" {
			t.Errorf("%s: %s", tt.name, diff)
		}
		if o.lastMethodSuccess() != tt.success {
			t.Errorf("%s: LastMethodSuccess is %v", tt.name, !tt.success)
		}
	}
}

func answer[T any](v T, err error) func(*lasterr.Log) (T, error) {
	return func(*lasterr.Log) (T, error) { return v, err }
}

// setLimit is a property setter as classes write them.
func (p *probe) setLimit(n int) {
	set(p.base(), "Limit", n, func() error {
		if n < 0 {
			return fail("Limit is negative", "Pass 0 for no limit.")
		}
		p.limit.put(n)
		return nil
	})
}

func (p *probe) getLimit() int { return get(p.base(), "Limit", func() int { return p.limit.or(30) }) }

func TestPropertiesAndTheLog(t *testing.T) {
	p := &probe{}
	if p.getLimit() != 30 || p.lastErrorText() != "" {
		t.Error("the zero value is not the default")
	}
	p.base().call("Sail", func(*lasterr.Log) error { return errProbe })
	before := p.lastErrorText()
	p.getLimit()
	if p.lastErrorText() != before {
		t.Error("a get began a new log")
	}
	p.setLimit(0)
	if got := p.lastErrorText(); !strings.Contains(got, "  SetLimit(0ms):\n") || !strings.Contains(got, "    value: 0\n    Success.\n") {
		t.Errorf("the log of a set:\n%s", got)
	}
	if p.getLimit() != 0 {
		t.Error("0 was not stored")
	}
	if p.lastMethodSuccess() || p.lastError() != nil {
		t.Error("a set touched LastMethodSuccess or left LastError")
	}
	p.setLimit(-5)
	if got := p.lastErrorText(); !strings.Contains(got, "    value: -5\n    Limit is negative.\n    Pass 0 for no limit.\n    Failed.\n") {
		t.Errorf("the log of a refused set:\n%s", got)
	}
	if p.getLimit() != 0 || p.lastError() == nil {
		t.Error("a refused value was stored")
	}
}

func TestTheCallThatReturnsLastOwnsTheLog(t *testing.T) {
	p := &probe{}
	started, release, done := make(chan struct{}), make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		p.base().call("Slow", func(*lasterr.Log) error {
			close(started)
			<-release
			return errProbe
		})
	}()
	<-started
	p.base().call("Quick", func(*lasterr.Log) error { return nil })
	if !strings.Contains(p.lastErrorText(), "Quick(") || !p.lastMethodSuccess() {
		t.Error("the call that has returned does not own the log")
	}
	close(release)
	<-done
	if !strings.Contains(p.lastErrorText(), "Slow(") || p.lastMethodSuccess() || !errors.Is(p.lastError(), errProbe) {
		t.Error("the call that returned last does not own the log")
	}
}

func TestNilObject(t *testing.T) {
	var p *probe
	o := p.base()
	never := func(*lasterr.Log) error { t.Error("the body ran"); return nil }
	if o.call("M", never).status() || o.void("M", never).ok || o.ask("M", func(*lasterr.Log) (bool, error) { return true, nil }).answer() {
		t.Error("a call on nil succeeded")
	}
	if r := give(o, "M", answer(7, nil)); r.integer() != -1 || r.bytes() != nil || r.text() != nil || r.err == nil {
		t.Errorf("a call on nil gave %v", r)
	}
	p.setLimit(1)
	o.dispose("Dispose", func() { t.Error("disposed") })
	if p.getLimit() != 0 {
		t.Error("a property of nil is not zero")
	}
}

func TestDispose(t *testing.T) {
	p := &probe{}
	times := 0
	for range 3 {
		p.base().dispose("DisposeProbe", func() { times++ })
	}
	if times != 1 {
		t.Errorf("disposed %d times", times)
	}
	if !strings.Contains(p.lastErrorText(), "DisposeProbe(") {
		t.Error("the first dispose left no log")
	}
	r := p.base().call("Sail", func(*lasterr.Log) error { t.Error("the body ran"); return nil })
	if r.status() || !strings.Contains(p.lastErrorText(), "    The object was disposed.\n    Make a new one for further calls.\n    Failed.\n") {
		t.Errorf("a call after dispose:\n%s", p.lastErrorText())
	}
	p.setLimit(3)
	if p.getLimit() != 30 || p.lastError() == nil {
		t.Error("a disposed object took a value")
	}
}

func TestDebugLogFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "debug.log")
	c := newClock()
	p := &probe{}
	p.now = c.now
	p.setDebugLogFilePath(path)
	p.base().call("Sail", func(l *lasterr.Log) error {
		if !strings.Contains(readAll(t, path), "#N Sail:\n") {
			t.Error("the name is not in the file while the call works")
		}
		l.Value("knots", 7)
		return errProbe
	})
	p.getLimit()
	_ = p.lastErrorText()
	p.setLimit(1)
	p.setDebugLogFilePath("")
	p.base().call("Unseen", func(*lasterr.Log) error { return nil })

	header := strings.ReplaceAll(headerText("false"), "    ", "#N   ")
	want := "#N SetDebugLogFilePath:\n" + header + "#N   value: " + path + "\n#N   Success.\n#N --SetDebugLogFilePath(0ms)\n" +
		"#N Sail:\n" + header + "#N   knots: 7\n#N   Wrong weather.\n#N   " + unknownAdvice + "\n#N   Failed.\n#N --Sail(0ms)\n" +
		"#N get Limit (int)\n#N get LastErrorText (string)\n" +
		"#N SetLimit:\n" + header + "#N   value: 1\n#N   Success.\n#N --SetLimit(0ms)\n"
	if diff := cmp.Diff(want, readAll(t, path)); diff != "" {
		t.Error(diff)
	}
}

var (
	stamps  = regexp.MustCompile(`(?m)^\S+Z `)
	numbers = regexp.MustCompile(`#\d+`)
)

// readAll gives the debug log file without times and call numbers.
func readAll(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return numbers.ReplaceAllString(stamps.ReplaceAllString(string(b), ""), "#N")
}

func TestAnUnwritableDebugLogFailsNoCall(t *testing.T) {
	p := &probe{}
	p.setDebugLogFilePath(t.TempDir()) // a folder
	if !p.base().call("Sail", func(*lasterr.Log) error { return nil }).status() {
		t.Error(p.lastErrorText())
	}
	p.getLimit()
}

func TestErrorText(t *testing.T) {
	if got := fail("the ship does not move", "Wait for wind.").Error(); got != "chilkat: the ship does not move" {
		t.Errorf("Error is %q", got)
	}
	if err := failFor(errProbe, "x", ""); !errors.Is(err, errProbe) {
		t.Error("the cause is out of reach")
	}
}
