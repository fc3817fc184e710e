package auth

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/dghubble/oauth1"
)

// SignatureMethod is how [OAuth1] signs a request.
type SignatureMethod string

// The signature methods of RFC 5849 section 3.4, and HMAC with SHA-256, which
// many servers know besides. PLAINTEXT, which signs nothing, is not there.
const (
	HMACSHA1   SignatureMethod = "HMAC-SHA1"
	HMACSHA256 SignatureMethod = "HMAC-SHA256"
	RSASHA1    SignatureMethod = "RSA-SHA1"
)

// OAuth1 signs the first request with OAuth 1.0a (RFC 5849 section 3). For the
// signature ws counts as http and wss as https, the ports 80 and 443 of these
// are left out, and every parameter of the query counts. It is for servers; with
// a proxy it is an error.
type OAuth1 struct {
	ConsumerKey    string
	ConsumerSecret string
	// Token and TokenSecret are those of the user, empty when the consumer
	// asks for itself.
	Token       string
	TokenSecret string
	// Realm is sent but not signed, and only in a header.
	Realm string
	// SignatureMethod is HMACSHA1 when empty.
	SignatureMethod SignatureMethod
	// PrivateKey signs with RSASHA1; the secrets are of no use then. See
	// [ParseRSAKey].
	PrivateKey *rsa.PrivateKey
	// Query puts the parameters into the query of the URL (RFC 5849 section
	// 3.5.3) instead of the Authorization header. Servers and what is between
	// tend to log URLs.
	Query bool
}

// Begin starts the exchange of one dial with one peer.
func (o OAuth1) Begin() Exchange {
	return &exchange{scheme: &oauth1Scheme{o: o, now: time.Now, nonce: rand.Text}}
}

type oauth1Scheme struct {
	o     OAuth1
	now   func() time.Time
	nonce func() string
}

func (s *oauth1Scheme) answer(_ context.Context, _ *Request, a asked) error {
	return a.refusal("OAuth", "keys and secrets, and the clock of this machine")
}

func (s *oauth1Scheme) first(_ context.Context, r *Request) (bool, error) {
	signer, err := s.o.signer()
	if err != nil {
		return false, err
	}
	if r.Proxy {
		return false, errors.New("auth: OAuth 1.0a signs requests to servers, not to proxies")
	}
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return false, errQuery
	}
	oauth := [][2]string{
		{"oauth_consumer_key", s.o.ConsumerKey},
		{"oauth_nonce", s.nonce()},
		{"oauth_signature_method", signer.Name()},
		{"oauth_timestamp", strconv.FormatInt(s.now().Unix(), 10)},
	}
	if s.o.Token != "" {
		oauth = append(oauth, [2]string{"oauth_token", s.o.Token})
	}
	for name, values := range query {
		if strings.HasPrefix(name, "oauth_") {
			return false, errors.New("auth: the query of the URL has OAuth parameters already: remove them")
		}
		for _, value := range values {
			oauth = append(oauth, [2]string{name, value})
		}
	}
	signature, err := signer.Sign(s.o.TokenSecret, signatureBase(r, oauth))
	if err != nil {
		return false, fmt.Errorf("auth: OAuth1 cannot sign, check PrivateKey: %w", err)
	}
	oauth = slices.DeleteFunc(oauth, func(p [2]string) bool { return !strings.HasPrefix(p[0], "oauth_") })
	s.o.write(r, append(oauth, [2]string{"oauth_signature", signature}))
	return true, nil
}

func (o OAuth1) signer() (oauth1.Signer, error) {
	err := cmp.Or(
		checkText("consumer key", o.ConsumerKey), checkText("consumer secret", o.ConsumerSecret),
		checkText("token", o.Token), checkText("token secret", o.TokenSecret), checkText("realm", o.Realm),
	)
	switch {
	case err != nil:
		return nil, err
	case o.ConsumerKey == "":
		return nil, errors.New("auth: OAuth1 needs a ConsumerKey")
	}
	switch o.SignatureMethod {
	case HMACSHA1, "":
		return &oauth1.HMACSigner{ConsumerSecret: o.ConsumerSecret}, nil
	case HMACSHA256:
		return &oauth1.HMAC256Signer{ConsumerSecret: o.ConsumerSecret}, nil
	case RSASHA1:
		if o.PrivateKey == nil {
			return nil, errors.New("auth: OAuth1 with RSA-SHA1 needs a PrivateKey")
		}
		return &oauth1.RSASigner{PrivateKey: o.PrivateKey}, nil
	}
	return nil, errors.New("auth: OAuth1.SignatureMethod is none of HMAC-SHA1, HMAC-SHA256 and RSA-SHA1")
}

// write puts the signed parameters where the server looks for them.
func (o OAuth1) write(r *Request, params [][2]string) {
	if o.Query {
		pairs := make([]string, 0, len(params)+1)
		if r.URL.RawQuery != "" {
			pairs = append(pairs, r.URL.RawQuery)
		}
		for _, p := range params {
			pairs = append(pairs, p[0]+"="+percentEncode(p[1]))
		}
		r.URL.RawQuery = strings.Join(pairs, "&")
		return
	}
	var pairs []string
	if o.Realm != "" {
		pairs = append(pairs, "realm="+quote(o.Realm))
	}
	for _, p := range params {
		pairs = append(pairs, p[0]+`="`+percentEncode(p[1])+`"`)
	}
	r.set("OAuth " + strings.Join(pairs, ", "))
}

// signatureBase is the text that is signed (RFC 5849 section 3.4.1).
func signatureBase(r *Request, params [][2]string) string {
	pairs := make([]string, len(params))
	for i, p := range params {
		// The comma sorts below all that an encoded text has, as the end of a
		// name must: "a=1" comes before "a-b=0" (section 3.4.1.3.2).
		pairs[i] = percentEncode(p[0]) + "," + percentEncode(p[1])
	}
	slices.Sort(pairs)
	for i := range pairs {
		pairs[i] = strings.Replace(pairs[i], ",", "=", 1)
	}
	u := httpURL(r.URL)
	path := u.EscapedPath()
	if path == "" {
		path = "/"
	}
	base := u.Scheme + "://" + u.Host + path
	return strings.ToUpper(r.Method) + "&" + percentEncode(base) + "&" + percentEncode(strings.Join(pairs, "&"))
}

// percentEncode escapes all but the unreserved characters (RFC 5849 section 3.6).
func percentEncode(s string) string { return oauth1.PercentEncode(s) }
