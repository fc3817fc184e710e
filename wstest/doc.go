// Package wstest helps to test WebSocket clients.
//
// Start with [NewServer] or [NewTLSServer]: a real echo server on loopback
// that judges the client to the letter of RFC 6455 and answers each message
// with the same message. The query of the request steers a session:
//
//	?ping=TEXT             a Ping with that payload comes first
//	?close=CODE&reason=R   the server closes first, right after opening
//	                       (1005 means a Close without a payload)
//	?drop=1                TCP ends right after the opening handshake
//
// [Options] has what the whole server does, [Chaos] among it: fragments, pings,
// delays and broken connections where they hurt.
//
// For what a well-behaved server would never send there is the scripted peer:
// [Play] runs a list of steps (bytes to send, frames to expect) on any
// connection and [Listen] does so on a TCP port of loopback. The first step
// that does not come true is the error, with what was expected and what came.
//
// [Pipe] is a connection in memory with buffers and working deadlines, fit for
// the bubbles of testing/synctest; [Faulty] makes calls of a connection fail,
// wait or fall short, by number. Package conntest judges connections. [NewCA] issues throw-away certificates,
// [BadCertificates] those that must be refused on every way to a server.
// [NewRelay] stands between a client and a server and lets the server's bytes
// through by number, so that a stream can be stopped at any byte.
//
// Nothing here needs a testing.T; a program may embed the server for a
// demonstration. Do not expose it to a network: it is made for loopback.
package wstest
