package connect

import (
	"net"
	"net/url"
	"strings"
)

// URL completes what a person types: ":8000" is a port of this machine, and
// "host", "host:port" and "host/path" are ws URLs; with port 443 they are wss.
// http and https URLs mean ws and wss, as everywhere in Fairlead.
func URL(text string) string {
	switch {
	case strings.Contains(text, "://"):
		return text
	case strings.HasPrefix(text, ":"):
		return URL("localhost" + text)
	}
	if u, err := url.Parse("ws://" + text); err == nil && u.Port() == "443" {
		return "wss://" + text
	}
	return "ws://" + text
}

// secureAndAddr takes the URL apart as far as a route needs it. What is wrong
// with the URL is found by the dial.
func secureAndAddr(u *url.URL) (secure bool, addr string) {
	secure = strings.EqualFold(u.Scheme, "wss") || strings.EqualFold(u.Scheme, "https")
	port := u.Port()
	if port == "" {
		if port = "80"; secure {
			port = "443"
		}
	}
	return secure, net.JoinHostPort(strings.ToLower(u.Hostname()), port)
}
