package wstest_test

import (
	"strings"
	"testing"

	"github.com/fairlead-ws/fairlead/deflate"
	"github.com/fairlead-ws/fairlead/frame"
	"github.com/fairlead-ws/fairlead/handshake"
	"github.com/fairlead-ws/fairlead/wstest"
)

// dialDeflate opens a session with compression, if the server agrees.
func dialDeflate(t *testing.T, s *wstest.Server) (*client, *handshake.Deflate) {
	t.Helper()
	o := handshake.Offer{Extensions: []handshake.Extension{handshake.Deflate{ClientMaxWindowBits: 15}.Offer()}}
	c := connect(t, s)
	a, err := c.open("/", o)
	if err != nil {
		t.Fatal(err)
	}
	d, err := handshake.AgreedDeflate(o, a)
	if err != nil {
		t.Fatal(err)
	}
	return c, d
}

// With Options.Deflate every echo is compressed, and RSV1 stands on its first
// frame only.
func TestServerDeflate(t *testing.T) {
	for name, server := range map[string]handshake.Deflate{
		"takeover":    {},
		"no takeover": {ServerNoContextTakeover: true, ClientNoContextTakeover: true, ServerMaxWindowBits: 8, ClientMaxWindowBits: 9},
	} {
		t.Run(name, func(t *testing.T) {
			s := start(t, wstest.Options{Deflate: &server, Chaos: wstest.Chaos{Fragments: 3}})
			c, d := dialDeflate(t, s)
			if d == nil {
				t.Fatal("the server did not agree")
			}
			out := deflate.NewCompressor(d.ClientMaxWindowBits, !d.ClientNoContextTakeover)
			in := deflate.NewDecompressor(d.ServerMaxWindowBits, !d.ServerNoContextTakeover)
			for _, size := range []int{0, 5, 3000, 3000, 100_000} {
				p := strings.Repeat("echo, ", size/6+1)[:size]
				first, rest := out.Append(nil, []byte(p[:size/2]), false), out.Append(nil, []byte(p[size/2:]), true)
				c.sendHeader(t, frame.Header{RSV: frame.RSV1, Opcode: frame.Text}, string(first))
				if err := c.send(frame.Continuation, true, string(rest)); err != nil {
					t.Fatal(err)
				}
				wantCompressed(t, c, in, p)
				if err := c.send(frame.Binary, true, p); err != nil { // uncompressed
					t.Fatal(err)
				}
				wantCompressed(t, c, in, p)
			}
		})
	}
	c, d := dialDeflate(t, start(t, wstest.Options{}))
	if d != nil {
		t.Error("a server without Options.Deflate agreed")
	}
	c.Close()
}

func (c *client) sendHeader(t *testing.T, h frame.Header, payload string) {
	t.Helper()
	h.Masked, h.Length = true, int64(len(payload))
	if _, err := c.Write(append(frame.AppendHeader(nil, h), payload...)); err != nil {
		t.Fatal(err)
	}
}

func wantCompressed(t *testing.T, c *client, in *deflate.Decompressor, want string) {
	t.Helper()
	var got []byte
	for first := true; ; first = false {
		h, p, err := c.receive()
		if err != nil {
			t.Fatal(err)
		}
		if (h.RSV == frame.RSV1) != first {
			t.Fatalf("RSV %d on a frame of an echo", h.RSV)
		}
		if got, err = in.Append(got, []byte(p), h.Fin, 1<<20); err != nil {
			t.Fatal(err)
		}
		if h.Fin {
			break
		}
	}
	if string(got) != want {
		t.Fatalf("%d bytes came back for %d", len(got), len(want))
	}
}

// What a server that inflates must not let pass.
func TestServerDeflateIsStrict(t *testing.T) {
	bomb := string(deflate.NewCompressor(15, false).Append(nil, make([]byte, 65<<20), true))
	s := start(t, wstest.Options{Deflate: &handshake.Deflate{}})
	for name, tt := range map[string]struct {
		first, second frame.Header
		payload       string
		code          frame.StatusCode
		reason        string
	}{
		"RSV1 on a continuation": {first: frame.Header{Opcode: frame.Text, RSV: frame.RSV1}, second: frame.Header{Opcode: frame.Continuation, RSV: frame.RSV1, Fin: true}, code: 1002, reason: "5.2"},
		"RSV1 on a ping":         {first: frame.Header{Opcode: frame.Ping, RSV: frame.RSV1, Fin: true}, code: 1002, reason: "5.2"},
		"RSV2":                   {first: frame.Header{Opcode: frame.Text, RSV: frame.RSV1 | frame.RSV2, Fin: true}, code: 1002, reason: "5.2"},
		"corrupt":                {first: frame.Header{Opcode: frame.Text, RSV: frame.RSV1, Fin: true}, payload: "\x06", code: 1007, reason: "reserved type"},
		"text that is not UTF-8": {first: frame.Header{Opcode: frame.Text, RSV: frame.RSV1, Fin: true}, payload: "\x00\x01\x00\xfe\xff\xff\x00", code: 1007, reason: "8.1"},
		"bomb":                   {first: frame.Header{Opcode: frame.Binary, RSV: frame.RSV1, Fin: true}, payload: bomb, code: 1009, reason: "larger"},
	} {
		t.Run(name, func(t *testing.T) {
			c, _ := dialDeflate(t, s)
			c.sendHeader(t, tt.first, tt.payload)
			if tt.second != (frame.Header{}) {
				c.sendHeader(t, tt.second, tt.payload)
			}
			h, payload, err := c.receive()
			if err != nil {
				t.Fatal(err)
			}
			code, reason, err := frame.ParseClose([]byte(payload))
			if h.Opcode != frame.Close || err != nil || code != tt.code || !strings.Contains(reason, tt.reason) {
				t.Errorf("%v, code %v, %q, %v; want %v and %q", h.Opcode, code, reason, err, tt.code, tt.reason)
			}
		})
	}
}
