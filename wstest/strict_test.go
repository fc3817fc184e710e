package wstest_test

import (
	"io"
	"strings"
	"testing"

	"github.com/fairlead-ws/fairlead/frame"
	"github.com/fairlead-ws/fairlead/internal/http1"
	"github.com/fairlead-ws/fairlead/wstest"
)

// What the server must not let pass, with the code of RFC 6455.
func TestServerIsStrict(t *testing.T) {
	const (
		protocol = frame.StatusProtocolError
		text     = frame.StatusInvalidPayload
	)
	tests := []struct {
		name, wire string
		code       frame.StatusCode
		reason     string
	}{
		{"text without a mask", "81 01 61", protocol, "5.1"},
		{"ping without a mask", "89 00", protocol, "5.1"},
		{"RSV1", "c1 80 00000000", protocol, "5.2"},
		{"RSV2", "a1 80 00000000", protocol, "5.2"},
		{"RSV3", "91 80 00000000", protocol, "5.2"},
		{"RSV1 on a ping", "c9 80 00000000", protocol, "5.2"},
		{"opcode 3", "83 80 00000000", protocol, "5.2"},
		{"opcode 7", "87 81 00000000 00", protocol, "5.2"},
		{"opcode B", "8b 80 00000000", protocol, "5.2"},
		{"opcode F", "8f 80 00000000", protocol, "5.2"},
		{"16-bit length of 125", "82 fe 007d", protocol, "5.2"},
		{"64-bit length of 65535", "82 ff 000000000000ffff", protocol, "5.2"},
		{"64-bit length, top bit", "82 ff 80", protocol, "5.2"},
		{"64-bit length, most", "82 ff 7fffffffffffffff 00000000", frame.StatusTooBig, "64 MiB"},
		{"64 MiB and one byte", "82 ff 0000000004000001 00000000", frame.StatusTooBig, "64 MiB"},
		{"ping of 126 bytes", "89 fe 007e 00000000", protocol, "5.5"},
		{"ping without FIN", "09 80 00000000", protocol, "5.5"},
		{"close without FIN", "08 80 00000000", protocol, "5.5"},
		{"continuation first", "80 80 00000000", protocol, "5.4"},
		{"continuation after a message", "81 80 00000000 00 80 00000000", protocol, "5.4"},
		{"text in a message", "01 80 00000000 81 80 00000000", protocol, "5.4"},
		{"binary in a message", "02 80 00000000 02 80 00000000", protocol, "5.4"},
		{"UTF-8, at once", "01 fe ffff 00000000 61 ff", text, "8.1"},
		{"UTF-8, surrogate", "81 83 00000000 eda080", text, "8.1"},
		{"UTF-8, cut off", "81 82 00000000 e282", text, "8.1"},
		{"UTF-8, cut off by the last fragment", "01 81 00000000 c2 80 80 00000000", text, "8.1"},
		{"UTF-8, behind a mask", "81 82 000000ff 61ff", text, "8.1"},
		{"close of one byte", "88 81 00000000 03", protocol, "5.5.1"},
		{"close 1005", "88 82 00000000 03ed", protocol, "7.4"},
		{"close 999", "88 82 00000000 03e7", protocol, "7.4"},
		{"close 5000", "88 82 00000000 1388", protocol, "7.4"},
		{"close reason", "88 83 00000000 03e8 ff", text, "5.5.1"},
	}
	s := start(t, wstest.Options{})
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c := dial(t, s, "/")
			if _, err := c.Write(unhex(t, test.wire)); err != nil {
				t.Fatal(err)
			}
			h, payload, err := c.receive()
			for err == nil && h.Opcode == frame.Text { // the echo of what was right
				h, payload, err = c.receive()
			}
			if err != nil {
				t.Fatal(err)
			}
			code, reason, err := frame.ParseClose([]byte(payload))
			if h.Opcode != frame.Close || err != nil || code != test.code || !strings.Contains(reason, test.reason) {
				t.Errorf("got %v, code %v, %q, %v; want %v and %q", h.Opcode, code, reason, err, test.code, test.reason)
			}
			c.expectEOF(t) // although nothing was answered: the server closes first
		})
	}
}

// Bytes after the client's Close must not cost it the answer.
func TestServerAnswersCloseBeforeJunk(t *testing.T) {
	s := start(t, wstest.Options{})
	for range 20 {
		c := dial(t, s, "/")
		if _, err := c.Write(unhex(t, "88 82 00000000 03e9"+strings.Repeat("00", 5000))); err != nil {
			t.Fatal(err)
		}
		c.expect(t, frame.Close, "\x03\xe9")
	}
}

const (
	goodKey  = "AQIDBAUGBwgJCgsMDQ4PEA=="
	goodRest = " HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n" +
		"Sec-WebSocket-Key: " + goodKey + "\r\nSec-WebSocket-Version: 13\r\n\r\n"
	goodRequest = "GET /" + goodRest
)

