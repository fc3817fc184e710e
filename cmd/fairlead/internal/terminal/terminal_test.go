package terminal

import (
	"strings"
	"testing"
)

func TestText(t *testing.T) {
	for in, want := range map[string]string{
		"plain, wörld 世界":        "plain, wörld 世界",
		"a\nb\tc":                "a\nb\tc",
		"\x1b[31m\a\r\x7f":       `\x1b[31m\a\r\x7f`,
		"\u009b2J\u202e\u2066":   `\u009b2J\u202e\u2066`,
		"\xff\n\u2028":           `\xff` + "\n" + `\u2028`,
		"\x1b]52;c;ZXZpbA==\x07": `\x1b]52;c;ZXZpbA==\a`,
	} {
		if got := Text(in); got != want {
			t.Errorf("Text(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestStyle(t *testing.T) {
	plain, colored, raw := &Style{}, &Style{Color: true}, &Style{Raw: true}
	evil := `{"a":"` + "\u202e\u009b" + `","b":"\u001b[31m"}`
	for _, s := range []*Style{plain, colored} {
		got := s.Message(false, []byte(evil))
		if strings.ContainsAny(got, "\u202e\u009b") || !strings.Contains(got, `\u202e`) || !strings.Contains(got, `\u009b`) {
			t.Errorf("%q", got)
		}
		if strings.Contains(got, "\x1b[") != s.Color {
			t.Errorf("colour %v: %q", s.Color, got)
		}
	}
	if got := plain.Message(false, []byte(`{"a":`)); got != `{"a":` {
		t.Errorf("half JSON: %q", got)
	}
	if got := plain.Message(false, []byte(`{"list":[{"n":1,"text":"`+strings.Repeat("x", 100)+`"}]}`)); strings.Count(got, "\n") < 5 {
		t.Errorf("JSON is not laid out: %q", got)
	}
	if got := raw.Message(false, []byte("\x1b[31m")); got != "\x1b[31m" {
		t.Errorf("raw: %q", got)
	}
	if got := plain.Message(true, []byte("\x00\x1b")); !strings.Contains(got, "00 1b") || strings.Contains(got, "\x1b") {
		t.Errorf("bytes: %q", got)
	}
}

func TestColors(t *testing.T) {
	for _, tt := range []struct {
		flag string
		env  map[string]string
		tty  bool
		want bool
	}{
		{"auto", nil, true, true},
		{"auto", nil, false, false},
		{"always", nil, false, true},
		{"never", nil, true, false},
		{"always", map[string]string{"NO_COLOR": "1"}, true, false},
		{"auto", map[string]string{"NO_COLOR": ""}, true, true},
		{"auto", map[string]string{"FORCE_COLOR": "1"}, false, true},
		{"auto", map[string]string{"CLICOLOR_FORCE": "1"}, false, true},
		{"auto", map[string]string{"CLICOLOR_FORCE": "0"}, false, false},
		{"never", map[string]string{"FORCE_COLOR": "1"}, true, false},
		{"auto", map[string]string{"TERM": "dumb"}, true, false},
	} {
		if got := Colors(tt.flag, func(name string) string { return tt.env[name] }, tt.tty); got != tt.want {
			t.Errorf("%+v: %v", tt, got)
		}
	}
}
