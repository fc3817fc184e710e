package sshroute

import (
	"errors"
	"net"
	"net/url"
	"strings"
	"unicode"

	"github.com/fairlead-ws/fairlead/route"
)

func init() { route.RegisterScheme("ssh", fromURL) }

// fromURL makes a layer of a URL as the package comment describes it. Errors name
// the part, never its value.
func fromURL(u *url.URL) (route.Layer, error) {
	password, _ := u.User.Password()
	secret := u.User.Username() + password
	switch {
	case u.Hostname() == "":
		return nil, errors.New("the URL names no SSH server: expected ssh://user@host:port")
	case u.Opaque != "", u.Path != "" && u.Path != "/", u.Fragment != "":
		return nil, errors.New("the URL of an SSH server has no path and no fragment")
	case strings.ContainsFunc(secret, unicode.IsControl):
		return nil, errors.New("the user name or the password has a control character")
	}
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return nil, errors.New("the parameters of the URL cannot be read")
	}
	cfg := &Config{User: u.User.Username(), Password: password}
	for name, values := range query {
		switch name {
		case "identity":
			for _, file := range values {
				key, err := KeyFile(file, "")
				if err != nil {
					return nil, err
				}
				cfg.Keys = append(cfg.Keys, key)
			}
		case "known_hosts":
			cfg.KnownHosts = values
		case "fingerprint":
			cfg.HostKeyFingerprints = values
		default:
			return nil, errors.New("the URL has a parameter that is none of identity, known_hosts and fingerprint")
		}
	}
	if password == "" && len(cfg.Keys) == 0 {
		cfg.Agent = agentVariable
	}
	port := u.Port()
	if port == "" {
		port = defaultPort
	}
	return Hop(net.JoinHostPort(u.Hostname(), port), cfg), nil
}
