package chilkat

import (
	"crypto/tls"
	"errors"
	"strings"
)

const defaultTimeoutMs = 30000

// IdleTimeoutMs is the longest pause in milliseconds without a byte moved while
// a request is sent or a response is read. It is never a total. The default is
// 30000; 0 means no limit.
func (r *Rest) IdleTimeoutMs() int {
	return get(r.base(), "IdleTimeoutMs", func() int { return r.idleTimeoutMs.or(defaultTimeoutMs) })
}

// SetIdleTimeoutMs sets the longest pause, from the next call on. A negative
// number is refused.
func (r *Rest) SetIdleTimeoutMs(ms int) {
	set(r.base(), "IdleTimeoutMs", ms, func() error { return putTimeout(&r.idleTimeoutMs, "IdleTimeoutMs", ms) })
}

// ConnectTimeoutMs is how long Connect may take in milliseconds, name lookup and
// TLS included. The default is 30000; 0 means no limit.
func (r *Rest) ConnectTimeoutMs() int {
	return get(r.base(), "ConnectTimeoutMs", func() int { return r.connectTimeoutMs.or(defaultTimeoutMs) })
}

// SetConnectTimeoutMs sets how long Connect may take. A negative number is
// refused.
func (r *Rest) SetConnectTimeoutMs(ms int) {
	set(r.base(), "ConnectTimeoutMs", ms, func() error { return putTimeout(&r.connectTimeoutMs, "ConnectTimeoutMs", ms) })
}

func putTimeout(s *setting[int], name string, ms int) error {
	if ms < 0 {
		return fail(name+" is negative", "Pass milliseconds, or 0 for no limit.")
	}
	s.put(ms)
	return nil
}

// SetTLSConfig sets how TLS connections are made from the next Connect on: own
// authorities (RootCAs), client certificates, versions. Nil, the default, means
// the authorities of the system. cfg is copied. It is not part of the reference.
func (r *Rest) SetTLSConfig(cfg *tls.Config) {
	set(r.base(), "TLSConfig", cfg != nil, func() error {
		r.tlsConfig = cfg.Clone()
		return nil
	})
}

// restOptions is what UncommonOptions asks for.
type restOptions struct {
	insecureBasic bool
}

// UncommonOptions is the list of keywords that was set; the default is "".
func (r *Rest) UncommonOptions() string {
	return get(r.base(), "UncommonOptions", func() string { return r.uncommon })
}

// SetUncommonOptions sets a comma-separated list of keywords:
//
//   - AllowInsecureBasicAuth lets the password of SetAuthBasic and the token of
//     SetAuthOAuth2 go over a connection that others can read;
//   - ProtectFromVpn is accepted and does nothing.
//
// A keyword that is not known has no effect, and LastErrorText names it.
func (r *Rest) SetUncommonOptions(keywords string) {
	set(r.base(), "UncommonOptions", keywords, func() error {
		var o restOptions
		err := eachKeyword(keywords, func(name, _ string) error {
			switch name {
			case "allowinsecurebasicauth":
				o.insecureBasic = true
			case "protectfromvpn":
			default:
				return errUnknownKeyword
			}
			return nil
		})
		r.uncommon, r.options = keywords, o
		return err
	})
}

// eachKeyword passes each keyword of a list to use: its name in lower case, and
// what follows "=". It returns the first error, and goes on after it.
func eachKeyword(keywords string, use func(name, value string) error) (first error) {
	for word := range strings.SplitSeq(keywords, ",") {
		word = strings.TrimSpace(word)
		if word == "" {
			continue
		}
		name, value, _ := strings.Cut(word, "=")
		err := use(strings.ToLower(strings.TrimSpace(name)), strings.TrimSpace(value))
		if errors.Is(err, errUnknownKeyword) {
			err = fail("the keyword "+quote(word)+" of UncommonOptions is not known, it has no effect", "Take it out, or correct its spelling.")
		}
		if first == nil {
			first = err
		}
	}
	return first
}

var errUnknownKeyword = errors.New("unknown keyword")
