package chilkat

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/ianaindex"
)

const (
	charsetAdvice = `Pass a registered name such as "utf-8", "iso-8859-1", "windows-1252" or "shift_jis".`
	bom           = "\uFEFF"
)

// charsetOf finds the charset by its IANA name, or by a name that browsers
// know. UTF-8 gives nil: nothing has to be converted.
func charsetOf(name string) (encoding.Encoding, error) {
	name = strings.TrimSpace(name)
	switch strings.ToLower(name) {
	case "utf-8", "utf8":
		return nil, nil
	case "":
		return nil, fail("the argument charset is empty", charsetAdvice)
	}
	if e, err := ianaindex.IANA.Encoding(name); err == nil && e != nil {
		return e, nil
	}
	if e, err := htmlindex.Get(name); err == nil {
		return e, nil
	}
	return nil, fail("the charset "+quote(name)+" is not known", charsetAdvice)
}

// encodeText gives text as bytes of the charset.
func encodeText(text, charset string) ([]byte, error) {
	e, err := charsetOf(charset)
	if err != nil {
		return nil, err
	}
	if e == nil {
		return []byte(text), nil
	}
	b, err := e.NewEncoder().Bytes([]byte(text))
	if err != nil {
		return nil, failFor(err, "the text has a character that the charset "+quote(charset)+" lacks", `Use "utf-8", which has every character.`)
	}
	return b, nil
}

// decodeText gives bytes of the charset as text. What is not legal in the
// charset becomes U+FFFD.
func decodeText(data []byte, charset string) (string, error) {
	e, err := charsetOf(charset)
	if err != nil {
		return "", err
	}
	if e == nil {
		return strings.ToValidUTF8(string(data), string(utf8.RuneError)), nil
	}
	b, err := e.NewDecoder().Bytes(data)
	if err != nil {
		return "", failFor(err, "the bytes are not text of the charset "+quote(charset), charsetAdvice)
	}
	return string(b), nil
}

// encodeFile is encodeText for a file that may begin with a byte order mark.
func encodeFile(text, charset string, emitBOM bool) ([]byte, error) {
	p, err := encodeText(text, charset)
	if err != nil || !emitBOM {
		return p, err
	}
	mark, err := encodeText(bom, charset)
	if err != nil { // the charset has none
		return p, nil
	}
	for _, known := range []string{"\xEF\xBB\xBF", "\xFE\xFF", "\xFF\xFE"} {
		if bytes.HasPrefix(p, []byte(known)) {
			return p, nil
		}
	}
	return append(mark, p...), nil
}
