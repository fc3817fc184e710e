package fairlead

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/fairlead-ws/fairlead/internal/http1"
	"github.com/fairlead-ws/fairlead/wstrace"
)

// refusal adds what the server answered, if it did, and what of the body comes
// at once.
func (x *dialing) refusal(l *link, resp *http1.Response, err error) error {
	e, ok := errors.AsType[*HandshakeError](err)
	if !ok {
		e = x.fail(PhaseVerify, err)
	}
	if resp == nil {
		return e
	}
	e.Status, e.Header = resp.Status, httpHeader(resp)
	if resp.Status != http.StatusSwitchingProtocols && l.nc.SetReadDeadline(time.Now().Add(bodyWait)) == nil {
		e.Body, _, _ = l.in.ReadBody(http.MethodGet, resp, bodyMax)
	}
	return e
}

func responseHead(resp *http1.Response) wstrace.Head {
	fields := make([]wstrace.Field, len(resp.Fields))
	for i, f := range resp.Fields {
		fields[i] = wstrace.Field(f)
	}
	return wstrace.NewResponseHead(httpVersion(resp)+" "+statusLine(resp), fields...)
}

func httpResponse(resp *http1.Response) *http.Response {
	return &http.Response{
		Status: statusLine(resp), StatusCode: resp.Status,
		Proto: httpVersion(resp), ProtoMajor: resp.Major, ProtoMinor: resp.Minor,
		Header: httpHeader(resp), Body: http.NoBody,
	}
}

func statusLine(resp *http1.Response) string { return strconv.Itoa(resp.Status) + " " + resp.Reason }

func httpVersion(resp *http1.Response) string {
	if resp.Minor == 1 {
		return "HTTP/1.1" // the usual case
	}
	return fmt.Sprintf("HTTP/%d.%d", resp.Major, resp.Minor)
}

func httpHeader(resp *http1.Response) http.Header {
	h := make(http.Header, len(resp.Fields))
	room := make([]string, len(resp.Fields)) // one allocation for the values of all
	for _, f := range resp.Fields {
		name := http.CanonicalHeaderKey(f.Name)
		if values, ok := h[name]; ok {
			h[name] = append(values, f.Value)
			continue
		}
		room[0] = f.Value
		h[name], room = room[:1:1], room[1:]
	}
	return h
}
