package server

import (
	"bufio"
	"bytes"
	"crypto/sha1"
	"encoding/base64"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"

	"github.com/fairlead-ws/fairlead/bench/internal/client"
)

// guid is appended to the client's key (RFC 6455, section 1.3).
const guid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

// readers keeps the read buffers of handshakes, so that idle connections hold
// none.
var readers = sync.Pool{New: func() any { return bufio.NewReader(nil) }}

// accept does the opening handshake. rest is what came behind it.
func accept(nc net.Conn) (u *url.URL, deflate client.Deflate, rest []byte, err error) {
	br := readers.Get().(*bufio.Reader)
	defer readers.Put(br)
	br.Reset(nc)
	defer br.Reset(nil)
	req, err := http.ReadRequest(br)
	if err != nil {
		return nil, 0, nil, err
	}
	key := req.Header.Get("Sec-Websocket-Key")
	if key == "" {
		return nil, 0, nil, errors.New("server: no WebSocket key in the request")
	}
	deflate, extensions := negotiate(req.Header.Get("Sec-Websocket-Extensions"), req.URL.Query().Get("deflate"))
	sum := sha1.Sum([]byte(key + guid))
	var b bytes.Buffer
	b.WriteString("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ")
	b.WriteString(base64.StdEncoding.EncodeToString(sum[:]))
	if extensions != "" {
		b.WriteString("\r\nSec-WebSocket-Extensions: " + extensions)
	}
	b.WriteString("\r\n\r\n")
	if _, err := nc.Write(b.Bytes()); err != nil {
		return nil, 0, nil, err
	}
	rest = make([]byte, br.Buffered())
	_, err = io.ReadFull(br, rest)
	return req.URL, deflate, rest, err
}

// negotiate answers an offer of permessage-deflate (RFC 7692, section 7.1) as
// the row wants it. Offers that limit the server's window are declined.
func negotiate(offers, want string) (client.Deflate, string) {
	first, _, _ := strings.Cut(offers, ",")
	if want == "" || !strings.HasPrefix(first, "permessage-deflate") || strings.Contains(first, "server_max_window_bits") {
		return client.NoDeflate, ""
	}
	if want == "takeover" && !strings.Contains(first, "no_context_takeover") {
		return client.Takeover, "permessage-deflate"
	}
	return client.NoTakeover, "permessage-deflate; server_no_context_takeover; client_no_context_takeover"
}
