package wstest_test

import (
	"crypto/tls"
	"encoding/hex"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/fairlead-ws/fairlead/frame"
	"github.com/fairlead-ws/fairlead/handshake"
	"github.com/fairlead-ws/fairlead/internal/http1"
	"github.com/fairlead-ws/fairlead/wstest"
)

const testTimeout = 20 * time.Second

// client is as little of a WebSocket client as the tests need. It does what it
// is told, right or wrong.
type client struct {
	net.Conn
	in io.Reader
}

// connect opens a TCP, TLS or Unix connection to the server, bounded in time.
func connect(t *testing.T, s *wstest.Server) *client {
	t.Helper()
	network := "tcp"
	if strings.HasPrefix(s.Addr(), "/") {
		network = "unix"
	}
	conn, err := net.Dial(network, s.Addr())
	if err != nil {
		t.Fatal(err)
	}
	if s.CertPool() != nil {
		conn = secure(s, conn)
	}
	return newClient(t, conn)
}

func secure(s *wstest.Server, conn net.Conn) net.Conn {
	return tls.Client(conn, &tls.Config{RootCAs: s.CertPool(), ServerName: "127.0.0.1"})
}

func newClient(t *testing.T, conn net.Conn) *client {
	t.Cleanup(func() { conn.Close() })
	conn.SetDeadline(time.Now().Add(testTimeout))
	return &client{Conn: conn, in: conn}
}

// dial opens a session.
func dial(t *testing.T, s *wstest.Server, target string) *client {
	t.Helper()
	c := connect(t, s)
	if _, err := c.open(target, handshake.Offer{}); err != nil {
		t.Fatal(err)
	}
	return c
}

// open does the opening handshake.
func (c *client) open(target string, offer handshake.Offer) (handshake.Agreement, error) {
	offer.Key = handshake.NewKey([16]byte{1, 2, 3})
	request := handshake.Request{Host: "127.0.0.1", Target: target, Offer: offer}
	wire, err := request.Append(nil)
	if err != nil {
		return handshake.Agreement{}, err
	}
	if _, err := c.Write(wire); err != nil {
		return handshake.Agreement{}, err
	}
	resp, err := c.response()
	if err != nil {
		return handshake.Agreement{}, err
	}
	return handshake.Verify(offer, resp)
}

func (c *client) response() (*http1.Response, error) {
	r := http1.NewReader(c.in, http1.Limits{})
	resp, err := r.ReadResponse()
	if err != nil {
		return nil, err
	}
	c.in = io.MultiReader(strings.NewReader(string(r.Buffered())), c.in)
	return resp, nil
}

// frameBytes is one masked frame.
func frameBytes(op frame.Opcode, fin bool, payload []byte) []byte {
	h := frame.Header{Fin: fin, Opcode: op, Masked: true, Mask: [4]byte{0x11, 0x22, 0x33, 0x44}, Length: int64(len(payload))}
	wire := append(frame.AppendHeader(nil, h), payload...)
	body := wire[len(wire)-len(payload):]
	frame.Mask(body, body, h.Mask, 0)
	return wire
}

func (c *client) send(op frame.Opcode, fin bool, payload string) error {
	_, err := c.Write(frameBytes(op, fin, []byte(payload)))
	return err
}

// receive reads one frame.
func (c *client) receive() (frame.Header, string, error) {
	var wire []byte
	for {
		h, n, err := frame.ParseHeader(wire)
		if err != nil {
			return h, "", err
		}
		if n > 0 {
			payload := make([]byte, h.Length)
			_, err := io.ReadFull(c.in, payload)
			return h, string(payload), err
		}
		wire = append(wire, 0)
		if _, err := io.ReadFull(c.in, wire[len(wire)-1:]); err != nil {
			return h, "", err
		}
	}
}

// expect reads one frame, which must be final, without a mask and as given.
func (c *client) expect(t *testing.T, op frame.Opcode, payload string) {
	t.Helper()
	h, got, err := c.receive()
	if err != nil {
		t.Fatalf("waiting for %v: %v", op, err)
	}
	if h.Opcode != op || !h.Fin || h.Masked || h.RSV != 0 || got != payload {
		t.Fatalf("got %+v with %.100q (%d bytes), want %v with %.100q (%d bytes)", h, got, len(got), op, payload, len(payload))
	}
}

// expectClose reads a Close, and then the end of the connection.
func (c *client) expectClose(t *testing.T, code frame.StatusCode, reason string) {
	t.Helper()
	h, payload, err := c.receive()
	if err != nil {
		t.Fatalf("waiting for Close %v: %v", code, err)
	}
	got, text, err := frame.ParseClose([]byte(payload))
	if h.Opcode != frame.Close || err != nil || got != code || !strings.Contains(text, reason) {
		t.Fatalf("got %+v, code %v, reason %q, %v; want Close %v with %q", h, got, text, err, code, reason)
	}
	c.expectEOF(t)
}

func (c *client) expectEOF(t *testing.T) {
	t.Helper()
	if rest, err := io.ReadAll(c.in); err != nil || len(rest) > 0 {
		t.Fatalf("instead of the end: %x, %v", rest, err)
	}
}

// unhex reads wire bytes written with spaces between their parts.
func unhex(t *testing.T, s string) []byte {
	t.Helper()
	p, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return p
}
