package route

import (
	"context"
	"errors"
	"net"
	"strings"
)

// TCP dials directly. It is the base of every route and ready to use as the
// zero value. When a host has addresses of both IP versions, it tries them in
// parallel as RFC 8305 ("Happy Eyeballs") recommends. Keep-alive probes are
// those of [net.Dialer]'s defaults.
//
// The hooks of the context's [github.com/fairlead-ws/fairlead/wstrace.Trace]
// see the lookup and each attempt; a [net/http/httptrace.ClientTrace] in the
// context is honoured too.
type TCP struct {
	// Resolver looks up host names. Nil means [net.DefaultResolver].
	Resolver *net.Resolver
}

// DialContext connects to addr, "host:port". Network is "tcp", "tcp4" or
// "tcp6". Errors are of type *[Error] with the phase "resolve" or "connect".
// The time limit is that of ctx; without one, the operating system's.
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
	return dial(ctx, &net.Dialer{Resolver: t.Resolver}, network, addr)
}

var errBadAddress = errors.New(`it is not "host:port": it holds a character that cannot be in a host name`)

// notInAddress keeps what is no host name from resolvers, proxies and logs:
// controls and the delimiters of a URL (RFC 3986 section 2.2).
func notInAddress(r rune) bool {
	return r <= ' ' || r == 0x7F || strings.ContainsRune(`@/\?#<>"`, r)
}
