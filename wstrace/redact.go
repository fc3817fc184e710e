package wstrace

import (
	"iter"
	"slices"
	"strings"
)

// mask stands where a secret was. It says nothing of the secret's length.
const mask = "***"

// Field is one header field.
type Field struct{ Name, Value string }

// Head is the head of a request or a response without its secrets: they are
// masked by [NewRequestHead] and [NewResponseHead], the only ways to make one.
// The zero value is an empty head.
type Head struct {
	line   string
	fields []Field
}

// NewRequestHead returns the head of an HTTP/1.1 request. Masked are: userinfo,
// query values and fragment of target (see [RedactTarget]) and of fields that
// hold a URL, and the values of fields that hold credentials, cookies, keys or
// tokens by their name. Of challenges and credentials the scheme is kept, of
// subprotocols every name of up to 32 bytes. The fields are copied.
func NewRequestHead(method, target string, fields ...Field) Head {
	return Head{line: method + " " + RedactTarget(target) + " HTTP/1.1", fields: redactFields(fields)}
}

// NewResponseHead returns the head of a response that begins with the given
// status line. The fields are masked as in [NewRequestHead].
func NewResponseHead(line string, fields ...Field) Head {
	return Head{line: line, fields: redactFields(fields)}
}

// Line returns the request line or the status line. It may hold any byte that
// the peer sent; see [Escape].
func (h Head) Line() string { return h.line }

// Fields iterates over names and values in the order they have on the wire.
// They may hold any byte that the peer sent; see [Escape].
func (h Head) Fields() iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		for _, f := range h.fields {
			if !yield(f.Name, f.Value) {
				return
			}
		}
	}
}

// String returns the head as lines of text, without a line end after the last.
// It is escaped as by [Escape].
func (h Head) String() string {
	var b strings.Builder
	b.WriteString(Escape(h.line))
	for _, f := range h.fields {
		b.WriteString("\n" + Escape(f.Name) + ": " + Escape(f.Value))
	}
	return b.String()
}

// secretNames are the parts of lower-case field names whose values are secret.
// "key" covers Sec-WebSocket-Key, X-Api-Key and the many names that gateways
// have for it, "auth" covers Authorization, the challenges and X-Auth-anything.
// One name too many costs a value in a log; one too few costs a credential.
var secretNames = []string{
	"auth", "cookie", "key", "token", "secret", "passw", "pwd", "credential",
	"signature", "session", "jwt", "csrf", "xsrf", "bearer", "ticket", "nonce",
}

// longestSubprotocol is the longest name that is shown. Registered names are
// shorter; programs that cannot set a header put access tokens there.
const longestSubprotocol = 32

func redactFields(fields []Field) []Field {
	redacted := slices.Clone(fields)
	for i := range redacted {
		redacted[i].Value = redactValue(redacted[i])
	}
	return redacted
}

func redactValue(f Field) string {
	name := strings.ToLower(f.Name)
	switch {
	case name == "authorization", name == "proxy-authorization",
		name == "www-authenticate", name == "proxy-authenticate":
		return redactCredentials(f.Value)
	case name == "sec-websocket-protocol":
		return redactSubprotocols(f.Value)
	case slices.ContainsFunc(secretNames, func(part string) bool { return strings.Contains(name, part) }):
		return mask
	case strings.Count(f.Value, "://") > 1: // RedactTarget judges one URL
		return mask
	case strings.ContainsAny(f.Value, "?@#"):
		return RedactTarget(f.Value)
	}
	return f.Value
}

// schemes are the authentication schemes that are shown: the registered ones
// and those in wide use. Any other first word may be the secret itself.
var schemes = []string{
	"Basic", "Bearer", "Concealed", "Digest", "DPoP", "GNAP", "HOBA", "Mutual", "Negotiate", "OAuth",
	"PrivateToken", "SCRAM-SHA-1", "SCRAM-SHA-256", "vapid", "NTLM", "AWS4-HMAC-SHA256", "Token", "ApiKey",
}

// redactCredentials keeps the scheme (RFC 9110 section 11.4).
func redactCredentials(value string) string {
	scheme, _, found := strings.Cut(strings.TrimSpace(value), " ")
	switch {
	case !slices.ContainsFunc(schemes, func(known string) bool { return strings.EqualFold(known, scheme) }):
		return mask
	case !found:
		return scheme
	}
	return scheme + " " + mask
}

func redactSubprotocols(value string) string {
	names := strings.Split(value, ",")
	for i, name := range names {
		name = strings.TrimSpace(name)
		if len(name) > longestSubprotocol {
			name = mask
		}
		names[i] = name
	}
	return strings.Join(names, ", ")
}

// RedactTarget returns a URL or a request target with its secrets masked: the
// userinfo, every value in the query (a part of the query that is no name=value
// pair is masked whole), and the fragment. It accepts any string.
func RedactTarget(target string) string {
	prefix, rest := "", target
	if start, end := userinfo(target); start < end {
		prefix, rest = target[:start]+mask, target[end:]
	}
	rest, _, hasFragment := strings.Cut(rest, "#")
	rest, query, hasQuery := strings.Cut(rest, "?")
	if hasQuery {
		rest += "?" + redactQuery(query)
	}
	if hasFragment {
		rest += "#" + mask
	}
	return prefix + rest
}

// userinfo returns where the userinfo of target begins and where the @ after it
// is; start == end if there is none.
func userinfo(target string) (start, end int) {
	scheme := strings.Index(target, "://")
	switch {
	case strings.HasPrefix(target, "//"):
		start = len("//")
	case strings.HasPrefix(target, "/"):
		return 0, 0
	case scheme >= 0 && !strings.ContainsAny(target[:scheme], "/?#"):
		start = scheme + len("://")
	}
	authority := target[start:]
	if i := strings.IndexAny(authority, "/?#"); i >= 0 {
		authority = authority[:i]
	}
	at := strings.LastIndexByte(authority, '@')
	if at < 0 && !isHostPort(authority) {
		// The password may hold a delimiter that its owner forgot to escape,
		// and the @ is further on.
		at = strings.LastIndexByte(target[start:], '@')
	}
	return start, start + max(at, 0)
}

func isHostPort(authority string) bool {
	colon := strings.LastIndexByte(authority, ':')
	if colon < 0 || strings.HasSuffix(authority, "]") {
		return true
	}
	host, port := authority[:colon], authority[colon+1:]
	return port != "" && strings.Trim(port, "0123456789") == "" &&
		(!strings.Contains(host, ":") || strings.HasSuffix(host, "]"))
}

func redactQuery(query string) string {
	var b strings.Builder
	for len(query) > 0 {
		end := strings.IndexAny(query, "&;")
		pair, separator := query, ""
		if end >= 0 {
			pair, separator = query[:end], query[end:end+1]
		}
		query = query[len(pair)+len(separator):]
		name, value, _ := strings.Cut(pair, "=")
		switch {
		case pair == "":
		case strings.Trim(value, "=") == "": // a bare token may end in base64 padding
			b.WriteString(mask)
		default:
			b.WriteString(name + "=" + mask)
		}
		b.WriteString(separator)
	}
	return b.String()
}
