package auth

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// Bearer sends a token with the first request, unasked (RFC 6750 section 2.1).
type Bearer struct {
	// Token is sent when Source is nil.
	Token string
	// Source gives the token. It is asked at the first request of each dial,
	// and once more when the peer refuses that token, for another one: the same
	// again is not sent. It must end with ctx. Its error is wrapped as it is,
	// so it should not hold the token.
	Source func(ctx context.Context) (string, error)
	// AllowCleartext sends the token also where others can read it: over ws://
	// to another machine (RFC 6750 section 5.3 forbids that). The default is an
	// error.
	AllowCleartext bool
}

// Begin starts the exchange of one dial with one peer.
func (b Bearer) Begin() Exchange { return &exchange{scheme: &bearerScheme{b: b}} }

type bearerScheme struct {
	b       Bearer
	sent    string
	renewed bool
}

func (s *bearerScheme) first(ctx context.Context, r *Request) (bool, error) {
	token, err := s.token(ctx, r)
	if err != nil {
		return false, err
	}
	s.send(r, token)
	return true, nil
}

func (s *bearerScheme) answer(ctx context.Context, r *Request, a asked) error {
	if s.b.Source == nil || s.renewed {
		return s.refusal(a)
	}
	s.renewed = true
	token, err := s.token(ctx, r)
	if err != nil {
		return err
	}
	if token == s.sent {
		return s.refusal(a)
	}
	s.send(r, token)
	return nil
}

func (s *bearerScheme) token(ctx context.Context, r *Request) (string, error) {
	if !r.Private && !s.b.AllowCleartext {
		return "", errors.New("auth: a bearer token is not sent where others can read it (RFC 6750, section 5.3): use TLS, or set Bearer.AllowCleartext")
	}
	token := s.b.Token
	if s.b.Source != nil {
		var err error
		if token, err = s.b.Source(ctx); err != nil {
			return "", fmt.Errorf("auth: Bearer.Source gave no token: %w", err)
		}
	}
	switch {
	case token == "":
		return "", errors.New("auth: the bearer token is empty")
	case len(token) > maxText:
		return "", fmt.Errorf("auth: the bearer token is longer than %d bytes", maxText)
	case strings.ContainsFunc(token, func(r rune) bool { return r <= ' ' || r >= 0x7f }):
		return "", errors.New("auth: the bearer token has a character other than visible ASCII (RFC 6750, section 2.1)")
	}
	return token, nil
}

func (s *bearerScheme) send(r *Request, token string) {
	s.sent = token
	r.set("Bearer " + token)
}

// refusal adds the peer's reason when it is one of those that RFC 6750 section
// 3.1 knows.
func (s *bearerScheme) refusal(a asked) error {
	err := a.refusal("Bearer", "the token")
	c, _ := a.find("bearer")
	switch code := c.params["error"]; code {
	case "invalid_request", "invalid_token", "insufficient_scope":
		err = fmt.Errorf("%w: %s", err, code)
	}
	return err
}
