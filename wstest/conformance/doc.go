// Package conformance plays the well-known catalogue of WebSocket client cases
// (the fuzzing server's sections 1 to 7, 9, 10, 12 and 13) and judges the client.
//
// [Cases] returns all without compression. [Case.Run] plays one as the server's side of a
// connection on which the opening handshake is done, with no extension
// negotiated; the client on the other side echoes every message with its type,
// answers pings and closes, and sends nothing else:
//
//	for _, c := range conformance.Cases() {
//		client, server := wstest.Pipe()
//		go echo(client)
//		fmt.Println(c.ID, c.Run(server))
//	}
//
// Those with compression, sections 12 and 13, are from [Compressed]; their
// handshake is in [Case.Answer].
//
// Some cases wait for a second or two. Within a testing/synctest bubble and over
// [github.com/fairlead-ws/fairlead/wstest.Pipe] waiting takes no time, and each
// piece that is to arrive alone does.
package conformance
