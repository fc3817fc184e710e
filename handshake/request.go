package handshake

import (
	"strconv"
	"strings"

	"github.com/fairlead-ws/fairlead/internal/http1"
)

// Request is an opening handshake's request (RFC 6455 section 4.1).
type Request struct {
	Host   string  // host name or bracketed IPv6 address, with ":port" unless it is the default of the scheme
	Target string  // path and query, percent-encoded, beginning with "/"
	Fields []Field // what the caller adds, in order; default none
	Offer  Offer
}

// Append appends the request to dst: GET, then Host, the fields of the Offer,
// and the caller's. Nothing is rewritten. An *Error names the field when
// anything in the request could not be sent as it is, when the caller's Fields
// contain one that the handshake sets itself (Host, Upgrade, Connection,
// Sec-WebSocket-...), one that would announce a body (Content-Length,
// Transfer-Encoding, TE, Trailer), or one twice; dst is then returned as it
// was.
func (r Request) Append(dst []byte) ([]byte, error) {
	if !validHost(r.Host) {
		return dst, &Error{Field: "Host", Text: "not a host name or bracketed IPv6 address with an optional port"}
	}
	if !strings.HasPrefix(r.Target, "/") || !http1.ValidTarget(r.Target) {
		return dst, &Error{Field: "Target", Text: `must begin with "/" and be visible ASCII without "#"`}
	}
	if err := r.Offer.check(); err != nil {
		return dst, err
	}
	if err := checkFields(r.Fields); err != nil {
		return dst, err
	}
	var room [8]Field // for a request without fields of the caller's
	fields := append(room[:0], Field{Name: "Host", Value: r.Host})
	fields = r.Offer.appendFields(fields)
	fields = append(fields, r.Fields...)
	return http1.AppendRequest(dst, "GET", r.Target, fields)
}

// checkFields judges what the caller adds.
func checkFields(fields []Field) error {
	if len(fields) == 0 {
		return nil
	}
	seen := make(map[string]bool, len(fields))
	for i, f := range fields {
		if !isToken(f.Name) {
			// Not quoted: someone may have put a whole line, with its value,
			// where the name belongs.
			return &Error{Field: "Fields", Text: "the name of field " + strconv.Itoa(i+1) + " is not a token"}
		}
		name := strings.ToLower(f.Name)
		switch {
		case owned(name):
			return &Error{Field: f.Name, Text: "the handshake sets this field itself, or a request without a body must not have it"}
		case seen[name]:
			return &Error{Field: f.Name, Text: "comes twice"}
		case !http1.ValidFieldValue(f.Value):
			return &Error{Field: f.Name, Text: "control character in the value"}
		}
		seen[name] = true
	}
	return nil
}

// owned reports whether a field, its name in lower case, is out of the
// caller's hands.
func owned(name string) bool {
	switch name {
	case "host", "connection", "upgrade", "content-length", "transfer-encoding", "te", "trailer":
		return true
	}
	return strings.HasPrefix(name, "sec-websocket-")
}

// validHost reports whether host can be the value of Host (RFC 9110 section
// 7.2, RFC 3986 section 3.2.2). Percent-encoding is refused: a host has one
// form, and zones of IPv6 addresses mean nothing to the other side.
func validHost(host string) bool {
	var name, port string
	var hasPort bool
	if strings.HasPrefix(host, "[") {
		address, rest, closed := strings.Cut(host[1:], "]")
		if !closed || strings.Count(address, ":") < 2 || strings.Trim(address, "0123456789abcdefABCDEF:.") != "" {
			return false
		}
		if rest != "" && rest[0] != ':' {
			return false
		}
		port, hasPort = strings.TrimPrefix(rest, ":"), rest != ""
	} else {
		name, port, hasPort = strings.Cut(host, ":")
		if name == "" {
			return false
		}
	}
	for i := range len(name) {
		if !isHostByte(name[i]) {
			return false
		}
	}
	return !hasPort || validPort(port)
}

// isHostByte reports whether c is unreserved or a sub-delim of RFC 3986.
func isHostByte(c byte) bool {
	switch {
	case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9':
		return true
	}
	return strings.IndexByte("-._~!$&'()*+,;=", c) >= 0
}

// validPort reports whether port is a number from 1 to 65535 without leading
// zeros.
func validPort(port string) bool {
	n := 0
	for i := range len(port) {
		c := port[i]
		if c < '0' || c > '9' || n > 65535 {
			return false
		}
		n = n*10 + int(c-'0')
	}
	return n >= 1 && n <= 65535 && port[0] != '0'
}
