package fairlead

import (
	"cmp"
	"context"
	"crypto/tls"
	"net/http"
	"net/url"
	"time"

	"github.com/fairlead-ws/fairlead/auth"
	"github.com/fairlead-ws/fairlead/route"
	"github.com/fairlead-ws/fairlead/wstrace"
)

// Dialer holds what a dial may need. The zero value is useful. A Dialer may be
// used by many goroutines, and is not changed by Dial.
type Dialer struct {
	// Header has fields to add to the request of the opening handshake. A Host
	// field takes the place of the one from the URL. Fields that belong to the
	// handshake (Connection, Upgrade, Sec-WebSocket-*, Content-Length,
	// Transfer-Encoding) are refused.
	Header http.Header

	// Subprotocols are offered in this order. Default: none.
	Subprotocols []string

	// Auth proves to the server who is asking: with the first request where its
	// scheme allows that, and again when the server answers 401, with at most 4
	// requests in all. They use one connection if the server keeps it open and
	// its answers end within 64 KiB and 2 s, a fresh one otherwise. Errors have
	// the phase "auth". Default: none.
	//
	// A user name and a password in the URL ("wss://user:password@host", what
	// is special in them escaped with %) are a shorter way to say [auth.Basic].
	// Of Auth, these, and a field Authorization in Header there may be one.
	Auth auth.Credentials

	// Jar keeps the cookies of servers. Those for the URL, its scheme taken for
	// http or https, are sent with each request; those that an answer sets, be
	// it the 101, a redirect or a refusal, are stored. A Cookie field in Header
	// is sent too, in front of them. Default: none.
	//
	// At most 180 cookies of 8 KiB together are sent, the first ones that the
	// Jar returns. A cookie that the server sets is skipped when it cannot be
	// parsed or is longer than 4 KiB, and when its name begins with __Host- or
	// __Secure- and it does not keep the promise of that; it lives 400 days at
	// most. Give a [net/http/cookiejar.Jar] a list of public suffixes, so that
	// one server cannot set cookies for all of a registry's customers.
	Jar http.CookieJar

	// Redirects is how many redirects (301, 302, 303, 307, 308) are followed;
	// more than 10 count as 10. Default: 0, and a redirect is an error whose
	// Header has the Location.
	//
	// A redirect leads to ws, wss, http and https URLs, from wss and https
	// never to ws and http. Userinfo and fragment of a Location count for
	// nothing. Each hop has a key, a connection and a Route of its own.
	//
	// What is secret stays with the origin of the URL, that is scheme, host and
	// port. Once a redirect has led to another, these are left out, also if a
	// later one leads back: Auth, userinfo, client certificates and TLS
	// sessions, names of Subprotocols longer than 32 bytes, and all fields of
	// Header but Accept-Language, Origin and User-Agent. Nor does the
	// ServerName of TLS hold there. Cookies of Jar are sent to whom the Jar
	// says, which asks for host and path but not for the port (RFC 6265,
	// section 8.5).
	Redirects int

	// CheckRedirect may veto each redirect before it is followed: an error ends
	// the dial and is in the chain of its error. Next is the URL it leads to,
	// without userinfo; via are the URLs that were dialled before, the first
	// one first. To judge the IP address too, use a Route: it is asked for each
	// hop. Default: no veto.
	CheckRedirect func(ctx context.Context, next *url.URL, via []*url.URL) error

	// Route says how bytes reach the server. It is asked for "tcp" and the
	// host:port of the URL, and of each redirect. Default: the proxy that the
	// environment names for the URL, see [route.FromEnvironment], and
	// route.TCP{} where it names none. Route: route.TCP{} takes no notice of
	// the environment.
	Route route.Dialer

	// TLS is the configuration for wss URLs: roots, client certificates,
	// versions. It is cloned. Default: the system's roots, TLS 1.2 or later,
	// the host of the URL as server name.
	TLS *tls.Config

	// Timeout bounds the whole dial where the context has no deadline.
	// Default: 30 s.
	Timeout time.Duration

	// Limits bounds what the server can make grow. Default: see Limits.
	Limits Limits

	// Policy says what is answered by itself. Default: everything.
	Policy *Policy

	// IdleTimeout is that of the connection, see Conn.SetIdleTimeout. Default:
	// none.
	IdleTimeout time.Duration

	// WriteTimeout and CloseTimeout are those of ConnConfig. Defaults: 30 s, 5 s.
	WriteTimeout, CloseTimeout time.Duration

	// Trace watches the dial and the connection, together with a Trace that ctx
	// carries. Default: none.
	Trace *wstrace.Trace
}

// Dial opens a WebSocket connection with the zero Dialer. See Dialer.Dial.
func Dial(ctx context.Context, url string) (*Conn, error) { return (&Dialer{}).Dial(ctx, url) }

// Dial opens a WebSocket connection to url, which begins with ws:// or wss://
// (http:// and https:// mean the same). ctx bounds the dial, not the connection.
// The error is a *HandshakeError, whose Phase says how far it came.
func (d *Dialer) Dial(ctx context.Context, url string) (*Conn, error) {
	if ctx == nil {
		return nil, &HandshakeError{Phase: PhaseURL, Err: errNilContext}
	}
	if d == nil {
		d = &Dialer{}
	}
	t, err := parseURL(url)
	if err != nil {
		return nil, &HandshakeError{Phase: PhaseURL, Err: err}
	}
	x := dialing{Dialer: d}
	if x.creds, err = d.credentials(t); err != nil {
		return nil, &HandshakeError{Phase: PhaseURL, Err: err}
	}
	if d.Trace != nil {
		ctx = wstrace.WithTrace(ctx, d.Trace)
	}
	x.trace = wstrace.FromContext(ctx)
	if _, ok := ctx.Deadline(); !ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, cmp.Or(d.Timeout, DefaultDialTimeout))
		defer cancel()
	}
	for {
		c, next, err := x.hop(ctx, t)
		if next == nil {
			return c, err
		}
		t = *next
	}
}
