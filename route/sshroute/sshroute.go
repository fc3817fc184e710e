// Package sshroute leads connections through SSH servers: each hop asks its
// server to connect to the next address, as "ssh -J" and "ssh -W" do.
//
// Start with [Hop], a [route.Layer] for one server; several of them in
// [route.Through] make a chain, and each connection gets SSH connections of its
// own, which end with it. For many connections over one SSH connection use
// [Dial] and [Client.DialContext]. [FromConfig] finds the hops that the user's
// ~/.ssh/config describes.
//
// A server is trusted when a known_hosts file has its key, or when its key has
// one of the fingerprints given; nothing is ever learned by connecting. Only
// algorithms without known weaknesses are offered, and compression is not.
//
// Importing the package makes route know URLs such as
//
//	ssh://user:password@bastion.example:22?known_hosts=/path/to/file
//
// with these parameters, each of which may be repeated: identity, the file of a
// private key without a passphrase; known_hosts, a file; fingerprint, see
// [Config.HostKeyFingerprints]. Without a password and an identity the agent of
// SSH_AUTH_SOCK is asked. ~/.ssh/config is not consulted.
package sshroute

import (
	"context"
	"net"
	"time"

	"github.com/fairlead-ws/fairlead/route"
	"github.com/fairlead-ws/fairlead/wstrace"
)

// Config says who we are to an SSH server, and how it is recognized. A nil
// *Config is the zero value, which suits servers that ask for no proof. It must
// not be changed while it is in use; any number of connections may share it.
//
// Of the ways to prove who we are, those that the server accepts are used in
// this order: Keys, Agent, Password, KeyboardInteractive. When the server
// demands several (RFC 4252 section 5.1), they are combined.
type Config struct {
	// User is the name to log in with. Default: the name of the user who runs
	// this program.
	User string

	// Password is for the method "password" (RFC 4252 section 8). Without
	// KeyboardInteractive it is also the answer to a single hidden question of
	// the method "keyboard-interactive", by which some servers ask for it.
	Password string

	// Keys are offered in their order (RFC 4252 section 7). Servers count each
	// as an attempt; OpenSSH ends the connection after six.
	Keys []*Key

	// Agent is the path of the Unix socket of an agent whose keys are offered
	// after Keys. "SSH_AUTH_SOCK" stands for the value of that environment
	// variable. Default: no agent.
	Agent string

	// KeyboardInteractive answers the questions of the server (RFC 4256), which
	// are at most 8 rounds of at most 8 questions; echos says which answers may
	// be seen while they are typed. It may be called with no questions, and must
	// return as many answers as there are questions. What the server wrote comes
	// as it is: pass it through [wstrace.Escape] before it is shown. When ctx
	// ends nobody waits for it any more.
	KeyboardInteractive func(ctx context.Context, name, instruction string, questions []string, echos []bool) (answers []string, err error)

	// KnownHosts are files in the format of sshd(8), "SSH_KNOWN_HOSTS FILE
	// FORMAT". Each must be readable. They are read anew for each SSH
	// connection. Default: ~/.ssh/known_hosts and /etc/ssh/ssh_known_hosts, as
	// far as they exist.
	KnownHosts []string

	// HostKeyFingerprints are used instead of KnownHosts: the server's key must
	// have one of them. They have the form that ssh-keygen -l prints,
	// "SHA256:" and 43 characters. A server that has several keys shows its
	// Ed25519 key, else ECDSA, else RSA.
	HostKeyFingerprints []string

	// InsecureIgnoreHostKey accepts every server, also one that somebody has put
	// between: it reads all, the password included. It is the only way to
	// connect without a check. Default: false.
	InsecureIgnoreHostKey bool

	// KeepAliveInterval is how often the server is asked for a sign of life; a
	// negative value turns that off. KeepAliveCountMax is how many questions may
	// go unanswered: when so many have, and nothing else has come meanwhile, the
	// SSH connection is given up and all connections over it fail at once.
	// Defaults: 15 s and 3.
	KeepAliveInterval time.Duration
	KeepAliveCountMax int
}

// Hop returns a layer whose connections go through the SSH server at addr,
// "host:port"; the port may be left out and is 22 then. Each connection gets an
// SSH connection of its own, which ends with it.
//
// The server is asked for a connection to the address dialed (RFC 4254 section
// 7.2), which is "host:port" with a numeric port; it resolves the host. If the
// network is "unix", or the address begins with a slash, it is the path of a Unix
// socket of the server (direct-streamlocal@openssh.com).
//
// Errors are those of the dialer before, and *[route.Error] with the phases
// "ssh", "ssh auth" and "ssh channel", whose Addr names this hop; in them are
// *[HostKeyError], *[AuthError] and *[ChannelError]. When the SSH connection
// breaks later, reads and writes return a *[LinkError].
//
// The connections have deadlines, see [route.WithDeadlines].
func Hop(addr string, cfg *Config) route.Layer {
	addr = withPort(addr)
	return func(next route.Dialer) route.Dialer {
		return route.DialerFunc(func(ctx context.Context, network, target string) (net.Conn, error) {
			var client *Client
			return traced(ctx, addr, target, func() (net.Conn, string, error) {
				var err error
				if client, err = connect(ctx, next, addr, cfg); err != nil {
					return nil, "", err
				}
				conn, err := client.open(ctx, network, target, client.Close)
				if err != nil {
					_ = client.Close()
				}
				return conn, client.version, err
			})
		})
	}
}

// traced reports what ask, which asks the hop at addr, does.
func traced(ctx context.Context, addr, target string, ask func() (conn net.Conn, version string, err error)) (net.Conn, error) {
	if ctx == nil {
		return nil, &route.Error{Phase: route.PhaseSSH, Addr: addr, Err: errNilContext}
	}
	trace := wstrace.FromContext(ctx)
	start := time.Now()
	wstrace.Call(trace.HopStart, wstrace.HopStart{Kind: "ssh", Addr: addr, Target: target})
	conn, version, err := ask()
	wstrace.Call(trace.HopDone, wstrace.HopDone{
		Kind: "ssh", Addr: addr, Target: target, Detail: wstrace.Escape(version), Duration: time.Since(start), Err: err,
	})
	return conn, err
}
