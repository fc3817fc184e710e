// Package auth proves to servers and proxies who is asking: Basic, Bearer,
// Digest, NTLM, OAuth 1.0a and AWS Signature Version 4.
//
// Start with [Password], which answers whatever a peer asks for that a user name
// and a password can answer. The other types each speak one scheme. All are
// plain values that many dials may share: what a dial learns from its peer (a
// nonce, say) lives in an [Exchange] that ends with it.
package auth

import (
	"context"
	"errors"
	"net/http"
	"net/url"
)

// Credentials prove who is asking. They belong to one origin or one proxy; that
// they reach no other is the business of the caller.
type Credentials interface {
	// Begin starts the exchange of one dial with one peer.
	Begin() Exchange
}

// Exchange authenticates the requests of one dial to one peer, one after the
// other. It is not safe for concurrent use.
//
// Who sends the requests loops like this:
//
//	ex := credentials.Begin()
//	err := ex.Authorize(ctx, r, nil)            // before the first request
//	for leg := 0; err == nil && leg < 4; leg++ {
//		send r, read the whole answer
//		if the status is not 401 (407 of a proxy), it is over: the peer let us in or not
//		err = ex.Authorize(ctx, r, answer.Header.Values("WWW-Authenticate"))
//	}
//
// No scheme of this package takes more than three requests; the bound of four
// is for those of others. A refusal ends the loop by the error.
//
// The next request goes over the connection of the answer before, after its
// body was read to the end: NTLM proves who the connection is, not who the
// request is. When the peer closes the connection with its answer
// ("Connection: close", HTTP/1.0, or an end), open another one to the same peer
// and go on with the same Exchange and the next Authorize: every scheme but
// NTLM's last leg works over a new connection, and a peer that closes there
// refuses, which the next Authorize says. A connection that breaks without an
// answer is no challenge: the same request may go once more over another
// connection, with no Authorize between, or the dial ends.
//
// A redirect to another origin, and another proxy, need an Exchange of their own.
type Exchange interface {
	// Authorize makes r, the next request, carry what proves who is asking: it
	// sets fields of r.Header or adds to the query of r.URL. challenges are
	// the values of all WWW-Authenticate or Proxy-Authenticate fields of the
	// answer to the request before, nil when r is the first. A request after
	// the first may be the same *Request as before: what an Exchange has set in
	// it is replaced.
	//
	// The error matches [ErrRefused] when the peer refused what it was sent and
	// there is nothing else to try, [ErrNotOffered] when the peer asks for
	// schemes that these credentials do not speak. It never holds a secret.
	Authorize(ctx context.Context, r *Request, challenges []string) error
}

// Request is the request that is to carry the proof.
type Request struct {
	// Method is "GET" for an opening handshake, "CONNECT" for a proxy.
	Method string
	// URL is that of the request as it is sent, without user information; its
	// scheme is ws, wss, http or https. Of a CONNECT only Host is set,
	// "host:port". Schemes that sign the query or write into it change
	// URL.RawQuery in place.
	URL *url.URL
	// Header has the fields of the request so far. It is never nil.
	Header http.Header
	// Proxy says that the peer is a proxy: the answer to its challenge stands
	// in Proxy-Authorization (RFC 9110 section 11.7.2).
	Proxy bool
	// Private says that nobody between can read the request: it goes through
	// TLS or SSH, or does not leave the machine.
	Private bool
}

var (
	// ErrRefused is matched when the peer does not accept the credentials.
	ErrRefused = errors.New("auth: the credentials were refused")
	// ErrNotOffered is matched when the peer asks for none of the schemes that
	// the credentials speak.
	ErrNotOffered = errors.New("auth: the peer asks for another kind of credentials")
)

// set puts value into the field that the peer reads.
func (r *Request) set(value string) {
	name := "Authorization"
	if r.Proxy {
		name = "Proxy-Authorization"
	}
	r.Header.Set(name, value)
}
