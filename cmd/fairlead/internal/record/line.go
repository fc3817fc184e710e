// Package record writes sessions down, frame by frame, and plays them again. A
// recording is JSON, a line for each frame, so that it can be read while it
// grows, and after a crash. Begin with Record, Replay and WriteHAR; Read reads
// the lines.
package record

import (
	"encoding/base64"
	"errors"
	"fmt"
	"time"
	"unicode/utf8"

	"github.com/fairlead-ws/fairlead/frame"
)

// Line is one line of a recording: the opening (type "open"), a frame, or the
// end (type "end") of a session.
type Line struct {
	// TS is the wall clock, RFC 3339 with nanoseconds, in UTC.
	TS time.Time `json:"ts"`
	// Mono is the time since the dial began, in nanoseconds, by a clock that
	// nobody sets.
	Mono time.Duration `json:"mono"`
	// Dir is "out" to the server, "in" from it, empty for neither.
	Dir string `json:"dir,omitempty"`
	// Type is open, text, binary, continuation, close, ping, pong or end.
	Type string `json:"type"`

	// Text is the payload where it is UTF-8 and no binary frame's, Base64 else.
	// Both are without mask and inflated.
	Text   *string `json:"text,omitempty"`
	Base64 *string `json:"base64,omitempty"`
	// Code and Reason are those of a Close, and of the end.
	Code   int    `json:"code,omitempty"`
	Reason string `json:"reason,omitempty"`

	Opcode *int  `json:"opcode,omitempty"`
	Fin    *bool `json:"fin,omitempty"`
	RSV    int   `json:"rsv,omitempty"` // 4 is RSV1: compressed on the wire
	// Len is the length of the payload as it stands here, Wire that of the whole
	// frame on the wire.
	Len  *int64 `json:"len,omitempty"`
	Wire int64  `json:"wire,omitempty"`

	Open *Opening `json:"open,omitempty"`
	// Error is why a session ended without a Close frame.
	Error string `json:"error,omitempty"`
}

// Opening is what an opening handshake agreed on. Secrets are masked.
type Opening struct {
	Version     int     `json:"version"` // of this format: 1
	URL         string  `json:"url"`
	Status      int     `json:"status"`
	Subprotocol string  `json:"subprotocol,omitempty"`
	Extensions  string  `json:"extensions,omitempty"`
	Request     []Field `json:"request,omitempty"`
	Response    []Field `json:"response,omitempty"`
	// Addr is the address that was connected to.
	Addr string `json:"addr,omitempty"`
	// Times has the nanoseconds of each step: dns, tcp, tls, request, response.
	Times map[string]time.Duration `json:"times,omitempty"`
}

// Field is a header field.
type Field struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// maxPayload is what a line may hold, with room for base64.
const maxLine = 128 << 20

// frameLine makes the line of a frame.
func frameLine(dir string, h frame.Header, payload []byte) Line {
	op, fin, n := int(h.Opcode), h.Fin, int64(len(payload))
	l := Line{Dir: dir, Type: typeName(h.Opcode), Opcode: &op, Fin: &fin, RSV: int(h.RSV), Len: &n, Wire: wireLength(h)}
	switch {
	case h.Opcode == frame.Close:
		code, reason, err := frame.ParseClose(payload)
		if err == nil {
			l.Code, l.Reason = int(code), reason
			return l
		}
		fallthrough
	case h.Opcode == frame.Binary || !utf8.Valid(payload):
		text := base64.StdEncoding.EncodeToString(payload)
		l.Base64 = &text
	default:
		text := string(payload)
		l.Text = &text
	}
	return l
}

func wireLength(h frame.Header) int64 {
	var scratch [frame.MaxHeaderSize]byte
	return int64(len(frame.AppendHeader(scratch[:0], h))) + h.Length
}

func typeName(op frame.Opcode) string {
	switch op {
	case frame.Text:
		return "text"
	case frame.Binary:
		return "binary"
	case frame.Continuation:
		return "continuation"
	case frame.Close:
		return "close"
	case frame.Ping:
		return "ping"
	case frame.Pong:
		return "pong"
	}
	return "reserved"
}

// isFrame reports whether the line is one of a frame.
func (l *Line) isFrame() bool { return l.Dir == "in" || l.Dir == "out" }

// isData reports whether the line is one of a part of a message.
func (l *Line) isData() bool {
	return l.isFrame() && (l.Type == "text" || l.Type == "binary" || l.Type == "continuation")
}

func (l *Line) fin() bool { return l.Fin == nil || *l.Fin }

// header is that of the frame.
func (l *Line) header() (frame.Header, error) {
	h := frame.Header{Fin: l.fin(), RSV: uint8(l.RSV & 7)}
	for op := range frame.Opcode(16) {
		if name := typeName(op); name == l.Type && name != "reserved" {
			h.Opcode = op
			return h, nil
		}
	}
	return h, fmt.Errorf("the type %q is none of a frame", l.Type)
}

// payload is that of the frame.
func (l *Line) payload() ([]byte, error) {
	switch {
	case l.Text != nil:
		return []byte(*l.Text), nil
	case l.Base64 != nil:
		p, err := base64.StdEncoding.DecodeString(*l.Base64)
		if err != nil {
			return nil, errors.New("base64 has something else in it")
		}
		return p, nil
	case l.Type == "close" && l.Code != 0:
		return frame.AppendClose(nil, frame.StatusCode(l.Code), l.Reason)
	}
	return nil, nil
}
