// Package frame encodes and decodes the frames of RFC 6455 section 5 as pure
// functions over byte slices: nothing here reads, writes, waits or keeps a
// connection.
//
// To read a frame, call [ParseHeader] on the bytes at hand until it reports
// a header, then take Header.Length bytes of payload, unmasking them with
// [Mask] when Header.Masked is set. To write one, call [AppendHeader], then
// append the payload, through [Mask] when the frame is masked.
//
// [ParseClose] and [AppendClose] translate the payload of a Close frame, and
// [UTF8Validator] checks a text message piece by piece as it arrives.
//
// The package knows what a frame looks like, not whether it is legal at some
// point of a session: a header with a reserved opcode parses without error.
package frame
