package frame

import (
	"encoding/binary"
	"errors"
	"fmt"
	"unicode/utf8"
)

// Errors of AppendClose and ParseClose. A Close frame that was received with
// ErrCloseUTF8 fails the connection with StatusInvalidPayload, with any of
// the others with StatusProtocolError.
var (
	// ErrCloseCode: the status code may not stand in a Close frame (RFC
	// 6455 section 7.4).
	ErrCloseCode = errors.New("frame: close code is not allowed on the wire")

	// ErrCloseLength: the payload would be or is a single byte or more
	// than MaxControlPayload bytes; a reason has at most 123 bytes (RFC
	// 6455 sections 5.5 and 5.5.1).
	ErrCloseLength = errors.New("frame: close payload has an impossible length")

	// ErrCloseUTF8: the reason is not valid UTF-8 (RFC 6455 section 5.5.1).
	ErrCloseUTF8 = errors.New("frame: close reason is not valid UTF-8")

	// ErrCloseReason: a reason without a status code cannot be encoded
	// (RFC 6455 section 5.5.1).
	ErrCloseReason = errors.New("frame: close reason needs a status code")
)

const (
	closeCodeSize  = 2
	maxCloseReason = MaxControlPayload - closeCodeSize
)

// AppendClose appends the payload of a Close frame to dst (RFC 6455 section
// 5.5.1) and returns the extended slice. StatusNoStatus with an empty reason
// is the empty payload.
//
// It returns dst unchanged and an error matching ErrCloseCode when code may
// not be sent, ErrCloseReason when StatusNoStatus comes with a reason,
// ErrCloseLength when reason has more than 123 bytes, or ErrCloseUTF8 when it
// is not UTF-8.
func AppendClose(dst []byte, code StatusCode, reason string) ([]byte, error) {
	if code == StatusNoStatus {
		if reason != "" {
			return dst, ErrCloseReason
		}
		return dst, nil
	}
	if !code.OnWire() {
		return dst, fmt.Errorf("%w: %d", ErrCloseCode, uint16(code))
	}
	if len(reason) > maxCloseReason {
		return dst, fmt.Errorf("%w: reason of %d bytes, at most %d fit", ErrCloseLength, len(reason), maxCloseReason)
	}
	if !utf8.ValidString(reason) {
		return dst, ErrCloseUTF8
	}
	return append(binary.BigEndian.AppendUint16(dst, uint16(code)), reason...), nil
}

// ParseClose reads the payload of a Close frame (RFC 6455 section 5.5.1). An
// empty payload gives StatusNoStatus. The reason may contain any character,
// control characters included: escape it before showing it.
//
// The error matches ErrCloseLength, ErrCloseCode or ErrCloseUTF8. With the
// last two, code is what the frame says and reason is empty.
func ParseClose(p []byte) (code StatusCode, reason string, err error) {
	if len(p) == 0 {
		return StatusNoStatus, "", nil
	}
	if len(p) < closeCodeSize || len(p) > MaxControlPayload {
		return 0, "", fmt.Errorf("%w: %d bytes", ErrCloseLength, len(p))
	}
	code = StatusCode(binary.BigEndian.Uint16(p))
	if !code.OnWire() {
		return code, "", fmt.Errorf("%w: %d", ErrCloseCode, uint16(code))
	}
	text := p[closeCodeSize:]
	if !utf8.Valid(text) {
		return code, "", ErrCloseUTF8
	}
	return code, string(text), nil
}
