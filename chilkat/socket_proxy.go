package chilkat

import (
	"strings"

	"github.com/fairlead-ws/fairlead/auth"
	"github.com/fairlead-ws/fairlead/route"
)

// httpProxySettings say how to get through an HTTP proxy.
type httpProxySettings struct {
	hostname, username, password string
	method, domain               string
	port                         int
	forHTTP                      bool
}

// HttpProxyHostname is the name or address of an HTTP proxy that connections go
// through, by CONNECT; "", the default, means none.
func (s *Socket) HttpProxyHostname() string {
	return get(s.base(), "HttpProxyHostname", func() string { return s.settings.http.hostname })
}

// SetHttpProxyHostname sets the HTTP proxy: a name or an address. With anything
// else LastErrorText says so, and no connection is opened. SOCKS and an HTTP
// proxy exclude each other.
func (s *Socket) SetHttpProxyHostname(text string) {
	set(s.base(), "HttpProxyHostname", hopHost(text), func() error {
		s.settings.http.hostname = text
		return checkHopHost("HttpProxyHostname", text)
	})
}

// HttpProxyPort is the port of the HTTP proxy; the default is 0, with which no
// connection is opened.
func (s *Socket) HttpProxyPort() int {
	return get(s.base(), "HttpProxyPort", func() int { return s.settings.http.port })
}

// SetHttpProxyPort sets the port of the HTTP proxy, from 0 to 65535.
func (s *Socket) SetHttpProxyPort(n int) {
	set(s.base(), "HttpProxyPort", n, func() error {
		if err := checkPort("HttpProxyPort", n); err != nil {
			return err
		}
		s.settings.http.port = n
		return nil
	})
}

// HttpProxyUsername is the user name for the HTTP proxy; "", the default, means
// that no credentials are sent.
func (s *Socket) HttpProxyUsername() string {
	return get(s.base(), "HttpProxyUsername", func() string { return s.settings.http.username })
}

// SetHttpProxyUsername sets the user name for the HTTP proxy.
func (s *Socket) SetHttpProxyUsername(text string) {
	set(s.base(), "HttpProxyUsername", text, func() error { s.settings.http.username = text; return nil })
}

// HttpProxyPassword is the password for the HTTP proxy.
func (s *Socket) HttpProxyPassword() string {
	return get(s.base(), "HttpProxyPassword", func() string { return s.settings.http.password })
}

// SetHttpProxyPassword sets the password for the HTTP proxy. It goes over the
// connection to the proxy as HttpProxyAuthMethod says.
func (s *Socket) SetHttpProxyPassword(text string) {
	set(s.base(), "HttpProxyPassword", "***", func() error { s.settings.http.password = text; return nil })
}

// HttpProxyAuthMethod is how the HTTP proxy is told user name and password:
// "Basic", "Digest" or "NTLM"; "", the default, means the best of what the proxy
// asks for.
func (s *Socket) HttpProxyAuthMethod() string {
	return get(s.base(), "HttpProxyAuthMethod", func() string { return s.settings.http.method })
}

// SetHttpProxyAuthMethod sets the method. Basic sends the password as it is,
// with the first request; the others never show it. With a name that is not
// known no connection is opened.
func (s *Socket) SetHttpProxyAuthMethod(text string) {
	set(s.base(), "HttpProxyAuthMethod", text, func() error {
		s.settings.http.method = text
		return checkProxyMethod(text)
	})
}

// HttpProxyDomain is the domain of the user, for NTLM only.
func (s *Socket) HttpProxyDomain() string {
	return get(s.base(), "HttpProxyDomain", func() string { return s.settings.http.domain })
}

// SetHttpProxyDomain sets the domain of the user for NTLM.
func (s *Socket) SetHttpProxyDomain(text string) {
	set(s.base(), "HttpProxyDomain", text, func() error { s.settings.http.domain = text; return nil })
}

// HttpProxyForHttp reports whether the HTTP proxy may serve HTTP connections;
// the default is false.
func (s *Socket) HttpProxyForHttp() bool {
	return get(s.base(), "HttpProxyForHttp", func() bool { return s.settings.http.forHTTP })
}

// SetHttpProxyForHttp allows the HTTP proxy for HTTP connections. It must be
// true for a Rest: without it Rest.UseConnection fails. What a Rest sends passes
// the proxy in a tunnel either way.
func (s *Socket) SetHttpProxyForHttp(on bool) {
	set(s.base(), "HttpProxyForHttp", on, func() error { s.settings.http.forHTTP = on; return nil })
}

func checkProxyMethod(method string) error {
	switch strings.ToLower(method) {
	case "", "basic", "digest", "ntlm":
		return nil
	}
	return fail("HttpProxyAuthMethod is not known", `Set it to "Basic", "Digest" or "NTLM", or to "" for what the proxy asks for.`)
}

// credentials are nil when there is no user name.
func (h httpProxySettings) credentials() auth.Credentials {
	if h.username == "" {
		return nil
	}
	switch strings.ToLower(h.method) {
	case "basic":
		return auth.Basic{Username: h.username, Password: h.password}
	case "digest":
		return auth.Digest{Username: h.username, Password: h.password}
	case "ntlm":
		return auth.NTLM{Username: h.username, Password: h.password, Domain: h.domain}
	default:
		return auth.Password{Username: h.username, Password: h.password, Domain: h.domain}
	}
}

// layer is the hop; nil without a proxy.
func (h httpProxySettings) layer() (route.Layer, error) {
	if h.hostname == "" {
		return nil, nil
	}
	if err := checkProxyMethod(h.method); err != nil {
		return nil, err
	}
	addr, err := hopAddress("HttpProxyHostname", h.hostname, "HttpProxyPort", h.port)
	if err != nil {
		return nil, err
	}
	return route.HTTPProxy(addr, &route.HTTPProxyOptions{Auth: h.credentials()}), nil
}
