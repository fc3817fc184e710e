package handshake

import (
	"slices"
	"strconv"
	"strings"
)

// Param is one parameter of an extension.
type Param struct {
	Name, Value string
	HasValue    bool // false for a parameter without "="
}

// Extension is one element of Sec-WebSocket-Extensions.
type Extension struct {
	Name   string
	Params []Param
}

// What one header may hold. More is refused, so that a peer cannot make a
// short text grow into many values.
const (
	maxExtensions = 32
	maxParams     = 32
)

// valid reports whether x can be sent: tokens only, each parameter once. A
// value is a token also where it is quoted (RFC 6455 section 9.1).
func (x Extension) valid() bool {
	for i, p := range x.Params {
		again := slices.ContainsFunc(x.Params[:i], func(q Param) bool { return q.Name == p.Name })
		if again || !isToken(p.Name) || p.HasValue && !isToken(p.Value) {
			return false
		}
	}
	return isToken(x.Name) && len(x.Params) <= maxParams
}

// FormatExtensions returns the value of one Sec-WebSocket-Extensions field.
// A parameter value that is not a token, which no valid extension has, is
// quoted, so that it stays one value.
func FormatExtensions(extensions []Extension) string {
	var b strings.Builder
	for i, x := range extensions {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(x.Name)
		for _, p := range x.Params {
			b.WriteString("; ")
			b.WriteString(p.Name)
			if p.HasValue {
				b.WriteByte('=')
				writeValue(&b, p.Value)
			}
		}
	}
	return b.String()
}

// writeValue writes a token as it is and anything else as a quoted-string
// (RFC 9110 section 5.6.4).
func writeValue(b *strings.Builder, value string) {
	if isToken(value) {
		b.WriteString(value)
		return
	}
	b.WriteByte('"')
	for i := range len(value) {
		if c := value[i]; c == '"' || c == '\\' {
			b.WriteByte('\\')
		}
		b.WriteByte(value[i])
	}
	b.WriteByte('"')
}

// ParseExtensions parses the values of all Sec-WebSocket-Extensions fields of
// a head (RFC 6455 section 9.1), in order and in linear time. No values give
// no extensions. Parameter values may be quoted and must be tokens either way;
// a parameter that comes twice in one extension, more than 32 extensions or
// more than 32 parameters of one are refused. The error is an *Error.
func ParseExtensions(values []string) ([]Extension, error) {
	all, problem := parseExtensions(values)
	if problem != "" {
		return nil, &Error{Field: fieldExtensions, Text: problem}
	}
	return all, nil
}

func parseExtensions(values []string) (all []Extension, problem string) {
	for _, v := range values {
		p := extensionParser{rest: v}
		before := len(all)
		for p.space(); p.rest != ""; p.space() {
			if p.skip(',') { // empty elements of a list count for nothing
				continue
			}
			if len(all) == maxExtensions {
				return nil, "more than " + strconv.Itoa(maxExtensions) + " extensions"
			}
			x, problem := p.extension()
			if problem != "" {
				return nil, problem
			}
			all = append(all, x)
		}
		if len(all) == before {
			return nil, "no extension in it"
		}
	}
	return all, ""
}

// extensionParser consumes a field value from the front.
type extensionParser struct{ rest string }

// extension parses one element, up to the comma after it or the end.
func (p *extensionParser) extension() (x Extension, problem string) {
	if x.Name = p.token(); x.Name == "" {
		return x, "the name of an extension is not a token"
	}
	for p.space(); p.skip(';'); p.space() {
		p.space()
		param := Param{Name: p.token()}
		if param.Name == "" {
			return x, "the name of a parameter is not a token"
		}
		p.space()
		if p.skip('=') {
			p.space()
			param.HasValue = true
			if param.Value, problem = p.value(); problem != "" {
				return x, problem
			}
		}
		if slices.ContainsFunc(x.Params, func(q Param) bool { return q.Name == param.Name }) {
			return x, "a parameter comes twice in one extension"
		}
		if len(x.Params) == maxParams {
			return x, "more than " + strconv.Itoa(maxParams) + " parameters"
		}
		x.Params = append(x.Params, param)
	}
	if p.rest != "" && p.rest[0] != ',' {
		return x, "unexpected character, want a comma or a semicolon"
	}
	return x, ""
}

// value parses a token or a quoted-string that holds a token.
func (p *extensionParser) value() (value, problem string) {
	if !p.skip('"') {
		if value = p.token(); value == "" {
			problem = "the value of a parameter is not a token"
		}
		return value, problem
	}
	for i := 0; i < len(p.rest); i++ {
		if p.rest[i] == '"' && i > 0 {
			value = strings.ReplaceAll(p.rest[:i], `\`, "")
			p.rest = p.rest[i+1:]
			return value, ""
		}
		if p.rest[i] == '\\' {
			i++
		}
		// An escaped backslash or quote is no token byte either.
		if i < len(p.rest) && !isToken(p.rest[i:i+1]) {
			return "", "the quoted value of a parameter is not a token"
		}
	}
	return "", "quoted string without an end"
}

// token takes the longest token, which may be empty.
func (p *extensionParser) token() string {
	n := 0
	for n < len(p.rest) && isToken(p.rest[n:n+1]) {
		n++
	}
	t := p.rest[:n]
	p.rest = p.rest[n:]
	return t
}

// space takes optional white space, which RFC 6455 section 9.1 allows between
// any two parts by the rules of RFC 2616 section 2.1.
func (p *extensionParser) space() { p.rest = strings.TrimLeft(p.rest, " \t") }

// skip takes c if it is next.
func (p *extensionParser) skip(c byte) bool {
	if p.rest == "" || p.rest[0] != c {
		return false
	}
	p.rest = p.rest[1:]
	return true
}
