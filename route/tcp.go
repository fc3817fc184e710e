package route

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"strconv"
	"strings"
)

// TCP dials directly. It is the base of every route and ready to use as the
// zero value.
//
// When a host has several addresses, TCP tries them as RFC 8305 ("Happy
// Eyeballs") recommends: the two versions of IP by turns, the next address when
// an attempt fails, and beside it when it has brought nothing for 250 ms. The
// first connection is taken; the other attempts have ended when DialContext
// returns. Both kinds of address are looked up before the first attempt.
//
// The hooks of the context's [github.com/fairlead-ws/fairlead/wstrace.Trace]
// see the lookup and each attempt, one at a time; a
// [net/http/httptrace.ClientTrace] in the context is honoured too.
type TCP struct {
	// Resolver looks up host names. Default: [net.DefaultResolver].
	Resolver *net.Resolver

	// Prefer is the version of IP that is tried first. Default:
	// [PreferResolved].
	Prefer Preference

	// LocalAddr is our end of the connection. With an address, only addresses of
	// the same version of IP are dialed. With a port, addresses are tried one
	// after another, as one port cannot serve two attempts; a context's deadline
	// is shared out among them, though each gets 2 s if there is as much. Either
	// part may be left out: the address is then the zero [netip.Addr], the port
	// 0. Default: the system chooses both.
	LocalAddr netip.AddrPort

	// Nagle turns on Nagle's algorithm: small writes may wait for an
	// acknowledgement of those before. Default: off, which is TCP_NODELAY.
	Nagle bool

	// KeepAlive says when the system probes a silent connection. Enable false
	// turns probes off; see [net.KeepAliveConfig] for the other fields. Default:
	// nil, the same as &net.KeepAliveConfig{Enable: true}: the first after 15 s,
	// then every 15 s, 9 of them.
	KeepAlive *net.KeepAliveConfig

	// ReadBuffer and WriteBuffer are the sizes in bytes of the system's buffers
	// for the connection (SO_RCVBUF, SO_SNDBUF). The system bounds them and may
	// take more for its bookkeeping. Default: 0, or less, leaves them to the
	// system, which adapts them to the connection.
	ReadBuffer, WriteBuffer int
}

// Preference says which version of IP is tried first when a host has addresses
// of both. The other one is still tried.
type Preference uint8

const (
	// PreferResolved begins with the first address of the resolver, which sorts
	// them as RFC 6724 says: mostly an IPv6 address where IPv6 works.
	PreferResolved Preference = iota
	// PreferIPv6 begins with IPv6.
	PreferIPv6
	// PreferIPv4 begins with IPv4.
	PreferIPv4
)

// DialContext connects to addr, "host:port". Network is "tcp", "tcp4" or
// "tcp6". Errors are of type *[Error] with the phase "resolve" or "connect";
// when several addresses failed, the error of each is in reach. The time limit
// is that of ctx; without one, the operating system's.
func (t TCP) DialContext(ctx context.Context, network, addr string) (net.Conn, error) {
	switch network {
	case "tcp", "tcp4", "tcp6":
	default:
		return nil, &Error{Phase: PhaseConnect, Addr: addr, Err: net.UnknownNetworkError(network)}
	}
	if strings.ContainsFunc(addr, notInAddress) {
		// The address is not repeated: what stands before an @ is a secret.
		return nil, &Error{Phase: PhaseConnect, Addr: "the address", Err: errBadAddress}
	}
	if ctx == nil {
		return nil, &Error{Phase: PhaseConnect, Addr: addr, Err: errNilContext}
	}
	addrs, err := t.resolve(ctx, network, addr)
	if err != nil {
		return nil, dialError(ctx, addr, err)
	}
	r := racer{network: network, dial: t.attempt, serial: t.LocalAddr.Port() != 0}
	conn, err := r.run(ctx, addrs)
	if err != nil {
		return nil, dialError(ctx, addr, err)
	}
	return conn, nil
}

// attempt connects to one address.
func (t TCP) attempt(ctx context.Context, network, addr string) (net.Conn, error) {
	dialer := net.Dialer{Resolver: t.Resolver}
	if local := t.local(); local.IsValid() || t.LocalAddr.Port() != 0 {
		dialer.LocalAddr = &net.TCPAddr{IP: local.AsSlice(), Port: int(t.LocalAddr.Port()), Zone: local.Zone()}
	}
	switch {
	case t.KeepAlive == nil:
	case t.KeepAlive.Enable:
		dialer.KeepAliveConfig = *t.KeepAlive
	default:
		dialer.KeepAlive = -1
	}
	conn, err := dialer.DialContext(ctx, network, addr)
	if err != nil {
		return nil, err
	}
	if err := t.tune(conn.(*net.TCPConn)); err != nil {
		_ = conn.Close()
		return nil, err
	}
	return conn, nil
}

// tune sets what [net.Dialer] has no field for.
func (t TCP) tune(conn *net.TCPConn) error {
	if t.Nagle {
		if err := conn.SetNoDelay(false); err != nil {
			return err
		}
	}
	if t.ReadBuffer > 0 {
		if err := conn.SetReadBuffer(t.ReadBuffer); err != nil {
			return err
		}
	}
	if t.WriteBuffer > 0 {
		return conn.SetWriteBuffer(t.WriteBuffer)
	}
	return nil
}

// local is the address of LocalAddr; the zero Addr when any will do.
func (t TCP) local() netip.Addr {
	if addr := t.LocalAddr.Addr().Unmap(); addr.IsValid() && !addr.IsUnspecified() {
		return addr
	}
	return netip.Addr{}
}

// resolve returns the addresses to try, "IP:port", in their order.
func (t TCP) resolve(ctx context.Context, network, addr string) ([]string, error) {
	if addr == "" {
		return nil, &net.OpError{Op: "dial", Net: network, Err: &net.AddrError{Err: "missing address"}}
	}
	if literal, err := netip.ParseAddrPort(addr); err == nil && literal.Port() != 0 {
		return []string{addr}, nil
	}
	host, service, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, &net.OpError{Op: "dial", Net: network, Err: err}
	}
	resolver := t.Resolver
	if resolver == nil {
		resolver = net.DefaultResolver
	}
	number, err := resolver.LookupPort(ctx, network, service)
	if err != nil {
		return nil, &net.OpError{Op: "dial", Net: network, Err: err}
	}
	port := strconv.Itoa(number)
	if _, err := netip.ParseAddr(host); err == nil || host == "" {
		return []string{net.JoinHostPort(host, port)}, nil
	}
	ips, err := lookup(ctx, resolver, strings.Replace(network, "tcp", "ip", 1), host)
	if err != nil {
		return nil, &net.OpError{Op: "dial", Net: network, Err: err}
	}
	var addrs []string
	for _, ip := range interleave(ips, t.Prefer) {
		if local := t.local(); !local.IsValid() || local.Is4() == ip.Is4() {
			addrs = append(addrs, net.JoinHostPort(ip.String(), port))
		}
	}
	if len(addrs) == 0 {
		return nil, &net.OpError{Op: "dial", Net: network, Err: errOtherVersion}
	}
	return addrs, nil
}

var (
	errBadAddress   = errors.New(`it is not "host:port": it holds a character that cannot be in a host name`)
	errOtherVersion = errors.New("the host has no address of LocalAddr's version of IP")
)

// notInAddress keeps what is no host name from resolvers, proxies and logs:
// controls and the delimiters of a URL (RFC 3986 section 2.2).
func notInAddress(r rune) bool {
	return r <= ' ' || r == 0x7F || strings.ContainsRune(`@/\?#<>"`, r)
}
