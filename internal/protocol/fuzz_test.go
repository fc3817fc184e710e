package protocol_test

import (
	"errors"
	"slices"
	"testing"
	"unicode/utf8"

	"github.com/fairlead-ws/fairlead/frame"
	"github.com/fairlead-ws/fairlead/internal/fuzzlimit"
	"github.com/fairlead-ws/fairlead/internal/protocol"
)

// FuzzFrameStream: bytes of a server, parsed and judged whole or in any
// split, give the same frames and the same verdict. Each byte of cuts is the
// length of a piece; config holds the reserved bits in its lower three bits
// and what makes the two limits, or none, above.
func FuzzFrameStream(f *testing.F) {
	for _, tt := range streams {
		f.Add(unhex(f, tt.wire), []byte{1, 0, 3}, tt.rsv)
	}
	f.Fuzz(func(t *testing.T, wire, cuts []byte, config uint8) {
		defer fuzzlimit.Input(t)()
		cfg := protocol.ReceiverConfig{
			RSV:          config & 7,
			MaxMessage:   50 * int64(config>>3&3),
			MaxFragments: 3 * int(config>>5&3),
		}
		whole := play(cfg, wire, max(len(wire), 1))
		want := whole.result()

		split := &stream{receiver: protocol.NewReceiver(cfg)}
		rest := wire
		for _, c := range cuts {
			n := min(int(c), len(rest))
			split.write(rest[:n])
			rest = rest[n:]
		}
		split.write(rest)
		if got := split.result(); !slices.Equal(got, want) {
			t.Fatalf("split: %q, whole: %q", got, want)
		}
		if got := play(cfg, wire, 1).result(); !slices.Equal(got, want) {
			t.Fatalf("byte by byte: %q, whole: %q", got, want)
		}
		oneStep := &stream{receiver: protocol.NewReceiver(cfg), whole: true}
		oneStep.write(wire)
		if got := oneStep.result(); !slices.Equal(got, want) {
			t.Fatalf("in one step: %q, in three: %q", got, want)
		}

		err := whole.err
		var v *protocol.Violation
		switch {
		case err == nil, errors.Is(err, frame.ErrLengthMSB), errors.Is(err, frame.ErrLengthNotMinimal):
		case !errors.As(err, &v):
			t.Fatalf("undocumented error: %v", err)
		case !v.Code.OnWire() || v.Clause == "" || v.Text == "" || !utf8.ValidString(v.Error()):
			t.Fatalf("violation %+v", v)
		}
	})
}
