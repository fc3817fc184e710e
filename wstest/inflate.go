package wstest

import (
	"errors"

	"github.com/fairlead-ws/fairlead/deflate"
	"github.com/fairlead-ws/fairlead/frame"
	"github.com/fairlead-ws/fairlead/handshake"
	"github.com/fairlead-ws/fairlead/internal/http1"
)

// compression is what a session needs when permessage-deflate was agreed on.
type compression struct {
	inflater   *deflate.Decompressor
	compressor *deflate.Compressor
	message    bool   // the message under way is compressed
	plain      []byte // scratch for what is inflated
	wire       []byte // room for a header, then the compressed echo
}

// agree answers the client's offers of permessage-deflate.
func (s *session) agree(req *http1.Request) (extra []handshake.Field) {
	if s.opts.Deflate == nil {
		return nil
	}
	offers, err := handshake.ParseExtensions(req.Values("Sec-WebSocket-Extensions"))
	if err != nil {
		return nil // never: checkOpening has refused it
	}
	answer, d, ok := handshake.AnswerDeflate(offers, *s.opts.Deflate)
	if !ok {
		return nil
	}
	s.deflate = &compression{
		inflater:   deflate.NewDecompressor(d.ClientMaxWindowBits, !d.ClientNoContextTakeover),
		compressor: deflate.NewCompressor(d.ServerMaxWindowBits, !d.ServerNoContextTakeover),
	}
	return []handshake.Field{{Name: "Sec-WebSocket-Extensions", Value: handshake.FormatExtensions([]handshake.Extension{answer})}}
}

// compressed reports whether h belongs to a compressed message; h may be its
// first frame.
func (s *session) compressed(h frame.Header) bool {
	if s.deflate != nil && h.Opcode != frame.Continuation {
		s.deflate.message = h.RSV == frame.RSV1
	}
	return s.deflate != nil && s.deflate.message
}

// inflate gives the next bytes of a compressed message to use.
func (s *session) inflate(p []byte, last bool, use func(p []byte) error) error {
	z := s.deflate
	var err error
	z.plain, err = z.inflater.Append(z.plain[:0], p, last, maxMessage)
	switch {
	case errors.Is(err, deflate.ErrCorrupt):
		return &failure{code: frame.StatusInvalidPayload, text: err.Error() + " (RFC 7692 section 7.2.2)"}
	case err != nil:
		return &failure{code: frame.StatusTooBig, text: err.Error()}
	}
	return use(z.plain)
}

// squeeze replaces the message by its compressed form.
func (s *session) squeeze() {
	z := s.deflate
	z.wire = append(z.wire[:0], s.msg[:frame.MaxHeaderSize]...)
	z.wire = z.compressor.Append(z.wire, s.msg[frame.MaxHeaderSize:], true)
	s.msg, z.wire = z.wire, s.msg
}
