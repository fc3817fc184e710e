package chilkat

import (
	"net"
	"strconv"

	"github.com/fairlead-ws/fairlead/route"
)

// way is how a connection to t is opened. What is wrong with the settings is
// found here, before anything is dialed.
func (c socketSettings) way(t target, tunnel *tunnel) (w way, reason int, err error) {
	w.target = t
	if t.tls {
		if w.tls, err = c.tls.config(); err != nil {
			return w, connectTLSSettings, err
		}
	}
	if tunnel != nil {
		w.dialer, err = tunnel.dialer()
		w.target.sheltered = true
	} else {
		w.dialer, w.target.relayed, err = c.hops(t)
	}
	if err != nil {
		return w, connectSettings, err
	}
	if up, down := c.options.throttleUp, c.options.throttleDown; up > 0 || down > 0 {
		w.dialer = route.Throttle(int64(up), int64(down))(w.dialer)
	}
	return w, connectOK, nil
}

// hops reaches t, or an SSH server, through the proxies that are set; relayed
// tells whether there are any.
func (c socketSettings) hops(t target) (d route.Dialer, relayed bool, err error) {
	tcp, err := c.options.dialer()
	if err != nil {
		return nil, false, err
	}
	http, err := c.http.layer()
	if err != nil {
		return nil, false, err
	}
	socks, err := c.socks.layer(t)
	switch {
	case err != nil:
		return nil, false, err
	case http != nil && socks != nil:
		return nil, false, fail("HttpProxyHostname and SocksVersion are both set", `Set HttpProxyHostname to "", or SocksVersion to 0.`)
	case http != nil:
		return http(tcp), true, nil
	case socks != nil:
		return socks(tcp), true, nil
	}
	return tcp, false, nil
}

const hopHostAdvice = `Set it to a name or an address, such as "proxy.example.com"; port, user name and password are properties of their own.`

// checkHopHost repeats no value: what stands there may have a password in it.
func checkHopHost(property, hostname string) error {
	if _, wrong := canonicalHost(hostname); hostname != "" && wrong != "" {
		return fail(property+" "+wrong, hopHostAdvice)
	}
	return nil
}

// hopHost is what a log may have of the name of a hop.
func hopHost(hostname string) string {
	if hostname == "" || checkHopHost("", hostname) == nil {
		return hostname
	}
	return "***"
}

// hopAddress is the address of a proxy from two properties.
func hopAddress(hostProperty, hostname, portProperty string, port int) (string, error) {
	if err := checkHopHost(hostProperty, hostname); err != nil {
		return "", err
	}
	if port == 0 {
		return "", fail(portProperty+" is not set", "Set it to the port that the proxy listens on, 1 to 65535.")
	}
	host, _ := canonicalHost(hostname)
	return net.JoinHostPort(host, strconv.Itoa(port)), nil
}
