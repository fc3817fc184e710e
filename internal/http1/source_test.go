package http1_test

import (
	"errors"
	"io"
	"os"
	"strings"
	"syscall"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"github.com/fairlead-ws/fairlead/internal/http1"
)

const (
	interim = "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
	head    = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nX: \xff y \r\n\r\n"
)

var headParsed = &http1.Response{
	Major: 1, Minor: 1, Status: 101, Reason: "Switching Protocols",
	Fields: []http1.Field{{"Upgrade", "websocket"}, {"X", "\xff y"}},
}

// A35: the head split at each byte offset, with a timeout at the split, and
// into single bytes. Nothing is lost, nothing is read twice.
func TestA35Split(t *testing.T) {
	const wire = interim + head + "\x81\x00"
	check := func(t *testing.T, src io.Reader) {
		t.Helper()
		r := http1.NewReader(src, http1.Limits{})
		got, err := patient(r.ReadResponse)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(headParsed, got); d != "" {
			t.Error(d)
		}
		rest := string(r.Buffered())
		more, err := drain(src)
		if rest += more; rest != "\x81\x00" || err != nil {
			t.Errorf("after the head: %q, %v", rest, err)
		}
	}
	for i := range len(wire) {
		check(t, cut(wire, i))
	}
	check(t, each(wire))
	check(t, iotest.OneByteReader(strings.NewReader(wire)))
	check(t, iotest.DataErrReader(strings.NewReader(wire)))
}

// A36: the end of the stream after each byte offset.
func TestA36EOF(t *testing.T) {
	const wire = interim + head
	for i := range len(wire) {
		for _, src := range []io.Reader{
			strings.NewReader(wire[:i]),
			iotest.DataErrReader(strings.NewReader(wire[:i])),
		} {
			resp, err := http1.NewReader(src, http1.Limits{}).ReadResponse()
			if resp != nil || !errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
				t.Fatalf("after %d bytes: %v, %v; want io.ErrUnexpectedEOF", i, resp, err)
			}
		}
	}
}

// A37: a reset after each byte offset stays in the chain.
func TestA37Reset(t *testing.T) {
	reset := &os.SyscallError{Syscall: "read", Err: syscall.ECONNRESET}
	for i := range len(head) {
		src := io.MultiReader(strings.NewReader(head[:i]), iotest.ErrReader(reset))
		_, err := http1.NewReader(src, http1.Limits{}).ReadResponse()
		if !errors.Is(err, syscall.ECONNRESET) {
			t.Fatalf("after %d bytes: %v, want ECONNRESET", i, err)
		}
	}
}

// A27, A28: time is the source's; its timeout comes through as it is.
func TestA28Timeout(t *testing.T) {
	r := http1.NewReader(iotest.ErrReader(os.ErrDeadlineExceeded), http1.Limits{})
	for range 3 {
		_, err := r.ReadResponse()
		wantError(t, err, "status line", "i/o timeout")
		var timeout interface{ Timeout() bool }
		if !errors.Is(err, os.ErrDeadlineExceeded) || !errors.As(err, &timeout) || !timeout.Timeout() {
			t.Fatalf("%v is not a timeout", err)
		}
	}
}

// badReader breaks the rules of io.Reader.
type badReader int

func (n badReader) Read([]byte) (int, error) { return int(n), nil }

func TestBrokenReader(t *testing.T) {
	for n, text := range map[badReader]string{
		-1:      "impossible count",
		1 << 30: "impossible count",
		0:       io.ErrNoProgress.Error(),
	} {
		_, err := http1.NewReader(n, http1.Limits{}).ReadResponse()
		wantError(t, err, "status line", text)
	}
}
