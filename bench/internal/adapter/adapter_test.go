package adapter_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"sync"
	"testing"

	"github.com/fairlead-ws/fairlead/bench/internal/adapter"
	"github.com/fairlead-ws/fairlead/bench/internal/client"
	"github.com/fairlead-ws/fairlead/bench/internal/server"
	"github.com/fairlead-ws/fairlead/frame"
)

func start(t *testing.T) server.Address {
	t.Helper()
	a, stop, err := server.Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	return a
}

func dial(t *testing.T, c client.Contender, o client.Options) client.Conn {
	t.Helper()
	conn, err := c.Dial(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

func TestNames(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range adapter.All() {
		if seen[c.Name()] {
			t.Errorf("%s twice", c.Name())
		}
		seen[c.Name()] = true
	}
}

// TestEcho lets every contender echo messages of all sizes, with and without TLS,
// and twice on one connection.
func TestEcho(t *testing.T) {
	a := start(t)
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM([]byte(a.CA))
	for _, c := range adapter.All() {
		for _, o := range []client.Options{
			{URL: "ws://" + a.Plain + "/echo"},
			{URL: "ws://" + a.Plain + "/echo", Text: true, CheckUTF8: true},
			{URL: "wss://" + a.TLS + "/echo", TLS: &tls.Config{RootCAs: pool, ServerName: "127.0.0.1"}},
		} {
			for _, size := range []int{1, 64, 1024, 65536, 1 << 20} {
				if size > 65536 && o.TLS != nil {
					continue // nothing but time
				}
				o.Size = size
				conn := dial(t, c, o)
				p := server.Payload(server.ASCII, size)
				for _, n := range []int{1, 3} {
					if err := conn.Echo([][]byte{p}, n); err != nil {
						t.Errorf("%s, %d bytes, %d times, %s: %v", c.Name(), size, n, o.URL, err)
					}
				}
				conn.Close()
			}
		}
	}
}

func TestCompressedEcho(t *testing.T) {
	a := start(t)
	for _, c := range adapter.All() {
		for mode, has := range map[client.Deflate]bool{client.NoTakeover: c.Deflates, client.Takeover: c.TakesOver} {
			if !has {
				continue
			}
			path := map[client.Deflate]string{client.NoTakeover: "no_takeover", client.Takeover: "takeover"}[mode]
			for _, size := range []int{1024, 65536} {
				url, wire := capture(t, a.Plain)
				conn := dial(t, c, client.Options{URL: url + "/echo?deflate=" + path, Text: true, Size: size, Deflate: mode})
				if err := conn.Echo(server.JSON(size, 5), 12); err != nil {
					t.Errorf("%s, %s, %d bytes: %v", c.Name(), path, size, err)
				}
				conn.Close()
				if sent := len(wire()); sent > 12*size*2/3 {
					t.Errorf("%s, %s: %d bytes for 12 messages of %d: not compressed", c.Name(), path, sent, size)
				}
			}
		}
	}
}

// TestSend compares what reaches the server with what was to be sent.
func TestSend(t *testing.T) {
	a := start(t)
	for _, c := range adapter.All() {
		for _, size := range []int{64, 65536} {
			url, wire := capture(t, a.Plain)
			conn := dial(t, c, client.Options{URL: url + "/sink", Size: size})
			p := server.Payload(server.Binary, size)
			sent := 3
			if err := conn.Send(p, sent); err != nil {
				t.Fatalf("%s: %v", c.Name(), err)
			}
			if b, ok := conn.(client.Batcher); ok {
				if err := b.Batch(p, 2000*64/size); err != nil {
					t.Fatalf("%s: %v", c.Name(), err)
				}
				sent += 2000 * 64 / size
			}
			conn.Close()
			got := messages(t, wire())
			if len(got) != sent {
				t.Errorf("%s: %d messages of %d bytes, want %d", c.Name(), len(got), size, sent)
			}
			for _, m := range got {
				if !bytes.Equal(m, p) {
					t.Fatalf("%s: a message of %d bytes is not what was to be sent", c.Name(), size)
				}
			}
		}
	}
}

// TestReceive takes messages of a stream in two steps, so that what was read
// ahead must not be lost.
func TestReceive(t *testing.T) {
	a := start(t)
	for _, c := range adapter.All() {
		for _, kind := range []server.Kind{server.Binary, server.ASCII, server.Chinese} {
			for _, size := range []int{64, 65536} {
				conn := dial(t, c, client.Options{URL: "ws://" + a.Plain + server.StreamURL(kind, size), Size: size, CheckUTF8: true})
				if err := conn.Send([]byte("begin"), 1); err != nil {
					t.Fatalf("%s: %v", c.Name(), err)
				}
				for _, n := range []int{1, 20 + 40_000/size} {
					if err := conn.Receive(size, n); err != nil {
						t.Errorf("%s, %s, %d bytes, %d times: %v", c.Name(), kind, size, n, err)
					}
				}
				if c.Form != client.Raw && size == 64 {
					if err := conn.Receive(size+1, 1); err == nil {
						t.Errorf("%s: a message of another length is no error", c.Name())
					}
				}
				conn.Close()
			}
		}
	}
}

// capture is a way to the server that keeps what the client sends. wire waits
// until the client has closed, and leaves the handshake out.
func capture(t *testing.T, addr string) (url string, wire func() []byte) {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	var copies sync.WaitGroup
	copies.Go(func() {
		defer ln.Close()
		in, err := ln.Accept()
		if err != nil {
			return
		}
		defer in.Close()
		var d net.Dialer
		out, err := d.DialContext(context.Background(), "tcp", addr)
		if err != nil {
			return
		}
		defer out.Close()
		copies.Go(func() { _, _ = io.Copy(in, out) })
		_, _ = io.Copy(io.MultiWriter(out, &b), in)
	})
	t.Cleanup(func() { ln.Close(); copies.Wait() })
	return "ws://" + ln.Addr().String(), func() []byte {
		copies.Wait()
		_, after, _ := bytes.Cut(b.Bytes(), []byte("\r\n\r\n"))
		return after
	}
}

// messages puts the data frames of a client together.
func messages(t *testing.T, p []byte) (all [][]byte) {
	t.Helper()
	var m []byte
	for len(p) > 0 {
		h, n, err := frame.ParseHeader(p)
		if err != nil || n == 0 || int64(len(p)-n) < h.Length || !h.Masked {
			t.Fatalf("header %+v of %d bytes, %v, in %d bytes", h, n, err, len(p))
		}
		payload := p[n : n+int(h.Length)]
		p = p[n+int(h.Length):]
		if h.Opcode.IsControl() {
			continue
		}
		m = append(m, make([]byte, len(payload))...)
		frame.Mask(m[len(m)-len(payload):], payload, h.Mask, 0)
		if h.Fin {
			all, m = append(all, m), nil
		}
	}
	return all
}
