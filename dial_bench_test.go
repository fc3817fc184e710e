package fairlead_test

import (
	"context"
	"crypto/sha1"
	"encoding/base64"
	"io"
	"net"
	"testing"
	"time"

	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/route"
)

// answering is a server's answer without a server, and without an allocation of
// its own for each request.
type answering struct {
	net.Conn
	out []byte
}

func (a *answering) Write(p []byte) (int, error) {
	a.out = appendAccepted(a.out[:0], p)
	return len(p), nil
}

// appendAccepted appends the shortest answer that accepts the request p.
func appendAccepted(dst, p []byte) []byte {
	const field, guid = "Sec-WebSocket-Key: ", "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
	at := 0
	for at+len(field) < len(p) && string(p[at:at+len(field)]) != field {
		at++
	}
	at += len(field)
	var keyed [24 + len(guid)]byte
	copy(keyed[copy(keyed[:], p[at:at+24]):], guid)
	sum := sha1.Sum(keyed[:])
	dst = append(dst, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "...)
	dst = base64.StdEncoding.AppendEncode(dst, sum[:])
	return append(dst, "\r\n\r\n"...)
}

func (a *answering) Read(p []byte) (int, error) {
	if len(a.out) == 0 {
		return 0, io.EOF
	}
	n := copy(p, a.out)
	a.out = a.out[:copy(a.out, a.out[n:])]
	return n, nil
}
func (*answering) Close() error                     { return nil }
func (*answering) SetDeadline(time.Time) error      { return nil }
func (*answering) SetReadDeadline(time.Time) error  { return nil }
func (*answering) SetWriteDeadline(time.Time) error { return nil }

// BenchmarkDial is what a plain dial costs: the engine alone, over TCP, and for
// comparison TCP alone with the same bytes.
func BenchmarkDial(b *testing.B) {
	b.Run("memory", func(b *testing.B) {
		nc := &answering{}
		d := fairlead.Dialer{Route: route.DialerFunc(func(context.Context, string, string) (net.Conn, error) { return nc, nil })}
		b.ReportAllocs()
		for b.Loop() {
			c, err := d.Dial(b.Context(), "ws://example.com/feed")
			if err != nil {
				b.Fatal(err)
			}
			c.CloseNow()
		}
	})
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	addr := listener.Addr().String()
	done := make(chan struct{})
	go func() {
		defer close(done)
		in, out := make([]byte, 4096), []byte(nil)
		for {
			nc, err := listener.Accept()
			if err != nil {
				return
			}
			n, _ := nc.Read(in)
			out = appendAccepted(out[:0], in[:n])
			_, _ = nc.Write(out)
			_, _ = nc.Read(in)
			_ = nc.Close()
		}
	}()
	defer func() {
		listener.Close()
		<-done
	}()
	b.Run("TCP", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			c, err := fairlead.Dial(b.Context(), "ws://"+addr+"/feed")
			if err != nil {
				b.Fatal(err)
			}
			c.CloseNow()
		}
	})
	b.Run("TCP alone", func(b *testing.B) {
		request := []byte("GET /feed HTTP/1.1\r\nHost: " + addr + "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
			"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n")
		in := make([]byte, 4096)
		b.ReportAllocs()
		for b.Loop() {
			nc, err := (&net.Dialer{}).DialContext(b.Context(), "tcp", addr)
			if err != nil {
				b.Fatal(err)
			}
			if _, err := nc.Write(request); err != nil {
				b.Fatal(err)
			}
			if _, err := nc.Read(in); err != nil {
				b.Fatal(err)
			}
			nc.Close()
		}
	})
}
