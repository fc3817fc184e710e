package chilkat

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func sbOf(text string) *StringBuilder {
	sb := NewStringBuilder()
	sb.Append(text)
	return sb
}

func wantText(t *testing.T, sb *StringBuilder, want string) {
	t.Helper()
	if got := sb.GetAsString(); got == nil || *got != want {
		t.Errorf("holds %v, want %q", got, want)
	}
}

func TestStringBuilderEdits(t *testing.T) {
	tests := []struct {
		name string
		edit func(sb *StringBuilder) bool
		want string
	}{
		{"Append", func(sb *StringBuilder) bool { return sb.Append("é\x00") }, " ab é\x00"},
		{"AppendLine LF", func(sb *StringBuilder) bool { return sb.AppendLine("x", false) }, " ab x\n"},
		{"AppendLine CRLF", func(sb *StringBuilder) bool { return sb.AppendLine("x", true) }, " ab x\r\n"},
		{"AppendInt", func(sb *StringBuilder) bool { return sb.AppendInt(-42) }, " ab -42"},
		{"AppendSb", func(sb *StringBuilder) bool { return sb.AppendSb(sbOf("x")) }, " ab x"},
		{"AppendSb itself", func(sb *StringBuilder) bool { return sb.AppendSb(sb) }, " ab  ab "},
		{"Prepend", func(sb *StringBuilder) bool { return sb.Prepend("x") }, "x ab "},
		{"SetString", func(sb *StringBuilder) bool { return sb.SetString("x") }, "x"},
		{"SetString empty", func(sb *StringBuilder) bool { return sb.SetString("") }, ""},
		{"Trim", func(sb *StringBuilder) bool { return sb.Trim() }, "ab"},
		{"Clear", func(sb *StringBuilder) bool { sb.Clear(); return true }, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			sb := sbOf(" ab ")
			if !tt.edit(sb) || !sb.LastMethodSuccess() {
				t.Error(sb.LastErrorText())
			}
			wantText(t, sb, tt.want)
		})
	}
	sb := sbOf("x")
	if sb.AppendSb(nil) {
		t.Error("nil was appended")
	}
	wantError(t, sb, "The argument other is nil.")
	wantText(t, sb, "x")
}

func TestStringBuilderReplace(t *testing.T) {
	tests := []struct {
		old, replacement, want string
		n                      int
	}{
		{"a", "xx", "xxbxxb", 2},
		{"ab", "", "", 2},
		{"c", "x", "abab", 0},
		{"", "x", "abab", 0},
		{"A", "x", "abab", 0},
	}
	for _, tt := range tests {
		sb := sbOf("abab")
		if n := sb.Replace(tt.old, tt.replacement); n != tt.n || !sb.LastMethodSuccess() {
			t.Errorf("Replace(%q) is %d, want %d", tt.old, n, tt.n)
		}
		wantText(t, sb, tt.want)
	}
}

func TestStringBuilderQuestions(t *testing.T) {
	sb := sbOf("Grüße, Welt")
	tests := []struct {
		name string
		ask  func(s string, caseSensitive bool) bool
		s    string
		// exact and folded are the answers with and without regard to case.
		exact, folded bool
	}{
		{"Contains", sb.Contains, "ße, W", true, true},
		{"Contains", sb.Contains, "GRÜ", false, true},
		{"Contains", sb.Contains, "x", false, false},
		{"Contains", sb.Contains, "", true, true},
		{"StartsWith", sb.StartsWith, "Grü", true, true},
		{"StartsWith", sb.StartsWith, "grü", false, true},
		{"StartsWith", sb.StartsWith, "Welt", false, false},
		{"EndsWith", sb.EndsWith, "Welt", true, true},
		{"EndsWith", sb.EndsWith, "WELT", false, true},
		{"EndsWith", sb.EndsWith, "Grü", false, false},
		{"ContentsEqual", sb.ContentsEqual, "Grüße, Welt", true, true},
		{"ContentsEqual", sb.ContentsEqual, "grüße, welt", false, true},
		{"ContentsEqual", sb.ContentsEqual, "Grüße", false, false},
	}
	for _, tt := range tests {
		if got := tt.ask(tt.s, true); got != tt.exact {
			t.Errorf("%s(%q, true) is %v", tt.name, tt.s, got)
		}
		if got := tt.ask(tt.s, false); got != tt.folded {
			t.Errorf("%s(%q, false) is %v", tt.name, tt.s, got)
		}
		if !sb.LastMethodSuccess() {
			t.Errorf("%s: a question failed", tt.name)
		}
	}
}

