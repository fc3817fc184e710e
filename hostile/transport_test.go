package hostile_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"slices"
	"syscall"
	"time"

	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/frame"
	"github.com/fairlead-ws/fairlead/route"
	"github.com/fairlead-ws/fairlead/wstest"
)

// transportCases is section D: the way the bytes come. D11 needs a network that
// loses packets; what TCP makes of that, delay and pieces of any size, is here, and
// what a network does to bytes under TLS is in tampering_test.go. D12 is Go's
// monotonic clock. D03 and D04 are with package route, whose dialer it is.
func transportCases() []Case {
	return slices.Concat(
		unreachedCases(), resetCases(), halfCloseCases(), slowCases(), silentCases(), healedCases(),
		tlsEndCases(), certificateCases(), hugeCertificateCases(), helloCases(), alpnCases(), otherPortCases(), clientCertificateCases(),
		stalledTLSCases(), trustCases(), tamperingCases(),
	)
}

// by leads past the peer.
func by(dial func(ctx context.Context) (net.Conn, error)) func(route.Dialer) route.Dialer {
	return func(route.Dialer) route.Dialer {
		return route.DialerFunc(func(ctx context.Context, _, _ string) (net.Conn, error) { return dial(ctx) })
	}
}

// unreachedCases are D01, D02 and the dial's part of K07: the operating system's
// error stays in reach.
func unreachedCases() []Case {
	var cases []Case
	for name, errno := range map[string]syscall.Errno{
		"refused": syscall.ECONNREFUSED, "unreachable-net": syscall.ENETUNREACH, "no-route": syscall.EHOSTUNREACH, "host-down": syscall.EHOSTDOWN,
		"forbidden": syscall.EACCES, "no-address": syscall.EADDRNOTAVAIL,
	} {
		cases = append(cases, noSocket("D01/"+name, errno))
	}
	for name, errno := range map[string]syscall.Errno{
		"EMFILE": syscall.EMFILE, "ENFILE": syscall.ENFILE, "ENOBUFS": syscall.ENOBUFS, "ENOMEM": syscall.ENOMEM, "ETIMEDOUT": syscall.ETIMEDOUT,
	} {
		cases = append(cases, noSocket("K07/dial-"+name, errno))
	}
	closed := Case{ID: "D01/nobody-listens", Refused: fairlead.PhaseConnect, Is: []error{syscall.ECONNREFUSED}, Says: "connect"}
	closed.Route = by(func(ctx context.Context) (net.Conn, error) {
		ln, err := net.Listen("tcp4", "127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		ln.Close()
		return route.TCP{}.DialContext(ctx, "tcp", ln.Addr().String())
	})
	socket := closed
	socket.ID, socket.Is = "D01/no-Unix-socket", []error{os.ErrNotExist}
	socket.Route = func(route.Dialer) route.Dialer { return route.Unix{Path: "/nowhere/at/all.sock"} }
	cases = append(cases, closed, socket)
	hole := Case{
		Virtual: true, Refused: fairlead.PhaseConnect, Is: []error{context.DeadlineExceeded},
		Route: by(func(ctx context.Context) (net.Conn, error) { <-ctx.Done(); return nil, ctx.Err() }),
	}
	for _, d := range []struct {
		name          string
		dial, context time.Duration
		takes         time.Duration
	}{{"default", 0, 0, 30 * time.Second}, {"Timeout", 5 * time.Second, 0, 5 * time.Second}, {"context", time.Hour, 3 * time.Second, 3 * time.Second}, {"past", 0, time.Nanosecond, 0}} {
		c := hole
		c.ID, c.Dialer.Timeout, c.Timeout, c.Takes = "D02/"+d.name, d.dial, d.context, d.takes
		cases = append(cases, c.teaches("L82"))
	}
	return cases
}

func noSocket(id string, errno syscall.Errno) Case {
	return Case{
		ID: id, Refused: fairlead.PhaseConnect, Is: []error{errno},
		Route: by(func(context.Context) (net.Conn, error) {
			return nil, &net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("connect", errno)}
		}),
		Check: func(o *Outcome) error {
			if op, ok := errors.AsType[*net.OpError](o.Err); !ok || op.Op != "dial" {
				return fmt.Errorf("no *net.OpError in %w", o.Err)
			}
			return nil
		},
	}
}

