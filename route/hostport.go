package route

import (
	"errors"
	"net"
	"net/netip"
	"strconv"
	"strings"
)

// maxHostName is the longest host name that a hop is given: what one byte of a
// SOCKS request can count (RFC 1928 section 5), and the longest name of DNS.
const maxHostName = 255

// hostPort is an address in the one form that is checked, sent and shown.
type hostPort struct {
	host string     // a name, or an IP address without brackets
	ip   netip.Addr // valid when host is an IP address
	port uint16
}

func (a hostPort) String() string { return net.JoinHostPort(a.host, strconv.Itoa(int(a.port))) }

// The texts never repeat the address: what stands before an @ is a secret.
var (
	errHostPort = errors.New(`it is not "host:port", an IPv6 address in brackets`)
	errPort     = errors.New("the port is not a number from 1 to 65535")
	errNoHost   = errors.New("the host is empty")
	errHostName = errors.New("the host has a character that cannot be in a host name; names outside ASCII need their xn-- form")
	errHostSize = errors.New("the host name is longer than 255 bytes")
	errZone     = errors.New("the IPv6 address has a zone, which means nothing on another machine")
)

// parseHostPort takes "host:port" apart. It is the only way from the text of a
// caller to what hops send and dial: a host that passes cannot end a line, begin
// a field or hide a second address.
func parseHostPort(addr string) (hostPort, error) {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return hostPort{}, errHostPort
	}
	a := hostPort{host: host}
	if a.port, err = parsePort(port); err != nil {
		return hostPort{}, err
	}
	switch {
	case host == "":
		return hostPort{}, errNoHost
	case len(host) > maxHostName:
		return hostPort{}, errHostSize
	}
	if a.ip, err = netip.ParseAddr(host); err == nil {
		if strings.ContainsFunc(a.ip.Zone(), notInHostName) || strings.HasPrefix(addr, "[") && !a.ip.Is6() {
			return hostPort{}, errHostName
		}
		return a, nil
	}
	if strings.HasPrefix(addr, "[") || strings.ContainsFunc(host, notInHostName) {
		return hostPort{}, errHostName
	}
	return a, nil
}

func parsePort(port string) (uint16, error) {
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil || n == 0 {
		return 0, errPort
	}
	return uint16(n), nil
}

func notInHostName(r rune) bool {
	switch {
	case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9', r == '-', r == '.', r == '_':
		return false
	}
	return true
}
