package sshroute

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/fairlead-ws/fairlead/route"
)

const (
	// maxAbandoned is how many requests for a connection a server may leave
	// unanswered after their contexts have ended.
	maxAbandoned = 100
	// lostWithin is how long after its channels a link may end: they are closed
	// first, and their end alone does not tell why.
	lostWithin = 50 * time.Millisecond
)

// open asks for a connection. Its Close calls onClose, if that is not nil,
// instead of closing the channel alone.
func (c *Client) open(ctx context.Context, network, addr string, onClose func() error) (net.Conn, error) {
	failed := func(err error) (net.Conn, error) {
		return nil, &route.Error{Phase: route.PhaseSSHChannel, Addr: c.addr, Err: err}
	}
	kind, payload, err := channelTo(network, addr)
	switch {
	case err != nil:
		return failed(err)
	case ctx.Err() != nil:
		return failed(ctx.Err())
	case c.abandoned.Load() >= maxAbandoned:
		return failed(errUnanswered)
	}

	type result struct {
		channel ssh.Channel
		err     error
	}
	opened := make(chan result)
	go func() {
		channel, requests, err := c.conn.OpenChannel(kind, payload)
		if err == nil {
			go ssh.DiscardRequests(requests)
		}
		select {
		case opened <- result{channel, err}:
		case <-ctx.Done():
			c.abandoned.Add(-1)
			if err == nil {
				_ = channel.Close()
			}
		}
	}()
	var r result
	select {
	case r = <-opened:
	case <-ctx.Done():
		c.abandoned.Add(1)
		return failed(ctx.Err())
	}
	if refused, ok := errors.AsType[*ssh.OpenChannelError](r.err); ok {
		return failed(&ChannelError{Target: addr, Code: uint32(refused.Reason), Message: clip(refused.Message)})
	}
	if r.err != nil {
		return failed(bounded(c.explain(r.err)))
	}
	t := &tunnel{Channel: r.channel, client: c, remote: target{network, addr}, onClose: onClose}
	go t.discardErrors()
	return route.WithDeadlines(t), nil
}

// channelTo returns the type of a channel to addr and what goes with it.
func channelTo(network, addr string) (kind string, payload []byte, err error) {
	switch {
	case network == "unix" || strings.HasPrefix(addr, "/"):
		// OpenSSH's PROTOCOL, section 2.4.
		return "direct-streamlocal@openssh.com", ssh.Marshal(struct {
			Path      string
			Reserved0 string
			Reserved1 uint32
		}{Path: addr}), nil
	case network != "tcp" && network != "tcp4" && network != "tcp6":
		return "", nil, net.UnknownNetworkError(network)
	case strings.ContainsFunc(addr, notInAddress):
		return "", nil, errBadTarget // not repeated: what stands before an @ is a secret
	}
	host, service, err := net.SplitHostPort(addr)
	if err != nil {
		return "", nil, err
	}
	port, err := strconv.ParseUint(service, 10, 16)
	if err != nil || port == 0 || host == "" {
		return "", nil, &net.AddrError{Err: `the target of an SSH server must be "host:port" with a number from 1 to 65535`, Addr: addr}
	}
	// RFC 4254 section 7.2. The originator is nobody's business.
	return "direct-tcpip", ssh.Marshal(struct {
		Host           string
		Port           uint32
		Originator     string
		OriginatorPort uint32
	}{host, uint32(port), "127.0.0.1", 0}), nil
}

// tunnel is a channel whose errors tell when the whole link is gone.
type tunnel struct {
	ssh.Channel
	client  *Client
	remote  net.Addr
	onClose func() error
}

func (t *tunnel) Read(p []byte) (int, error) {
	n, err := t.Channel.Read(p)
	if err != nil {
		err = t.client.explain(err)
	}
	return n, err
}

func (t *tunnel) Write(p []byte) (int, error) {
	n, err := t.Channel.Write(p)
	if err != nil {
		err = t.client.explain(err)
	}
	return n, err
}

// Close does not wait for the link, which may be stuck.
func (t *tunnel) Close() error {
	if t.onClose != nil {
		return t.onClose()
	}
	go func() { _ = t.Channel.Close() }()
	return nil
}

// LocalAddr is our end of the link.
func (t *tunnel) LocalAddr() net.Addr { return t.client.link.LocalAddr() }

// RemoteAddr is what the server was asked to connect to.
func (t *tunnel) RemoteAddr() net.Addr { return t.remote }

// discardErrors reads what has no place in a tunnel, so that it does not fill
// the window.
func (t *tunnel) discardErrors() {
	var p [512]byte
	stderr := t.Stderr()
	for {
		if _, err := stderr.Read(p[:]); err != nil {
			return
		}
	}
}

type target struct{ network, addr string }

func (a target) Network() string { return a.network }
func (a target) String() string  { return a.addr }

// explain returns the reason of the link's end, if that is what is behind err,
// the error of a channel.
func (c *Client) explain(err error) error {
	if c.link.ended.Load() {
		<-c.done
		return c.reason()
	}
	timer := time.NewTimer(lostWithin)
	defer timer.Stop()
	select {
	case <-c.done:
		return c.reason()
	case <-timer.C:
		return err
	}
}

const defaultPort = "22"

// withPort adds the port of SSH. An address that cannot be dialed comes back as
// unusable, as what stands before an @ is a secret.
func withPort(addr string) string {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		host = strings.TrimSuffix(strings.TrimPrefix(addr, "["), "]")
	}
	if host == "" || strings.ContainsFunc(addr, notInAddress) {
		return unusable
	}
	return net.JoinHostPort(host, cmp.Or(port, defaultPort))
}

// unusable stands for an address in errors, and is none itself.
const unusable = "the given address"

// notInAddress tells of characters that are not in a host name and a port.
func notInAddress(r rune) bool {
	return r <= ' ' || r == 0x7F || strings.ContainsRune(`@/\?#<>"`, r)
}

var (
	errBadTarget  = errors.New(`the target is not "host:port": it holds a character that cannot be in a host name`)
	errUnanswered = fmt.Errorf("the server has left %d requests for a connection unanswered", maxAbandoned)
)
