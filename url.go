package fairlead

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"

	"golang.org/x/net/idna"
)

// target is a WebSocket URL taken apart (RFC 6455, section 3). host is in the one
// form that is used for everything: dialling, Host, SNI and the certificate.
type target struct {
	tls  bool
	host string // without port and brackets
	addr string // host:port to dial
	hdr  string // Host header field
	path string // request-target
	user *url.Userinfo
}

// origin is what secrets belong to (RFC 6454, section 4).
type origin struct {
	tls  bool
	addr string
}

func (t target) origin() origin { return origin{t.tls, t.addr} }

// url returns the URL of t with one of two schemes, and without userinfo.
func (t target) url(plain, secure string) *url.URL {
	u := &url.URL{Scheme: plain, Host: t.hdr}
	if t.tls {
		u.Scheme = secure
	}
	// Cannot fail: it is what a URL's RequestURI gave.
	if p, err := url.ParseRequestURI(t.path); err == nil {
		u.Path, u.RawPath, u.RawQuery, u.ForceQuery = p.Path, p.RawPath, p.RawQuery, p.ForceQuery
	}
	return u
}

// loopback reports whether what is sent to t does not leave the machine.
func (t target) loopback() bool {
	name := strings.TrimSuffix(t.host, ".")
	ip := net.ParseIP(name)
	return name == "localhost" || strings.HasSuffix(name, ".localhost") || ip != nil && ip.IsLoopback() // RFC 6761, section 6.3
}

var schemes = map[string]bool{"ws": false, "wss": true, "http": false, "https": true}

// parseURL takes a URL apart. Errors name the part, never its value: a URL may
// carry credentials anywhere.
func parseURL(raw string) (target, error) {
	var t target
	if strings.ContainsFunc(raw, func(r rune) bool { return r <= ' ' || r == 0x7f }) {
		return t, errors.New("the URL has a space or a control character: escape it with %")
	}
	u, err := url.Parse(raw)
	if err != nil {
		return t, errors.New("this is not a URL: expected ws://host/path or wss://host/path, other characters in a user name or password escaped with %")
	}
	secure, known := schemes[strings.ToLower(u.Scheme)]
	switch {
	case !known || u.Opaque != "":
		return t, errors.New("the URL does not begin with ws:// or wss://")
	case !strings.HasPrefix(u.Host, "[") && writtenHost(raw) != u.Host:
		// An escaped host would have two spellings, one of which a filter sees.
		return t, errors.New("the host of the URL is escaped with %: write it out")
	case u.Fragment != "" || strings.HasSuffix(raw, "#"):
		return t, errors.New("the URL has a fragment (#...), which a WebSocket URL may not have (RFC 6455, section 3)")
	}
	host, err := canonicalHost(u)
	if err != nil {
		return t, err
	}
	port, err := canonicalPort(u.Port(), strings.HasSuffix(u.Host, ":"), secure)
	if err != nil {
		return t, err
	}
	t = target{tls: secure, host: host, addr: net.JoinHostPort(host, port), path: asciiTarget(u.RequestURI())}
	if u.User != nil && u.User.String() != "" {
		t.user = u.User
	}
	t.hdr = t.addr
	if port == defaultPort(secure) {
		t.hdr = strings.TrimSuffix(t.addr, ":"+port)
	}
	if i := strings.IndexByte(t.hdr, '%'); i >= 0 { // an IPv6 zone is of no use to the server
		t.hdr = t.hdr[:i] + t.hdr[strings.IndexByte(t.hdr, ']'):]
	}
	return t, nil
}

// writtenHost returns host and port of raw as they are written.
func writtenHost(raw string) string {
	_, authority, _ := strings.Cut(raw, "://")
	if end := strings.IndexAny(authority, "/?#"); end >= 0 {
		authority = authority[:end]
	}
	return authority[strings.LastIndexByte(authority, '@')+1:]
}

// canonicalHost returns the host of u in lower case ASCII.
func canonicalHost(u *url.URL) (string, error) {
	host := u.Hostname()
	if host == "" {
		return "", errors.New("the URL has no host")
	}
	if strings.HasPrefix(u.Host, "[") {
		bare, _, _ := strings.Cut(host, "%")
		if !strings.Contains(bare, ":") || net.ParseIP(bare) == nil {
			return "", errors.New("the host in brackets is not an IPv6 address")
		}
		return host, nil
	}
	if strings.ContainsFunc(host, notASCII) {
		ascii, err := idna.Lookup.ToASCII(host)
		if err != nil {
			return "", errHost
		}
		host = ascii
	}
	host = strings.ToLower(host)
	if len(host) > 253 {
		return "", errHost
	}
	for label := range strings.SplitSeq(strings.TrimSuffix(host, "."), ".") {
		if label == "" || len(label) > 63 || strings.Trim(label, "abcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
			return "", errHost
		}
		if strings.HasPrefix(label, "xn--") { // what it decodes to must encode to it, or there are two spellings
			if again, err := idna.Lookup.ToASCII(label); err != nil || again != label {
				return "", errHost
			}
		}
	}
	return host, nil
}

func notASCII(r rune) bool { return r > 0x7f }

var errHost = errors.New("the host is not a valid name or address")

// asciiTarget escapes what is not ASCII; net/url leaves it in the query.
func asciiTarget(target string) string {
	if !strings.ContainsFunc(target, notASCII) {
		return target
	}
	var b strings.Builder
	for i := range len(target) {
		if c := target[i]; c < 0x80 {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}

func defaultPort(secure bool) string {
	if secure {
		return "443"
	}
	return "80"
}

func canonicalPort(port string, colon, secure bool) (string, error) {
	if port == "" {
		if colon {
			return "", errors.New("the URL has a colon after the host but no port")
		}
		return defaultPort(secure), nil
	}
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil || n == 0 {
		return "", errors.New("the port is not a number from 1 to 65535")
	}
	return strconv.FormatUint(n, 10), nil
}
