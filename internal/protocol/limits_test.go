package protocol_test

import (
	"errors"
	"math"
	"testing"

	"github.com/fairlead-ws/fairlead/frame"
	"github.com/fairlead-ws/fairlead/internal/protocol"
)

func codeOf(err error) frame.StatusCode {
	var v *protocol.Violation
	if errors.As(err, &v) {
		return v.Code
	}
	return 0
}

// The size is judged by headers alone: no payload ever comes. The code is
// that for the last header; all before it are taken.
func TestReceiverMessageSize(t *testing.T) {
	for _, tt := range []struct {
		name    string
		limit   int64
		lengths []int64 // of the frames of one message
		code    frame.StatusCode
	}{
		{"at the limit", 1000, []int64{1000}, 0},
		{"beyond the limit", 1000, []int64{1001}, frame.StatusTooBig},
		{"fragments at the limit", 1000, []int64{600, 0, 400}, 0},
		{"fragments beyond the limit", 1000, []int64{600, 401}, frame.StatusTooBig},
		{"empty fragment at the limit", 1000, []int64{1000, 0}, 0},
		{"one byte more", 1000, []int64{1000, 1}, frame.StatusTooBig},
		{"limit of one byte", 1, []int64{1}, 0},
		{"beyond one byte", 1, []int64{2}, frame.StatusTooBig},
		{"2^31", 1 << 24, []int64{1 << 31}, frame.StatusTooBig},
		{"2^32", 1 << 24, []int64{1 << 32}, frame.StatusTooBig},
		{"2^32+1 is not 1", 1 << 24, []int64{1<<32 + 1}, frame.StatusTooBig},
		{"2^62", 1 << 24, []int64{1 << 62}, frame.StatusTooBig},
		{"2^63-1", 1 << 24, []int64{math.MaxInt64}, frame.StatusTooBig},
		{"2^63-1 as continuation", 1 << 24, []int64{1, math.MaxInt64}, frame.StatusTooBig},
		{"no limit", 0, []int64{math.MaxInt64}, 0},
		{"no limit, said otherwise", -1, []int64{1 << 62, 1<<62 - 1}, 0},
		{"no limit, the sum is 2^63", 0, []int64{1 << 62, 1 << 62}, frame.StatusTooBig},
		{"no limit, 2^63-1 twice", -1, []int64{math.MaxInt64, math.MaxInt64}, frame.StatusTooBig},
		{"no limit, one more", 0, []int64{math.MaxInt64, 1}, frame.StatusTooBig},
		{"largest limit, one more", math.MaxInt64, []int64{math.MaxInt64, 0, 1}, frame.StatusTooBig},
	} {
		r := protocol.NewReceiver(protocol.ReceiverConfig{MaxMessage: tt.limit})
		for i, length := range tt.lengths {
			h := frame.Header{Opcode: frame.Binary, Length: length}
			if i > 0 {
				h.Opcode = frame.Continuation
			}
			var want frame.StatusCode
			if i == len(tt.lengths)-1 {
				want = tt.code
			}
			if err := r.Header(h); codeOf(err) != want || (err == nil) != (want == 0) {
				t.Errorf("%s: frame %d: %v, want %d", tt.name, i, err, want)
			}
		}
	}
}

