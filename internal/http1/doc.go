// Package http1 reads and writes the heads and small bodies of HTTP/1.1 that
// an opening handshake needs: the WebSocket upgrade, the CONNECT of a proxy,
// and the plain requests of a REST connection.
//
// Start with [NewReader] and [Reader.ReadResponse]; [AppendRequest] writes the
// request. After the response, [Reader.Buffered] holds the bytes that already
// belong to the next protocol.
//
// The reader is strict where RFC 9112 leaves a choice: lines end in CRLF, no
// line folding (section 5.2), no white space before the colon (section 5.1),
// no control characters, names are tokens, the version is HTTP/1.x. Whatever
// a peer can make grow has a limit (see [Limits]), and no byte of the input is
// looked at more than a fixed number of times.
//
// Both reading and writing are free of a clock: time is the business of the
// io.Reader. When it fails with a timeout nothing is lost, and the same call
// made again goes on where it stopped.
package http1