// session3 is a message in three frames with a Ping between, no more.
func session3() []byte {
	return slices.Concat(first("three "), next("frames of "), ping("?"), final("one message"))
}

// resetCases are D05: RST at each byte of a message, and in the closing handshake.
func resetCases() []Case {
	var cases []Case
	wire := session3()
	for n := range len(wire) { // without the last byte: what RST overtakes is lost
		c := Case{ID: fmt.Sprintf("D05/after-%d-bytes", n), TCP: true, Unsent: true, Peer: after(send(wire[:n]), wstest.Reset()), Closed: frame.StatusAbnormal}
		cases = append(cases, c.teaches("L101"))
	}
	closing := func(ctx context.Context, c *fairlead.Conn, _ *Outcome) error {
		return c.Close(ctx, frame.StatusNormal, "")
	}
	for _, tls := range []bool{false, true} {
		name := map[bool]string{false: "plain", true: "TLS"}[tls]
		cases = append(cases,
			Case{ID: "D05/in-close-" + name, TCP: true, TLS: tls, Unsent: true, Peer: after(wstest.ExpectClose(frame.StatusNormal), wstest.Reset()), Do: closing, Is: []error{net.ErrClosed}, Says: "1006"},
			Case{ID: "D05/in-message-" + name, TCP: true, TLS: tls, Unsent: true, Peer: after(send(wire[:9]), wstest.Reset()), Closed: frame.StatusAbnormal},
		)
	}
	return cases
}

// halfCloseCases are D06: the server's FIN ends reading for good, and a write hangs
// no more than without.
func halfCloseCases() []Case {
	var cases []Case
	for _, p := range []struct {
		name  string
		wire  []byte
		whole []string
	}{{"at-once", nil, nil}, {"in-header", text("hello")[:1], nil}, {"in-frame", text("hello")[:4], nil}, {"between-fragments", first("hel"), nil}, {"after-message", text("hello"), []string{"hello"}}} {
		for _, tcp := range []bool{false, true} {
			c := Case{
				ID: fmt.Sprintf("D06/%s-%s", p.name, map[bool]string{false: "memory", true: "TCP"}[tcp]), TCP: tcp, Unsent: true,
				Peer: after(send(p.wire), wstest.Shut()), Messages: p.whole, Closed: frame.StatusAbnormal,
				Do: func(ctx context.Context, c *fairlead.Conn, o *Outcome) error {
					err := readAll(ctx, c, o)
					if again := readAll(ctx, c, o); !errors.Is(again, net.ErrClosed) {
						return fmt.Errorf("the second read: %w", again)
					}
					if err := c.WriteText(ctx, "x"); err != nil && !errors.Is(err, net.ErrClosed) {
						return err
					}
					return err
				},
			}
			cases = append(cases, c.teaches("L101"))
		}
	}
	return cases
}

// drip sends b a byte a second.
func drip(b []byte) []wstest.Step {
	var steps []wstest.Step
	for i := range b {
		steps = append(steps, wstest.Pause(time.Second), wstest.Send(b[i:i+1]))
	}
	return steps
}

