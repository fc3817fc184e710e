package http1

import "strings"

// isTokenByte reports whether c is a tchar of RFC 9110 section 5.6.2.
func isTokenByte(c byte) bool {
	switch {
	case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9':
		return true
	}
	return strings.IndexByte("!#$%&'*+-.^_`|~", c) >= 0
}

// isTextByte reports whether c may stand in a field value or a reason phrase:
// white space, visible ASCII and obs-text, but no control character
// (RFC 9110 section 5.5, RFC 9112 section 4).
func isTextByte(c byte) bool {
	return c == '\t' || c >= ' ' && c != 0x7f
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// tokenPrefix returns how many bytes at the start of s are token bytes.
func tokenPrefix(s string) int {
	for i := range len(s) {
		if !isTokenByte(s[i]) {
			return i
		}
	}
	return len(s)
}

// ValidFieldName reports whether name is a token (RFC 9110 section 5.1).
func ValidFieldName(name string) bool {
	return name != "" && tokenPrefix(name) == len(name)
}

// ValidFieldValue reports whether value can stand in a field line without
// changing the shape of the message: any byte but the control characters,
// among which only HTAB is allowed (RFC 9110 section 5.5). White space around
// the value is allowed; receivers take it off.
func ValidFieldValue(value string) bool {
	for i := range len(value) {
		if !isTextByte(value[i]) {
			return false
		}
	}
	return true
}

// ValidTarget reports whether target can be a request-target: not empty,
// visible ASCII only and without '#', since a fragment is never sent
// (RFC 9112 section 3.2).
func ValidTarget(target string) bool {
	for i := range len(target) {
		if c := target[i]; c <= ' ' || c >= 0x7f || c == '#' {
			return false
		}
	}
	return target != ""
}

// EqualFold reports whether a and b are equal when the case of ASCII letters
// is ignored. Unlike strings.EqualFold it knows no other letters: the Kelvin
// sign is not a k.
func EqualFold(a, b string) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range len(a) {
		if lower(a[i]) != lower(b[i]) {
			return false
		}
	}
	return true
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

// HasToken reports whether one of the comma-separated lists in values has the
// element token, ignoring the case of ASCII letters (RFC 9110 section 5.6.1).
// A comma inside a quoted string does not separate.
func HasToken(values []string, token string) bool {
	for _, v := range values {
		for more := true; more; {
			var element string
			element, v, more = cutElement(v)
			if EqualFold(element, token) {
				return true
			}
		}
	}
	return false
}

// cutElement splits list at its first comma outside a quoted string.
func cutElement(list string) (element, rest string, more bool) {
	quoted := false
	for i := 0; i < len(list); i++ {
		switch c := list[i]; {
		case c == '"':
			quoted = !quoted
		case c == '\\' && quoted:
			i++
		case c == ',' && !quoted:
			return trimSpace(list[:i]), list[i+1:], true
		}
	}
	return trimSpace(list), "", false
}

// trimSpace takes optional white space (SP and HTAB only) off both ends.
func trimSpace(s string) string { return strings.Trim(s, " \t") }
