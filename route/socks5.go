package route

import (
	"errors"
	"fmt"
	"net"

	"github.com/fairlead-ws/fairlead/auth"
)

// SocksOptions are the settings of [Socks5] and [Socks5h].
type SocksOptions struct {
	// Username and Password are given to a proxy that asks for them (RFC 1929),
	// 1 to 255 bytes each, without control characters. They cross the network
	// in the clear. Default: both empty, a proxy that asks is refused.
	Username, Password string
}

// Socks5 is a SOCKS5 proxy (RFC 1928) at addr, "host:port". The server's name is
// looked up here, as [TCP] does it, and the proxy is asked for its addresses in
// turn, each time over a connection of its own, until one works; a context's
// deadline is shared out among them. Opts may be nil.
//
// The error is an *[Error] with the phase "proxy" that holds a *[ProxyError], or
// with the phase "resolve", or that of the dial to the proxy. The time limit is
// that of the context.
func Socks5(addr string, opts *SocksOptions) Layer { return newSocks5("socks5", addr, opts).layer() }

// Socks5h is a SOCKS5 proxy at addr, "host:port", that looks up names itself: no
// name server is asked here, whatever happens. A name may have 255 bytes. See
// [Socks5].
func Socks5h(addr string, opts *SocksOptions) Layer { return newSocks5("socks5h", addr, opts).layer() }

func newSocks5(kind, addr string, opts *SocksOptions) socksProxy {
	s := socks5{}
	if opts != nil {
		s.SocksOptions = *opts
	}
	p := socksProxy{hop: newHop(kind, addr), talk: s.talk, resolves: kind == "socks5"}
	if err := s.check(); err != nil && p.bad == nil {
		p.bad = &Error{Phase: PhaseProxy, Addr: p.addr.String(), Err: err}
	}
	return p
}

// socks5 is the client's side of the dialogue.
type socks5 struct{ SocksOptions }

func (s *socks5) check() error {
	if (s.Username == "") != (s.Password == "") {
		return errors.New("SOCKS5 needs both, a user name and a password, or none (RFC 1929)")
	}
	return errors.Join(checkSecret("the SOCKS user name", s.Username), checkSecret("the SOCKS password", s.Password))
}

// Methods of RFC 1928 section 3.
const (
	methodNone     = 0x00
	methodPassword = 0x02
	methodRefused  = 0xFF
)

func (s *socks5) talk(conn net.Conn, target hostPort) (asked bool, err error) {
	if err := s.authenticate(conn); err != nil {
		return false, err
	}
	return true, s.connect(conn, target)
}

func (s *socks5) authenticate(conn net.Conn) error {
	greeting := []byte{5, 1, methodNone}
	if s.Username != "" {
		greeting = []byte{5, 2, methodNone, methodPassword}
	}
	var reply [2]byte
	if err := exchange(conn, "the SOCKS5 greeting", greeting, reply[:]); err != nil {
		return err
	}
	if reply[0] != 5 {
		return notSocks(conn, "SOCKS5", reply[:])
	}
	switch method := reply[1]; {
	case method == methodNone:
		return nil
	case method == methodPassword && s.Username != "":
		return s.password(conn)
	case s.Username == "" && (method == methodRefused || method == methodPassword):
		return fmt.Errorf("the proxy asks for credentials and there are none: set SocksOptions, or user and password in its URL: %w", auth.ErrNotOffered)
	case method == methodRefused:
		return fmt.Errorf("the proxy takes neither a user name with a password nor nobody's word: %w", auth.ErrNotOffered)
	default:
		return fmt.Errorf("the proxy chose the authentication method %d, which was not offered: %w", method, auth.ErrNotOffered)
	}
}

// password is RFC 1929.
func (s *socks5) password(conn net.Conn) error {
	request := append([]byte{1, byte(len(s.Username))}, s.Username...)
	request = append(request, byte(len(s.Password)))
	request = append(request, s.Password...)
	var reply [2]byte
	if err := exchange(conn, "user name and password", request, reply[:]); err != nil {
		return err
	}
	switch {
	case reply[0] != 1:
		return fmt.Errorf("the answer to user name and password has version %d instead of 1 (RFC 1929)", reply[0])
	case reply[1] != 0:
		return fmt.Errorf("the proxy does not accept user name and password, check them: %w", auth.ErrRefused)
	}
	return nil
}

// Types of address (RFC 1928 section 5).
const (
	typeIPv4 = 1
	typeName = 3
	typeIPv6 = 4
)

func (s *socks5) connect(conn net.Conn, target hostPort) error {
	const connect, step = 1, "the request; some proxies, those of SSH among them, do so when the server cannot be reached"
	request := []byte{5, connect, 0}
	switch ip := target.ip.Unmap(); {
	case ip.Is4():
		request = append(append(request, typeIPv4), ip.AsSlice()...)
	case ip.Is6():
		request = append(append(request, typeIPv6), ip.AsSlice()...)
	default:
		request = append(append(request, typeName, byte(len(target.host))), target.host...)
	}
	// Version, reply, reserved, type, and the first byte of the address: the
	// length of a name. A refusal may end after the reply.
	var reply [5]byte
	if err := exchange(conn, step, appendPort(request, target.port), reply[:2]); err != nil {
		return err
	}
	if reply[0] != 5 {
		return notSocks(conn, "SOCKS5", reply[:2])
	}
	if code := reply[1]; code != 0 {
		return &ProxyError{Code: int(code), Err: errors.New(socks5Text(code))}
	}
	if err := readAnswer(conn, step, reply[2:]); err != nil {
		return err
	}
	if reply[2] != 0 {
		return fmt.Errorf("the reserved byte of the proxy's reply is %d instead of 0", reply[2])
	}
	rest := 2 // the port
	switch kind := reply[3]; kind {
	case typeIPv4:
		rest += net.IPv4len - 1
	case typeIPv6:
		rest += net.IPv6len - 1
	case typeName:
		rest += int(reply[4])
	default:
		return fmt.Errorf("the proxy's reply has an address of type %d, which is none of RFC 1928", kind)
	}
	// Where the proxy's end of the connection is makes no difference.
	return readAnswer(conn, step, make([]byte, rest))
}
