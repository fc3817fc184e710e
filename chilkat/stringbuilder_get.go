package chilkat

import (
	"strings"
	"unicode/utf8"

	"github.com/fairlead-ws/fairlead/chilkat/internal/lasterr"
)

// Length is the number of characters (code points) held.
func (sb *StringBuilder) Length() int {
	return get(sb.base(), "Length", func() int { return utf8.RuneCount(sb.text) })
}

// GetAsString is the text held; nil only when disposed.
func (sb *StringBuilder) GetAsString() *string {
	return give(sb.base(), "GetAsString", func(*lasterr.Log) (string, error) { return sb.snapshot(), nil }).text()
}

// Contains reports whether s occurs in the text.
func (sb *StringBuilder) Contains(s string, caseSensitive bool) bool {
	return sb.compare("Contains", s, caseSensitive, strings.Contains)
}

// StartsWith reports whether the text begins with s.
func (sb *StringBuilder) StartsWith(s string, caseSensitive bool) bool {
	return sb.compare("StartsWith", s, caseSensitive, strings.HasPrefix)
}

// EndsWith reports whether the text ends with s.
func (sb *StringBuilder) EndsWith(s string, caseSensitive bool) bool {
	return sb.compare("EndsWith", s, caseSensitive, strings.HasSuffix)
}

// ContentsEqual reports whether the text is s.
func (sb *StringBuilder) ContentsEqual(s string, caseSensitive bool) bool {
	return sb.compare("ContentsEqual", s, caseSensitive, func(text, s string) bool { return text == s })
}

func (sb *StringBuilder) compare(name, s string, caseSensitive bool, holds func(text, s string) bool) bool {
	return sb.base().ask(name, func(*lasterr.Log) (bool, error) {
		text := sb.snapshot()
		if !caseSensitive {
			text, s = strings.ToLower(text), strings.ToLower(s)
		}
		return holds(text, s), nil
	}).answer()
}

// GetEncoded is the text as bytes of the charset, shown in the encoding: hex,
// base64, base64url, base32, qp or url. It is nil when either is not known or
// the charset lacks a character of the text.
func (sb *StringBuilder) GetEncoded(encoding, charset string) *string {
	return give(sb.base(), "GetEncoded", func(l *lasterr.Log) (string, error) {
		l.Value("encoding", encoding)
		l.Value("charset", charset)
		p, err := encodeText(sb.snapshot(), charset)
		if err != nil {
			return "", err
		}
		return encodeBinary(p, encoding)
	}).text()
}

// GetDecoded is the bytes that the text stands for in the encoding, nil when
// the encoding is not known or the text is not valid in it.
func (sb *StringBuilder) GetDecoded(encoding string) []byte {
	return give(sb.base(), "GetDecoded", func(l *lasterr.Log) ([]byte, error) {
		l.Value("encoding", encoding)
		return decodeBinary(sb.snapshot(), encoding)
	}).bytes()
}
