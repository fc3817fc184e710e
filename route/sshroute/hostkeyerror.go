package sshroute

import (
	"fmt"
	"strings"

	"github.com/fairlead-ws/fairlead/wstrace"
)

// HostKeyReason says why the key of an SSH server was refused.
type HostKeyReason uint8

// The values of [HostKeyError.Reason].
const (
	HostKeyUnknown    HostKeyReason = iota + 1 // nothing is known about the host
	HostKeyChanged                             // the host is known with another key
	HostKeyOtherType                           // the host is known with a key of another type
	HostKeyRevoked                             // the key, or the authority of its certificate, is marked @revoked
	HostKeyNotTrusted                          // the certificate is not from a known authority, not for this host, or not valid now; or the key is that of an authority
)

// HostKeyError says that the SSH server did not prove to be the right one. It was
// sent nothing that proves who we are.
type HostKeyError struct {
	Addr        string // "host:port"
	Reason      HostKeyReason
	KeyType     string   // "ssh-ed25519", of the key that the server showed
	Fingerprint string   // "SHA256:...", of that key; empty when the server has none of a type that would do
	Known       []string // what was expected instead
	Err         error    // what the known_hosts files say, or nil
}

// Error returns a sentence that says what to do.
func (e *HostKeyError) Error() string {
	text := strings.TrimSuffix(fmt.Sprintf("the server %s shows the key %s %s", e.Addr, e.KeyType, e.Fingerprint), " ") + ", "
	switch e.Reason {
	case HostKeyUnknown:
		text += "and known_hosts does not have the host: compare the fingerprint with the one that the server's owner gives you, then add the key"
	case HostKeyRevoked:
		text += "which known_hosts marks as revoked: do not connect"
	case HostKeyOtherType:
		text += "and known_hosts has the host with a key of another type only: add this key after comparing its fingerprint"
	case HostKeyNotTrusted:
		text += "which is not accepted"
	default:
		text += "and another key was expected: the server was set up anew, or somebody is between"
	}
	if len(e.Known) > 0 {
		text += "; known: " + strings.Join(e.Known, ", ")
	}
	if e.Reason == HostKeyNotTrusted && e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return wstrace.Escape(text)
}

// Unwrap returns e.Err.
func (e *HostKeyError) Unwrap() error { return e.Err }
