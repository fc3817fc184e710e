package chilkat

import (
	"bytes"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func bdOf(data string) *BinData {
	b := NewBinData()
	b.AppendBinary([]byte(data))
	return b
}

// wantData checks the bytes held through the public members.
func wantData(t *testing.T, b *BinData, want string) {
	t.Helper()
	if got := b.GetBinary(); got == nil || string(got) != want || b.NumBytes() != len(want) {
		t.Errorf("holds %d bytes %.80q, want %.80q", b.NumBytes(), got, want)
	}
}

// wantError checks the log of a call that failed.
func wantError(t *testing.T, o common, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if got := o.LastErrorText(); !strings.Contains(got, "    "+text) || !strings.Contains(got, "    Failed.\n") || o.LastError() == nil {
			t.Errorf("%q is missing:\n%s", text, got)
		}
	}
}

func TestBinDataAppend(t *testing.T) {
	sb := NewStringBuilder()
	sb.Append("é")
	tests := []struct {
		name   string
		append func(b *BinData) bool
		want   string // held after "<", "" when the call fails
		error  string
	}{
		{"AppendBinary", func(b *BinData) bool { return b.AppendBinary([]byte{0, 255}) }, "<\x00\xff", ""},
		{"AppendBinary nil", func(b *BinData) bool { return b.AppendBinary(nil) }, "<", ""},
		{"AppendString", func(b *BinData) bool { return b.AppendString("é\x00", "utf-8") }, "<\xc3\xa9\x00", ""},
		{"AppendString charset", func(b *BinData) bool { return b.AppendString("é", "iso-8859-1") }, "<\xe9", ""},
		{"AppendString unknown charset", func(b *BinData) bool { return b.AppendString("x", "klingon") }, "", `The charset "klingon" is not known.`},
		{"AppendString no charset", func(b *BinData) bool { return b.AppendString("x", "") }, "", "The argument charset is empty."},
		{"AppendString lacking", func(b *BinData) bool { return b.AppendString("世", "iso-8859-1") }, "", `The text has a character that the charset "iso-8859-1" lacks.`},
		{"AppendEncoded", func(b *BinData) bool { return b.AppendEncoded("00fF 10", "hex") }, "<\x00\xff\x10", ""},
		{"AppendEncoded invalid", func(b *BinData) bool { return b.AppendEncoded("0", "HEX") }, "", "The text is not valid HEX."},
		{"AppendEncoded unknown", func(b *BinData) bool { return b.AppendEncoded("0", "rot13") }, "", `The encoding "rot13" is not known.`},
		{"AppendByte", func(b *BinData) bool { return b.AppendByte(255) }, "<\xff", ""},
		{"AppendByte big", func(b *BinData) bool { return b.AppendByte(256) }, "", "The argument value is not a byte."},
		{"AppendByte negative", func(b *BinData) bool { return b.AppendByte(-1) }, "", "Pass a number from 0 to 255."},
		{"AppendBd", func(b *BinData) bool { return b.AppendBd(bdOf("abc")) }, "<abc", ""},
		{"AppendBd itself", func(b *BinData) bool { return b.AppendBd(b) }, "<<", ""},
		{"AppendBd nil", func(b *BinData) bool { return b.AppendBd(nil) }, "", "The argument other is nil."},
		{"AppendSb", func(b *BinData) bool { return b.AppendSb(sb, "windows-1252") }, "<\xe9", ""},
		{"AppendSb nil", func(b *BinData) bool { return b.AppendSb(nil, "utf-8") }, "", "The argument sb is nil."},
		{"AppendSb charset", func(b *BinData) bool { return b.AppendSb(sb, "?") }, "", `The charset "?" is not known.`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := bdOf("<")
			ok := tt.append(b)
			if ok != (tt.error == "") || b.LastMethodSuccess() != ok {
				t.Errorf("returned %v:\n%s", ok, b.LastErrorText())
			}
			if tt.error != "" {
				wantError(t, b, tt.error)
				tt.want = "<"
			}
			wantData(t, b, tt.want)
		})
	}
}

func TestBinDataLoadReplaces(t *testing.T) {
	b := bdOf("old")
	data := []byte("new")
	if !b.LoadBinary(data) {
		t.Error(b.LastErrorText())
	}
	data[0] = 'X'
	wantData(t, b, "new")
	if !b.LoadEncoded("AQID", "base64") {
		t.Error(b.LastErrorText())
	}
	wantData(t, b, "\x01\x02\x03")
	if b.LoadEncoded("!", "base64") {
		t.Error("invalid text was loaded")
	}
	wantData(t, b, "\x01\x02\x03")
	if !b.LoadBinary(nil) {
		t.Error(b.LastErrorText())
	}
	wantData(t, b, "")
}

