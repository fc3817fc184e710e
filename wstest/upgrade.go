package wstest

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"

	"github.com/fairlead-ws/fairlead/handshake"
	"github.com/fairlead-ws/fairlead/internal/http1"
)

// opening is what a client asks for in a request that keeps all rules.
type opening struct {
	key          string
	subprotocols []string // in the client's order
}

// refusal is the answer to a request that does not become a session.
type refusal struct {
	status int
	text   string // the body
	fields []handshake.Field
}

func (r *refusal) Error() string {
	return fmt.Sprintf("refused with %d: %s", r.status, r.text)
}

func badRequest(format string, args ...any) *refusal {
	return &refusal{status: http.StatusBadRequest, text: fmt.Sprintf(format, args...)}
}

// checkOpening holds the request against RFC 6455 sections 4.1 and 4.2.1.
// The text of a refusal names fields and never repeats a value.
func checkOpening(req *http1.Request) (opening, *refusal) {
	var o opening
	if req.Method != http.MethodGet {
		return o, badRequest("the method must be GET (RFC 6455 section 4.1 item 2)")
	}
	if req.Minor < 1 {
		return o, badRequest("HTTP/1.1 is needed (RFC 6455 section 4.1 item 2)")
	}
	if !strings.HasPrefix(req.Target, "/") && !strings.Contains(req.Target, "://") {
		return o, badRequest("the target must be a path or an absolute URL (RFC 6455 section 4.1 item 3)")
	}
	for _, name := range []string{"Host", "Sec-WebSocket-Key", "Sec-WebSocket-Version"} {
		if n := len(req.Values(name)); n != 1 {
			return o, badRequest("%s must stand there once, not %d times (RFC 6455 section 4.2.1)", name, n)
		}
	}
	for _, name := range []string{"Content-Length", "Transfer-Encoding"} {
		if len(req.Values(name)) > 0 {
			return o, badRequest("%s: the opening request has no body", name)
		}
	}
	if !http1.HasToken(req.Values("Upgrade"), "websocket") {
		return o, badRequest("Upgrade must contain websocket (RFC 6455 section 4.1 item 5)")
	}
	if !http1.HasToken(req.Values("Connection"), "Upgrade") {
		return o, badRequest("Connection must contain Upgrade (RFC 6455 section 4.1 item 6)")
	}
	o.key, _ = req.Get("Sec-WebSocket-Key")
	if nonce, err := base64.StdEncoding.Strict().DecodeString(o.key); err != nil || len(nonce) != 16 {
		return o, badRequest("Sec-WebSocket-Key must be 16 bytes in base64 (RFC 6455 section 4.1 item 7)")
	}
	if version, _ := req.Get("Sec-WebSocket-Version"); version != "13" {
		return o, &refusal{
			status: http.StatusUpgradeRequired,
			text:   "Sec-WebSocket-Version must be 13 (RFC 6455 section 4.1 item 9)",
			fields: []handshake.Field{{Name: "Sec-WebSocket-Version", Value: "13"}},
		}
	}
	if _, err := handshake.ParseExtensions(req.Values("Sec-WebSocket-Extensions")); err != nil {
		return o, badRequest("Sec-WebSocket-Extensions breaks the grammar (RFC 6455 section 9.1)")
	}
	for _, list := range req.Values("Sec-WebSocket-Protocol") {
		for name := range strings.SplitSeq(list, ",") {
			name = strings.Trim(name, " \t")
			if !http1.ValidFieldName(name) {
				return o, badRequest("Sec-WebSocket-Protocol must be a list of tokens (RFC 6455 section 4.1 item 10)")
			}
			for _, before := range o.subprotocols {
				if before == name {
					return o, badRequest("Sec-WebSocket-Protocol names a subprotocol twice (RFC 6455 section 4.1 item 10)")
				}
			}
			o.subprotocols = append(o.subprotocols, name)
		}
	}
	return o, nil
}

// appendSwitch appends the response that opens a session (RFC 6455 section
// 4.2.2). The extra fields stand as they are: a scripted peer may lie.
func appendSwitch(dst []byte, key string, extra ...handshake.Field) []byte {
	return appendResponse(dst, http.StatusSwitchingProtocols, append([]handshake.Field{
		{Name: "Upgrade", Value: "websocket"},
		{Name: "Connection", Value: "Upgrade"},
		{Name: "Sec-WebSocket-Accept", Value: handshake.AcceptKey(key)},
	}, extra...))
}

func appendRefusal(dst []byte, r *refusal) []byte {
	body := r.text + "\n"
	dst = appendResponse(dst, r.status, append([]handshake.Field{
		{Name: "Connection", Value: "close"},
		{Name: "Content-Type", Value: "text/plain; charset=utf-8"},
		{Name: "Content-Length", Value: fmt.Sprint(len(body))},
	}, r.fields...))
	return append(dst, body...)
}

func appendResponse(dst []byte, status int, fields []handshake.Field) []byte {
	dst = fmt.Appendf(dst, "HTTP/1.1 %d %s\r\n", status, http.StatusText(status))
	for _, f := range fields {
		dst = fmt.Appendf(dst, "%s: %s\r\n", f.Name, f.Value)
	}
	return append(dst, "\r\n"...)
}
