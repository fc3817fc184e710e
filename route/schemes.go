package route

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"sync"
)

// scheme is how URLs with it become a layer.
type scheme struct {
	parse func(u *url.URL) (Layer, error)
	bad   error // a registration that went wrong
}

// registered are the schemes of other packages.
var registered = struct {
	sync.Mutex
	schemes map[string]scheme
}{schemes: map[string]scheme{}}

// RegisterScheme makes [FromURLs] and [FromEnvironment] understand URLs with the
// scheme, in any case of letters; parse makes a layer of one. It may be called
// at any time, by the init function of a package for instance, as
// [github.com/fairlead-ws/fairlead/route/sshroute] does for "ssh". An error of
// parse must not repeat the URL, which may hold a password.
//
// It is an error of the program to register a scheme twice, one that FromURLs
// has itself, an invalid one, or without parse: then every URL with it fails.
func RegisterScheme(name string, parse func(u *url.URL) (Layer, error)) {
	name = strings.ToLower(name)
	registered.Lock()
	defer registered.Unlock()
	s := scheme{parse: parse}
	_, twice := registered.schemes[name]
	if _, own := ownSchemes[name]; own || twice {
		s.bad = errors.New("route.RegisterScheme was called for it twice, or for a scheme of package route")
	} else if parse == nil {
		s.bad = errors.New("route.RegisterScheme was called for it without a function")
	}
	registered.schemes[name] = s
}

// ownSchemes are those of this package.
var ownSchemes = map[string]func(u *url.URL) (Layer, error){
	"http":    httpURL,
	"https":   httpURL,
	"socks4":  socksURL,
	"socks4a": socksURL,
	"socks5":  socksURL,
	"socks5h": socksURL,
	"unix":    unixURL,
}

// schemePackages says which import brings a scheme that is not built in.
var schemePackages = map[string]string{"ssh": "github.com/fairlead-ws/fairlead/route/sshroute"}

// parserOf returns what makes layers of URLs with the scheme.
func parserOf(name string) (func(u *url.URL) (Layer, error), error) {
	registered.Lock()
	s, ok := registered.schemes[name]
	registered.Unlock()
	switch own := ownSchemes[name]; {
	case ok && s.bad != nil:
		return nil, s.bad
	case ok:
		return s.parse, nil
	case own != nil:
		return own, nil
	case schemePackages[name] != "":
		return nil, fmt.Errorf("the scheme needs a package: add import _ %q to the program", schemePackages[name])
	}
	return nil, errors.New("the scheme is unknown: expected http, https, socks4, socks4a, socks5, socks5h, ssh or unix")
}

var errURLParts = errors.New("only user, password, host and port may be in the URL of a proxy; special characters of a password must be escaped with %")

// proxyAddr returns "host:port" of a URL that may have nothing else but a user.
func proxyAddr(u *url.URL, defaultPort string) (string, error) {
	if u.Opaque != "" || u.Path != "" && u.Path != "/" || u.RawQuery != "" || u.ForceQuery || u.Fragment != "" {
		return "", errURLParts
	}
	port := u.Port()
	if port == "" {
		if strings.HasSuffix(u.Host, ":") {
			return "", errPort
		}
		port = defaultPort
	}
	addr := net.JoinHostPort(u.Hostname(), port)
	if _, err := parseHostPort(addr); err != nil {
		return "", err
	}
	return addr, nil
}
