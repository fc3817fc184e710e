package record

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/handshake"
	"github.com/fairlead-ws/fairlead/wstest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func serve(t *testing.T, opts wstest.Options) string {
	t.Helper()
	s, err := wstest.Start(opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s.URL()
}

// recorded returns a recording of the lines sent to an echo server.
func recorded(t *testing.T, server wstest.Options, d *fairlead.Dialer, lines ...string) []byte {
	t.Helper()
	var out bytes.Buffer
	_, err := Record(t.Context(), Options{
		Dialer: d, URL: serve(t, server), Out: &out, Count: len(lines),
		In: strings.NewReader(strings.Join(lines, "\n") + "\n"),
	})
	if err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestMessagesOfFragments(t *testing.T) {
	want := []string{"", "one", strings.Repeat("zwei für drei ", 300)}
	text := recorded(t, wstest.Options{Deflate: &handshake.Deflate{}, Chaos: wstest.Chaos{Fragments: 5, Pings: true}},
		&fairlead.Dialer{Compression: fairlead.CompressionTakeover}, want...)
	sessions, err := Read(bytes.NewReader(text))
	if err != nil || len(sessions) != 1 || !sessions[0].Closed {
		t.Fatalf("%d sessions, %v", len(sessions), err)
	}
	all, err := sessions[0].messages()
	if err != nil {
		t.Fatal(err)
	}
	got := map[string][]string{}
	for _, m := range all {
		got[m.Dir] = append(got[m.Dir], string(m.Data))
	}
	for _, dir := range []string{"in", "out"} {
		if strings.Join(got[dir], "|") != strings.Join(want, "|") {
			t.Errorf("%s: %q", dir, got[dir])
		}
	}
	fragments, compressed, last := 0, 0, time.Duration(0)
	for _, l := range sessions[0].Lines {
		if l.Type == "continuation" {
			fragments++
		}
		if l.isData() && l.RSV == 4 && *l.Len > 1000 && l.Wire < *l.Len {
			compressed++
		}
		if l.Mono < last || l.TS.IsZero() {
			t.Errorf("line %+v has a time before the one above it", l)
		}
		last = l.Mono
	}
	if fragments == 0 || compressed == 0 {
		t.Errorf("%d fragments, %d compressed frames that are shorter on the wire", fragments, compressed)
	}
}

// TestTornAnywhere cuts a recording after each byte, as a crash does.
func TestTornAnywhere(t *testing.T) {
	text := recorded(t, wstest.Options{}, nil, "one", "two")
	for i := range text {
		sessions, err := Read(bytes.NewReader(text[:i]))
		whole := bytes.Count(text[:i], []byte("\n"))
		if whole == 0 {
			if len(sessions) > 1 {
				t.Fatalf("after %d bytes: %d sessions", i, len(sessions))
			}
			continue
		}
		// The last line counts when all but its newline is there.
		if err != nil || len(sessions) != 1 || len(sessions[0].Lines) < whole || len(sessions[0].Lines) > whole+1 {
			t.Fatalf("after %d bytes: %v", i, err)
		}
		again, err := Read(bytes.NewReader(append(append(text[:i:i], '\n'), text...)))
		if err != nil || len(again) != 2 {
			t.Fatalf("a session behind one torn after %d bytes: %d sessions, %v", i, len(again), err)
		}
	}
}

func TestReplayTiming(t *testing.T) {
	text := func(s string) *string { return &s }
	session := Session{Lines: []Line{
		{Type: "open"},
		{Dir: "out", Type: "text", Text: text("a")},
		{Dir: "in", Type: "text", Text: text("a")},
		{Mono: 300 * time.Millisecond, Dir: "out", Type: "text", Text: text("b")},
		{Mono: 300 * time.Millisecond, Dir: "in", Type: "text", Text: text("b")},
	}}
	url := serve(t, wstest.Options{})
	for _, tt := range []struct {
		o     ReplayOptions
		least time.Duration
	}{
		{ReplayOptions{Check: true}, 300 * time.Millisecond},
		{ReplayOptions{Check: true, Speed: 3}, 100 * time.Millisecond},
		{ReplayOptions{Lockstep: true, Check: true}, 0},
	} {
		tt.o.URL = url
		begin := time.Now()
		done, err := Replay(t.Context(), session, tt.o)
		if err != nil || done != (Replayed{2, 2, 2}) {
			t.Errorf("%+v, %v", done, err)
		}
		if took := time.Since(begin); took < tt.least {
			t.Errorf("took %v, want %v or more", took, tt.least)
		}
	}
}

func TestReplayEndsWithTheSession(t *testing.T) {
	text := "a"
	session := Session{Lines: []Line{{Type: "open"}, {Mono: time.Hour, Dir: "out", Type: "text", Text: &text}}}
	_, err := Replay(t.Context(), session, ReplayOptions{URL: serve(t, wstest.Options{}) + "/?close=1012"})
	if code, ok := fairlead.CloseCode(err); !ok || code != 1012 {
		t.Errorf("error %v", err)
	}
}

func TestHAR(t *testing.T) {
	sessions, err := Read(bytes.NewReader(recorded(t, wstest.Options{Subprotocols: []string{"chat"}}, &fairlead.Dialer{Subprotocols: []string{"chat"}}, "hello")))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := WriteHAR(&out, sessions, "1"); err != nil {
		t.Fatal(err)
	}
	var har harFile
	if err := json.Unmarshal(out.Bytes(), &har); err != nil || len(har.Log.Entries) != 1 {
		t.Fatalf("%v: %s", err, out.Bytes())
	}
	e := har.Log.Entries[0]
	if e.Response.Status != 101 || e.Server != "127.0.0.1" || e.Started.IsZero() || e.Time <= 0 || e.Timings.Connect < 0 || e.Timings.SSL != -1 {
		t.Errorf("entry %+v", e)
	}
	if m := e.Messages; len(m) != 2 || m[0].Type != "send" || m[1].Type != "receive" || m[1].Data != "hello" || m[1].Time < m[0].Time || m[0].Time < 1e9 {
		t.Errorf("messages %+v", m)
	}
}

func TestFullDisk(t *testing.T) {
	_, err := Record(t.Context(), Options{URL: serve(t, wstest.Options{}), Out: full{}, In: strings.NewReader("a\n")})
	if !errors.Is(err, errFull) {
		t.Errorf("error %v", err)
	}
}

var errFull = errors.New("no space left on device")

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errFull }
