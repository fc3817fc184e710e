package server_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/fairlead-ws/fairlead/bench/internal/server"
	"github.com/fairlead-ws/fairlead/frame"
)

// open does a handshake by hand.
func open(t *testing.T, path, more string) (net.Conn, *bufio.Reader, *http.Response) {
	t.Helper()
	a, stop, err := server.Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	nc, err := net.Dial("tcp", a.Plain)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { nc.Close() })
	io.WriteString(nc, "GET "+path+" HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"+
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"+more+"\r\n")
	br := bufio.NewReader(nc)
	res, err := http.ReadResponse(br, nil)
	if err != nil {
		t.Fatal(err)
	}
	// The key and the answer of RFC 6455, section 1.3.
	if got := res.Header.Get("Sec-Websocket-Accept"); res.StatusCode != 101 || got != "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" {
		t.Fatalf("status %d, accept %q", res.StatusCode, got)
	}
	return nc, br, res
}

// TestEcho sends literal frames (RFC 6455, section 5.7) and compares what comes.
func TestEcho(t *testing.T) {
	masked := func(first byte, p string) string {
		key := [4]byte{0x37, 0xfa, 0x21, 0x3d}
		b := append([]byte{first, 0x80 | byte(len(p))}, key[:]...)
		b = append(b, p...)
		frame.Mask(b[6:], []byte(p), key, 0)
		return string(b)
	}
	long := strings.Repeat("x", 300)
	for _, tt := range []struct{ name, in, want string }{
		{"text", "\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58", "\x81\x05Hello"},
		{"binary", masked(0x82, "\x00\xff"), "\x82\x02\x00\xff"},
		{"empty", masked(0x81, ""), "\x81\x00"},
		{"fragments", masked(0x01, "Hel") + masked(0x80, "lo"), "\x81\x05Hello"},
		{"ping amid fragments", masked(0x01, "Hel") + masked(0x89, "p") + masked(0x80, "lo"), "\x8a\x01p\x81\x05Hello"},
		{"pong", masked(0x8a, "p") + masked(0x81, "a"), "\x81\x01a"},
		{"16-bit length", "\x82\xfe\x01\x2c\x00\x00\x00\x00" + long, "\x82\x7e\x01\x2c" + long},
		{"close", masked(0x88, "\x03\xe8"), "\x88\x02\x03\xe8"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			nc, br, _ := open(t, "/echo", "")
			io.WriteString(nc, tt.in)
			got := make([]byte, len(tt.want))
			if _, err := io.ReadFull(br, got); err != nil || string(got) != tt.want {
				t.Errorf("%q, %v; want %q", got, err, tt.want)
			}
		})
	}
}

func TestEchoDropsWhatIsIllegal(t *testing.T) {
	for name, in := range map[string]string{
		"no mask":                    "\x81\x01a",
		"continuation of nothing":    "\x80\x80\x00\x00\x00\x00",
		"a message inside a message": "\x01\x80\x00\x00\x00\x00\x81\x80\x00\x00\x00\x00",
		"too large":                  "\x82\xff\x00\x00\x00\x00\x7f\x00\x00\x00\x00\x00\x00\x00",
		"length with its top bit":    "\x82\xff\x80\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00",
	} {
		nc, br, _ := open(t, "/echo", "")
		io.WriteString(nc, in)
		if b, err := br.ReadByte(); err == nil {
			t.Errorf("%s: byte %#x, want the end of the connection", name, b)
		}
	}
}

func TestStream(t *testing.T) {
	for kind, op := range map[server.Kind]frame.Opcode{server.Binary: frame.Binary, server.ASCII: frame.Text, server.Chinese: frame.Text} {
		for _, size := range []int{64, 65536, 1 << 20} {
			nc, br, _ := open(t, server.StreamURL(kind, size), "")
			io.WriteString(nc, "\x82\x80\x00\x00\x00\x00")
			for range 5 {
				head, _ := br.Peek(10)
				h, n, err := frame.ParseHeader(head)
				if err != nil || h != (frame.Header{Fin: true, Opcode: op, Length: int64(size)}) {
					t.Fatalf("%s: header %+v, %v", kind, h, err)
				}
				br.Discard(n)
				p := make([]byte, size)
				if _, err := io.ReadFull(br, p); err != nil || op == frame.Text && !utf8.Valid(p) {
					t.Fatalf("%s: %v, valid text %v", kind, err, utf8.Valid(p))
				}
				if kind == server.Chinese && utf8.RuneCount(p) > size/3+3 {
					t.Errorf("%d characters in %d bytes: not Chinese", utf8.RuneCount(p), size)
				}
			}
		}
	}
}

func TestNegotiate(t *testing.T) {
	none := "permessage-deflate; server_no_context_takeover; client_no_context_takeover"
	for _, tt := range []struct{ query, offer, want string }{
		{"takeover", "permessage-deflate", "permessage-deflate"},
		{"takeover", "permessage-deflate; client_max_window_bits", "permessage-deflate"},
		{"takeover", none, none},
		{"no_takeover", "permessage-deflate", none},
		{"takeover", "permessage-deflate; server_max_window_bits=10", ""},
		{"takeover", "", ""},
		{"", "permessage-deflate", ""},
	} {
		more := ""
		if tt.offer != "" {
			more = "Sec-WebSocket-Extensions: " + tt.offer + "\r\n"
		}
		_, _, res := open(t, "/idle?deflate="+tt.query, more)
		if got := res.Header.Get("Sec-Websocket-Extensions"); got != tt.want {
			t.Errorf("%q to %q: %q, want %q", tt.query, tt.offer, got, tt.want)
		}
	}
}

func TestPayloads(t *testing.T) {
	for _, kind := range []server.Kind{server.Binary, server.ASCII, server.Chinese} {
		for _, size := range []int{1, 2, 3, 64, 65536} {
			p := server.Payload(kind, size)
			if len(p) != size || !bytes.Equal(p, server.Payload(kind, size)) {
				t.Errorf("%s: %d bytes, want %d, the same each time", kind, len(p), size)
			}
		}
	}
	for _, size := range []int{1024, 65536} {
		all := server.JSON(size, 3)
		for _, p := range all {
			if len(p) != size || !json.Valid(p) {
				t.Errorf("%d bytes, valid %v: %.80q", len(p), json.Valid(p), p)
			}
		}
		if bytes.Equal(all[0], all[1]) {
			t.Error("two messages are the same")
		}
	}
}
