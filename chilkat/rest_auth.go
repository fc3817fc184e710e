package chilkat

import (
	"encoding/base64"
	"strings"

	"github.com/fairlead-ws/fairlead/chilkat/internal/lasterr"
	"github.com/fairlead-ws/fairlead/internal/http1"
)

// SetAuthBasic makes all later requests carry a user name and a password (HTTP
// Basic authentication). It takes the place of Authorization.
//
// The password does not go over a connection that others can read: without TLS,
// to another machine, either SetAuthBasic fails or the request does, unless
// UncommonOptions has AllowInsecureBasicAuth.
func (r *Rest) SetAuthBasic(user, password string) bool {
	return r.base().call("SetAuthBasic", func(*lasterr.Log) error {
		switch {
		case strings.Contains(user, ":"):
			return fail("the argument user has a colon", "A user name of Basic authentication cannot have one (RFC 7617 section 2).")
		case !http1.ValidFieldValue(user):
			return fail("the argument user has a control character", "Pass the name as it is typed.")
		case !http1.ValidFieldValue(password):
			return fail("the argument password has a control character", "Pass the password as it is typed, without a line end.")
		}
		r.mu.Lock()
		defer r.mu.Unlock()
		if r.link != nil {
			if err := r.mayAuthenticate(r.link.target); err != nil {
				return err
			}
		}
		value := "Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"+password))
		r.head.put("Authorization", "")
		r.head.basic = &http1.Field{Name: "Authorization", Value: value}
		return nil
	}).status()
}

// mayAuthenticate refuses to send a password where others can read it. r.mu is
// held.
func (r *Rest) mayAuthenticate(t target) error {
	if t.private() || r.options.insecureBasic {
		return nil
	}
	return fail("the password of SetAuthBasic would go over the network for all to read",
		"Connect with tls true, or set UncommonOptions to AllowInsecureBasicAuth.")
}

// ClearAuth takes what SetAuthBasic has set out of later requests, and
// Authorization too.
func (r *Rest) ClearAuth() bool {
	return r.base().call("ClearAuth", func(*lasterr.Log) error {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.head.put("Authorization", "")
		return nil
	}).status()
}
