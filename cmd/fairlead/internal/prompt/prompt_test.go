package prompt

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/cmd/fairlead/internal/session"
	"github.com/fairlead-ws/fairlead/frame"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestHistory(t *testing.T) {
	dir := t.TempDir()
	path := historyPath(func(string) string { return dir })
	h := loadHistory(path)
	for _, line := range []string{
		"one", "two\nlines", "two\nlines", " with a space", `{"password":"opensesame"}`, "Authorization: Bearer opensesame",
		`{"api_key":"opensesame"}`, "eyJhbGciOiJIUzI1NiJ9.opensesame", "/frame {\"text\":\"Cookie: opensesame\"}", strings.Repeat("x", maxEntry+1), "  ", "three",
	} {
		if err := h.add(line); err != nil {
			t.Fatal(err)
		}
	}
	if !slices.Contains(h.entries, " with a space") {
		t.Error("the session does not remember a line that begins with a space")
	}
	data, err := os.ReadFile(path)
	if err != nil || strings.Contains(string(data), "opensesame") || strings.Contains(string(data), "space") {
		t.Errorf("%v\n%s", err, data)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	if got := loadHistory(path).entries; !slices.Equal(got, []string{"one", "two\nlines", "three"}) {
		t.Errorf("read again: %q", got)
	}
	// One that was open to others is not any more.
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := h.add("four"); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	if i := h.search("two", len(h.entries)); i < 0 || h.entries[i] != "two\nlines" {
		t.Errorf("search: %d", i)
	}
	if i := h.search("nowhere", len(h.entries)); i != -1 {
		t.Errorf("search: %d", i)
	}
}

func TestHistoryStaysSmall(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history")
	h := loadHistory(path)
	for i := range 3 * maxHistory {
		if err := h.add(strings.Repeat("x", 100) + string(rune('a'+i%26))); err != nil {
			t.Fatal(err)
		}
	}
	if info, err := os.Stat(path); err != nil || info.Size() > 2*maxHistory*110 {
		t.Errorf("%d bytes, %v", info.Size(), err)
	}
	if n := len(loadHistory(path).entries); n > maxHistory {
		t.Errorf("%d entries", n)
	}
}

func TestParse(t *testing.T) {
	dir := t.TempDir()
	text, bytes := filepath.Join(dir, "text"), filepath.Join(dir, "bytes")
	for path, data := range map[string]string{text: "from a file", bytes: "\xff\x00"} {
		if err := os.WriteFile(path, []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for line, want := range map[string]session.Action{
		"hello":           {Type: fairlead.Text, Data: []byte("hello")},
		" /ping":          {Type: fairlead.Text, Data: []byte(" /ping")},
		"//ping":          {Type: fairlead.Text, Data: []byte("/ping")},
		"/ping":           {Kind: session.Ping},
		"/ping x y":       {Kind: session.Ping, Data: []byte("x y")},
		"/pong x":         {Kind: session.Pong, Data: []byte("x")},
		"/close":          {Kind: session.Close, Code: frame.StatusNormal},
		"/close 4000 b c": {Kind: session.Close, Code: 4000, Reason: "b c"},
		"/binary 00 ff":   {Type: fairlead.Binary, Data: []byte{0, 255}},
		"/file " + text:   {Type: fairlead.Text, Data: []byte("from a file")},
		"/file " + bytes:  {Type: fairlead.Binary, Data: []byte{255, 0}},
		`/frame {"opcode":9,"text":"x"}`: {
			Kind: session.RawFrame, Data: []byte("x"),
			Frame: frame.Header{Fin: true, Opcode: frame.Ping, Masked: true},
		},
	} {
		got, err := parse(line, false)
		if err != nil || got.Kind != want.Kind || got.Type != want.Type || string(got.Data) != string(want.Data) ||
			got.Code != want.Code || got.Reason != want.Reason || got.Frame != want.Frame {
			t.Errorf("%q: %+v, %v", line, got, err)
		}
	}
	for _, line := range []string{"/nosuch", "/close x", "/close 1006", "/close 99999", "/close 1000 " + strings.Repeat("x", 124), "/binary x", "/file /nosuch/file", "/frame x", `/frame {"opcode":16}`} {
		if a, err := parse(line, false); err == nil {
			t.Errorf("%q: %+v, want an error", line, a)
		}
	}
}

func TestComplete(t *testing.T) {
	dir := t.TempDir() + string(filepath.Separator)
	for _, name := range []string{"alpha", "alps", "beta"} {
		if err := os.WriteFile(dir+name, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(dir+"folder", 0o700); err != nil {
		t.Fatal(err)
	}
	for line, want := range map[string]string{
		"/c": "/close ", "/p": "/p", "/f": "/f", "/fi": "/file ", "/fr": "/frame ", "/nosuch": "/nosuch", "hello": "hello", "/close 1": "/close 1",
		"/file " + dir + "a": "/file " + dir + "alp", "/file " + dir + "b": "/file " + dir + "beta ", "/file " + dir + "fo": "/file " + dir + "folder/",
	} {
		if got, _ := complete(line); got != want {
			t.Errorf("%q: %q, want %q", line, got, want)
		}
	}
	if _, candidates := complete("/p"); !slices.Equal(candidates, []string{"/ping", "/pong"}) {
		t.Errorf("candidates %q", candidates)
	}
}

func TestPasteKeepsEveryByte(t *testing.T) {
	m := newModel(&Prompt{history: loadHistory("")})
	long := strings.Repeat("a line\n", 500)
	for _, text := range []string{"one\ntwo", "tab\there", long, "\x1b[31m"} {
		m.area.Reset()
		m.pastes = nil
		m.area.InsertString("before ")
		m.paste(text)
		m.area.InsertString(" after")
		if got := m.value(); got != "before "+text+" after" {
			t.Errorf("%.40q became %.60q", text, got)
		}
	}
}

func TestPrinterKeepsTheOrder(t *testing.T) {
	var got []string
	p := newPrinter(func(text string) { got = append(got, text) })
	go p.run()
	var want []string
	for i := range 1000 {
		text := strings.Repeat("x", i%7)
		want = append(want, text)
		p.add(text, i%2 == 0)
	}
	p.close()
	if !slices.Equal(got, want) {
		t.Errorf("%d of %d, or in another order", len(got), len(want))
	}
}
