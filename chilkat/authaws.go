package chilkat

import (
	"github.com/fairlead-ws/fairlead/auth"
)

// AuthAws holds what Rest.SetAuthAws signs requests with, by Signature Version 4
// of AWS. The zero value is ready.
type AuthAws struct {
	object

	// Guarded by object.mu.
	accessKey    string
	secretKey    string
	sessionToken string
	region       string
	service      string
}

// NewAuthAws makes an AuthAws without properties.
func NewAuthAws() *AuthAws { return &AuthAws{} }

// DisposeAuthAws ends the object's life and forgets the properties. It may be called
// twice.
func (a *AuthAws) DisposeAuthAws() {
	a.base().dispose("DisposeAuthAws", func() {
		a.mu.Lock()
		defer a.mu.Unlock()
		a.accessKey, a.secretKey, a.sessionToken = "", "", ""
	})
}

// AccessKey is the ID of the access key.
func (a *AuthAws) AccessKey() string {
	return get(a.base(), "AccessKey", func() string { return a.accessKey })
}

// SetAccessKey sets the ID of the access key.
func (a *AuthAws) SetAccessKey(text string) {
	set(a.base(), "AccessKey", text, func() error { a.accessKey = text; return nil })
}

// SecretKey is the secret access key.
func (a *AuthAws) SecretKey() string {
	return get(a.base(), "SecretKey", func() string { return a.secretKey })
}

// SetSecretKey sets the secret access key. It signs and is never sent.
func (a *AuthAws) SetSecretKey(text string) {
	set(a.base(), "SecretKey", "***", func() error { a.secretKey = text; return nil })
}

// SessionToken is the token of temporary credentials, "" with others.
func (a *AuthAws) SessionToken() string {
	return get(a.base(), "SessionToken", func() string { return a.sessionToken })
}

// SetSessionToken sets the token of temporary credentials.
func (a *AuthAws) SetSessionToken(text string) {
	set(a.base(), "SessionToken", "***", func() error { a.sessionToken = text; return nil })
}

// Region is the region of the service, such as "eu-central-1".
func (a *AuthAws) Region() string {
	return get(a.base(), "Region", func() string { return a.region })
}

// SetRegion sets the region of the service.
func (a *AuthAws) SetRegion(text string) {
	set(a.base(), "Region", text, func() error { a.region = text; return nil })
}

// ServiceName is the name of the service in signatures, such as "execute-api".
func (a *AuthAws) ServiceName() string {
	return get(a.base(), "ServiceName", func() string { return a.service })
}

// SetServiceName sets the name of the service in signatures.
func (a *AuthAws) SetServiceName(text string) {
	set(a.base(), "ServiceName", text, func() error { a.service = text; return nil })
}

func (a *AuthAws) credentials() auth.Credentials {
	a.mu.Lock()
	defer a.mu.Unlock()
	return auth.AWS{
		AccessKeyID:     a.accessKey,
		SecretAccessKey: a.secretKey,
		SessionToken:    a.sessionToken,
		Region:          a.region,
		Service:         a.service,
	}
}
