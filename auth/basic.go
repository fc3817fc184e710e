package auth

import (
	"context"
	"encoding/base64"
	"errors"
	"strings"
)

// Basic sends a user name and a password with the first request, unasked
// (RFC 7617). Both are sent in UTF-8, as they are, without normalization.
//
// Base64 hides nothing: whoever reads the request has the password. Use it over
// TLS, or with a proxy on a network that you trust. [Password] sends Basic only
// when nothing better is asked for.
//
// A user name with a colon, and control characters in either, are an error
// before anything is sent. Both may be empty.
type Basic struct {
	Username string
	Password string
}

// Begin starts the exchange of one dial with one peer.
func (b Basic) Begin() Exchange { return &exchange{scheme: &basicScheme{b: b}} }

type basicScheme struct {
	b    Basic
	sent bool
}

func (s *basicScheme) first(_ context.Context, r *Request) (bool, error) { return true, s.send(r) }

func (s *basicScheme) answer(_ context.Context, r *Request, a asked) error {
	if s.sent {
		return a.refusal("Basic", "user name and password")
	}
	return s.send(r)
}

func (s *basicScheme) send(r *Request) error {
	if err := checkUser(s.b.Username, s.b.Password); err != nil {
		return err
	}
	if strings.Contains(s.b.Username, ":") {
		return errors.New("auth: the user name has a colon, which Basic cannot carry (RFC 7617, section 2)")
	}
	s.sent = true
	r.set("Basic " + base64.StdEncoding.EncodeToString([]byte(s.b.Username+":"+s.b.Password)))
	return nil
}
