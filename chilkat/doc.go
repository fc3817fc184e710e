// Package chilkat is a WebSocket client with the classes of a well-known
// reference API, for programs that were written against it. New programs are
// better served by package fairlead, on which this one stands.
//
// Begin with [Rest] and [WebSocket]. A session runs like this: Rest.Connect,
// WebSocket.UseConnection, WebSocket.AddClientHeaders, Rest.FullRequestNoBody
// with "GET" and the path, WebSocket.ValidateServerHandshake; then SendFrame,
// ReadFrame and GetFrameData, and at the end SendClose.
//
// Through a proxy or an SSH tunnel, throttled, with pinned keys or a client
// certificate, a [Socket] connects first, and Rest.UseConnection takes the place
// of Rest.Connect. [SshKey], [OAuth1], [OAuth2] and [AuthAws] hold what SSH servers
// and HTTP servers want to see.
//
// # Conventions
//
// Methods report success as a bool, or return nil (text, bytes, objects) or -1
// (numbers) when they fail. Then LastErrorText says what went wrong and what to
// do, LastErrorHtml shows the same as a page, and LastError is the Go error
// behind it. Every method and every property set begins a new log; reading a
// property never does, so ReadFrameFailReason does not erase the reason.
//
// The zero value of every class is ready. No method panics, whatever it is
// given: a nil argument or a nil receiver is a failure like any other.
// Any object may be used by several goroutines; one may read while others send.
//
// A method whose name ends in Async prepares a [Task] that makes the call when
// it is run.
//
// # Differences
//
// These are deliberate. TLS certificates are verified by default, where the
// reference verifies them only on request; see Socket.RequireSslCertVerify. The
// host keys of SSH servers are verified, too. Socket.SshOpenTunnel checks that an
// SSH server answers, and the transport of SSH is established by the
// SshAuthenticate methods. A property that says how to get to a server, or how to
// be sure of it, and cannot be used makes Connect fail: nothing falls back to a
// way that is less safe.
//
// Not part of the reference are SetContext, SetAbortCheck, LastError, WebSocket.Conn
// and SetTLSConfig, and of Socket SshKnownHostsPath and SshHostKeyFingerprint.
//
// This package is an independent implementation of a compatible interface. It
// has no connection with the owner of the trade mark "Chilkat".
package chilkat
