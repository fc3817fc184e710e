package fairlead

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"

	"github.com/fairlead-ws/fairlead/frame"
	"github.com/fairlead-ws/fairlead/internal/protocol"
)

// The errors of this package:
//
//	*HandshakeError        no connection came to be: phase, status, header, body, cause
//	├─ *route.Error        in its chain: a step on the way to the server, hops too
//	├─ *handshake.Error    in its chain: the answer opens no WebSocket
//	└─ auth.ErrRefused, auth.ErrNotOffered
//	                       in its chain: the server wants other credentials
//	net.ErrClosed          the connection has ended; every error below matches it
//	├─ *CloseError         a Close frame, or its absence: who, status code, reason, cause
//	└─ *ProtocolError      the peer broke the protocol or passed a limit
//	   └─ ErrTooLarge      matched when the limit was the size of a message (status 1009)
//	ErrConcurrentRead      a second reader; the connection lives
//	ErrMidMessage          a verb that does not fit an unfinished message; the connection lives
//	ErrIdleTimeout         the pause set by SetIdleTimeout; a reader may go on
//	context.Canceled, context.DeadlineExceeded
//	                       the caller's context; a reader may go on, a writer too
//	                       unless the error matches net.ErrClosed as well
//
// Only *HandshakeError and *CloseError carry text of the peer, and only in
// fields of their own: Error quotes it escaped.
var (
	// ErrTooLarge is matched by the error of a message larger than
	// Limits.MessageBytes. The connection was failed with status 1009.
	ErrTooLarge = errors.New("fairlead: message too large")

	// ErrConcurrentRead is returned by a read that finds another one under
	// way: a Conn has one reader at a time. The connection is not harmed.
	ErrConcurrentRead = errors.New("fairlead: another goroutine is reading this connection: a Conn has one reader at a time")

	// ErrMidMessage is matched when a verb does not fit the message that is
	// under way: ReadFrame after a Read that stopped half-way, Read after a
	// ReadFrame that returned an unfinished fragment, a new message inside an
	// unfinished one. The connection is not harmed.
	ErrMidMessage = errors.New("fairlead: a message is unfinished")

	// ErrIdleTimeout is matched when no byte moved for as long as
	// SetIdleTimeout allows. It has a Timeout method that returns true. A read
	// may be repeated and loses nothing; a write has ended the connection, and
	// then the error matches net.ErrClosed too.
	ErrIdleTimeout error = idleTimeoutError{}
)

type idleTimeoutError struct{}

func (idleTimeoutError) Error() string {
	return "fairlead: idle timeout: no byte moved for the time set by SetIdleTimeout"
}
func (idleTimeoutError) Timeout() bool   { return true }
func (idleTimeoutError) Temporary() bool { return true }

// Phases of a dial, as HandshakeError.Phase names them.
const (
	PhaseURL      = "url"      // the URL or an option was refused before anything was sent
	PhaseResolve  = "resolve"  // looking the host up
	PhaseConnect  = "connect"  // reaching the host
	PhaseTLS      = "tls"      // TLS handshake with the server
	PhaseRequest  = "request"  // sending the opening handshake
	PhaseResponse = "response" // reading the answer
	PhaseVerify   = "verify"   // the answer does not open a WebSocket
	PhaseAuth     = "auth"     // proving to the server who is asking
	PhaseRedirect = "redirect" // following a redirect of the server's
)

// HandshakeError says why Dial gave no connection.
type HandshakeError struct {
	// Phase is one of the Phase constants, or that of a hop on the way, which
	// package route names ("proxy", "ssh", ...) or a Route of the caller's.
	Phase string
	// Status is the HTTP status code of the answer, 0 if none came.
	Status int
	// Header is that of the answer, nil if none came. A redirect has its
	// Location there, a challenge its WWW-Authenticate.
	Header http.Header
	// Body is at most the first 64 KiB of the answer's body, as they came.
	// The body of a redirect that was to be followed is not read.
	Body []byte
	// Redirects is the number of redirects that were followed before this
	// happened.
	Redirects int
	// Err is the cause.
	Err error
}

func (e *HandshakeError) Error() string {
	var b strings.Builder
	b.WriteString("fairlead: dial failed in phase ")
	b.WriteString(e.Phase)
	if e.Status != 0 {
		fmt.Fprintf(&b, " with HTTP status %d", e.Status)
	}
	if e.Redirects != 0 {
		fmt.Fprintf(&b, " after %d redirects", e.Redirects)
	}
	if e.Err != nil {
		b.WriteString(": ")
		b.WriteString(e.Err.Error())
	}
	return b.String()
}

