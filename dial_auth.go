package fairlead

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/fairlead-ws/fairlead/auth"
	"github.com/fairlead-ws/fairlead/internal/http1"
)

const (
	// maxLegs is the number of requests of one hop: NTLM takes three where it
	// is asked for, Digest one more when its nonce is stale.
	maxLegs = 4
	// drainWait is how long the rest of a 401 may take before a fresh
	// connection is the better way.
	drainWait = 2 * time.Second
)

var (
	errTooManyLegs = fmt.Errorf("%w: it still answers 401 after %d requests: check user name and password", auth.ErrRefused, maxLegs)
	errNoChallenge = fmt.Errorf("%w: the 401 has no WWW-Authenticate that says what would do (RFC 9110, section 11.6.1)", auth.ErrRefused)
)

// credentials are those for the origin of t.
func (d *Dialer) credentials(t target) (auth.Credentials, error) {
	byHand := false
	for name := range d.Header {
		byHand = byHand || http1.EqualFold(name, "Authorization")
	}
	switch {
	case d.Auth != nil && byHand:
		return nil, errors.New("both Dialer.Auth and a field Authorization in Dialer.Header are set: choose one")
	case t.user != nil && byHand:
		return nil, errors.New("both a user name in the URL and a field Authorization in Dialer.Header are set: choose one")
	case t.user != nil && d.Auth != nil:
		return nil, errors.New("both a user name in the URL and Dialer.Auth are set: choose one")
	case t.user != nil:
		password, _ := t.user.Password()
		return auth.Basic{Username: t.user.Username(), Password: password}, nil
	}
	return d.Auth, nil
}

// begin starts the exchange of a hop; nil where nothing is to be proved.
func (x *dialing) begin() (auth.Exchange, error) {
	if x.creds == nil || x.away {
		return nil, nil
	}
	exchange := x.creds.Begin()
	if exchange == nil {
		return nil, errors.New("the credentials began no exchange")
	}
	return exchange, nil
}

// authorize has r carry the proof, as an answer to challenge if that is not nil.
// It returns the fields that r is to have.
func (r *request) authorize(ctx context.Context, t target, exchange auth.Exchange, header http.Header, challenge *http1.Response) (http.Header, error) {
	var challenges []string
	if challenge != nil {
		if challenges = challenge.Values("WWW-Authenticate"); len(challenges) == 0 {
			return nil, errNoChallenge
		}
	}
	u := t.url("ws", "wss")
	u.Host = r.Host
	path, query := u.EscapedPath(), u.RawQuery
	if header = header.Clone(); header == nil {
		header = http.Header{}
	}
	ar := &auth.Request{Method: http.MethodGet, URL: u, Header: header, Private: t.tls || t.loopback()}
	if err := exchange.Authorize(ctx, ar, challenges); err != nil {
		return nil, orEnded(ctx, err)
	}
	if ar.URL != nil && ar.URL.RawQuery != query {
		r.Target = path + "?" + asciiTarget(ar.URL.RawQuery)
	}
	return ar.Header, nil
}

// drain reads the rest of resp, and reports whether the connection is fit for
// another request.
func (l *link) drain(resp *http1.Response) bool {
	if resp.Minor == 0 || http1.HasToken(resp.Values("Connection"), "close") || l.nc.SetReadDeadline(time.Now().Add(drainWait)) != nil {
		return false
	}
	_, framed := resp.Get("Content-Length")
	if _, chunked := resp.Get("Transfer-Encoding"); !framed && !chunked {
		return false // the body ends with the connection
	}
	_, truncated, err := l.in.ReadBody(http.MethodGet, resp, bodyMax)
	return err == nil && !truncated && len(l.in.Buffered()) == 0 && l.nc.SetReadDeadline(time.Time{}) == nil
}

// lostEarly reports whether err says that the server closed a connection that
// it had promised to keep. The request may be sent again: it changes nothing.
func lostEarly(err error) bool {
	if malformed, ok := errors.AsType[*http1.Error](err); ok && malformed.Err == nil {
		return false
	}
	return !isTimeout(err)
}
