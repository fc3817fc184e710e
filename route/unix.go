package route

import (
	"context"
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
