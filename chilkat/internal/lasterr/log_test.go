package lasterr_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/fairlead-ws/fairlead/chilkat/internal/lasterr"
)

func TestTextGolden(t *testing.T) {
	want := `FairleadLog:
  ValidateServerHandshake(2ms):
    FairleadVersion: 0.1.0
    VerboseLogging: false
    openingHandshake:
      statusLine: HTTP/1.1 403 Forbidden
      The server refused to switch protocols.
    --openingHandshake
    Check path and credentials.
    Failed.
  --ValidateServerHandshake
--FairleadLog
`
	if diff := cmp.Diff(want, refusedHandshake().Text()); diff != "" {
		t.Error(diff)
	}
}

func TestBlocksShowTheirDuration(t *testing.T) {
	c := newClock()
	l := lasterr.Start(c.config())
	tls := l.Open("tls")
	c.pass(999 * time.Microsecond)
	inner := tls.Open("inner")
	c.pass(30 * time.Second)
	inner.Fail(errRefused)
	tls.Close()
	c.pass(time.Hour)
	tls.Close() // a second time changes nothing
	l.Finish(true)
	want := `FairleadLog:
  Connect(3630000ms):
    tls(30000ms):
      inner(30000ms):
        Connection refused.
      --inner
    --tls
    Success.
  --Connect
--FairleadLog
`
	if diff := cmp.Diff(want, l.Text()); diff != "" {
		t.Error(diff)
	}
}

func TestFinishSealsTheTree(t *testing.T) {
	c := newClock()
	l := lasterr.Start(c.config())
	open := l.Open("outer").Open("inner")
	c.pass(5 * time.Millisecond)
	l.Finish(true)
	before := l.Text()
	if !strings.Contains(before, "inner(5ms)") {
		t.Errorf("an open block was not ended:\n%s", before)
	}
	c.pass(time.Second)
	l.Value("late", 1)
	l.Open("late").Say("late")
	open.Value("late", 1)
	open.Close()
	l.Finish(false)
	if diff := cmp.Diff(before, l.Text()); diff != "" {
		t.Error("something was added after Finish:", diff)
	}
}

func TestAClosedBlockTakesNothing(t *testing.T) {
	c := newClock()
	l := lasterr.Start(c.config())
	b := l.Open("resolve")
	b.Close()
	b.Say("late")
	l.Close() // the call itself is ended by Finish only
	l.Say("in time")
	l.Finish(true)
	if text := l.Text(); strings.Contains(text, "Late") || !strings.Contains(text, "In time.") {
		t.Error(text)
	}
}

func TestNilLogSwallowsEverything(t *testing.T) {
	var l *lasterr.Log
	l.Value("k", "v")
	l.Say("s")
	l.Problem("p")
	l.Advise("a")
	b := l.Open("b")
	b.Fail(errRefused)
	b.Close()
	l.Finish(true)
	if b != nil || l.Verbose() || l.Text()+l.XML()+l.HTML() != "" {
		t.Error("a nil log is not empty")
	}
}

func TestTextOfAPeerIsHarmless(t *testing.T) {
	tests := []struct{ in, want string }{
		{"plain text", "plain text"},
		{"a\r\nSuccess.\n--FairleadLog", `a\r\nSuccess.\n--FairleadLog`},
		{"\x1b[31mred\x07\x7f\u0085", `\x1b[31mred\a\x7f\u0085`},
		{"\u202egnp.exe\u2028\ufeff", `\u202egnp.exe\u2028\ufeff`},
		{"bad \xff\xc3", `bad \xff\xc3`},
		{"NUL\x00 \ufffe", `NUL\x00 \ufffe`},
		{"Grüße, 世界 €", "Grüße, 世界 €"},
		{strings.Repeat("x", 2048), strings.Repeat("x", 2048)},
		{strings.Repeat("x", 5000), strings.Repeat("x", 2048) + "… (5000 bytes in all)"},
		{strings.Repeat("x", 2047) + "€uro", strings.Repeat("x", 2047) + "… (2053 bytes in all)"},
		{strings.Repeat("\x80", 2049), strings.Repeat(`\x80`, 2048) + "… (2049 bytes in all)"},
	}
	for _, tt := range tests {
		c := newClock()
		l := lasterr.Start(c.config())
		l.Value("peer", tt.in)
		l.Finish(true)
		line := strings.Split(l.Text(), "\n")[2]
		if want := "    peer: " + tt.want; line != want {
			t.Errorf("%.60q:\n got %.200q\nwant %.200q", tt.in, line, want)
		}
	}
}

func TestNamesAreCleanedToo(t *testing.T) {
	c := newClock()
	l := lasterr.Start(lasterr.Config{Name: "A\nB", Now: c.now})
	l.Value("k\n"+strings.Repeat("k", 200), true)
	l.Open("b\x1b").Close()
	l.Finish(true)
	want := `FairleadLog:
  A\nB(0ms):
    k\n` + strings.Repeat("k", 126) + `… (202 bytes in all): true
    b\x1b:
    --b\x1b
    Success.
  --A\nB
--FairleadLog
`
	if diff := cmp.Diff(want, l.Text()); diff != "" {
		t.Error(diff)
	}
}

func TestSentences(t *testing.T) {
	tests := []struct{ in, want string }{
		{"the server refused", "The server refused."},
		{"Call Run before Wait.", "Call Run before Wait."},
		{"wss://h is no host name", "wss://h is no host name."},
		{"x509: unknown authority", "x509: unknown authority."},
		{"is it open?", "Is it open?"},
		{"éa", "éa."},
	}
	for _, tt := range tests {
		c := newClock()
		l := lasterr.Start(c.config())
		l.Say(tt.in)
		l.Say("") // says nothing
		l.Finish(true)
		want := "FairleadLog:\n  Connect(0ms):\n    " + tt.want + "\n    Success.\n  --Connect\n--FairleadLog\n"
		if diff := cmp.Diff(want, l.Text()); diff != "" {
			t.Error(diff)
		}
	}
}

func TestAPeerCannotMakeTheTreeGrow(t *testing.T) {
	c := newClock()
	l := lasterr.Start(c.config())
	for range 20_000 {
		b := l.Open("readFrame")
		b.Value("opcode", "ping")
		b.Close()
	}
	l.Problem("the call's own sentence")
	l.Finish(false)
	text := l.Text()
	if n := strings.Count(text, "\n"); n > 5000 {
		t.Errorf("%d lines", n)
	}
	for _, want := range []string{"    The call's own sentence.\n", "    38000 more lines were left out of this log.\n    Failed.\n"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing", want)
		}
	}
}

func TestOneLogManyGoroutines(t *testing.T) {
	c := newClock()
	l := lasterr.Start(c.config())
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 20 {
				b := l.Open("block")
				b.Value("k", "v")
				b.Close()
				_ = l.Text() + l.XML() + l.HTML()
			}
		})
	}
	wg.Wait()
	l.Finish(true)
	if got := strings.Count(l.Text(), "k: v"); got != 80 {
		t.Errorf("%d of 80 values kept", got)
	}
}
