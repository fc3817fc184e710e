package route

import (
	"errors"
	"net"
	"net/netip"
)

// Socks4 is a SOCKS4 proxy at addr, "host:port". The server's name is looked up
// here, its IPv4 addresses are tried in turn; the protocol knows no others. The
// user id, which may be empty, is sent in the clear and proves nothing. Errors
// are those of [Socks5].
func Socks4(addr, userID string) Layer { return newSocks4("socks4", addr, userID).layer() }

// Socks4a is a SOCKS4 proxy at addr, "host:port", that looks up names of up to
// 255 bytes itself: no name server is asked here. See [Socks4].
func Socks4a(addr, userID string) Layer { return newSocks4("socks4a", addr, userID).layer() }

func newSocks4(kind, addr, userID string) socksProxy {
	p := socksProxy{hop: newHop(kind, addr), fits: fitsSocks4, resolves: kind == "socks4", only: "tcp4"}
	if err := checkSecret("the SOCKS user id", userID); err != nil && p.bad == nil {
		p.bad = &Error{Phase: PhaseProxy, Addr: p.addr.String(), Err: err}
	}
	p.talk = func(conn net.Conn, target hostPort) (bool, error) { return true, socks4(conn, userID, target) }
	return p
}

func fitsSocks4(target hostPort) error {
	if target.ip.IsValid() && !target.ip.Unmap().Is4() {
		return errors.New("SOCKS4 has no room for an IPv6 address: use socks5 or socks5h")
	}
	return nil
}

// nameFollows is the address that says so in SOCKS4a: 0.0.0.x, x not 0.
var nameFollows = netip.AddrFrom4([4]byte{0, 0, 0, 1})

func socks4(conn net.Conn, userID string, target hostPort) error {
	const connect, granted = 1, 90
	ip := nameFollows
	if target.ip.IsValid() {
		ip = target.ip.Unmap()
	}
	request := appendPort([]byte{4, connect}, target.port)
	request = append(request, ip.AsSlice()...)
	request = append(request, userID...)
	request = append(request, 0)
	if !target.ip.IsValid() {
		request = append(request, target.host...)
		request = append(request, 0)
	}
	const step = "the SOCKS4 request"
	var reply [8]byte
	if err := exchange(conn, step, request, reply[:2]); err != nil {
		return err
	}
	if reply[0] != 0 { // the version of the reply
		return notSocks(conn, "SOCKS4", reply[:2])
	}
	if err := readAnswer(conn, step, reply[2:]); err != nil {
		return err
	}
	if code := reply[1]; code != granted {
		return &ProxyError{Code: int(code), Err: errors.New(socks4Text(code))}
	}
	return nil
}
