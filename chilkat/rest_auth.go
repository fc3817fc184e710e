package chilkat

import (
	"context"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/fairlead-ws/fairlead/auth"
	"github.com/fairlead-ws/fairlead/chilkat/internal/lasterr"
	"github.com/fairlead-ws/fairlead/internal/http1"
)

// authorization is what the SetAuth methods leave.
type authorization struct {
	// credentials gives what the next request is signed with.
	credentials func() auth.Credentials
	// exposes names what others could read without TLS; "" if there is nothing.
	exposes string
}

// SetAuthBasic makes all later requests carry a user name and a password (HTTP
// Basic authentication). It takes the place of Authorization and of the other
// SetAuth methods.
//
// The password does not go over a connection that others can read: without TLS or
// SSH, to another machine, either SetAuthBasic fails or the request does, unless
// UncommonOptions has AllowInsecureBasicAuth. Through a proxy every server counts
// as another machine.
func (r *Rest) SetAuthBasic(user, password string) bool {
	return r.base().call("SetAuthBasic", func(*lasterr.Log) error {
		switch {
		case strings.Contains(user, ":"):
			return fail("the argument user has a colon", "Pass another name: one of Basic authentication cannot have a colon (RFC 7617 section 2).")
		case !http1.ValidFieldValue(user):
			return fail("the argument user has a control character", "Pass the name as it is typed.")
		case !http1.ValidFieldValue(password):
			return fail("the argument password has a control character", "Pass the password as it is typed, without a line end.")
		}
		basic := auth.Basic{Username: user, Password: password}
		return r.setAuth(authorization{
			credentials: func() auth.Credentials { return basic },
			exposes:     "the password of SetAuthBasic",
		})
	}).status()
}

// SetAuthOAuth1 makes all later requests be signed by OAuth 1.0a, with what the
// properties of oauth1 are when a request is sent. With useQueryParams the
// signature is in the query, otherwise in the field Authorization. It takes the
// place of Authorization and of the other SetAuth methods.
func (r *Rest) SetAuthOAuth1(oauth1 *OAuth1, useQueryParams bool) bool {
	return r.base().call("SetAuthOAuth1", func(l *lasterr.Log) error {
		l.Value("useQueryParams", useQueryParams)
		if err := checkArgument("oauth1", "OAuth1", oauth1); err != nil {
			return err
		}
		return r.setAuth(authorization{credentials: func() auth.Credentials { return oauth1.credentials(useQueryParams) }})
	}).status()
}

// SetAuthOAuth2 makes all later requests carry the AccessToken that oauth2 has
// when a request is sent. The token goes over no connection that others can read,
// as the password of SetAuthBasic does not. It takes the place of Authorization
// and of the other SetAuth methods.
func (r *Rest) SetAuthOAuth2(oauth2 *OAuth2) bool {
	return r.base().call("SetAuthOAuth2", func(*lasterr.Log) error {
		if err := checkArgument("oauth2", "OAuth2", oauth2); err != nil {
			return err
		}
		return r.setAuth(authorization{
			// Whether others can read it is judged before.
			credentials: func() auth.Credentials { return oauth2.credentials(true) },
			exposes:     "the token of SetAuthOAuth2",
		})
	}).status()
}

// SetAuthAws makes all later requests be signed by AWS Signature Version 4, with
// what the properties of authAws are when a request is sent. It takes the place of
// Authorization and of the other SetAuth methods.
func (r *Rest) SetAuthAws(authAws *AuthAws) bool {
	return r.base().call("SetAuthAws", func(*lasterr.Log) error {
		if err := checkArgument("authAws", "AuthAws", authAws); err != nil {
			return err
		}
		return r.setAuth(authorization{credentials: authAws.credentials})
	}).status()
}

func (r *Rest) setAuth(a authorization) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.link != nil {
		if err := r.mayExpose(a.exposes, r.link.target); err != nil {
			return err
		}
	}
	r.head.put("Authorization", "")
	r.head.auth = &a
	return nil
}

// mayExpose refuses to send a secret where others can read it. r.mu is held.
func (r *Rest) mayExpose(secret string, t target) error {
	if secret == "" || t.private() || r.options.insecureBasic {
		return nil
	}
	return fail(secret+" would go over the network for all to read",
		"Connect with tls true, or set UncommonOptions to AllowInsecureBasicAuth.")
}

// ClearAuth takes what the SetAuth methods have set out of later requests, and
// Authorization too.
func (r *Rest) ClearAuth() bool {
	return r.base().call("ClearAuth", func(*lasterr.Log) error {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.head.put("Authorization", "")
		return nil
	}).status()
}

// authorize adds to a request what proves who asks.
func (r *Rest) authorize(ctx context.Context, req *http1.Request, t target) error {
	r.mu.Lock()
	a := r.head.auth
	var err error
	if a != nil {
		err = r.mayExpose(a.exposes, t)
	}
	r.mu.Unlock()
	if a == nil || err != nil {
		return err
	}
	host, _ := req.Get("Host")
	u, err := url.ParseRequestURI(req.Target)
	if err != nil {
		// The error would repeat the path.
		return fail("the path has what no signature can be made for", "Encode it: a percent sign is %25.")
	}
	u.Scheme, u.Host = "http", host
	if t.tls {
		u.Scheme = "https"
	}
	query, header := u.RawQuery, http.Header{}
	for _, f := range req.Fields {
		header.Add(f.Name, f.Value)
	}
	before := header.Clone()
	proof := &auth.Request{Method: req.Method, URL: u, Header: header, Private: t.private()}
	if err := a.credentials().Begin().Authorize(ctx, proof, nil); err != nil {
		return failFor(err, "the request cannot carry the credentials", "Correct what the cause names in the object that was given to the SetAuth method.")
	}
	for _, name := range slices.Sorted(maps.Keys(header)) {
		if !slices.Equal(header[name], before[name]) {
			putField(&req.Fields, name, strings.Join(header[name], ", "))
		}
	}
	if u.RawQuery != query {
		path, _, _ := strings.Cut(req.Target, "?")
		req.Target = path + "?" + u.RawQuery
	}
	return nil
}
