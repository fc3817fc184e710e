package route

import (
	"context"
	"errors"
	"net"
)

// Unix dials a Unix stream socket on this machine, whatever address is asked
// for. The name in a server's certificate is still that of the URL, not the
// path.
type Unix struct {
	// Path is the path of the socket. On Linux a leading @ means the abstract
	// namespace.
	Path string
}

// DialContext connects to u.Path; network and addr are ignored. Errors are of
// type *[Error] with the phase "connect".
func (u Unix) DialContext(ctx context.Context, _, _ string) (net.Conn, error) {
	if ctx == nil {
		return nil, &Error{Phase: PhaseConnect, Addr: u.Path, Err: errNilContext}
	}
	r := racer{network: "unix", dial: (&net.Dialer{}).DialContext}
	conn, err := r.run(ctx, []string{u.Path})
	if err != nil {
		return nil, dialError(ctx, u.Path, err)
	}
	return conn, nil
}

// OverUnix is a Unix stream socket as the way to the next hop, or to the server:
// whatever address comes next, path is dialed. It must be the first layer, as
// the socket is on this machine; after another one every dial fails. On Linux a
// leading @ in path means the abstract namespace.
func OverUnix(path string) Layer {
	return func(next Dialer) Dialer {
		if _, first := next.(TCP); first || next == nil {
			return Unix{Path: path}
		}
		return DialerFunc(func(context.Context, string, string) (net.Conn, error) {
			return nil, &Error{Phase: PhaseConnect, Addr: path, Err: errUnixNotFirst}
		})
	}
}

var errUnixNotFirst = errors.New("a Unix socket is on this machine: it must be the first hop of the route")
