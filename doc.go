// Package fairlead is a WebSocket client (RFC 6455) down to the single frame.
//
// Begin with [Dial], or with a [Dialer] for headers, subprotocols, TLS and
// routes. On the [Conn] that it returns, use
//
//   - [Conn.Messages] or [Conn.Read] to receive messages, [Conn.Write] or
//     [Conn.WriteText] to send them;
//   - [Conn.Reader] and [Conn.Writer] to stream a message that is too big to
//     hold, [Conn.ReadAppend] to read without an allocation, [Conn.Batch] to
//     send many messages in one system call;
//   - [Conn.ReadFrame] and [Conn.WriteFrame] to work with frames;
//   - [Conn.Ping] to measure the way, [Conn.Close] to end properly,
//     [Conn.CloseNow] to drop.
//
// [NewConn] makes a Conn of a connection whose opening handshake somebody else
// has done.
//
// Three promises hold for every verb:
//
//   - A read that ends by its context or by the idle timeout harms nothing. What
//     came stays, down to half a header, and the next read goes on with it.
//   - One goroutine reads, any number write; nothing is to be locked.
//   - An end without a Close frame is an error, never io.EOF, and never a
//     message. Errors that end a connection match net.ErrClosed.
//
// Where a peer breaks the protocol or passes a limit the connection is failed
// with the status code that RFC 6455 names. See [Limits] for what is allowed by
// default.
package fairlead
