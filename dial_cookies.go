package fairlead

import (
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/fairlead-ws/fairlead/internal/http1"
)

// What a request may carry, so that a server that sets ever more cookies cannot
// make it too long for itself or for another one.
const (
	maxCookies     = 180
	maxCookieBytes = 8 << 10
)

// What a cookie may be (draft-ietf-httpbis-rfc6265bis, sections 5.6 and 5.6.2).
const (
	maxCookie    = 4 << 10            // bytes of name and value
	maxCookieAge = 400 * 24 * 60 * 60 // seconds
)

// addCookies returns header with the cookies behind those that it has: there is
// one Cookie field in a request (RFC 6265, section 5.4).
func addCookies(header http.Header, cookies []*http.Cookie) (http.Header, error) {
	var line strings.Builder
	n := 0
	for _, c := range cookies {
		if c == nil || (&http.Cookie{Name: c.Name, Value: c.Value}).Valid() != nil {
			return nil, errors.New("the Jar returned a cookie that cannot be sent: its name is no token, or its value has a character that no cookie has")
		}
		value := c.Value
		if c.Quoted {
			value = `"` + value + `"`
		}
		if n == maxCookies || line.Len()+len("; =")+len(c.Name)+len(value) > maxCookieBytes {
			continue
		}
		if n++; n > 1 {
			line.WriteString("; ")
		}
		line.WriteString(c.Name + "=" + value)
	}
	if n == 0 {
		return header, nil
	}
	with := http.Header{}
	var own []string
	for name, values := range header {
		if http1.EqualFold(name, "Cookie") {
			own = append(own, values...)
		} else {
			with[name] = values
		}
	}
	switch {
	case len(own) > 1: // which is refused as a field that comes twice
		with["Cookie"] = own
	case len(own) == 1 && own[0] != "":
		with["Cookie"] = []string{own[0] + "; " + line.String()}
	default:
		with["Cookie"] = []string{line.String()}
	}
	return with, nil
}

// storeCookies hands the Jar what cookies an answer of t sets.
func (x *dialing) storeCookies(t target, resp *http1.Response) {
	if x.Jar == nil {
		return
	}
	var cookies []*http.Cookie
	for _, line := range resp.Values("Set-Cookie") {
		c, err := http.ParseSetCookie(line)
		if err == nil && len(c.Name)+len(c.Value) <= maxCookie && keepsPromise(c, t.tls) {
			c.MaxAge = min(maxAge(c), maxCookieAge)
			cookies = append(cookies, c)
		}
	}
	if len(cookies) > 0 {
		x.Jar.SetCookies(t.url("http", "https"), cookies)
	}
}

// maxAge is that of c, also when it has more digits than an int: net/http passes
// over it then, and the cookie would end with the session or, which is worse, not be
// deleted (RFC 6265, section 5.2.2).
func maxAge(c *http.Cookie) int {
	for _, attribute := range c.Unparsed {
		name, value, _ := strings.Cut(attribute, "=")
		if n, err := strconv.Atoi(value); http1.EqualFold(name, "Max-Age") && errors.Is(err, strconv.ErrRange) {
			return max(n, -1) // the end of the range
		}
	}
	return c.MaxAge
}

// keepsPromise judges the prefixes of names (draft-ietf-httpbis-rfc6265bis,
// section 4.1.3).
func keepsPromise(c *http.Cookie, secure bool) bool {
	name := strings.ToLower(c.Name)
	if strings.HasPrefix(name, "__secure-") {
		return c.Secure && secure
	}
	if strings.HasPrefix(name, "__host-") {
		return c.Secure && secure && c.Domain == "" && c.Path == "/"
	}
	return true
}
