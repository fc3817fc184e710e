package chilkat

import (
	"bytes"
	"net"
	"strings"
	"testing"
	"time"
)

func TestRate(t *testing.T) {
	begin := newClock().t
	at := func(seconds float64) time.Time { return begin.Add(time.Duration(seconds * float64(time.Second))) }
	tests := []struct {
		name string
		adds map[float64]int
		at   float64
		want int
	}{
		{"nothing", nil, 0, 0},
		{"the first second is a whole one", map[float64]int{0.1: 100}, 0.2, 100},
		{"two seconds", map[float64]int{0.5: 100, 1.5: 100}, 2, 100},
		{"the window", map[float64]int{0.5: 1000, 5.5: 400, 8.5: 400}, 9, 200},
		{"long ago", map[float64]int{0.5: 1000}, 1e6, 0},
		{"back in time", map[float64]int{0.5: 100}, -3, 100},
	}
	for _, test := range tests {
		r := rate{begun: begin}
		for _, second := range []float64{0.1, 0.5, 1.5, 5.5, 8.5} {
			if n := test.adds[second]; n > 0 {
				r.add(at(second), n)
			}
		}
		if got := r.perSecond(at(test.at)); got != test.want {
			t.Errorf("%s: %d, want %d", test.name, got, test.want)
		}
	}
}

func TestSessionLogLimit(t *testing.T) {
	for _, inHex := range []bool{false, true} {
		var live liveSettings
		live.keepLog.Store(true)
		live.hexLog.Store(inHex)
		m := &meter{}
		for range 10 {
			m.received(time.Now(), make([]byte, 100_000), &live)
		}
		log := m.log.String()
		if len(log) > maxSessionLog+100 || len(log) < maxSessionLog/4 || strings.Count(log, "The log is full") != 1 {
			t.Errorf("the log has %d bytes and ends in %q", len(log), log[len(log)-50:])
		}
		if m.total != 1_000_000 {
			t.Errorf("%d bytes were counted", m.total)
		}
	}
}

func TestEscapeIsReversible(t *testing.T) {
	var all []byte
	for c := range 256 {
		all = append(all, byte(c))
	}
	text := escape(all)
	if strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r > '~' }) {
		t.Errorf("not printable: %q", text)
	}
	for in, want := range map[string]string{"a\r\n\t": `a\r\n\t`, "\x00\x7f\xff": `\x00\x7f\xff`, `\x00"`: `\\x00"`, "é": `\xc3\xa9`} {
		if got := escape([]byte(in)); got != want {
			t.Errorf("%q becomes %q", in, got)
		}
	}
}

// TestWireDeadlines: the limit of the Socket and the deadline of who reads work
// beside each other, and neither outlives its call.
func TestWireDeadlines(t *testing.T) {
	near, far := tcpPipe(t)
	var live liveSettings
	released := 0
	w := newWire(near, target{}, &live, func() { released++ })
	p := make([]byte, 8)
	timedOut := func(what string) {
		t.Helper()
		if _, err := w.Read(p); err == nil || !err.(net.Error).Timeout() {
			t.Errorf("%s: %v", what, err)
		}
	}
	live.maxReadIdleMs.Store(5)
	timedOut("the limit")
	if err := w.SetReadDeadline(time.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	timedOut("the limit before the deadline")
	live.maxReadIdleMs.Store(3_600_000)
	if err := w.SetDeadline(time.Unix(1, 0)); err != nil {
		t.Fatal(err)
	}
	timedOut("the deadline before the limit")
	if err := w.SetDeadline(time.Time{}); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { _, err := w.Read(p); done <- err }()
	if err := w.SetReadDeadline(time.Unix(1, 0)); err != nil { // of a blocked call, too
		t.Fatal(err)
	}
	if err := <-done; err == nil {
		t.Error("the read went on")
	}
	if err := w.SetReadDeadline(time.Time{}); err != nil {
		t.Fatal(err)
	}
	live.maxSendIdleMs.Store(1000)
	big := bytes.Repeat([]byte("x"), 3*pieceSize+1)
	go func() { _, err := w.Write(big); done <- err }()
	got := make([]byte, len(big))
	for n := 0; n < len(got); {
		m, err := far.Read(got[n:])
		if err != nil {
			t.Fatal(err)
		}
		n += m
	}
	if err := <-done; err != nil || !bytes.Equal(got, big) {
		t.Errorf("the write: %v", err)
	}
	if w.lost.Load() {
		t.Error("timeouts make the connection lost")
	}
	if err := w.CloseWrite(); err != nil {
		t.Error(err)
	}
	for range 2 {
		_ = w.Close()
	}
	if released != 1 {
		t.Errorf("released %d times", released)
	}
}

func tcpPipe(t *testing.T) (near, far net.Conn) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	near, err = net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	far, err = l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { near.Close(); far.Close() })
	return near, far
}
