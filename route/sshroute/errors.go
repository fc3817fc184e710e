package sshroute

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/fairlead-ws/fairlead/wstrace"
)

var (
	errNilContext = errors.New("the context is nil")
	errBadAddr    = errors.New(`the address of the SSH server is not "host" or "host:port": it is empty, or holds a character that cannot be in a host name`)
	errKeepAlive  = errors.New("the server gives no sign of life")
	errWeakStream = errors.New("the server lacks strict key exchange, and without that its cipher allows somebody between to remove packets (CVE-2023-48795): update the server, or let it offer AES-GCM")
)

// errServerClosed matches io.ErrUnexpectedEOF: an end of the link is never a
// proper end.
var errServerClosed error = serverClosed{}

type serverClosed struct{}

func (serverClosed) Error() string        { return "the server has closed the connection" }
func (serverClosed) Is(target error) bool { return target == io.ErrUnexpectedEOF }

// LinkError is what reads and writes return when the SSH connection below them
// is gone.
type LinkError struct {
	Addr string // "host:port" of the SSH server
	Err  error
}

// Error returns a sentence.
func (e *LinkError) Error() string {
	return wstrace.Escape(fmt.Sprintf("sshroute: the SSH connection to %s has ended: %v", e.Addr, e.Err))
}

// Unwrap returns e.Err.
func (e *LinkError) Unwrap() error { return e.Err }

// ChannelError says that the SSH server did not connect to the target.
type ChannelError struct {
	Target  string
	Code    uint32 // RFC 4254 section 5.1: 1 prohibited, 2 connect failed, 3 unknown type, 4 short of resources
	Message string // of the server, the begin of it, not escaped
}

// Error returns a sentence.
func (e *ChannelError) Error() string {
	reason := fmt.Sprintf("code %d", e.Code)
	switch e.Code {
	case 1:
		reason = "its settings forbid it (AllowTcpForwarding, PermitOpen)"
	case 2:
		reason = "it cannot connect to it"
	case 3:
		reason = "it does not know this kind of connection"
	case 4:
		reason = "it is short of resources"
	}
	return wstrace.Escape(fmt.Sprintf("the server refuses a connection to %s: %s: %q", e.Target, reason, e.Message))
}

// AuthError says that the SSH server did not accept what proves who we are.
type AuthError struct {
	User     string
	Tried    []string // methods by their names in RFC 4252, without "none"
	Accepted []string // what the server would accept, not escaped
	Err      error    // why a method could not be used, or nil
}

// Error returns a sentence.
func (e *AuthError) Error() string {
	text := fmt.Sprintf("the server refuses user %q", e.User)
	if len(e.Tried) == 0 {
		text += ", nothing that it accepts is configured"
	} else {
		text += " with " + strings.Join(e.Tried, ", ") + ": check the user name, and the password or the key"
	}
	if len(e.Accepted) > 0 {
		text += "; it accepts " + strings.Join(e.Accepted, ", ")
	}
	if e.Err != nil {
		text += "; " + e.Err.Error()
	}
	return wstrace.Escape(text)
}

// Unwrap returns e.Err.
func (e *AuthError) Unwrap() error { return e.Err }

const (
	maxText  = 256 // bytes of a peer's text in an error
	maxNames = 16
)

func clip(text string) string {
	if len(text) > maxText {
		return text[:maxText] + "…"
	}
	return text
}

// names bounds a list that a peer sent.
func names(list []string) []string {
	list = list[:min(len(list), maxNames)]
	for i := range list {
		list[i] = clip(list[i])
	}
	return list
}

// bounded returns err, with the begin of its text when a peer made it long.
func bounded(err error) error {
	if len(err.Error()) > 8*maxText {
		return longError{err}
	}
	return err
}

type longError struct{ error }

func (e longError) Error() string { return e.error.Error()[:8*maxText] + "…" }
func (e longError) Unwrap() error { return e.error }
