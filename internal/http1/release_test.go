package http1_test

import (
	"strings"
	"testing"

	"github.com/fairlead-ws/fairlead/internal/http1"
)

// What was read before Release stays as it is, whoever gets the memory next.
func TestRelease(t *testing.T) {
	read := func(accept string) (*http1.Reader, *http1.Response) {
		r := http1.NewReader(strings.NewReader("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "+accept+"\r\n\r\nrest"), http1.Limits{})
		resp, err := r.ReadResponse()
		if err != nil {
			t.Fatal(err)
		}
		return r, resp
	}
	r, first := read("first")
	r.Release()
	r.Release() // gives nothing back twice
	if len(r.Buffered()) != 0 {
		t.Error("a released Reader has bytes")
	}
	if _, err := r.ReadResponse(); err == nil {
		t.Error("a released Reader reads")
	}
	a, _ := read("second")
	b, _ := read("third")
	if v, _ := first.Get("Sec-WebSocket-Accept"); v != "first" || first.Reason != "Switching Protocols" {
		t.Errorf("the first answer became %q", v)
	}
	if string(a.Buffered()) != "rest" || string(b.Buffered()) != "rest" {
		t.Error("two Readers share memory")
	}
}