// What a request must not be; each is goodRequest with one change.
func TestServerRefusesRequests(t *testing.T) {
	tests := []struct {
		name, from, to string
		status         int
		body           string
	}{
		{"good", "", "", 101, ""},
		{"absolute target", "GET /", "GET http://h/", 101, ""},
		{"case", "websocket\r\nConnection: keep-alive, Upgrade", "WebSocket\r\nconnection: upgrade", 101, ""},
		{"not HTTP", goodRequest, "\x16\x03\x01\x02\x00\x01\r\n\r\n", 400, "request line"},
		{"line feed only", "Host: h\r\n", "Host: h\n", 400, "http1"},
		{"method", "GET", "POST", 400, "GET"},
		{"version 1.0", "HTTP/1.1", "HTTP/1.0", 400, "HTTP/1.1"},
		{"target *", "GET /", "GET *", 400, "target"},
		{"no Host", "Host: h\r\n", "", 400, "Host"},
		{"two Hosts", "Host: h\r\n", "Host: h\r\nhost: h\r\n", 400, "Host"},
		{"body", "Host: h\r\n", "Host: h\r\nContent-Length: 0\r\n", 400, "Content-Length"},
		{"chunks", "Host: h\r\n", "Host: h\r\nTransfer-Encoding: chunked\r\n", 400, "Transfer-Encoding"},
		{"no Upgrade", "Upgrade: websocket\r\n", "", 400, "Upgrade"},
		{"Upgrade to h2c", "websocket", "h2c", 400, "Upgrade"},
		{"no Connection", "Connection: keep-alive, Upgrade\r\n", "", 400, "Connection"},
		{"Connection, part of a token", "keep-alive, Upgrade", "notupgrade", 400, "Connection"},
		{"no key", "Sec-WebSocket-Key: " + goodKey + "\r\n", "", 400, "Sec-WebSocket-Key"},
		{"two keys", "Host: h\r\n", "Host: h\r\nSec-WebSocket-Key: " + goodKey + "\r\n", 400, "Sec-WebSocket-Key"},
		{"short key", goodKey, "AQIDBAUGBwgJCgsMDQ4P", 400, "Sec-WebSocket-Key"},
		{"key that is not base64", goodKey, strings.Repeat("!", 24), 400, "Sec-WebSocket-Key"},
		{"key with bits left over", goodKey, "AQIDBAUGBwgJCgsMDQ4PEB==", 400, "Sec-WebSocket-Key"},
		{"no version", "Sec-WebSocket-Version: 13\r\n", "", 400, "Sec-WebSocket-Version"},
		{"version 8", "Version: 13", "Version: 8", 426, "13"},
		{"extensions", "Host: h\r\n", "Host: h\r\nSec-WebSocket-Extensions: a=\r\n", 400, "Sec-WebSocket-Extensions"},
		{"subprotocol", "Host: h\r\n", "Host: h\r\nSec-WebSocket-Protocol: a b\r\n", 400, "Sec-WebSocket-Protocol"},
		{"subprotocols, an empty one", "Host: h\r\n", "Host: h\r\nSec-WebSocket-Protocol: a,,b\r\n", 400, "Sec-WebSocket-Protocol"},
		{"subprotocols, one twice", "Host: h\r\n", "Host: h\r\nSec-WebSocket-Protocol: a, b\r\nSec-WebSocket-Protocol: a\r\n", 400, "twice"},
		{"frame before the response", "13\r\n\r\n", "13\r\n\r\n\x81\x80\x00\x00\x00\x00", 400, "wait"},
		{"ping too long", "GET /", "GET /?ping=" + strings.Repeat("x", 126), 400, "ping"},
		{"close, not a number", "GET /", "GET /?close=x", 400, "close"},
		{"close 1006", "GET /", "GET /?close=1006", 400, "close"},
		{"close, reason without a code", "GET /", "GET /?close=1005&reason=x", 400, "close"},
		{"close, long reason", "GET /", "GET /?close=1000&reason=" + strings.Repeat("x", 124), 400, "close"},
	}
	s := start(t, wstest.Options{})
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c := connect(t, s)
			if _, err := io.WriteString(c, strings.Replace(goodRequest, test.from, test.to, 1)); err != nil {
				t.Fatal(err)
			}
			r := http1.NewReader(c, http1.Limits{})
			resp, err := r.ReadResponse()
			if err != nil {
				t.Fatal(err)
			}
			if resp.Status != test.status {
				t.Errorf("status %d, want %d", resp.Status, test.status)
			}
			if resp.Status == 101 {
				return
			}
			if version, _ := resp.Get("Sec-WebSocket-Version"); resp.Status == 426 && version != "13" {
				t.Errorf("426 names version %q", version)
			}
			body, _, err := r.ReadBody("GET", resp, 1<<10)
			if err != nil || !strings.Contains(string(body), test.body) {
				t.Errorf("body %q, %v; want %q in it", body, err, test.body)
			}
			c.expectEOF(t)
		})
	}
}
