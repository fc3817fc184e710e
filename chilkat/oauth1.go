package chilkat

import (
	"strings"

	"github.com/fairlead-ws/fairlead/auth"
)

// OAuth1 holds what Rest.SetAuthOAuth1 signs requests with, by OAuth 1.0a (RFC
// 5849). The zero value is ready.
type OAuth1 struct {
	object

	// Guarded by object.mu.
	consumerKey    string
	consumerSecret string
	token          string
	tokenSecret    string
	realm          string
	method         setting[string]
}

// NewOAuth1 makes an OAuth1 without properties.
func NewOAuth1() *OAuth1 { return &OAuth1{} }

// DisposeOAuth1 ends the object's life and forgets the properties. It may be called
// twice.
func (a *OAuth1) DisposeOAuth1() {
	a.base().dispose("DisposeOAuth1", func() {
		a.mu.Lock()
		defer a.mu.Unlock()
		a.consumerKey, a.consumerSecret, a.token, a.tokenSecret = "", "", "", ""
	})
}

// ConsumerKey is the name of this program at the server.
func (a *OAuth1) ConsumerKey() string {
	return get(a.base(), "ConsumerKey", func() string { return a.consumerKey })
}

// SetConsumerKey sets the name of this program at the server.
func (a *OAuth1) SetConsumerKey(text string) {
	set(a.base(), "ConsumerKey", text, func() error { a.consumerKey = text; return nil })
}

// ConsumerSecret is what proves that it is this program.
func (a *OAuth1) ConsumerSecret() string {
	return get(a.base(), "ConsumerSecret", func() string { return a.consumerSecret })
}

// SetConsumerSecret sets what proves that it is this program. It signs and is
// never sent.
func (a *OAuth1) SetConsumerSecret(text string) {
	set(a.base(), "ConsumerSecret", "***", func() error { a.consumerSecret = text; return nil })
}

// Token is the token of the user, "" when the program asks for itself.
func (a *OAuth1) Token() string {
	return get(a.base(), "Token", func() string { return a.token })
}

// SetToken sets the token of the user.
func (a *OAuth1) SetToken(text string) {
	set(a.base(), "Token", "***", func() error { a.token = text; return nil })
}

// TokenSecret is the secret that belongs to the token.
func (a *OAuth1) TokenSecret() string {
	return get(a.base(), "TokenSecret", func() string { return a.tokenSecret })
}

// SetTokenSecret sets the secret that belongs to the token. It signs and is
// never sent.
func (a *OAuth1) SetTokenSecret(text string) {
	set(a.base(), "TokenSecret", "***", func() error { a.tokenSecret = text; return nil })
}

// Realm is the realm that is sent and not signed; "", the default, sends none.
func (a *OAuth1) Realm() string {
	return get(a.base(), "Realm", func() string { return a.realm })
}

// SetRealm sets the realm.
func (a *OAuth1) SetRealm(text string) {
	set(a.base(), "Realm", text, func() error { a.realm = text; return nil })
}

// SignatureMethod is how requests are signed: "HMAC-SHA1", the default, or
// "HMAC-SHA256".
func (a *OAuth1) SignatureMethod() string {
	return get(a.base(), "SignatureMethod", func() string { return a.method.or(string(auth.HMACSHA1)) })
}

// SetSignatureMethod sets how requests are signed: "HMAC-SHA1" or "HMAC-SHA256".
// Anything else is refused.
func (a *OAuth1) SetSignatureMethod(text string) {
	set(a.base(), "SignatureMethod", text, func() error {
		if err := checkSignatureMethod(text); err != nil {
			return err
		}
		a.method.put(text)
		return nil
	})
}

func checkSignatureMethod(method string) error {
	switch auth.SignatureMethod(strings.ToUpper(method)) {
	case auth.HMACSHA1, auth.HMACSHA256:
		return nil
	}
	return fail("SignatureMethod is not known", `Set it to "HMAC-SHA1" or "HMAC-SHA256".`)
}

func (a *OAuth1) credentials(useQueryParams bool) auth.Credentials {
	a.mu.Lock()
	defer a.mu.Unlock()
	return auth.OAuth1{
		ConsumerKey:     a.consumerKey,
		ConsumerSecret:  a.consumerSecret,
		Token:           a.token,
		TokenSecret:     a.tokenSecret,
		Realm:           a.realm,
		SignatureMethod: auth.SignatureMethod(strings.ToUpper(a.method.or(string(auth.HMACSHA1)))),
		Query:           useQueryParams,
	}
}