// slowCases are D07 and what of D11 TCP shows: bytes that trickle are read as long as
// the caller lets them, a limit of the pause between them does not end them, and the
// answer to a dial has no longer than the dial.
func slowCases() []Case {
	wire := text("drop by drop")
	slow := Case{Virtual: true, Messages: []string{"drop by drop"}, Closed: frame.StatusNormal, Takes: time.Duration(len(wire)) * time.Second}
	slow.Peer = after(append(drip(wire), send(bye()))...)
	plain, idle := slow, slow
	plain.ID, idle.ID = "D07/no-limit", "D07/idle-timeout-above-the-pause"
	idle.Dialer.IdleTimeout = 1500 * time.Millisecond
	below := slow
	below.ID = "D07/idle-timeout-below-the-pause"
	below.Dialer.IdleTimeout = 600 * time.Millisecond
	below.Do = func(ctx context.Context, c *fairlead.Conn, o *Outcome) error {
		for {
			if err := readAll(ctx, c, o); !errors.Is(err, fairlead.ErrIdleTimeout) {
				return err
			}
		}
	}
	deadline := slow
	deadline.ID, deadline.Messages, deadline.Closed, deadline.Takes = "D07/context", nil, 0, 5*time.Second
	deadline.Is = []error{context.DeadlineExceeded}
	deadline.Do = func(ctx context.Context, c *fairlead.Conn, o *Outcome) error {
		ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
		defer cancel()
		return readAll(ctx, c, o)
	}
	dial := Case{
		ID: "D07/in-the-answer", Virtual: true, Peer: append(peer(wstest.Request(func(*wstest.HTTPRequest) error { return nil })), drip([]byte(switching()))...),
		Refused: fairlead.PhaseResponse, Is: []error{context.DeadlineExceeded}, Takes: 30 * time.Second,
	}
	cases := []Case{plain.teaches("L83"), idle, below, deadline.teaches("L83"), dial.teaches("L82", "L83", "L84")}
	for _, d := range []time.Duration{100 * time.Millisecond, time.Second, 2 * time.Second} {
		for _, size := range []int{1, 7, 536} { // 536: the segments of the smallest packets that all carry
			payload := times(48, "0123456789abcdef")
			var steps []wstest.Step
			n := time.Duration(0)
			for piece := range slices.Chunk(slices.Concat(text(payload), frameOf(frame.Binary, true, payload), bye()), size) {
				steps = append(steps, wstest.Pause(d), wstest.Send(piece))
				n++
			}
			cases = append(cases, Case{ID: fmt.Sprintf("D11/%v-delay-pieces-of-%d", d, size), Virtual: true, Within: 5 * time.Second, Takes: n * d, Peer: after(steps...), Messages: []string{payload, payload}, Closed: frame.StatusNormal})
		}
	}
	return cases
}

// silentCases are D08: a peer that says nothing more is dead after the time that the
// caller gives it, to the millisecond. There is no keepalive that runs by itself: a
// Ping with a limit is one, and so is an idle timeout.
func silentCases() []Case {
	const interval, patience = 8 * time.Second, 5 * time.Second
	pinging := func(ctx context.Context, c *fairlead.Conn, _ *Outcome) error {
		for {
			time.Sleep(interval)
			limited, cancel := context.WithTimeout(ctx, patience)
			_, err := c.Ping(limited)
			cancel()
			if err != nil {
				c.CloseNow()
				return err
			}
		}
	}
	cases := []Case{
		{ID: "D08/ping", Virtual: true, Unsent: true, Peer: after(), Do: pinging, Is: []error{context.DeadlineExceeded}, Takes: interval + patience},
		{ID: "D08/second-ping", Virtual: true, Unsent: true, Peer: after(wstest.ExpectFrame(frame.Ping, true, []byte("\x00\x00\x00\x00\x00\x00\x00\x01")), send(pong("\x00\x00\x00\x00\x00\x00\x00\x01"))), Do: pinging, Is: []error{context.DeadlineExceeded}, Takes: 2*interval + patience},
		{ID: "D08/idle-timeout", Virtual: true, Peer: after(), Dialer: fairlead.Dialer{IdleTimeout: 20 * time.Second}, Is: []error{fairlead.ErrIdleTimeout}, Takes: 20 * time.Second},
		{ID: "D08/idle-timeout-in-a-frame", Virtual: true, Peer: after(send(text("hello")[:4])), Dialer: fairlead.Dialer{IdleTimeout: 20 * time.Second}, Is: []error{fairlead.ErrIdleTimeout}, Takes: 20 * time.Second},
		{ID: "D08/pong-to-another-ping", Virtual: true, Unsent: true, Peer: after(send(pong("\x00\x00\x00\x00\x00\x00\x00\x09"), pong(""))), Do: pinging, Is: []error{context.DeadlineExceeded}, Takes: interval + patience},
	}
	for i := range cases {
		cases[i] = cases[i].teaches("L86")
	}
	return cases
}

// healedCases are D10: what a silence held up comes once, whole and in order.
func healedCases() []Case {
	all := slices.Concat(text("one"), session3(), text("two"))
	var cases []Case
	for _, at := range []int{0, 1, 3, len(text("one")), len(text("one")) + 1, len(text("one")) + 10, len(all) - 1} {
		cases = append(cases, Case{
			ID: fmt.Sprintf("D10/after-%d-bytes", at), Virtual: true, Takes: 90 * time.Second, Frames: []string{"pong ?"},
			Peer:     after(send(all[:at]), wstest.Pause(90*time.Second), send(all[at:], bye())),
			Messages: []string{"one", "three frames of one message", "two"}, Closed: frame.StatusNormal,
		})
	}
	return cases
}
