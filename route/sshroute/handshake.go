package sshroute

import (
	"context"
	"errors"
	"fmt"
	"net"

	"golang.org/x/crypto/ssh"

	"github.com/fairlead-ws/fairlead/route"
)

// What is offered, in the order of our preference: nothing with SHA-1, CBC or
// groups that the server chooses.
var (
	keyExchanges = []string{
		ssh.KeyExchangeMLKEM768X25519, ssh.KeyExchangeCurve25519,
		ssh.KeyExchangeECDHP256, ssh.KeyExchangeECDHP384, ssh.KeyExchangeECDHP521,
		ssh.KeyExchangeDH16SHA512, ssh.KeyExchangeDH14SHA256,
	}
	ciphers = []string{
		ssh.CipherAES128GCM, ssh.CipherAES256GCM, ssh.CipherChaCha20Poly1305,
		ssh.CipherAES128CTR, ssh.CipherAES192CTR, ssh.CipherAES256CTR,
	}
	macs = []string{ssh.HMACSHA256ETM, ssh.HMACSHA512ETM, ssh.HMACSHA256, ssh.HMACSHA512}
)

// connect dials addr through next and logs in.
func connect(ctx context.Context, next route.Dialer, addr string, cfg *Config) (*Client, error) {
	if cfg == nil {
		cfg = &Config{}
	}
	before := func(phase string, err error) (*Client, error) {
		return nil, &route.Error{Phase: phase, Addr: addr, Err: err}
	}
	if next == nil {
		return before(route.PhaseConnect, errors.New("the dialer is nil"))
	}
	if addr == unusable {
		return before(route.PhaseSSH, errBadAddr)
	}
	keys, err := newHostKeys(addr, cfg)
	if err != nil {
		return before(route.PhaseSSH, err)
	}
	user, err := userName(cfg)
	if err != nil {
		return before(route.PhaseSSHAuth, err)
	}
	conn, err := next.DialContext(ctx, "tcp", addr)
	if err != nil {
		return nil, err
	}
	return logIn(ctx, conn, addr, &authenticator{cfg: cfg, user: user, keys: keys})
}

// logIn performs the handshake over conn, which it closes when that fails.
func logIn(ctx context.Context, conn net.Conn, addr string, a *authenticator) (*Client, error) {
	link := &guard{Conn: conn}
	a.ctx, a.link = ctx, link
	defer a.close()
	stop := context.AfterFunc(ctx, func() {
		_ = link.Close()
	})
	sshConn, chans, reqs, err := ssh.NewClientConn(link, a.keys.name, &ssh.ClientConfig{
		Config:            ssh.Config{KeyExchanges: keyExchanges, Ciphers: ciphers, MACs: macs},
		User:              a.user,
		AuthCallback:      a.next,
		HostKeyCallback:   a.keys.check,
		HostKeyAlgorithms: a.keys.algorithms,
		ClientVersion:     "SSH-2.0-Fairlead",
	})
	if err == nil {
		link.accepted.Store(true)
		client := newClient(addr, link, sshConn, chans, reqs, a.cfg)
		if err = a.checkAlgorithms(sshConn.(ssh.AlgorithmsConnMetadata).Algorithms()); err == nil && stop() {
			return client, nil
		}
		_ = client.Close()
	}
	stop()
	phase := route.PhaseSSH
	if link.auth.Load() {
		phase = route.PhaseSSHAuth
	}
	if errors.Is(err, errWeakStream) {
		phase = route.PhaseSSH
	}
	if cause := link.failed(); cause != nil && errors.Is(err, net.ErrClosed) {
		err = cause // the connection was closed for it
	}
	if cause := ctx.Err(); cause != nil {
		err = cause
	} else if version, _ := link.heard(); !version {
		err = fmt.Errorf("no version of SSH has come (RFC 4253 section 4.2), check that %s is an SSH server: %w", addr, err)
	}
	return nil, &route.Error{Phase: phase, Addr: addr, Err: bounded(a.keys.explain(err))}
}
