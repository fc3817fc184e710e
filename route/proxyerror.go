package route

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/fairlead-ws/fairlead/internal/http1"
)

// ProxyError is why an HTTP or SOCKS proxy gave no connection. It is in the
// chain of an *[Error] with the phase "proxy". A proxy that could not be reached
// at all has said nothing: then the error is that of the dial to it.
type ProxyError struct {
	Kind   string // "http", "https", "socks4", "socks4a", "socks5" or "socks5h"
	Addr   string // "host:port" of the proxy
	Target string // "host:port" that it was asked for

	// Status is the status code of an HTTP proxy's answer, 0 if none came.
	Status int
	// Header and Body are the rest of that answer, as the proxy wrote it. The
	// body is what came within a moment, at most 64 KiB. They are not part of
	// the error's text.
	Header http.Header
	Body   []byte

	// Code is what a SOCKS proxy replied to the request: 1 to 255 for SOCKS5
	// (RFC 1928 section 6), 91 to 255 for SOCKS4; 0 if no reply came.
	Code int

	// Err says what happened and what to do. It matches
	// [github.com/fairlead-ws/fairlead/auth.ErrRefused] or ErrNotOffered when
	// the credentials are at fault, [io.ErrUnexpectedEOF] when the proxy closed
	// the connection, and the error of the context when that ended the dialogue.
	Err error
}

// Error returns the text of e.Err.
func (e *ProxyError) Error() string { return e.Err.Error() }

// Unwrap returns e.Err.
func (e *ProxyError) Unwrap() error { return e.Err }

// Timeout reports whether time ran out.
func (e *ProxyError) Timeout() bool { return (&Error{Err: e.Err}).Timeout() }

// statusText says what an HTTP proxy means by a status that opens no tunnel. It
// repeats nothing of the proxy's.
func statusText(status int) string {
	text := "the proxy answered " + strings.TrimSpace(strconv.Itoa(status)+" "+http.StatusText(status))
	switch {
	case status >= 300 && status < 400:
		return text + ": a redirect of a proxy is never followed; is a web server, or a page to log in, in the place of the proxy?"
	case status == http.StatusBadRequest:
		return text + ": it does not understand CONNECT, or the port wants TLS (https://)"
	case status == http.StatusUnauthorized:
		return text + ": some proxies say so when user name or password are wrong; otherwise this is a web server"
	case status == http.StatusForbidden:
		return text + ": it does not allow connections to this host or port"
	case status == http.StatusNotFound, status == http.StatusMethodNotAllowed, status == http.StatusNotImplemented:
		return text + ": it does not do CONNECT; is this the address of a web server?"
	case status == http.StatusBadGateway, status == http.StatusServiceUnavailable, status == http.StatusGatewayTimeout:
		return text + ": it could not reach the server, or find its name"
	}
	return text
}

// socks5Text says what a reply code of RFC 1928 section 6 means.
func socks5Text(code byte) string {
	text := [...]string{
		1: "general failure: look into its log; the server may be down or its name unknown",
		2: "its rules do not allow this connection",
		3: "the network of the server cannot be reached from there",
		4: "the server cannot be reached from there, or its name is unknown",
		5: "the server refused the connection: is it running, and is the port right?",
		6: "the connection took too many hops (TTL expired)",
		7: "it does not know the command CONNECT",
		8: "it does not know this type of address: for a name try socks5 instead of socks5h, for IPv6 an address of IPv4",
	}
	if int(code) < len(text) {
		return fmt.Sprintf("the proxy answered %d: %s", code, text[code])
	}
	return fmt.Sprintf("the proxy answered %d, which RFC 1928 does not assign: look into its log", code)
}

// socks4Text says what a reply code of SOCKS4 means.
func socks4Text(code byte) string {
	switch code {
	case 91:
		return "the proxy answered 91: rejected or failed; a proxy without SOCKS4a says so of every name"
	case 92:
		return "the proxy answered 92: it cannot reach an ident server on this machine"
	case 93:
		return "the proxy answered 93: the ident server names another user than the request"
	}
	return fmt.Sprintf("the proxy answered %d, which SOCKS4 does not know", code)
}

// schemes names the authentication schemes of challenges for an error, in
// words that a peer cannot shape.
func schemes(challenges []string) string {
	var names []string
	for _, c := range challenges {
		name, _, _ := strings.Cut(c, " ")
		if len(names) < 4 && len(name) <= 16 && http1.ValidFieldName(name) {
			names = append(names, name)
		}
	}
	return strings.Join(names, ", ")
}
