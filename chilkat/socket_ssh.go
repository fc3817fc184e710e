package chilkat

import (
	"context"

	"github.com/fairlead-ws/fairlead/chilkat/internal/lasterr"
	"github.com/fairlead-ws/fairlead/route/sshroute"
)

// sshSettings say how an SSH server is recognized.
type sshSettings struct {
	knownHosts, fingerprint string
}

// sshWaitMs is how long SshOpenTunnel and each SshAuthenticate method may take:
// they have no argument for it.
const sshWaitMs = 30000

// SshKnownHostsPath is the path of a known_hosts file with the keys of SSH
// servers; "", the default, means those of the user and the system. It is not part
// of the reference.
func (s *Socket) SshKnownHostsPath() string {
	return get(s.base(), "SshKnownHostsPath", func() string { return s.settings.ssh.knownHosts })
}

// SetSshKnownHostsPath sets the known_hosts file. An SSH server whose key is not
// there is refused; nothing is ever added to it.
func (s *Socket) SetSshKnownHostsPath(path string) {
	set(s.base(), "SshKnownHostsPath", path, func() error { s.settings.ssh.knownHosts = path; return nil })
}

// SshHostKeyFingerprint is the fingerprint that the key of the SSH server must
// have; "", the default, leaves it to the known_hosts file. It is not part of the
// reference.
func (s *Socket) SshHostKeyFingerprint() string {
	return get(s.base(), "SshHostKeyFingerprint", func() string { return s.settings.ssh.fingerprint })
}

// SetSshHostKeyFingerprint sets the fingerprint of the SSH server's key, as
// "ssh-keygen -l" prints it: "SHA256:" and 43 characters. No known_hosts file is
// read then.
func (s *Socket) SetSshHostKeyFingerprint(fingerprint string) {
	set(s.base(), "SshHostKeyFingerprint", fingerprint, func() error { s.settings.ssh.fingerprint = fingerprint; return nil })
}

// SshOpenTunnel connects to an SSH server, through the proxies that are set, and
// waits until it has introduced itself. SshAuthenticatePw or SshAuthenticatePk
// comes next, then SshOpenChannel. It may take 30 seconds. A tunnel before is
// closed when the last connection through it is.
//
// Where the reference goes through the whole transport of SSH here, this method
// does not: the server's host key is checked by the SshAuthenticate methods,
// before they tell the server anything.
func (s *Socket) SshOpenTunnel(sshHostname string, sshPort int) bool {
	return s.base().call("SshOpenTunnel", func(l *lasterr.Log) error {
		return s.during(context.Background(), l, func(ctx context.Context) error {
			t, err := s.target(l, sshHostname, sshPort, false, sshWaitMs)
			if err != nil {
				return err
			}
			s.mu.Lock()
			settings := s.settings
			s.mu.Unlock()
			way, reason, err := settings.way(t, nil)
			if err != nil {
				s.setFailReason(reason)
				return err
			}
			tunnel := &tunnel{addr: t.addr(), next: way.dialer, owners: 1}
			err = s.sshStep(ctx, way.target, func(ctx context.Context) error {
				version, err := tunnel.reach(ctx)
				if err == nil {
					l.Value("serverVersion", version)
				}
				return err
			})
			if err != nil {
				return err
			}
			return s.adopt(tunnel)
		})
	}).status()
}

// adopt makes t the tunnel of s.
func (s *Socket) adopt(t *tunnel) error {
	s.mu.Lock()
	old, disposed := s.tunnel, s.disposed
	if !disposed {
		s.tunnel = t
	}
	s.mu.Unlock()
	if disposed {
		t.close()
		return errDisposed
	}
	old.letGo()
	return nil
}

// sshStep runs one step towards a tunnel under its time limit.
func (s *Socket) sshStep(ctx context.Context, t target, step func(context.Context) error) error {
	limited, cancel := within(ctx, sshWaitMs)
	defer cancel()
	if err := step(limited); err != nil {
		reason, err := connectFailure(ctx, err, t)
		s.setFailReason(reason)
		return err
	}
	s.setFailReason(connectOK)
	return nil
}

