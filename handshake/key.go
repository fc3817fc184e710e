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
	accept := acceptKey(key)
	return string(accept[:])
}

func acceptKey(key string) (accept [28]byte) {
	room := make([]byte, 0, 24+len(keyGUID))
	sum := sha1.Sum(append(append(room, key...), keyGUID...))
	base64.StdEncoding.Encode(accept[:], sum[:])
	return accept
}

// strict refuses bits behind the last byte.
var strict = base64.StdEncoding.Strict()

// validKey reports whether key is the base64 of 16 bytes. The length is
// checked too, since the decoder skips line ends.
func validKey(key string) bool {
	var text [24]byte
	var raw [18]byte // what 24 characters may stand for
	if copy(text[:], key) != len(key) || len(key) != len(text) {
		return false
	}
	n, err := strict.Decode(raw[:], text[:])
	return err == nil && n == 16
}
