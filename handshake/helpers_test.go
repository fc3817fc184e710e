package handshake_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/fairlead-ws/fairlead/handshake"
	"github.com/fairlead-ws/fairlead/internal/http1"
)

// The example of RFC 6455 section 1.3.
const (
	key    = "dGhlIHNhbXBsZSBub25jZQ=="
	accept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
)

// The lines of a correct response.
const (
	lineStatus     = "HTTP/1.1 101 Switching Protocols\r\n"
	lineUpgrade    = "Upgrade: websocket\r\n"
	lineConnection = "Connection: Upgrade\r\n"
	lineAccept     = "Sec-WebSocket-Accept: " + accept + "\r\n"
	correct        = lineStatus + lineUpgrade + lineConnection + lineAccept
)

// parse reads a response head of which the last CRLF is left out.
func parse(t testing.TB, lines string) *handshake.Response {
	t.Helper()
	resp, err := http1.NewReader(strings.NewReader(lines+"\r\n"), http1.Limits{}).ReadResponse()
	if err != nil {
		t.Fatal(err)
	}
	return resp
}

// wantError checks that err is a *handshake.Error about field.
func wantError(t *testing.T, err error, field string, status int, text string) {
	t.Helper()
	var e *handshake.Error
	if !errors.As(err, &e) {
		t.Fatalf("error is %v, want a *handshake.Error", err)
	}
	if e.Field != field || e.Status != status || !strings.Contains(err.Error(), text) {
		t.Errorf("error is %q (field %q, status %d); want field %q, status %d, text %q", err, e.Field, e.Status, field, status, text)
	}
	if strings.Contains(err.Error(), "s3cret") {
		t.Errorf("the error repeats a value: %v", err)
	}
}
