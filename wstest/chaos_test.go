package wstest_test

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fairlead-ws/fairlead/frame"
	"github.com/fairlead-ws/fairlead/wstest"
)

// echoed sends messages and returns the frames that come back, one text each,
// until the last message is complete; joined are the messages.
func echoed(t *testing.T, c *client, messages ...string) (frames, joined []string) {
	t.Helper()
	for _, m := range messages {
		if err := c.send(frame.Text, true, m); err != nil {
			t.Fatal(err)
		}
		message := ""
		for done := false; !done; {
			h, payload, err := c.receive()
			if err != nil {
				t.Fatal(err)
			}
			frames = append(frames, fmt.Sprintf("%v %v %d", h.Opcode, h.Fin, len(payload)))
			if h.Opcode.IsControl() {
				continue
			}
			message += payload
			done = h.Fin
		}
		joined = append(joined, message)
	}
	return frames, joined
}

func TestChaosIsLegal(t *testing.T) {
	long := strings.Repeat("ü", 70_000)
	messages := []string{"hello", "", long, "ü", "x"}
	for name, chaos := range map[string]wstest.Chaos{
		"fragments":     {Fragments: 5, Seed: 1},
		"pings":         {Pings: true, Seed: 2},
		"delay":         {Delay: time.Millisecond},
		"single bytes":  {WriteBytes: 1000},
		"all":           {Fragments: 3, Pings: true, Delay: time.Millisecond, WriteBytes: 999, DropAfter: 1 << 20},
		"below nothing": {Fragments: -1, Delay: -1, WriteBytes: -1, DropAfter: -1},
	} {
		t.Run(name, func(t *testing.T) {
			s := start(t, wstest.Options{Chaos: chaos})
			c := dial(t, s, "/")
			frames, joined := echoed(t, c, messages...)
			if !slices.Equal(joined, messages) {
				t.Error("an echo is not the message")
			}
			pings := slices.ContainsFunc(frames, func(f string) bool { return strings.HasPrefix(f, "ping") })
			more := slices.ContainsFunc(frames, func(f string) bool { return strings.HasPrefix(f, "continuation") })
			if pings != chaos.Pings || more != (chaos.Fragments > 1) {
				t.Errorf("frames %q", frames)
			}
			// The same chance, and another.
			same := start(t, wstest.Options{Chaos: chaos})
			if again, _ := echoed(t, dial(t, same, "/"), messages...); !slices.Equal(again, frames) {
				t.Errorf("with the same seed %q, before %q", again, frames)
			}
			if err := c.send(frame.Close, true, "\x03\xe8"); err != nil {
				t.Fatal(err)
			}
			c.expectClose(t, frame.StatusNormal, "")
		})
	}
}

func TestChaosDiffersBySession(t *testing.T) {
	s := start(t, wstest.Options{Chaos: wstest.Chaos{Fragments: 10}})
	messages := make([]string, 10)
	for i := range messages {
		messages[i] = strings.Repeat("x", 1000)
	}
	first, _ := echoed(t, dial(t, s, "/"), messages...)
	second, _ := echoed(t, dial(t, s, "/"), messages...)
	if slices.Equal(first, second) {
		t.Error("two sessions of one server had the same chance")
	}
}

func TestChaosDrops(t *testing.T) {
	for _, tls := range []bool{false, true} {
		for _, piece := range []int{0, 1, 3, 100} {
			s := start(t, wstest.Options{TLS: tls, Chaos: wstest.Chaos{DropAfter: 5, WriteBytes: piece}})
			c := dial(t, s, "/")
			if err := c.send(frame.Text, true, "hello"); err != nil {
				t.Fatal(err)
			}
			got, err := io.ReadAll(c.in)
			if string(got) != "\x81\x05hel" {
				t.Errorf("TLS %v, writes of %d: %x, %v", tls, piece, got, err)
			}
		}
	}
}

func TestChaosWritesPieces(t *testing.T) {
	// Over TLS each write is a record, and a read returns one record.
	s := start(t, wstest.Options{TLS: true, Chaos: wstest.Chaos{WriteBytes: 2}})
	c := dial(t, s, "/")
	if err := c.send(frame.Text, true, "hello"); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"\x81\x05", "he", "ll", "o"} {
		p := make([]byte, 10)
		if n, err := c.in.Read(p); err != nil || string(p[:n]) != want {
			t.Fatalf("read %q, %v; want %q", p[:n], err, want)
		}
	}
}

// A violation is still answered, through the pieces.
func TestChaosAnswersViolations(t *testing.T) {
	s := start(t, wstest.Options{Chaos: wstest.Chaos{WriteBytes: 1}})
	c := dial(t, s, "/")
	if _, err := c.Write(unhex(t, "81 01 61")); err != nil {
		t.Fatal(err)
	}
	c.expectClose(t, frame.StatusProtocolError, "5.1")
}

func TestCloseEndsDelays(t *testing.T) {
	s := start(t, wstest.Options{Chaos: wstest.Chaos{Delay: 1000 * time.Hour}})
	c := dial(t, s, "/")
	if err := c.send(frame.Text, true, "hello"); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	s.Close()
	s.Close()
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("Close took %v", took)
	}
}