func TestBinDataFiles(t *testing.T) {
	path := filepath.Join(t.TempDir(), "data.bin")
	b := bdOf("\x00\xff\n")
	if !b.WriteFile(path) {
		t.Fatal(b.LastErrorText())
	}
	if p, err := os.ReadFile(path); err != nil || string(p) != "\x00\xff\n" {
		t.Errorf("the file has %q, %v", p, err)
	}
	other := bdOf("old")
	if !other.LoadFile(path) || !other.ContentsEqual(b) {
		t.Error(other.LastErrorText())
	}
	for _, bad := range []string{"", t.TempDir(), filepath.Join(path, "below")} {
		if b.LoadFile(bad) || b.WriteFile(bad) {
			t.Errorf("%q was read or written", bad)
		}
		wantError(t, b, "path: "+bad)
	}
	wantData(t, b, "\x00\xff\n")
}

func TestBinDataChunks(t *testing.T) {
	tests := []struct {
		offset, n int
		chunk     string
		rest      string
		ok        bool
	}{
		{0, 0, "", "abcdef", true},
		{0, 6, "abcdef", "", true},
		{2, 3, "cde", "abf", true},
		{6, 0, "", "abcdef", true},
		{6, 1, "", "abcdef", false},
		{7, 0, "", "abcdef", false},
		{0, 7, "", "abcdef", false},
		{-1, 2, "", "abcdef", false},
		{2, -1, "", "abcdef", false},
		{3, math.MaxInt, "", "abcdef", false},
		{math.MinInt, math.MaxInt, "", "abcdef", false},
	}
	for _, tt := range tests {
		b := bdOf("abcdef")
		chunk := b.GetBinaryChunk(tt.offset, tt.n)
		if (chunk != nil) != tt.ok || string(chunk) != tt.chunk || b.LastMethodSuccess() != tt.ok {
			t.Errorf("GetBinaryChunk(%d, %d) is %q", tt.offset, tt.n, chunk)
		}
		if b.RemoveChunk(tt.offset, tt.n) != tt.ok {
			t.Errorf("RemoveChunk(%d, %d):\n%s", tt.offset, tt.n, b.LastErrorText())
		}
		if !tt.ok {
			wantError(t, b, "There is no such part: the data has 6 bytes.")
		}
		wantData(t, b, tt.rest)
	}
}

func TestBinDataCopiesWhatItGives(t *testing.T) {
	b := bdOf("abc")
	b.GetBinary()[0] = 'X'
	b.GetBinaryChunk(0, 1)[0] = 'X'
	wantData(t, b, "abc")
}

func TestBinDataAsText(t *testing.T) {
	b := bdOf("\xffA")
	if diff := cmp.Diff("FF41", *b.GetEncoded("hex")); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff("\uFFFDA", *b.GetString("utf-8")); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff("ÿA", *b.GetString("iso-8859-1")); diff != "" {
		t.Error(diff)
	}
	if b.GetEncoded("morse") != nil || b.LastMethodSuccess() {
		t.Error("an unknown encoding gave text")
	}
	wantError(t, b, `The encoding "morse" is not known.`, `Pass "hex", "base64"`)
	if b.GetString("\x00\xff") != nil {
		t.Error("an unknown charset gave text")
	}
	wantError(t, b, `The charset "\x00\xff" is not known.`)
}

func TestBinDataContentsEqual(t *testing.T) {
	b := bdOf("abc")
	if !b.ContentsEqual(bdOf("abc")) || !b.ContentsEqual(b) || b.ContentsEqual(bdOf("abd")) || b.ContentsEqual(&BinData{}) {
		t.Error("ContentsEqual is wrong")
	}
	if b.ContentsEqual(nil) || !b.LastMethodSuccess() {
		t.Error("nil is equal, or a question failed")
	}
	wantError(t, b, "The argument other is nil.", "Pass a *BinData made by NewBinData.")
}

func TestBinDataClear(t *testing.T) {
	b := bdOf("abc")
	if !b.Clear() {
		t.Error(b.LastErrorText())
	}
	wantData(t, b, "")
	b.AppendBinary([]byte("secret"))
	held := b.data
	if !b.SecureClear() {
		t.Error(b.LastErrorText())
	}
	wantData(t, b, "")
	if !bytes.Equal(held, make([]byte, 6)) {
		t.Errorf("%q stayed in memory", held)
	}
}

func TestDisposeBinData(t *testing.T) {
	b := bdOf("secret")
	held := b.data
	b.DisposeBinData()
	b.DisposeBinData()
	if !bytes.Equal(held, make([]byte, 6)) {
		t.Errorf("%q stayed in memory", held)
	}
	if b.AppendByte(1) || b.GetBinary() != nil || b.NumBytes() != 0 {
		t.Error("a disposed object works on")
	}
	wantError(t, b, "The object was disposed.")
}

func TestGlobal(t *testing.T) {
	g := NewGlobal()
	if !g.UnlockBundle("any code") || !g.LastMethodSuccess() || g.UnlockStatus() != 2 {
		t.Error(g.LastErrorText())
	}
	if strings.Contains(g.LastErrorText(), "any code") {
		t.Error("the code is in the log")
	}
	g.DisposeGlobal()
	if g.UnlockBundle("") {
		t.Error("a disposed object works on")
	}
}
