package connect

import (
	"context"
	"net/http"
	"net/textproto"
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/fairlead-ws/fairlead/auth"
)

// Secrets knows what the requests of a Setup carry, for whoever asks to see it.
// Traces mask it.
type Secrets struct {
	setup *Setup
	mu    sync.Mutex
	last  http.Header // as the credentials left it
}

// Reveal makes s tell its secrets. Call it before the first dial.
func (s *Setup) Reveal() *Secrets {
	x := &Secrets{setup: s}
	if s.Dialer.Auth != nil {
		s.Dialer.Auth = revealing{s.Dialer.Auth, x}
	}
	return x
}

// Target returns the request target.
func (x *Secrets) Target() string {
	u, err := url.Parse(x.setup.URL)
	if err != nil {
		return ""
	}
	return u.RequestURI()
}

// Value returns the value of a field of the request, "" if it is not known.
func (x *Secrets) Value(name string) string {
	x.mu.Lock()
	header := x.last
	x.mu.Unlock()
	if header == nil {
		header = x.setup.Dialer.Header
	}
	values := slices.Clone(header[textproto.CanonicalMIMEHeaderKey(name)])
	if strings.EqualFold(name, "Cookie") && x.setup.Dialer.Jar != nil {
		if u, err := url.Parse(x.setup.URL); err == nil {
			u.Scheme = strings.Replace(u.Scheme, "ws", "http", 1)
			for _, c := range x.setup.Dialer.Jar.Cookies(u) {
				values = append(values, c.Name+"="+c.Value)
			}
		}
	}
	return strings.Join(values, "; ")
}

type revealing struct {
	auth.Credentials
	x *Secrets
}

func (r revealing) Begin() auth.Exchange { return revealingExchange{r.Credentials.Begin(), r.x} }

type revealingExchange struct {
	auth.Exchange
	x *Secrets
}

func (e revealingExchange) Authorize(ctx context.Context, r *auth.Request, challenges []string) error {
	err := e.Exchange.Authorize(ctx, r, challenges)
	e.x.mu.Lock()
	defer e.x.mu.Unlock()
	e.x.last = r.Header.Clone()
	return err
}
