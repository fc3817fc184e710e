package handshake

import (
	"slices"
	"strconv"
	"strings"

	"github.com/fairlead-ws/fairlead/internal/http1"
)

// The fields that the handshake owns.
const (
	fieldUpgrade    = "Upgrade"
	fieldConnection = "Connection"
	fieldKey        = "Sec-WebSocket-Key"
	fieldVersion    = "Sec-WebSocket-Version"
	fieldProtocol   = "Sec-WebSocket-Protocol"
	fieldExtensions = "Sec-WebSocket-Extensions"
	fieldAccept     = "Sec-WebSocket-Accept"

	version = "13" // RFC 6455 section 4.1
)

// Offer is what a client offers in its request. The same value goes into the
// [Request] and into [Verify].
type Offer struct {
	Key          string      // see [NewKey]
	Subprotocols []string    // in order of preference; tokens, each once; default none
	Extensions   []Extension // in order of preference; a name may come again with other parameters; default none
}

// Fields returns the fields of the request that carry the offer: Upgrade,
// Connection, Sec-WebSocket-Key, Sec-WebSocket-Version and, where something is
// offered, Sec-WebSocket-Protocol and Sec-WebSocket-Extensions. It checks
// nothing; [Request.Append] does.
func (o Offer) Fields() []Field { return o.appendFields(nil) }

func (o Offer) appendFields(fields []Field) []Field {
	fields = append(
		fields,
		Field{Name: fieldUpgrade, Value: "websocket"},
		Field{Name: fieldConnection, Value: "Upgrade"},
		Field{Name: fieldKey, Value: o.Key},
		Field{Name: fieldVersion, Value: version},
	)
	if len(o.Subprotocols) > 0 {
		fields = append(fields, Field{Name: fieldProtocol, Value: strings.Join(o.Subprotocols, ", ")})
	}
	if len(o.Extensions) > 0 {
		fields = append(fields, Field{Name: fieldExtensions, Value: FormatExtensions(o.Extensions)})
	}
	return fields
}

// check returns an *Error unless everything in the offer can be sent.
func (o Offer) check() error {
	if !validKey(o.Key) {
		return &Error{Field: fieldKey, Text: "not the base64 of 16 bytes"}
	}
	if err := checkSubprotocols(o.Subprotocols); err != nil {
		return err
	}
	if len(o.Extensions) > maxExtensions {
		return &Error{Field: fieldExtensions, Text: "more than " + strconv.Itoa(maxExtensions) + " extensions"}
	}
	for _, x := range o.Extensions {
		if !x.valid() {
			return &Error{Field: fieldExtensions, Text: "names and values must be tokens, each parameter once, at most " + strconv.Itoa(maxParams) + " of them"}
		}
	}
	return nil
}

// checkSubprotocols enforces RFC 6455 section 4.1, item 10 of the request.
func checkSubprotocols(list []string) error {
	if len(list) == 0 {
		return nil
	}
	seen := make(map[string]bool, len(list))
	for _, p := range list {
		if !isToken(p) {
			return &Error{Field: fieldProtocol, Text: "a subprotocol is not a token"}
		}
		if seen[p] {
			return &Error{Field: fieldProtocol, Text: "a subprotocol is offered twice"}
		}
		seen[p] = true
	}
	return nil
}

// isToken reports whether s is a token, which is what a field name is.
func isToken(s string) bool { return http1.ValidFieldName(s) }

// OfferFrom reads back what the fields of a request offer, for a request that
// was built by hand, field by field. It is an *Error when Sec-WebSocket-Key,
// Upgrade, Connection or Sec-WebSocket-Version is absent or wrong, or one of
// them but Connection comes twice. Sec-WebSocket-Protocol and
// Sec-WebSocket-Extensions may be absent, or be split over several fields.
func OfferFrom(fields []Field) (Offer, error) {
	req := http1.Request{Fields: fields}
	var o Offer
	if field, problem := checkUpgrade(req.Values(fieldUpgrade), req.Values(fieldConnection)); problem != "" {
		return o, &Error{Field: field, Text: problem}
	}
	if v := req.Values(fieldVersion); len(v) != 1 || trimSpace(v[0]) != version {
		return o, &Error{Field: fieldVersion, Text: "must come once and be " + version}
	}
	keys := req.Values(fieldKey)
	if len(keys) != 1 || !validKey(trimSpace(keys[0])) {
		return o, &Error{Field: fieldKey, Text: "must come once and be the base64 of 16 bytes"}
	}
	var subprotocols []string
	if v := req.Values(fieldProtocol); len(v) > 0 {
		subprotocols = strings.Split(strings.Join(v, ","), ",")
		for i := range subprotocols {
			subprotocols[i] = trimSpace(subprotocols[i])
		}
		// Empty elements of a list count for nothing (RFC 9110 section 5.6.1).
		subprotocols = slices.DeleteFunc(subprotocols, func(p string) bool { return p == "" })
		if err := checkSubprotocols(subprotocols); err != nil {
			return o, err
		}
	}
	extensions, err := ParseExtensions(req.Values(fieldExtensions))
	if err != nil {
		return o, err
	}
	return Offer{Key: trimSpace(keys[0]), Subprotocols: subprotocols, Extensions: extensions}, nil
}

// checkUpgrade demands what RFC 6455 demands of requests and responses alike:
// one Upgrade that is websocket, and upgrade among the tokens of Connection.
func checkUpgrade(upgrade, connection []string) (field, problem string) {
	if len(upgrade) != 1 || !http1.EqualFold(trimSpace(upgrade[0]), "websocket") {
		return fieldUpgrade, "must come once and be websocket"
	}
	if !http1.HasToken(connection, "upgrade") {
		return fieldConnection, "must contain the token Upgrade"
	}
	return "", ""
}

// trimSpace takes optional white space (SP and HTAB only) off both ends.
func trimSpace(s string) string { return strings.Trim(s, " \t") }
