package chilkat

import (
	"crypto/tls"
	"net"
	"strconv"
)

// LocalIpAddress is our end of the connection, "" when there was none yet. Behind
// an SSH tunnel there is none that means anything.
func (s *Socket) LocalIpAddress() string {
	return s.address("LocalIpAddress", net.Conn.LocalAddr)
}

// LocalPort is the port of our end of the connection, 0 when there was none yet.
func (s *Socket) LocalPort() int { return s.port("LocalPort", net.Conn.LocalAddr) }

// RemoteIpAddress is the address at the other end of the connection, that of the
// first proxy where there is one; "" when there was no connection yet.
func (s *Socket) RemoteIpAddress() string {
	return s.address("RemoteIpAddress", net.Conn.RemoteAddr)
}

// RemotePort is the port at the other end of the connection, that of the first
// proxy where there is one; 0 when there was no connection yet.
func (s *Socket) RemotePort() int { return s.port("RemotePort", net.Conn.RemoteAddr) }

func (s *Socket) address(name string, end func(net.Conn) net.Addr) string {
	return get(s.base(), name, func() string {
		host, _ := s.endpoint(end)
		return host
	})
}

func (s *Socket) port(name string, end func(net.Conn) net.Addr) int {
	return get(s.base(), name, func() int {
		_, port := s.endpoint(end)
		return port
	})
}

func (s *Socket) endpoint(end func(net.Conn) net.Addr) (host string, port int) {
	if s.wire == nil {
		return "", 0
	}
	host, service, err := net.SplitHostPort(end(s.wire).String())
	if err != nil {
		return "", 0
	}
	port, _ = strconv.Atoi(service) // 0 where there is none
	return host, port
}

// TlsVersion is the version of TLS that the connection has, such as "TLS 1.3"; ""
// without TLS.
func (s *Socket) TlsVersion() string {
	return s.tlsState("TlsVersion", func(state tls.ConnectionState) string { return tls.VersionName(state.Version) })
}

// TlsCipherSuite is the cipher suite that the connection has, such as
// "TLS_AES_128_GCM_SHA256"; "" without TLS.
func (s *Socket) TlsCipherSuite() string {
	return s.tlsState("TlsCipherSuite", func(state tls.ConnectionState) string { return tls.CipherSuiteName(state.CipherSuite) })
}

func (s *Socket) tlsState(name string, part func(tls.ConnectionState) string) string {
	return get(s.base(), name, func() string {
		if s.wire == nil {
			return ""
		}
		tc, ok := s.wire.Conn.(*tls.Conn)
		if !ok {
			return ""
		}
		return part(tc.ConnectionState())
	})
}
