package chilkat

import (
	"net/netip"

	"github.com/fairlead-ws/fairlead/route"
)

// socksSettings say how to get through a SOCKS proxy.
type socksSettings struct {
	version                      int
	hostname, username, password string
	port                         setting[int]
}

const defaultSocksPort = 1080

// SocksVersion is the version of SOCKS that connections go through, 4 or 5; 0,
// the default, means that there is no SOCKS proxy.
func (s *Socket) SocksVersion() int {
	return get(s.base(), "SocksVersion", func() int { return s.settings.socks.version })
}

// SetSocksVersion sets the version of SOCKS: 0, 4 or 5. Names are resolved by
// the proxy: with version 4 that takes a proxy which knows SOCKS4a. With another
// number no connection is opened.
func (s *Socket) SetSocksVersion(n int) {
	set(s.base(), "SocksVersion", n, func() error {
		s.settings.socks.version = n
		return checkSocksVersion(n)
	})
}

// SocksHostname is the name or address of the SOCKS proxy.
func (s *Socket) SocksHostname() string {
	return get(s.base(), "SocksHostname", func() string { return s.settings.socks.hostname })
}

// SetSocksHostname sets the SOCKS proxy. It is used when SocksVersion is 4 or 5.
// When it is neither a name nor an address, LastErrorText says so, and no
// connection is opened.
func (s *Socket) SetSocksHostname(text string) {
	set(s.base(), "SocksHostname", hopHost(text), func() error {
		s.settings.socks.hostname = text
		return checkHopHost("SocksHostname", text)
	})
}

// SocksPort is the port of the SOCKS proxy; the default is 1080.
func (s *Socket) SocksPort() int {
	return get(s.base(), "SocksPort", func() int { return s.settings.socks.port.or(defaultSocksPort) })
}

// SetSocksPort sets the port of the SOCKS proxy, from 1 to 65535.
func (s *Socket) SetSocksPort(n int) {
	set(s.base(), "SocksPort", n, func() error {
		if err := checkHopPort("SocksPort", n); err != nil {
			return err
		}
		s.settings.socks.port.put(n)
		return nil
	})
}

// SocksUsername is the user name for the SOCKS proxy; "", the default, means
// that no credentials are offered.
func (s *Socket) SocksUsername() string {
	return get(s.base(), "SocksUsername", func() string { return s.settings.socks.username })
}

// SetSocksUsername sets the user name for the SOCKS proxy.
func (s *Socket) SetSocksUsername(text string) {
	set(s.base(), "SocksUsername", text, func() error { s.settings.socks.username = text; return nil })
}

// SocksPassword is the password for a SOCKS5 proxy.
func (s *Socket) SocksPassword() string {
	return get(s.base(), "SocksPassword", func() string { return s.settings.socks.password })
}

// SetSocksPassword sets the password for a SOCKS5 proxy, which gets it as it is;
// version 4 has none.
func (s *Socket) SetSocksPassword(text string) {
	set(s.base(), "SocksPassword", "***", func() error { s.settings.socks.password = text; return nil })
}

func checkSocksVersion(version int) error {
	switch version {
	case 0, 4, 5:
		return nil
	}
	return fail("SocksVersion is not 0, 4 or 5", "Set it to the version that the proxy speaks, or to 0 for no proxy.")
}

// layer is the hop for a connection to t; nil without a proxy. Names go to the
// proxy: who uses one may not have a name server that knows them.
func (c socksSettings) layer(t target) (route.Layer, error) {
	if c.version == 0 {
		return nil, nil
	}
	if err := checkSocksVersion(c.version); err != nil {
		return nil, err
	}
	if c.hostname == "" {
		return nil, fail("SocksVersion is set, SocksHostname is not", "Set SocksHostname, or SocksVersion to 0.")
	}
	addr, err := hopAddress("SocksHostname", c.hostname, "SocksPort", c.port.or(defaultSocksPort))
	if err != nil {
		return nil, err
	}
	if c.version == 5 {
		if c.username == "" {
			return route.Socks5h(addr, nil), nil
		}
		return route.Socks5h(addr, &route.SocksOptions{Username: c.username, Password: c.password}), nil
	}
	if _, err := netip.ParseAddr(t.host); err == nil {
		return route.Socks4(addr, c.username), nil
	}
	return route.Socks4a(addr, c.username), nil
}
