package route

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"time"

	"github.com/fairlead-ws/fairlead/wstrace"
)

// hop is what the proxies of this package have in common: an address, the way
// to it, and how a dial through it is checked, watched and cancelled.
type hop struct {
	kind string
	addr hostPort
	bad  error // why it cannot be dialed, found when it was made
	next Dialer
}

// newHop checks the address of a hop.
func newHop(kind, addr string) hop {
	h := hop{kind: kind}
	h.addr, h.bad = parseHostPort(addr)
	if h.bad != nil {
		h.bad = &Error{Phase: PhaseProxy, Addr: "at the given address", Err: h.bad}
	}
	return h
}

// over returns the hop reached by next.
func (h hop) over(next Dialer) hop {
	if h.next = next; next == nil {
		h.next = TCP{}
	}
	return h
}

// run checks what the caller wants before anything is dialed, and calls open
// between the hooks.
func (h *hop) run(ctx context.Context, network, addr string, open func(target hostPort) (net.Conn, string, error)) (net.Conn, error) {
	target, err := h.check(ctx, network, addr)
	if err != nil {
		return nil, err
	}
	trace := wstrace.FromContext(ctx)
	done := wstrace.HopDone{Kind: h.kind, Addr: h.addr.String(), Target: target.String()}
	wstrace.Call(trace.HopStart, wstrace.HopStart{Kind: done.Kind, Addr: done.Addr, Target: done.Target})
	start := time.Now()
	conn, detail, err := open(target)
	done.Detail, done.Err, done.Duration = detail, err, time.Since(start)
	wstrace.Call(trace.HopDone, done)
	if err != nil {
		return nil, err
	}
	return conn, nil
}

func (h *hop) check(ctx context.Context, network, addr string) (hostPort, error) {
	if h.bad != nil {
		return hostPort{}, h.bad
	}
	fail := func(target hostPort, err error) (hostPort, error) { return hostPort{}, h.failed(ctx, target, err) }
	switch network {
	case "tcp", "tcp4", "tcp6":
	default:
		return fail(hostPort{}, net.UnknownNetworkError(network))
	}
	target, err := parseHostPort(addr)
	if err != nil {
		return fail(hostPort{}, &badTargetError{err})
	}
	switch {
	case target.ip.Zone() != "":
		return fail(target, &badTargetError{errZone})
	case ctx == nil:
		return fail(target, errNilContext)
	case ctx.Err() != nil:
		return fail(target, ctx.Err())
	}
	return target, nil
}

// badTargetError says that the address wanted cannot be asked for.
type badTargetError struct{ err error }

func (e *badTargetError) Error() string {
	return "the address wanted cannot be asked for: " + e.err.Error()
}
func (e *badTargetError) Unwrap() error { return e.err }

// failed dresses what went wrong in the dialogue with the hop.
func (h *hop) failed(ctx context.Context, target hostPort, err error) error {
	failed, ok := err.(*ProxyError) //nolint:errorlint // the one just made, not one of a hop before
	if !ok {
		failed = &ProxyError{Err: err}
	}
	if ctx != nil {
		failed.Err = withContext(ctx, failed.Err)
	}
	failed.Kind, failed.Addr = h.kind, h.addr.String()
	if target.port != 0 {
		failed.Target = target.String()
	}
	return &Error{Phase: PhaseProxy, Addr: failed.Addr, Err: failed}
}

// reach connects to the hop.
func (h *hop) reach(ctx context.Context, network string) (net.Conn, error) {
	conn, err := h.next.DialContext(ctx, network, h.addr.String())
	if err == nil && conn == nil {
		err = &Error{Phase: PhaseConnect, Addr: h.addr.String(), Err: errors.New("the dialer returned neither a connection nor an error")}
	}
	return conn, err
}

// converse runs a dialogue on conn that the end of ctx ends at once. After an
// error conn is closed.
func converse(ctx context.Context, conn net.Conn, dialogue func() error) error {
	dropped := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		drop(conn)
		close(dropped)
	})
	err := dialogue()
	if !stop() {
		<-dropped
		if err == nil {
			err = ctx.Err()
		}
	}
	if err != nil {
		drop(conn)
	}
	return err
}

// writeAll writes p. A connection that takes a part of it, although a Write must
// not, gives an error: nobody answers half a request.
func writeAll(conn net.Conn, p []byte) (int, error) {
	n, err := conn.Write(p)
	if err == nil && n < len(p) {
		err = io.ErrShortWrite
	}
	return n, err
}

// drop closes conn without the last words of TLS, which could have to wait.
func drop(conn net.Conn) {
	for {
		switch c := conn.(type) {
		case *tls.Conn:
			conn = c.NetConn()
		case *pollConn:
			conn = c.Conn
		default:
			_ = conn.Close()
			return
		}
	}
}
