package interop_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"net/url"
	"strings"
	"testing"

	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/frame"
)

// scenarios are played each on a connection of its own.
var scenarios = []struct {
	name string
	play func(*testing.T, session)
}{
	{"text", text},
	{"binary", binaries},
	{"three fragments", threeFragments},
	{"ping inside a message", pingInside},
	{"16 MiB", big(fairlead.DefaultMessageBytes)},
	{"we close first", weCloseFirst},
}

// sizes are those at which the form of the length changes.
var sizes = []int{0, 1, 125, 126, 65_535, 65_536}

func text(t *testing.T, s session) {
	for _, size := range sizes {
		p := bytes.Repeat([]byte("ž€🦄"), size/9)
		p = append(p, strings.Repeat("a", size-len(p))...)
		if err := s.Write(s.ctx, fairlead.Text, p); err != nil {
			t.Fatal(err)
		}
		s.want(t, fairlead.Text, p)
	}
}

func binaries(t *testing.T, s session) {
	for _, size := range sizes {
		p := noise(size)
		if err := s.Write(s.ctx, fairlead.Binary, p); err != nil {
			t.Fatal(err)
		}
		s.want(t, fairlead.Binary, p)
	}
}

// threeFragments cuts code points at both seams.
func threeFragments(t *testing.T, s session) {
	const message = "one €, two 🦄"
	euro, unicorn := strings.Index(message, "€"), strings.Index(message, "🦄")
	for _, f := range []struct {
		header  frame.Header
		payload string
	}{
		{frame.Header{Opcode: frame.Text}, message[:euro+1]},
		{frame.Header{Opcode: frame.Continuation}, message[euro+1 : unicorn+2]},
		{frame.Header{Opcode: frame.Continuation, Fin: true}, message[unicorn+2:]},
	} {
		if err := s.WriteFrame(s.ctx, f.header, []byte(f.payload)); err != nil {
			t.Fatal(err)
		}
	}
	s.want(t, fairlead.Text, []byte(message))
}

// pingInside waits for the Pong before it ends the message, so that the Ping is
// answered inside of it.
func pingInside(t *testing.T, s session) {
	policy := fairlead.DefaultPolicy()
	policy.SwallowPong = false
	s.SetPolicy(policy)
	send := func(h frame.Header, p string) {
		t.Helper()
		if err := s.WriteFrame(s.ctx, h, []byte(p)); err != nil {
			t.Fatal(err)
		}
	}
	var message []byte // the server may send it back piece by piece
	// until reads frames until one has opcode op, or ends the message.
	until := func(op frame.Opcode) (last frame.Header, payload []byte) {
		t.Helper()
		for {
			h, p, err := s.ReadFrame(s.ctx)
			if err != nil {
				t.Fatal(err)
			}
			if !h.Opcode.IsControl() {
				message = append(message, p...)
			}
			if h.Opcode == op || h.Fin && !h.Opcode.IsControl() {
				return h, p
			}
		}
	}

	send(frame.Header{Opcode: frame.Text}, "before ")
	send(frame.Header{Opcode: frame.Ping, Fin: true}, "inside")
	if h, p := until(frame.Pong); h.Opcode != frame.Pong || string(p) != "inside" {
		t.Fatalf("%+v %q, want the Pong", h, p)
	}
	send(frame.Header{Opcode: frame.Continuation, Fin: true}, "after")
	if h, p := until(frame.Close); !h.Fin || h.Opcode.IsControl() {
		t.Fatalf("%+v %q, want the message", h, p)
	}
	if string(message) != "before after" {
		t.Errorf("%q came back", message)
	}
}

// big sends one message of n bytes. It reads meanwhile: a server may begin to
// send before the message has ended.
func big(n int) func(*testing.T, session) {
	return func(t *testing.T, s session) {
		p := noise(n)
		sent := make(chan error, 1)
		go func() { sent <- s.Write(s.ctx, fairlead.Binary, p) }()
		_, got, err := s.Read(s.ctx)
		if err != nil {
			s.CloseNow() // ends Write
		}
		if err := <-sent; err != nil {
			t.Error(err)
		}
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, p) {
			t.Errorf("%d bytes came back for %d, and differ", len(got), len(p))
		}
	}
}

func weCloseFirst(t *testing.T, s session) {
	if err := s.WriteText(s.ctx, "last words"); err != nil {
		t.Fatal(err)
	}
	s.want(t, fairlead.Text, []byte("last words"))
	s.wantAnswer(t)
}

// closesAtQuery asks the server in the URL to close at once.
func closesAtQuery(code frame.StatusCode) func(*testing.T, endpoint, string) {
	const reason = "until to-morrow"
	query := url.Values{"close": {fmt.Sprint(uint16(code))}, "reason": {reason}}
	return func(t *testing.T, e endpoint, url string) {
		if end := e.dial(t, url+"?"+query.Encode()).wantClose(t, code); end.Reason != reason {
			t.Errorf("reason %q, want %q", end.Reason, reason)
		}
	}
}

// noise returns n bytes without a pattern, the same ones each time.
func noise(n int) []byte {
	random := rand.NewPCG(1, 2)
	p := make([]byte, 0, n+8)
	for len(p) < n {
		p = binary.LittleEndian.AppendUint64(p, random.Uint64())
	}
	return p[:n]
}
