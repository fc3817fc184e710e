package chilkat

import (
	"bytes"
	"encoding/base32"
	"encoding/base64"
	"encoding/hex"
	"io"
	"mime/quotedprintable"
	"net/url"
	"strconv"
	"strings"
)

// binaryEncoding shows bytes as printable text.
type binaryEncoding struct {
	encode func([]byte) string
	decode func(string) ([]byte, error)
}

var binaryEncodings = map[string]binaryEncoding{
	"hex": {
		func(p []byte) string { return strings.ToUpper(hex.EncodeToString(p)) },
		func(s string) ([]byte, error) { return hex.DecodeString(withoutSpace(s)) },
	},
	"base64": {
		base64.StdEncoding.EncodeToString,
		func(s string) ([]byte, error) { return base64.RawStdEncoding.DecodeString(withoutPadding(s)) },
	},
	"base64url": {
		base64.RawURLEncoding.EncodeToString,
		func(s string) ([]byte, error) { return base64.RawURLEncoding.DecodeString(withoutPadding(s)) },
	},
	"base32": {
		base32.StdEncoding.EncodeToString,
		func(s string) ([]byte, error) {
			s = strings.ToUpper(withoutPadding(s))
			return base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(s)
		},
	},
	"qp":  {encodeQP, func(s string) ([]byte, error) { return io.ReadAll(quotedprintable.NewReader(strings.NewReader(s))) }},
	"url": {encodeURL, decodeURL},
}

const encodingAdvice = `Pass "hex", "base64", "base64url", "base32", "qp" or "url".`

func encodingOf(name string) (binaryEncoding, error) {
	e, ok := binaryEncodings[strings.ToLower(strings.TrimSpace(name))]
	if !ok {
		return e, fail("the encoding "+quote(name)+" is not known", encodingAdvice)
	}
	return e, nil
}

func encodeBinary(p []byte, encoding string) (string, error) {
	e, err := encodingOf(encoding)
	if err != nil {
		return "", err
	}
	return e.encode(p), nil
}

func decodeBinary(s, encoding string) ([]byte, error) {
	e, err := encodingOf(encoding)
	if err != nil {
		return nil, err
	}
	p, err := e.decode(s)
	if err != nil {
		return nil, failFor(err, "the text is not valid "+encoding, "Check that the text is complete and that the encoding is the one it was made with.")
	}
	return p, nil
}

// withoutSpace drops the line breaks and blanks that encoded text may carry.
func withoutSpace(s string) string {
	return strings.Join(strings.Fields(s), "")
}

func withoutPadding(s string) string { return strings.TrimRight(withoutSpace(s), "=") }

func encodeQP(p []byte) string {
	var b bytes.Buffer
	w := quotedprintable.NewWriter(&b)
	w.Binary = true
	// A bytes.Buffer never refuses a write.
	_, _ = w.Write(p)
	_ = w.Close()
	return b.String()
}

// encodeURL leaves the unreserved characters of RFC 3986 section 2.3 as they
// are. A blank becomes %20, never a plus.
func encodeURL(p []byte) string {
	const upper = "0123456789ABCDEF"
	var b strings.Builder
	for _, c := range p {
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', strings.IndexByte("-._~", c) >= 0:
			b.WriteByte(c)
		default:
			b.Write([]byte{'%', upper[c>>4], upper[c&15]})
		}
	}
	return b.String()
}

// decodeURL undoes percent-encoding. A plus stays a plus.
func decodeURL(s string) ([]byte, error) {
	text, err := url.PathUnescape(s)
	return []byte(text), err
}

// quote shows an argument of the caller in an error, escaped and cut.
func quote(s string) string {
	const most = 40
	if len(s) > most {
		s = s[:most] + "..."
	}
	return strconv.QuoteToASCII(s)
}
