package wstest

import (
	"net/url"
	"strconv"
	"strings"

	"github.com/fairlead-ws/fairlead/frame"
)

// plan is what the query of the request asks of the session.
type plan struct {
	ping  []byte // nil: no Ping
	close []byte // payload of a Close; nil: no Close
	drop  bool
}

func planOf(target string) (plan, *refusal) {
	var p plan
	_, query, _ := strings.Cut(target, "?")
	// A pair that cannot be read is none of ours.
	values, _ := url.ParseQuery(query)
	if values.Has("ping") {
		p.ping = append([]byte{}, values.Get("ping")...)
		if len(p.ping) > frame.MaxControlPayload {
			return plan{}, badRequest("ping: a Ping carries at most %d bytes", frame.MaxControlPayload)
		}
	}
	if values.Has("close") {
		code, err := strconv.ParseUint(values.Get("close"), 10, 16)
		if err != nil {
			return plan{}, badRequest("close: not a status code")
		}
		p.close, err = frame.AppendClose([]byte{}, frame.StatusCode(code), values.Get("reason"))
		if err != nil {
			return plan{}, badRequest("close: %v", err)
		}
	}
	p.drop = values.Get("drop") == "1"
	return p, nil
}
