package handshake

import (
	"crypto/sha1" // RFC 6455 section 4.2.2 names it; nothing secret depends on it
	"encoding/base64"
)

// keyGUID is the constant of RFC 6455 section 1.3.
const keyGUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

// NewKey returns the value of Sec-WebSocket-Key for 16 bytes, which must come
// from a cryptographic source and be new for each request (RFC 6455 section
// 4.1, item 7 of the request).
func NewKey(random [16]byte) string {
	return base64.StdEncoding.EncodeToString(random[:])
}

// AcceptKey returns the value of Sec-WebSocket-Accept that answers key
// (RFC 6455 section 4.2.2, item 5.4).
func AcceptKey(key string) string {
	sum := sha1.Sum([]byte(key + keyGUID))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// validKey reports whether key is the base64 of 16 bytes. The length is
// checked too, since the decoder skips line ends.
func validKey(key string) bool {
	raw, err := base64.StdEncoding.Strict().DecodeString(key)
	return err == nil && len(raw) == 16 && len(key) == base64.StdEncoding.EncodedLen(16)
}
