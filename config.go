package fairlead

import (
	"net/http"
	"time"

	"github.com/fairlead-ws/fairlead/internal/protocol"
	"github.com/fairlead-ws/fairlead/wstrace"
)

// Defaults that a zero field stands for.
const (
	DefaultMessageBytes = 16 << 20
	DefaultFragments    = 131072
	DefaultDialTimeout  = 30 * time.Second
	DefaultWriteTimeout = 30 * time.Second
	DefaultCloseTimeout = 5 * time.Second
)

// Limits bounds what a peer can make grow.
type Limits struct {
	// MessageBytes is the largest message, in bytes after inflating. A larger
	// one fails the connection with status 1009, as soon as its length is
	// known. 0 means 16 MiB, a negative number no limit.
	MessageBytes int64
	// Fragments is the largest number of frames of one message, empty ones
	// included. One more fails the connection with status 1008. 0 means
	// 131,072, a negative number no limit.
	Fragments int
}

// Policy says what the connection does about control frames by itself. The
// zero value does nothing; DefaultPolicy does all.
type Policy struct {
	// AnswerPing sends a Pong for each Ping, in order, and ReadFrame does not
	// return the Ping. When off, PingPending tells of one that waits for
	// WriteFrame with a Pong.
	AnswerPing bool
	// SwallowPong makes ReadFrame pass over Pong frames. PongsSwallowed counts
	// them.
	SwallowPong bool
	// AnswerClose sends a Close with the same status code when a Close comes
	// and none was sent, and then closes the connection. When off, the caller
	// answers with Close or WriteFrame. Once both were sent and received the
	// connection is closed either way.
	AnswerClose bool
}

// DefaultPolicy is what a Dialer uses: everything is answered.
func DefaultPolicy() Policy { return Policy{AnswerPing: true, SwallowPong: true, AnswerClose: true} }

// ConnConfig is what NewConn needs to know of a connection whose opening
// handshake is done. The zero value is a connection with nothing negotiated,
// the default limits and every control frame answered.
type ConnConfig struct {
	// Buffered are bytes that were read from the connection behind the
	// handshake: they are the first of the session. NewConn copies them.
	Buffered []byte
	// Subprotocol is the one that the server chose, "" if none.
	Subprotocol string
	// Response is that of the server's handshake, for Conn.Response. May be nil.
	Response *http.Response
	// Limits bounds what the peer can make grow.
	Limits Limits
	// Policy says what is answered by itself. nil means DefaultPolicy.
	Policy *Policy
	// IdleTimeout is what SetIdleTimeout sets. 0 means none.
	IdleTimeout time.Duration
	// WriteTimeout is the longest time for which one write to the connection
	// may make no progress before the connection is given up; it also bounds
	// automatic answers. 0 means 30 s, a negative value none.
	WriteTimeout time.Duration
	// CloseTimeout bounds the closing handshake where the context of Close
	// does not. 0 or less means 5 s.
	CloseTimeout time.Duration
	// Trace watches frames and the close. nil means none.
	Trace *wstrace.Trace
}

var noTrace wstrace.Trace

func (cfg ConnConfig) withDefaults() ConnConfig {
	if cfg.Policy == nil {
		all := DefaultPolicy()
		cfg.Policy = &all
	}
	if cfg.WriteTimeout == 0 {
		cfg.WriteTimeout = DefaultWriteTimeout
	}
	if cfg.CloseTimeout <= 0 {
		cfg.CloseTimeout = DefaultCloseTimeout
	}
	if cfg.Trace == nil {
		cfg.Trace = &noTrace
	}
	return cfg
}

func (l Limits) receiver() protocol.ReceiverConfig {
	if l.MessageBytes == 0 {
		l.MessageBytes = DefaultMessageBytes
	}
	if l.Fragments == 0 {
		l.Fragments = DefaultFragments
	}
	return protocol.ReceiverConfig{MaxMessage: l.MessageBytes, MaxFragments: l.Fragments}
}

const (
	answerPing = 1 << iota
	swallowPong
	answerClose
)

// bits packs p so that it can change in one atomic store while a read runs.
func (p Policy) bits() uint32 {
	var b uint32
	if p.AnswerPing {
		b |= answerPing
	}
	if p.SwallowPong {
		b |= swallowPong
	}
	if p.AnswerClose {
		b |= answerClose
	}
	return b
}

func policyOf(b uint32) Policy {
	return Policy{AnswerPing: b&answerPing != 0, SwallowPong: b&swallowPong != 0, AnswerClose: b&answerClose != 0}
}
