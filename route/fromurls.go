package route

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/fairlead-ws/fairlead/auth"
)

// FromURLs returns a dialer through the given hops, in the order that the bytes
// pass; without URLs it connects directly. The schemes are
//
//	http://proxy.example:3128          HTTP proxy; default port 80
//	https://proxy.example              the same over TLS; default port 443
//	socks5://proxy.example:1080        names looked up here; also socks4
//	socks5h://user:pw@proxy.example    names looked up by the proxy; also socks4a
//	unix:///run/proxy.sock             a Unix socket, as the first of them
//
// and those of [RegisterScheme], such as ssh. The default port of SOCKS is 1080.
// Special characters in user and password are escaped with %; an HTTP proxy
// gets them when and how it asks for them, for socks4 and socks4a the user is
// the user id. TLS to a proxy trusts what the system trusts; for more use
// [HTTPProxy].
//
// The error says which URL is wrong by its number and scheme. It never repeats
// the URL, which may hold a password.
func FromURLs(urls ...string) (Dialer, error) {
	var layers []Layer
	for i, raw := range urls {
		layer, name, err := fromURL(raw)
		if err != nil {
			return nil, fmt.Errorf("route: proxy URL %d%s: %w", i+1, name, err)
		}
		layers = append(layers, layer)
	}
	return Through(layers...), nil
}

// LayerFromURL returns one hop of the schemes that [FromURLs] knows, for routes
// that mix them with other layers. The error never repeats the URL.
func LayerFromURL(hop string) (Layer, error) {
	layer, name, err := fromURL(hop)
	if err != nil {
		return nil, fmt.Errorf("route: proxy URL%s: %w", name, err)
	}
	return layer, nil
}

// fromURL returns the layer and, for errors, the scheme in brackets.
func fromURL(raw string) (layer Layer, name string, err error) {
	u, err := url.Parse(raw)
	if err != nil || u.Scheme == "" || !strings.Contains(raw, "://") {
		// Not the error of net/url, which repeats the URL.
		return nil, "", errors.New("it is not a URL: expected scheme://host:port, special characters of user and password escaped with %")
	}
	parse, err := parserOf(u.Scheme)
	if err != nil {
		return nil, "", err
	}
	name = " (" + u.Scheme + ")"
	layer, err = parse(u)
	if err == nil && layer == nil {
		err = errors.New("the package of this scheme returned no layer")
	}
	return layer, name, err
}

func httpURL(u *url.URL) (Layer, error) {
	opts := HTTPProxyOptions{}
	port := "80"
	if u.Scheme == "https" {
		opts.TLS = &tls.Config{MinVersion: tls.VersionTLS12}
		port = "443"
	}
	addr, err := proxyAddr(u, port)
	if err != nil {
		return nil, err
	}
	if u.User != nil {
		password, _ := u.User.Password()
		if err := errors.Join(checkSecret("the user", u.User.Username()), checkSecret("the password", password)); err != nil {
			return nil, err
		}
		opts.Auth = auth.Password{Username: u.User.Username(), Password: password}
	}
	return HTTPProxy(addr, &opts), nil
}

func socksURL(u *url.URL) (Layer, error) {
	addr, err := proxyAddr(u, "1080")
	if err != nil {
		return nil, err
	}
	user := u.User.Username()
	password, _ := u.User.Password()
	var p socksProxy
	switch u.Scheme {
	case "socks4", "socks4a":
		if password != "" {
			return nil, errors.New("SOCKS4 has no passwords, only a user id")
		}
		p = newSocks4(u.Scheme, addr, user)
	default:
		p = newSocks5(u.Scheme, addr, &SocksOptions{Username: user, Password: password})
	}
	if p.bad != nil {
		return nil, errors.Unwrap(p.bad)
	}
	return p.layer(), nil
}

func unixURL(u *url.URL) (Layer, error) {
	if u.Host != "" || u.User != nil || u.RawQuery != "" || u.ForceQuery || u.Fragment != "" || u.Path == "" || strings.ContainsRune(u.Path, 0) {
		return nil, errors.New("expected unix:///path/of/the/socket")
	}
	return OverUnix(u.Path), nil
}
