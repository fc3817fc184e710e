// Package client is the contract between the rows of the benchmark and the
// libraries that stand in them.
package client

import (
	"context"
	"crypto/tls"
)

// Deflate is how a row compresses.
type Deflate int

// The ways to compress (RFC 7692): not, each message by itself, or each with the
// ones before it as dictionary.
const (
	NoDeflate Deflate = iota
	NoTakeover
	Takeover
)

// Options is what a row asks of a connection.
type Options struct {
	URL string
	// TLS is the configuration for wss URLs.
	TLS *tls.Config
	// Text makes the messages sent text, not binary. Received ones have the
	// type that the server sends.
	Text bool
	// Size is the largest message of the row, in bytes.
	Size int
	// CheckUTF8 turns the check of received text on where that is a matter of
	// choice.
	CheckUTF8 bool
	Deflate   Deflate
	// Lean asks for small buffers: the row counts memory, not time.
	Lean bool
}

// Conn is a connection of a contender. Its methods are called from one goroutine
// at a time, except Send.
type Conn interface {
	// Echo sends n of msgs in turn, each when the echo of the one before has
	// come whole. An echo of another length is an error.
	Echo(msgs [][]byte, n int) error
	// Receive takes n messages, each of size bytes.
	Receive(size, n int) error
	// Send sends p n times, each with a call of its own. Where the contender
	// does not say NeedsLock, any number of goroutines may send.
	Send(p []byte, n int) error
	// Close drops the connection.
	Close() error
}

// Batcher is a Conn whose API has a way to send several messages with one system
// call.
type Batcher interface {
	// Batch sends p n times.
	Batch(p []byte, n int) error
}

// SelfReader is a Conn whose library reads in a goroutine of its own: an idle
// connection needs no other to wait.
type SelfReader interface{ ReadsItself() }

// Forms of a contender.
const (
	Raw      = "raw"      // no WebSocket library: the same bytes, the same system calls
	Newcomer = "newcomer" // what the documentation of the library shows first
	Fast     = "fast"     // the fastest that the documentation of the library shows
)

// A Contender is a library in one form.
type Contender struct {
	Library string
	Form    string
	Dial    func(ctx context.Context, o Options) (Conn, error)
	// NeedsLock is set where the library leaves it to its user to keep writers
	// apart.
	NeedsLock bool
	// ChecksUTF8 is set where received text is checked, at least when asked to.
	ChecksUTF8 bool
	// Deflates and TakesOver say which compression the library has.
	Deflates, TakesOver bool
}

// Name identifies the contender in a run.
func (c Contender) Name() string {
	if c.Form == Raw {
		return c.Library
	}
	return c.Library + "/" + c.Form
}
