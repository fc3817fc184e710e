// Package hostile_test is the catalogue of what a server may do to its client,
// as data: what the peer sends, what the caller does, and the verdict. Each case
// drives the whole client, from Dial on, over a connection.
//
// An ID is the row of the catalogue and the member of its family, such as
// "A24/name". Sections are A handshake, B frames, C compression, D transport and
// TLS, E redirects and credentials, F to H hops on the way, K resources, L misuse.
//
// go test ./hostile runs all of it. make hostile also prints a table by section.
package hostile_test
