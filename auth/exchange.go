package auth

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxText bounds what a caller may pass as a name, a password or a token. It is
// far above all uses and below what heads of requests may have.
const maxText = 16 << 10

// scheme is what one kind of credentials does within one dial.
type scheme interface {
	// first refuses what the caller has written and the scheme cannot carry,
	// and makes the first request carry what is sent unasked. sent is false
	// when there is no such thing.
	first(ctx context.Context, r *Request) (sent bool, err error)
	// answer makes r answer what the peer asks for.
	answer(ctx context.Context, r *Request, a asked) error
}

// exchange is the part of an Exchange that all schemes share.
type exchange struct {
	scheme scheme
	begun  bool
}

func (e *exchange) Authorize(ctx context.Context, r *Request, challenges []string) error {
	if r == nil || r.URL == nil || r.Header == nil {
		return errors.New("auth: a Request needs a URL and a Header")
	}
	if !e.begun {
		e.begun = true
		// A caller may come with the first challenge already, because the
		// request before went out without credentials.
		if sent, err := e.scheme.first(ctx, r); err != nil || sent || len(challenges) == 0 {
			return err
		}
	}
	return e.scheme.answer(ctx, r, parseChallenges(challenges))
}

// refused is the error when the peer did not accept what it was sent.
func refused(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrRefused, fmt.Sprintf(format, args...))
}

// checkText refuses values that no field and no message can carry safely. what
// names the value in the error, which never shows it.
func checkText(what, value string) error {
	switch {
	case len(value) > maxText:
		return fmt.Errorf("auth: the %s is longer than %d bytes", what, maxText)
	case !utf8.ValidString(value):
		return fmt.Errorf("auth: the %s is not valid UTF-8", what)
	case strings.ContainsFunc(value, unicode.IsControl):
		return fmt.Errorf("auth: the %s has a control character, such as a line end: remove it", what)
	}
	return nil
}

// checkUser is checkText for the pair that most schemes have.
func checkUser(name, password string) error {
	return cmp.Or(checkText("user name", name), checkText("password", password))
}

// quote writes s as a quoted-string (RFC 9110 section 5.6.4).
func quote(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}