// SshAuthenticatePw proves to the SSH server who asks, with a password. The
// server's host key is checked before: it must be in a known_hosts file, or have
// the fingerprint of SshHostKeyFingerprint. It may take 30 seconds. When it fails
// it may be called again, and connects to the server anew by itself.
func (s *Socket) SshAuthenticatePw(login, password string) bool {
	return s.base().call("SshAuthenticatePw", func(l *lasterr.Log) error {
		return s.authenticate(l, &sshroute.Config{User: login, Password: password})
	}).status()
}

// SshAuthenticatePk proves to the SSH server who asks, with a private key. All
// else is as with SshAuthenticatePw.
func (s *Socket) SshAuthenticatePk(login string, key *SshKey) bool {
	return s.base().call("SshAuthenticatePk", func(l *lasterr.Log) error {
		if err := checkArgument("key", "SshKey", key); err != nil {
			return err
		}
		private := key.private()
		if private == nil {
			return fail("the argument key has no private key", "Call FromOpenSshPrivateKey of the SshKey first.")
		}
		l.Value("keyFingerprint", private.Fingerprint())
		return s.authenticate(l, &sshroute.Config{User: login, Keys: []*sshroute.Key{private}})
	}).status()
}

func (s *Socket) authenticate(l *lasterr.Log, cfg *sshroute.Config) error {
	return s.during(context.Background(), l, func(ctx context.Context) error {
		s.mu.Lock()
		tunnel, settings := s.tunnel, s.settings.ssh
		s.mu.Unlock()
		switch {
		case cfg.User == "":
			return fail("the argument login is empty", "Pass the name of a user of the SSH server.")
		case tunnel == nil:
			return errNoTunnel
		case tunnel.ready():
			return fail("the SSH server knows who asks already", "Call SshOpenChannel, or SshOpenTunnel for another tunnel.")
		}
		if settings.knownHosts != "" {
			cfg.KnownHosts = []string{settings.knownHosts}
		}
		if settings.fingerprint != "" {
			cfg.HostKeyFingerprints = []string{settings.fingerprint}
		}
		l.Value("login", cfg.User)
		return s.sshStep(ctx, target{sheltered: true}, func(ctx context.Context) error { return tunnel.authenticate(ctx, cfg) })
	})
}

var errNoTunnel = fail("there is no SSH tunnel", "Call SshOpenTunnel first.")

// SshOpenChannel opens a connection to a server through the SSH tunnel, which the
// SSH server makes from its side: hostname and port are what it knows. With tls
// the connection has TLS with that server, which the SSH server cannot read. It
// may take maxWaitMs milliseconds; 0 means no limit. It returns a connected Socket
// with the settings of this one, nil on failure; then ConnectFailReason of this
// Socket tells why.
//
// The tunnel carries any number of channels. It ends with SshCloseTunnel, or when
// this Socket is disposed of and the last channel is closed.
func (s *Socket) SshOpenChannel(hostname string, port int, tls bool, maxWaitMs int) *Socket {
	r := give(s.base(), "SshOpenChannel", func(l *lasterr.Log) (channel *Socket, err error) {
		err = s.during(context.Background(), l, func(ctx context.Context) error {
			channel, err = s.openChannel(ctx, l, hostname, port, tls, maxWaitMs)
			return err
		})
		return channel, err
	})
	channel, _ := r.value.(*Socket)
	return channel
}

func (s *Socket) openChannel(ctx context.Context, l *lasterr.Log, hostname string, port int, tls bool, maxWaitMs int) (*Socket, error) {
	t, err := s.target(l, hostname, port, tls, maxWaitMs)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	channel := &Socket{settings: s.settings, tunnel: s.tunnel}
	s.mu.Unlock()
	if channel.tunnel == nil {
		return nil, errNoTunnel
	}
	channel.tunnel.hold()
	channel.live.copyFrom(&s.live)
	_, err = channel.open(ctx, t, maxWaitMs)
	s.setFailReason(channel.failReason)
	if err != nil {
		channel.tunnel.letGo()
		return nil, err
	}
	return channel, nil
}

// SshCloseTunnel ends the SSH connection, and with it all connections through it.
// It fails when there is none.
func (s *Socket) SshCloseTunnel() bool {
	return s.base().call("SshCloseTunnel", func(*lasterr.Log) error {
		s.mu.Lock()
		tunnel := s.tunnel
		s.tunnel = nil
		s.mu.Unlock()
		if tunnel == nil {
			return errNoTunnel
		}
		tunnel.close()
		return nil
	}).status()
}