func TestStringBuilderLength(t *testing.T) {
	for text, want := range map[string]int{"": 0, "abc": 3, "Grüße 世界": 8, "a\x00b": 3} {
		if got := sbOf(text).Length(); got != want {
			t.Errorf("Length of %q is %d, want %d", text, got, want)
		}
	}
}

func TestStringBuilderEncodings(t *testing.T) {
	sb := sbOf("é")
	if got := sb.GetEncoded("hex", "iso-8859-1"); got == nil || *got != "E9" {
		t.Error(sb.LastErrorText())
	}
	if sb.GetEncoded("hex", "klingon") != nil {
		t.Error("an unknown charset gave text")
	}
	wantError(t, sb, `The charset "klingon" is not known.`)
	if sb.GetEncoded("rot13", "utf-8") != nil {
		t.Error("an unknown encoding gave text")
	}
	wantError(t, sb, `The encoding "rot13" is not known.`)
	if got := sbOf("AP8=").GetDecoded("base64"); string(got) != "\x00\xff" {
		t.Errorf("decoded %q", got)
	}
	if got := sb.GetDecoded("hex"); got != nil || sb.LastMethodSuccess() {
		t.Errorf("decoded %q", got)
	}
	wantError(t, sb, "The text is not valid hex.")
	if got := sbOf("").GetDecoded("hex"); got == nil {
		t.Error("no text is nil bytes")
	}
}

func TestStringBuilderFiles(t *testing.T) {
	tests := []struct {
		charset string
		bom     bool
		want    string
	}{
		{"utf-8", false, "\xc3\xa9"},
		{"utf-8", true, "\xef\xbb\xbf\xc3\xa9"},
		{"iso-8859-1", true, "\xe9"},
		{"utf-16le", false, "\xe9\x00"},
		{"utf-16le", true, "\xff\xfe\xe9\x00"},
		{"utf-16be", true, "\xfe\xff\x00\xe9"},
		{"utf-16", true, "\xfe\xff\x00\xe9"},
	}
	path := filepath.Join(t.TempDir(), "text")
	for _, tt := range tests {
		sb := sbOf("é")
		if !sb.WriteFile(path, tt.charset, tt.bom) {
			t.Fatal(sb.LastErrorText())
		}
		if p, err := os.ReadFile(path); err != nil || string(p) != tt.want {
			t.Errorf("%s, %v: the file has %q, want %q", tt.charset, tt.bom, p, tt.want)
		}
		back := sbOf("old")
		if !back.LoadFile(path, tt.charset) {
			t.Error(back.LastErrorText())
		}
		wantText(t, back, "é")
	}
	sb := sbOf("世")
	for _, ok := range []bool{
		sb.WriteFile(path, "iso-8859-1", false), sb.WriteFile(path, "", true), sb.WriteFile("", "utf-8", true),
		sb.LoadFile(path, "klingon"), sb.LoadFile("", "utf-8"), sb.LoadFile(path+"x", "utf-8"),
	} {
		if ok {
			t.Error("a file was read or written")
		}
	}
	wantError(t, sb, "The file cannot be read.")
	wantText(t, sb, "世")
}

func TestDisposeStringBuilder(t *testing.T) {
	sb := sbOf("x")
	sb.DisposeStringBuilder()
	sb.DisposeStringBuilder()
	if sb.GetAsString() != nil || sb.Append("y") || sb.Length() != 0 || sb.Replace("x", "y") != -1 {
		t.Error("a disposed object works on")
	}
}

func TestHugeText(t *testing.T) {
	huge := strings.Repeat("é", 1<<20)
	sb := sbOf(huge)
	if sb.Length() != 1<<20 || sb.Contains(huge, true) != true {
		t.Error("the text was cut")
	}
	if n := len(sb.LastErrorText()); n > 4096 {
		t.Errorf("the log of one call has %d bytes", n)
	}
}