// Each message starts counting anew, and control frames do not count.
func TestReceiverLimitsAreOfOneMessage(t *testing.T) {
	r := protocol.NewReceiver(protocol.ReceiverConfig{RSV: frame.RSV1, MaxMessage: 125, MaxFragments: 2})
	payload := make([]byte, 125)
	for range 3 {
		for _, h := range []frame.Header{
			{Opcode: frame.Binary, Length: 125},
			{Fin: true, Opcode: frame.Ping, Length: 125},
			{Fin: true, Opcode: frame.Pong, Length: 125},
			{Fin: true, Opcode: frame.Continuation},
			{Opcode: frame.Text, RSV: frame.RSV1, Length: 125},
			{Fin: true, Opcode: frame.Continuation},
		} {
			if err := r.Header(h); err != nil {
				t.Fatalf("Header(%+v): %v", h, err)
			}
			if h.Opcode.IsControl() {
				if _, err := r.Control(payload); err != nil {
					t.Fatal(err)
				}
				continue
			}
			if err := r.Payload(payload[:h.Length]); err != nil {
				t.Fatalf("Payload of %+v: %v", h, err)
			}
			if err := r.FrameEnd(); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func TestReceiverFragmentCount(t *testing.T) {
	for _, tt := range []struct {
		name     string
		limit    int
		accepted int // frames of one message before StatusPolicyViolation; -1 for no limit
	}{
		{"one", 1, 1},
		{"three", 3, 3},
		{"the default of the client", 131072, 131072},
		{"none", 0, -1},
		{"none, said otherwise", -1, -1},
	} {
		r := protocol.NewReceiver(protocol.ReceiverConfig{MaxMessage: 1, MaxFragments: tt.limit})
		frames := tt.accepted
		if frames < 0 {
			frames = 200_000
		}
		h := frame.Header{Opcode: frame.Text}
		for i := range frames {
			if err := r.Header(h); err != nil {
				t.Fatalf("%s: empty fragment %d: %v", tt.name, i+1, err)
			}
			if err := r.FrameEnd(); err != nil {
				t.Fatal(err)
			}
			h.Opcode = frame.Continuation
		}
		if tt.accepted < 0 {
			continue
		}
		if err := r.Header(h); codeOf(err) != frame.StatusPolicyViolation {
			t.Errorf("%s: one more: %v", tt.name, err)
		}
		// The size is judged before the count.
		if err := r.Header(frame.Header{Opcode: frame.Continuation, Length: 2}); codeOf(err) != frame.StatusTooBig {
			t.Errorf("%s: one more of two bytes: %v", tt.name, err)
		}
	}
}

// RFC 7692: what counts is the size after inflating; on the wire a message
// may be longer than that.
func TestReceiverInflatedSize(t *testing.T) {
	compressed := frame.Header{Opcode: frame.Binary, RSV: frame.RSV1, Length: math.MaxInt64}
	continuation := frame.Header{Opcode: frame.Continuation, Length: math.MaxInt64}
	piece := make([]byte, 600)
	for _, tt := range []struct {
		name   string
		limit  int64
		pieces []int // each in a frame of its own
		code   frame.StatusCode
	}{
		{"at the limit", 600, []int{600}, 0},
		{"beyond the limit", 599, []int{600}, frame.StatusTooBig},
		{"pieces at the limit", 1000, []int{600, 0, 400}, 0},
		{"pieces beyond the limit", 1000, []int{600, 401}, frame.StatusTooBig},
		{"no limit", 0, []int{600, 600, 600}, 0},
	} {
		r := protocol.NewReceiver(protocol.ReceiverConfig{RSV: frame.RSV1, MaxMessage: tt.limit})
		h := compressed
		for i, n := range tt.pieces {
			if err := r.Header(h); err != nil {
				t.Fatalf("%s: frame %d: %v", tt.name, i, err)
			}
			h = continuation
			var want frame.StatusCode
			if i == len(tt.pieces)-1 {
				want = tt.code
			}
			if err := r.Payload(piece[:n]); codeOf(err) != want || (err == nil) != (want == 0) {
				t.Errorf("%s: piece %d: %v, want %d", tt.name, i, err, want)
			}
		}
	}
}

// Whichever byte comes first decides, however the pieces are cut.
func TestReceiverInflatedTextBeyondLimit(t *testing.T) {
	for _, tt := range []struct {
		text string // the limit is 3 bytes
		code frame.StatusCode
	}{
		{"abc", 0},
		{"abcd", frame.StatusTooBig},
		{"ab\xffd", frame.StatusInvalidPayload},
		{"abc\xff", frame.StatusTooBig},
		{"a水", frame.StatusTooBig},
	} {
		for cut := range len(tt.text) + 1 {
			r := protocol.NewReceiver(protocol.ReceiverConfig{RSV: frame.RSV1, MaxMessage: 3})
			if err := r.Header(frame.Header{Fin: true, RSV: frame.RSV1, Opcode: frame.Text, Length: 1}); err != nil {
				t.Fatal(err)
			}
			err := r.Payload([]byte(tt.text[:cut]))
			if err == nil {
				err = r.Payload([]byte(tt.text[cut:]))
			}
			if codeOf(err) != tt.code || (err == nil) != (tt.code == 0) {
				t.Errorf("%q cut at %d: %v, want %d", tt.text, cut, err, tt.code)
			}
		}
	}
}

// What arrived of an uncompressed message was counted by its headers.
func TestReceiverPayloadIsNotCountedTwice(t *testing.T) {
	r := protocol.NewReceiver(protocol.ReceiverConfig{RSV: frame.RSV1, MaxMessage: 10})
	for _, h := range []frame.Header{{Opcode: frame.Binary, Length: 5}, {Fin: true, Opcode: frame.Continuation, Length: 5}} {
		if err := r.Header(h); err != nil {
			t.Fatal(err)
		}
		if err := r.Payload(make([]byte, 5)); err != nil {
			t.Fatal(err)
		}
	}
}
