package handshake

import (
	"slices"
	"strconv"
)

// Agreement is what a verified handshake agreed on.
type Agreement struct {
	Subprotocol string      // one of those offered; empty when the server chose none
	Extensions  []Extension // each one offered, in the order of the response
}

// Verify checks that resp accepts the request that carried o: all of RFC 6455
// section 4.1, "the client MUST validate the server's response". Anything but
// a correct 101 is an *Error that says which field failed and the status.
//
// A server that chooses none of the subprotocols or extensions offered is
// within its rights; look at the Agreement. Content-Length has no meaning in a
// 101 and is ignored, as is Sec-WebSocket-Version.
func Verify(o Offer, resp *Response) (Agreement, error) {
	var a Agreement
	if resp == nil {
		return a, &Error{Text: "no response"}
	}
	refuse := func(field, text string) (Agreement, error) {
		return Agreement{}, &Error{Field: field, Status: resp.Status, Text: text}
	}
	// Item 1. A status that is not 101 says more than anything else.
	if resp.Status != 101 {
		return refuse("", "the server did not switch protocols, want status 101")
	}
	if !validKey(o.Key) {
		return refuse(fieldKey, "the request had no valid key")
	}
	// Upgrade exists from HTTP/1.1 on (RFC 9110 section 7.8).
	if resp.Major != 1 || resp.Minor < 1 {
		return refuse("", "the version is HTTP/"+strconv.Itoa(resp.Major)+"."+strconv.Itoa(resp.Minor)+", want HTTP/1.1")
	}
	// RFC 9112 section 6.1: not in a 1xx.
	if len(resp.Values("Transfer-Encoding")) > 0 {
		return refuse("Transfer-Encoding", "must not be in a 101 response")
	}
	// Items 2 and 3.
	if field, problem := checkUpgrade(resp.Values(fieldUpgrade), resp.Values(fieldConnection)); problem != "" {
		return refuse(field, problem)
	}
	// Item 4. White space around the value counts for nothing.
	accept := acceptKey(o.Key)
	if v := resp.Values(fieldAccept); len(v) != 1 || trimSpace(v[0]) != string(accept[:]) {
		return refuse(fieldAccept, "must come once and match the key of the request")
	}
	// Item 5.
	extensions, problem := parseExtensions(resp.Values(fieldExtensions))
	if problem != "" {
		return refuse(fieldExtensions, problem)
	}
	for i, x := range extensions {
		named := func(y Extension) bool { return y.Name == x.Name }
		if !slices.ContainsFunc(o.Extensions, named) {
			return refuse(fieldExtensions, "the server chose an extension that was not offered")
		}
		if slices.ContainsFunc(extensions[:i], named) {
			return refuse(fieldExtensions, "the server chose an extension twice")
		}
	}
	a.Extensions = extensions
	// Item 6. One name, letter for letter (RFC 6455 section 11.3.4).
	if v := resp.Values(fieldProtocol); len(v) > 0 {
		a.Subprotocol = trimSpace(v[0])
		if len(v) > 1 || !isToken(a.Subprotocol) || !slices.Contains(o.Subprotocols, a.Subprotocol) {
			return refuse(fieldProtocol, "must come once and be one of the subprotocols offered")
		}
	}
	return a, nil
}
