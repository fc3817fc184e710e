package fairlead

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"

	"github.com/fairlead-ws/fairlead/internal/http1"
)

const (
	maxRedirects = 10
	maxLocation  = 8 << 10
	// longestName is the length of the longest subprotocol that is taken for a
	// name: programs that cannot set a field put access tokens there.
	longestName = 32
)

func isRedirect(status int) bool {
	switch status {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		return true
	}
	return false
}

// follow returns where the answer resp of from redirects to. Its body is not
// read.
func (x *dialing) follow(ctx context.Context, from target, resp *http1.Response) (*target, error) {
	to, err := x.redirect(ctx, from, resp)
	if err != nil {
		e := x.fail(PhaseRedirect, err)
		e.Status, e.Header = resp.Status, httpHeader(resp)
		return nil, e
	}
	x.via = append(x.via, from)
	x.away = x.away || to.origin() != from.origin()
	return &to, nil
}

func (x *dialing) redirect(ctx context.Context, from target, resp *http1.Response) (target, error) {
	if limit := min(x.Redirects, maxRedirects); len(x.via) == limit {
		return target{}, fmt.Errorf("more than %d redirects", limit)
	}
	to, err := locate(from, resp.Values("Location"))
	if err != nil {
		return target{}, err
	}
	if from.tls && !to.tls {
		return target{}, errors.New("it leads from wss to ws, which anybody on the way can read")
	}
	if x.CheckRedirect != nil {
		var via []*url.URL
		for _, t := range append(x.via, from) {
			via = append(via, t.url("ws", "wss"))
		}
		if err := x.CheckRedirect(ctx, to.url("ws", "wss"), via); err != nil {
			return target{}, fmt.Errorf("CheckRedirect refused it: %w", err)
		}
	}
	return to, nil
}

// locate resolves the Location of an answer of from (RFC 9110, section 10.2.2).
// What it holds counts for nothing but scheme, host, path and query.
func locate(from target, locations []string) (target, error) {
	if len(locations) != 1 || locations[0] == "" {
		return target{}, errors.New("it needs one Location that says where to")
	}
	if len(locations[0]) > maxLocation {
		return target{}, fmt.Errorf("its Location is longer than %d bytes", maxLocation)
	}
	u, err := url.Parse(locations[0])
	if err != nil {
		return target{}, errors.New("its Location is not a URL")
	}
	u = from.url("ws", "wss").ResolveReference(u)
	u.User, u.Fragment, u.RawFragment = nil, "", ""
	to, err := parseURL(u.String())
	if err != nil {
		return target{}, fmt.Errorf("its Location cannot be used: %w", err)
	}
	return to, nil
}

// harmless are those of the fields that another origin may see too.
func harmless(header http.Header) http.Header {
	some := http.Header{}
	for name, values := range header {
		switch http.CanonicalHeaderKey(name) {
		case "Accept-Language", "Origin", "User-Agent":
			some[name] = values
		}
	}
	return some
}

// subprotocols are those that may be offered.
func (x *dialing) subprotocols() []string {
	if !x.away {
		return slices.Clone(x.Subprotocols)
	}
	return slices.DeleteFunc(slices.Clone(x.Subprotocols), func(name string) bool { return len(name) > longestName })
}

// tlsConfig is TLS without what is for the origin of the URL only. A session
// may have been opened with a client certificate, and resuming it would prove
// the same as the certificate.
func (x *dialing) tlsConfig() *tls.Config {
	if x.TLS == nil || !x.away {
		return x.TLS
	}
	cfg := x.TLS.Clone()
	cfg.Certificates, cfg.GetClientCertificate, cfg.ClientSessionCache = nil, nil, nil
	cfg.ServerName, cfg.EncryptedClientHelloConfigList = "", nil
	return cfg
}
