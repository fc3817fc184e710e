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
type Exchange interface {
	// Authorize makes r, the next request, carry what proves who is asking: it
	// sets fields of r.Header or adds to the query of r.URL. challenges are
	// the values of all WWW-Authenticate or Proxy-Authenticate fields of the
	// answer to the request before, nil when r is the first.
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
	// URL is that of the request, without user information; of a CONNECT only
	// Host is set, "host:port".
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
