package fairlead_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"testing"
	"time"

	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/frame"
	"github.com/fairlead-ws/fairlead/wstest"
)

// pair returns a Conn and the server's end of the pipe beneath it.
func pair(t testing.TB, cfg fairlead.ConnConfig) (*fairlead.Conn, net.Conn) {
	t.Helper()
	client, server := wstest.Pipe()
	c := fairlead.NewConn(client, cfg)
	t.Cleanup(func() {
		c.CloseNow()
		server.Close()
	})
	return c, server
}

// frameOf is a server's frame.
func frameOf(op frame.Opcode, fin bool, payload string) []byte {
	return append(frame.AppendHeader(nil, frame.Header{Fin: fin, Opcode: op, Length: int64(len(payload))}), payload...)
}

func frames(all ...[]byte) []byte { return bytes.Join(all, nil) }

func closeFrame(t testing.TB, code frame.StatusCode, reason string) []byte {
	t.Helper()
	p, err := frame.AppendClose(nil, code, reason)
	if err != nil {
		t.Fatal(err)
	}
	return frameOf(frame.Close, true, string(p))
}

func put(t testing.TB, w io.Writer, b ...[]byte) {
	t.Helper()
	if _, err := w.Write(frames(b...)); err != nil {
		t.Fatalf("server write: %v", err)
	}
}

// sentFrame is a client's frame as the server sees it.
type sentFrame struct {
	frame.Header
	payload string
}

// next reads one frame of the client's from r and unmasks it.
func next(t testing.TB, r net.Conn) sentFrame {
	t.Helper()
	f, err := nextErr(r)
	if err != nil {
		t.Fatalf("server read: %v", err)
	}
	return f
}

func nextErr(r net.Conn) (sentFrame, error) {
	if err := r.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
		return sentFrame{}, err
	}
	var head []byte
	for {
		h, n, err := frame.ParseHeader(head)
		if err != nil {
			return sentFrame{}, err
		}
		if n == 0 {
			var one [1]byte
			if _, err := io.ReadFull(r, one[:]); err != nil {
				return sentFrame{}, err
			}
			head = append(head, one[0])
			continue
		}
		p := make([]byte, h.Length)
		if _, err := io.ReadFull(r, p); err != nil {
			return sentFrame{}, err
		}
		if !h.Masked {
			return sentFrame{}, errors.New("the client's frame is not masked")
		}
		frame.Mask(p, p, h.Mask, 0)
		return sentFrame{h, string(p)}, nil
	}
}

func wantFrame(t testing.TB, r net.Conn, op frame.Opcode, fin bool, payload string) {
	t.Helper()
	f := next(t, r)
	if f.Opcode != op || f.Fin != fin || f.payload != payload {
		t.Fatalf("client sent %v fin=%v %q, want %v fin=%v %q", f.Opcode, f.Fin, f.payload, op, fin, payload)
	}
}

func wantMessage(t testing.TB, c *fairlead.Conn, typ fairlead.MessageType, want string) {
	t.Helper()
	got, p, err := c.Read(t.Context())
	if err != nil {
		t.Fatalf("Read: %v", err)
	}
	if got != typ || string(p) != want {
		t.Fatalf("Read = %v %.60q, want %v %.60q", got, p, typ, want)
	}
}

func wantErr(t testing.TB, err error, targets ...error) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error, want %v", targets)
	}
	for _, target := range targets {
		if !errors.Is(err, target) {
			t.Fatalf("error %q does not match %v", err, target)
		}
	}
}

func wantCloseCode(t testing.TB, err error, want frame.StatusCode) {
	t.Helper()
	if code, ok := fairlead.CloseCode(err); !ok || code != want {
		t.Fatalf("error %v has close code %v, %v; want %v", err, code, ok, want)
	}
	wantErr(t, err, net.ErrClosed)
}

// within is a context that ends after d.
func within(t testing.TB, d time.Duration) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), d)
	t.Cleanup(cancel)
	return ctx
}

// pongConn answers the Ping that was written last, without an allocation.
type pongConn struct {
	streamConn
	pong [2 + frame.MaxControlPayload]byte
	n    int
}

func (c *pongConn) Write(p []byte) (int, error) {
	h, n, err := frame.ParseHeader(p)
	if err != nil || h.Opcode != frame.Ping {
		return 0, errors.New("not a Ping")
	}
	c.n = len(frame.AppendHeader(c.pong[:0], frame.Header{Fin: true, Opcode: frame.Pong, Length: h.Length}))
	frame.Mask(c.pong[c.n:], p[n:], h.Mask, 0)
	c.n += int(h.Length)
	return len(p), nil
}

func (c *pongConn) Read(p []byte) (int, error) {
	n := copy(p, c.pong[:c.n])
	c.n = 0
	return n, nil
}

// streamConn gives the same bytes for ever and takes everything.
type streamConn struct {
	net.Conn
	script []byte
	at     int
}

func (c *streamConn) Read(p []byte) (int, error) {
	n := copy(p, c.script[c.at:])
	c.at = (c.at + n) % len(c.script)
	return n, nil
}
func (c *streamConn) Write(p []byte) (int, error)      { return len(p), nil }
func (c *streamConn) Close() error                     { return nil }
func (c *streamConn) SetReadDeadline(time.Time) error  { return nil }
func (c *streamConn) SetWriteDeadline(time.Time) error { return nil }
