package chilkat

import (
	"github.com/fairlead-ws/fairlead/auth"
)

// OAuth2 holds the token that Rest.SetAuthOAuth2 sends with requests (RFC 6750).
// The zero value is ready.
type OAuth2 struct {
	object

	// Guarded by object.mu.
	accessToken string
}

// NewOAuth2 makes an OAuth2 without properties.
func NewOAuth2() *OAuth2 { return &OAuth2{} }

// DisposeOAuth2 ends the object's life and forgets the properties. It may be called
// twice.
func (a *OAuth2) DisposeOAuth2() {
	a.base().dispose("DisposeOAuth2", func() {
		a.mu.Lock()
		defer a.mu.Unlock()
		a.accessToken = ""
	})
}

// AccessToken is the token that is sent.
func (a *OAuth2) AccessToken() string {
	return get(a.base(), "AccessToken", func() string { return a.accessToken })
}

// SetAccessToken sets the token that is sent, also by a Rest that was given this
// object before: with its next request.
func (a *OAuth2) SetAccessToken(text string) {
	set(a.base(), "AccessToken", "***", func() error { a.accessToken = text; return nil })
}

func (a *OAuth2) credentials(cleartext bool) auth.Credentials {
	a.mu.Lock()
	defer a.mu.Unlock()
	return auth.Bearer{Token: a.accessToken, AllowCleartext: cleartext}
}
