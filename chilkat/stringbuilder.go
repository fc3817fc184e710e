package chilkat

import (
	"strconv"
	"strings"

	"github.com/fairlead-ws/fairlead/chilkat/internal/lasterr"
)

// StringBuilder holds text that grows. The zero value is empty and ready. A NUL
// is a character like any other.
type StringBuilder struct {
	object
	text []byte // guarded by object.mu
}

// NewStringBuilder makes an empty StringBuilder.
func NewStringBuilder() *StringBuilder { return &StringBuilder{} }

// DisposeStringBuilder drops the text; it may be called twice.
func (sb *StringBuilder) DisposeStringBuilder() {
	sb.base().dispose("DisposeStringBuilder", func() { sb.replace("") })
}

func (sb *StringBuilder) snapshot() string {
	sb.mu.Lock()
	defer sb.mu.Unlock()
	return string(sb.text)
}

func (sb *StringBuilder) replace(s string) {
	sb.mu.Lock()
	defer sb.mu.Unlock()
	sb.text = []byte(s)
}

func (sb *StringBuilder) append(s string) {
	sb.mu.Lock()
	defer sb.mu.Unlock()
	sb.text = append(sb.text, s...)
}

// do runs a method that cannot fail.
func (sb *StringBuilder) do(name string, f func()) bool {
	return sb.base().call(name, func(*lasterr.Log) error { f(); return nil }).status()
}

// Append appends s.
func (sb *StringBuilder) Append(s string) bool {
	return sb.do("Append", func() { sb.append(s) })
}

// AppendLine appends s and a line end: CR LF if crlf is true, else LF.
func (sb *StringBuilder) AppendLine(s string, crlf bool) bool {
	end := "\n"
	if crlf {
		end = "\r\n"
	}
	return sb.do("AppendLine", func() { sb.append(s + end) })
}

// AppendInt appends a number in decimal digits.
func (sb *StringBuilder) AppendInt(value int) bool {
	return sb.do("AppendInt", func() { sb.append(strconv.Itoa(value)) })
}

// AppendSb appends the text of other. It fails for nil.
func (sb *StringBuilder) AppendSb(other *StringBuilder) bool {
	return sb.base().call("AppendSb", func(*lasterr.Log) error {
		if other == nil {
			return failNil("other", "StringBuilder")
		}
		sb.append(other.snapshot())
		return nil
	}).status()
}

// Prepend puts s before the text.
func (sb *StringBuilder) Prepend(s string) bool {
	return sb.do("Prepend", func() { sb.edit(func(text string) string { return s + text }) })
}

// SetString replaces the text by s.
func (sb *StringBuilder) SetString(s string) bool {
	return sb.do("SetString", func() { sb.replace(s) })
}

// Trim removes white space from both ends of the text.
func (sb *StringBuilder) Trim() bool {
	return sb.do("Trim", func() { sb.edit(strings.TrimSpace) })
}

// Clear drops the text.
func (sb *StringBuilder) Clear() {
	sb.base().void("Clear", func(*lasterr.Log) error { sb.replace(""); return nil })
}

// Replace replaces every occurrence of old by replacement and returns their
// number. An empty old occurs nowhere.
func (sb *StringBuilder) Replace(old, replacement string) int {
	return give(sb.base(), "Replace", func(l *lasterr.Log) (n int, _ error) {
		if old != "" {
			sb.edit(func(text string) string {
				n = strings.Count(text, old)
				return strings.ReplaceAll(text, old, replacement)
			})
		}
		l.Value("replaced", n)
		return n, nil
	}).integer()
}

// edit replaces the text by what f makes of it.
func (sb *StringBuilder) edit(f func(text string) string) {
	sb.mu.Lock()
	defer sb.mu.Unlock()
	sb.text = []byte(f(string(sb.text)))
}

// LoadFile replaces the text by that of a file in the charset. A byte order
// mark is not part of the text.
func (sb *StringBuilder) LoadFile(path, charset string) bool {
	return sb.base().call("LoadFile", func(l *lasterr.Log) error {
		l.Value("charset", charset)
		p, err := readFile(l, path)
		if err != nil {
			return err
		}
		text, err := decodeText(p, charset)
		if err != nil {
			return err
		}
		sb.replace(strings.TrimPrefix(text, bom))
		return nil
	}).status()
}

// WriteFile writes the text in the charset into a file, replacing the file.
// emitBom puts a byte order mark first; it is left out for a charset that has
// none, and not doubled for one that brings its own.
func (sb *StringBuilder) WriteFile(path, charset string, emitBom bool) bool {
	return sb.base().call("WriteFile", func(l *lasterr.Log) error {
		l.Value("charset", charset)
		p, err := encodeFile(sb.snapshot(), charset, emitBom)
		if err != nil {
			return err
		}
		return writeFile(l, path, p)
	}).status()
}
