package interop_test

import (
	"bytes"
	"crypto/tls"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/frame"
)

// compressing are the servers that agree to permessage-deflate.
var compressing = []string{"aiohttp", "Bun", "Tomcat", "Tornado", "websockets", "ws"}

// TestDeflate plays every scenario, and those that are about compression, to
// servers that agree to it, with both kinds of offer.
func TestDeflate(t *testing.T) {
	for _, server := range servers {
		if !slices.Contains(compressing, server.name) {
			continue
		}
		t.Run(server.name, func(t *testing.T) {
			e := server.start(t)
			for name, kind := range map[string]fairlead.Compression{
				"takeover": fairlead.CompressionTakeover, "no takeover": fairlead.CompressionNoTakeover,
			} {
				t.Run(name, func(t *testing.T) {
					for _, scenario := range append(compressed, scenarios...) {
						t.Run(scenario.name, func(t *testing.T) {
							s := e.dialWith(t, e.ws, fairlead.Dialer{Compression: kind})
							d, ok := s.Compression()
							if !ok {
								t.Fatal("the server did not agree to compression")
							}
							t.Logf("%+v", d)
							scenario.play(t, s)
							if err := s.Close(s.ctx, frame.StatusNormal, ""); err != nil {
								t.Error(err)
							}
						})
					}
				})
			}
		})
	}
}

var compressed = []struct {
	name string
	play func(*testing.T, session)
}{
	{"many messages that are alike", manyAlike},
	{"compressed fragments", compressedFragments},
	{"compressed and not", someCompressed},
}

// manyAlike sends and reads what refers to earlier messages, where that was agreed
// on, further back than any window reaches.
func manyAlike(t *testing.T, s session) {
	for i := range 300 {
		p := []byte(strings.Repeat(fmt.Sprintf(`{"number":%d,"kind":"one of many"},`, i), 1+i%40))
		if i%50 == 49 {
			p = bytes.Repeat(p, 60)
		}
		if err := s.Write(s.ctx, fairlead.Text, p); err != nil {
			t.Fatal(err)
		}
		s.want(t, fairlead.Text, p)
	}
}

func compressedFragments(t *testing.T, s session) {
	part := strings.Repeat("a fragment, €, 🦄; ", 500)
	for range 3 {
		w := s.Writer(s.ctx, fairlead.Text)
		for rest := part; rest != ""; {
			n := min(len(rest), 1+len(part)/7)
			if _, err := io.WriteString(w, rest[:n]); err != nil {
				t.Fatal(err)
			}
			rest = rest[n:]
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		s.want(t, fairlead.Text, []byte(part))
	}
	h := frame.Header{Opcode: frame.Binary, RSV: frame.RSV1}
	for _, p := range []string{part, "", "the end"} {
		if h.Fin = p == "the end"; s.WriteFrame(s.ctx, h, []byte(p)) != nil {
			t.Fatal("WriteFrame failed")
		}
		h.Opcode, h.RSV = frame.Continuation, 0
	}
	s.want(t, fairlead.Binary, []byte(part+"the end"))
}

// someCompressed puts messages that are not compressed between those that are:
// they are in nobody's window.
func someCompressed(t *testing.T, s session) {
	p := []byte(strings.Repeat("to be compressed, or not to be; ", 100))
	for i := range 20 {
		write := s.Write
		if i%3 == 1 {
			write = s.WriteUncompressed
		}
		if err := write(s.ctx, fairlead.Text, p); err != nil {
			t.Fatal(err)
		}
		s.want(t, fairlead.Text, p)
		if err := s.Write(s.ctx, fairlead.Binary, noise(3000)); err != nil {
			t.Fatal(err)
		}
		s.want(t, fairlead.Binary, noise(3000))
	}
}

// dialWith is dial with what d says.
func (e endpoint) dialWith(t *testing.T, url string, d fairlead.Dialer) session {
	t.Helper()
	d.TLS = &tls.Config{RootCAs: e.roots}
	conn, err := d.Dial(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.CloseNow() })
	return session{conn, t.Context()}
}
