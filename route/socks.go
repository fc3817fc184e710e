package route

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
)

// socksProxy is a SOCKS proxy of any version.
type socksProxy struct {
	hop
	resolves bool   // names are looked up here
	only     string // network of the addresses it can be given, "" for that of the dial
	// fits says whether the request has room for the target; nil: for all.
	fits func(target hostPort) error
	// talk asks for target. Asked says that the request went out, so that the
	// error may be about the target.
	talk func(conn net.Conn, target hostPort) (asked bool, err error)
}

// layer returns p as a hop.
func (p socksProxy) layer() Layer {
	return func(next Dialer) Dialer {
		p := p
		p.hop = p.over(next)
		return &p
	}
}

// DialContext opens a connection to addr.
func (p *socksProxy) DialContext(ctx context.Context, network, addr string) (net.Conn, error) {
	return p.run(ctx, network, addr, func(target hostPort) (net.Conn, string, error) {
		conn, err := p.open(ctx, network, target)
		return conn, "", err
	})
}

func (p *socksProxy) open(ctx context.Context, network string, target hostPort) (net.Conn, error) {
	if p.fits != nil {
		if err := p.fits(target); err != nil {
			return nil, p.failed(ctx, target, err)
		}
	}
	targets := []hostPort{target}
	if p.resolves && !target.ip.IsValid() {
		var err error
		if targets, err = p.lookup(ctx, network, target); err != nil {
			return nil, err
		}
	}
	var failed failures
	for i, t := range targets {
		conn, more, err := p.try(ctx, network, t, len(targets)-i)
		if err == nil {
			return conn, nil
		}
		failed = append(failed, err)
		if !more {
			break
		}
	}
	if len(failed) == 1 {
		return nil, failed[0]
	}
	return nil, &Error{Phase: PhaseProxy, Addr: p.addr.String(), Err: failed}
}

// try asks the proxy for one address; others that wait for it get their share of
// the deadline. More says that another address may fare better.
func (p *socksProxy) try(ctx context.Context, network string, target hostPort, left int) (conn net.Conn, more bool, err error) {
	limited, cancel := (&racer{serial: true}).limit(ctx, left)
	defer cancel()
	if conn, err = p.reach(limited, network); err != nil {
		return nil, false, err
	}
	asked := false
	err = converse(limited, conn, func() (err error) {
		asked, err = p.talk(conn, target)
		return err
	})
	if err != nil {
		return nil, asked && ctx.Err() == nil, p.failed(limited, target, err)
	}
	return conn, false, nil
}

// lookup returns the addresses of target in the order to try them. A resolver of
// the [TCP] that leads to the proxy serves here too.
func (p *socksProxy) lookup(ctx context.Context, network string, target hostPort) ([]hostPort, error) {
	base, _ := p.next.(TCP)
	base = TCP{Resolver: base.Resolver, Prefer: base.Prefer}
	if p.only != "" {
		network = p.only
	}
	addrs, err := base.resolve(ctx, network, target.String())
	if err != nil {
		return nil, dialError(ctx, target.String(), err)
	}
	var targets []hostPort
	for _, addr := range addrs {
		a, err := parseHostPort(addr)
		if err == nil && a.ip.Zone() == "" {
			targets = append(targets, a)
		}
	}
	if len(targets) == 0 {
		return nil, dialError(ctx, target.String(), errZone)
	}
	return targets, nil
}

// exchange sends a request and reads an answer of known length. Not a byte more
// is read, so that the connection itself can be handed on.
func exchange(conn net.Conn, step string, request, answer []byte) error {
	if _, err := writeAll(conn, request); err != nil {
		return fmt.Errorf("sending %s: %w", step, err)
	}
	return readAnswer(conn, step, answer)
}

func readAnswer(conn net.Conn, step string, answer []byte) error {
	_, err := io.ReadFull(conn, answer)
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("the proxy closed the connection instead of answering %s: %w", step, io.ErrUnexpectedEOF)
	}
	if err != nil {
		return fmt.Errorf("waiting for the answer to %s: %w", step, err)
	}
	return nil
}

// notSocks is the error for an answer that begins with these bytes.
func notSocks(conn net.Conn, protocol string, begin []byte) error {
	all := make([]byte, foreignBytes)
	n := copy(all, begin)
	more, _ := TryRead(conn, all[n:])
	return &foreignError{protocol: protocol, begin: all[:n+more]}
}

// appendPort appends the port in network order.
func appendPort(dst []byte, port uint16) []byte { return append(dst, byte(port>>8), byte(port)) }

// checkSecret refuses what cannot be part of a user name or password in a
// request.
func checkSecret(what, value string) error {
	switch {
	case len(value) > 255:
		return errors.New(what + " is longer than 255 bytes")
	case strings.ContainsFunc(value, func(r rune) bool { return r < ' ' || r == 0x7f }):
		return errors.New(what + " has a control character")
	}
	return nil
}
