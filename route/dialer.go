// Package route is how bytes reach a WebSocket server: directly, over a Unix
// socket, through TLS, and through any hops in between: HTTP and SOCKS proxies,
// and what other packages bring.
//
// Start with [Through], which makes a [Dialer] of the hops that the bytes pass,
// in their order; without hops it connects directly. Anything that has a
// DialContext method is a Dialer, also those of other packages, and a hop of
// one's own is a [Layer]: a function of a few lines that reaches the next
// address through the dialer it is given. [HTTPProxy], [Socks5h] and their
// like are hops, [FromURLs] makes a route of text and [FromEnvironment] of what
// the user has set; [Throttle] limits its speed. [TLS] puts TLS over the connection
// when the last hop is reached.
package route

import (
	"context"
	"errors"
	"net"
)

// Dialer opens a connection to an address of the form "host:port". Network is
// "tcp", or "tcp4" or "tcp6" where the version of IP matters. When ctx ends
// before the connection is open, DialContext returns an error that matches
// ctx.Err() and leaves nothing open; afterwards ctx has no effect.
//
// [net.Dialer] is one, and so is every dialer of golang.org/x/net/proxy that
// has a DialContext.
type Dialer interface {
	DialContext(ctx context.Context, network, addr string) (net.Conn, error)
}

// DialerFunc is a function as a [Dialer].
type DialerFunc func(ctx context.Context, network, addr string) (net.Conn, error)

// DialContext calls f.
func (f DialerFunc) DialContext(ctx context.Context, network, addr string) (net.Conn, error) {
	if f == nil {
		return nil, &Error{Phase: PhaseConnect, Addr: addr, Err: errors.New("the dialer is a nil function")}
	}
	return f(ctx, network, addr)
}

// Layer is one hop. It returns a dialer that opens its connections by dialing
// the hop's own address with next and asking the hop for the address wanted.
// It must close the connection to the hop when the hop refuses.
type Layer func(next Dialer) Dialer

// Through returns a dialer whose connections pass the layers in the given
// order: the first layer is the hop that this machine connects to, the last one
// connects to the server. The first hop is reached by [TCP]; without layers
// the result is TCP{}. Nil layers are left out.
func Through(layers ...Layer) Dialer {
	var dialer Dialer = TCP{}
	for _, layer := range layers {
		if layer != nil {
			dialer = layer(dialer)
		}
	}
	return dialer
}