func (e *HandshakeError) Unwrap() error { return e.Err }

// Timeout reports whether the cause was a time limit.
func (e *HandshakeError) Timeout() bool { return isTimeout(e.Err) }

// CloseError says that the session is over: a Close frame came, or the
// connection went away without one (Code is then [frame.StatusAbnormal]).
type CloseError struct {
	// Code is the status code of the peer's Close frame (RFC 6455, section
	// 7.1.5), frame.StatusNoStatus if it had none, frame.StatusAbnormal if no
	// Close frame came.
	Code frame.StatusCode
	// Reason is the text of the peer's Close frame, valid UTF-8.
	Reason string
	// Remote is true when the peer began the end.
	Remote bool
	// Err is the cause of an end without a Close frame, or says that the Close
	// frame came inside a message, whose beginning is then nothing.
	Err error
}

var errUnfinished = errors.New("it came inside a message, which is not complete")

func (e *CloseError) Error() string {
	var b strings.Builder
	b.WriteString("fairlead: connection closed ")
	if e.Remote {
		b.WriteString("by the peer")
	} else {
		b.WriteString("by this side")
	}
	fmt.Fprintf(&b, ": status %v", e.Code)
	if e.Reason != "" {
		fmt.Fprintf(&b, ", reason %+q", e.Reason)
	}
	if e.Err != nil {
		b.WriteString(": ")
		b.WriteString(e.Err.Error())
	}
	return b.String()
}

func (e *CloseError) Unwrap() error { return e.Err }

// Is matches net.ErrClosed.
func (e *CloseError) Is(target error) bool { return target == net.ErrClosed }

// Timeout reports whether a time limit was the cause.
func (e *CloseError) Timeout() bool { return isTimeout(e.Err) }

// ProtocolError says that the peer sent what RFC 6455 forbids or what passes a
// limit. The connection was failed with Code (RFC 6455, section 7.1.7).
type ProtocolError struct {
	// Code is the status code sent to the peer.
	Code frame.StatusCode
	// Clause names the broken rule, for example "RFC 6455, section 5.1".
	Clause string
	// Text says what was wrong.
	Text string
	// Err is the cause, if another error was it.
	Err error
}

func (e *ProtocolError) Error() string {
	s := "fairlead: the peer broke the protocol: " + e.Text
	if e.Clause != "" {
		s += " (" + e.Clause + ")"
	}
	return s
}

func (e *ProtocolError) Unwrap() error { return e.Err }

// Is matches net.ErrClosed, and ErrTooLarge when Code is frame.StatusTooBig.
func (e *ProtocolError) Is(target error) bool {
	return target == net.ErrClosed || target == ErrTooLarge && e.Code == frame.StatusTooBig
}

// CloseCode returns the status code with which err says the session ended:
// what the peer's Close frame carried, or what this side answered a breach of
// the protocol with. ok is false when err is not the end of a session.
func CloseCode(err error) (code frame.StatusCode, ok bool) {
	if ce, is := errors.AsType[*CloseError](err); is {
		return ce.Code, true
	}
	if pe, is := errors.AsType[*ProtocolError](err); is {
		return pe.Code, true
	}
	return 0, false
}

// lost is the error of a connection that went away without a Close frame.
func lost(remote bool, cause error) *CloseError {
	return &CloseError{Code: frame.StatusAbnormal, Remote: remote, Err: cause}
}

// violation turns the judgement of the state machine into this package's error.
func violation(err error) *ProtocolError {
	v, ok := errors.AsType[*protocol.Violation](err)
	if !ok {
		return &ProtocolError{Code: frame.StatusProtocolError, Clause: "RFC 6455, section 5.2", Text: err.Error(), Err: err}
	}
	return &ProtocolError{Code: v.Code, Clause: v.Clause, Text: v.Text}
}

// interrupted is the error of a call that its context ended and that did no
// harm to the connection.
func interrupted(ctx context.Context, what string) error {
	return fmt.Errorf("fairlead: %s: %w", what, ctx.Err())
}

func isTimeout(err error) bool {
	t, ok := errors.AsType[interface {
		error
		Timeout() bool
	}](err)
	return ok && t.Timeout()
}
