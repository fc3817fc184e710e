// Package handshake is the client's side of the WebSocket opening handshake
// (RFC 6455 section 4) as pure functions: no I/O, no clock, no randomness.
//
// Start with [Request]: fill it, with an [Offer] whose key comes from
// [NewKey], and send what [Request.Append] returns over any connection. Hand
// the head of the answer and the same Offer to [Verify]; the [Agreement] says
// what was negotiated. [OfferFrom] is for a request that somebody else built,
// field by field.
//
// Verify is strict: what RFC 6455 section 4.1 demands of a response is
// demanded, a field that must be single is refused when it is double, and only
// what was offered can be agreed on. The parameters of an extension are
// checked for syntax; their meaning is the business of whoever implements the
// extension, except that [Deflate] knows those of permessage-deflate.
package handshake
