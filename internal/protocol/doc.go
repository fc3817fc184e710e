// Package protocol decides which WebSocket frame may come next and what has
// to be answered, for the client side of RFC 6455. It does no I/O, reads no
// clock and starts no goroutine: whoever moves the bytes asks it.
//
// For what arrives, use a [Receiver]: Header with each header that was
// parsed, then for a data frame Payload with the pieces of its content and
// FrameEnd, or for a control frame Control with the whole payload. An error
// is a [*Violation] and says with which status code the connection fails.
//
// For what is sent, ask [Sender].Send before each frame.
//
// Neither type locks: each belongs to one direction of one connection, and
// its owner calls it from one goroutine at a time.
package protocol
