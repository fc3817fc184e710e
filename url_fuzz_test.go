package fairlead

import (
	"bytes"
	"net"
	"strconv"
	"strings"
	"testing"

	"github.com/fairlead-ws/fairlead/handshake"
	"github.com/fairlead-ws/fairlead/internal/fuzzlimit"
)

// FuzzURL demands that whatever parseURL accepts can be dialled and makes a
// request of one line for each field, and that taking its parts for a URL again
// gives the same.
func FuzzURL(f *testing.F) {
	for _, seed := range []string{
		"ws://example.com/a?b=c", "wss://[fe80::1%25lo]:8443", "ws://bücher.example/ü?ü", "ws://h/%0d%0aX: y", "ws://u:p@h/", "ws://h:70000",
		"ws://h/\r\nX: y", "ws://%31/", "//h", "ws:///", "ws://h?#", "WS://H:0080//../",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		defer fuzzlimit.Input(t)()
		got, err := parseURL(raw)
		if err != nil {
			checkHarmless(t, err)
			return
		}
		host, port, err := net.SplitHostPort(got.addr)
		if n, perr := strconv.Atoi(port); err != nil || host != got.host || perr != nil || n < 1 || n > 65535 {
			t.Fatalf("%q: address %q", raw, got.addr)
		}
		req := handshake.Request{Host: got.hdr, Target: got.path, Offer: handshake.Offer{Key: handshake.NewKey([16]byte{})}}
		b, err := req.Append(nil)
		if err != nil {
			t.Fatalf("%q: %v", raw, err)
		}
		if n := bytes.Count(b, []byte("\r\n")); n != 7 {
			t.Fatalf("%q: a request of %d lines: %q", raw, n, b)
		}
		scheme := map[bool]string{false: "ws", true: "wss"}[got.tls]
		again, err := parseURL(scheme + "://" + got.hdr + got.path)
		if got.host = again.host; err != nil || again.path != got.path || again.hdr != got.hdr { // a zone is not in hdr
			t.Fatalf("%q: %+v, again %+v, %v", raw, got, again, err)
		}
	})
}

// checkHarmless demands an error of one short line.
func checkHarmless(t *testing.T, err error) {
	t.Helper()
	if text := err.Error(); len(text) > 1000 || strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		t.Errorf("%q", text)
	}
}
