package wstest_test

import (
	"context"
	"encoding/pem"
	"errors"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/fairlead-ws/fairlead/frame"
	"github.com/fairlead-ws/fairlead/handshake"
	"github.com/fairlead-ws/fairlead/wstest"
)

func start(t *testing.T, opts wstest.Options) *wstest.Server {
	t.Helper()
	s, err := wstest.Start(opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

func unix(t *testing.T) *wstest.Server {
	t.Helper()
	s, err := wstest.NewUnixServer(filepath.Join(t.TempDir(), "s"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

func TestServerEchoes(t *testing.T) {
	plain, secure := wstest.NewServer(), wstest.NewTLSServer()
	t.Cleanup(plain.Close)
	t.Cleanup(secure.Close)
	if err := errors.Join(plain.Err(), secure.Err()); err != nil {
		t.Fatal(err)
	}
	for name, s := range map[string]*wstest.Server{"ws": plain, "wss": secure, "unix": unix(t)} {
		t.Run(name, func(t *testing.T) {
			c := dial(t, s, "/")
			for _, size := range []int{0, 1, 125, 126, 65535, 65536, 200_000} {
				text := strings.Repeat("ü", size/2) + strings.Repeat("x", size%2)
				if err := c.send(frame.Text, true, text); err != nil {
					t.Fatal(err)
				}
				c.expect(t, frame.Text, text)
				data := strings.Repeat("\xff", size)
				if err := c.send(frame.Binary, true, data); err != nil {
					t.Fatal(err)
				}
				c.expect(t, frame.Binary, data)
			}
			if err := c.send(frame.Close, true, "\x0f\xa0bye"); err != nil {
				t.Fatal(err)
			}
			c.expectClose(t, 4000, "")
		})
	}
}

func TestServerFragments(t *testing.T) {
	s := start(t, wstest.Options{})
	c := dial(t, s, "/")
	// U+20AC is cut by the frames; a Ping stands between them.
	for _, p := range []string{"01 82 00000000 61e2", "89 83 00000000 313233", "00 81 00000000 82", "8a 80 00000000", "00 80 00000000", "80 82 00000000 ac62"} {
		if _, err := c.Write(unhex(t, p)); err != nil {
			t.Fatal(err)
		}
	}
	c.expect(t, frame.Pong, "123")
	c.expect(t, frame.Text, "a€b")
	if err := c.send(frame.Close, true, ""); err != nil {
		t.Fatal(err)
	}
	c.expectClose(t, frame.StatusNoStatus, "")
}

func TestServerBigMessage(t *testing.T) {
	s := start(t, wstest.Options{})
	c := dial(t, s, "/")
	const size = 16 << 20
	go c.send(frame.Binary, true, strings.Repeat("x", size))
	h, payload, err := c.receive()
	if err != nil || h.Length != size || strings.Trim(payload, "x") != "" {
		t.Fatalf("echo: %+v, %v", h, err)
	}
	if err := c.send(frame.Binary, false, "x"); err != nil {
		t.Fatal(err)
	}
	// The sum of the message counts, and before any of the rest came.
	if _, err := c.Write(unhex(t, "80 ff 0000000004000000 00000000")); err != nil {
		t.Fatal(err)
	}
	c.expectClose(t, frame.StatusTooBig, "64 MiB")
}

func TestServerSubprotocol(t *testing.T) {
	s := start(t, wstest.Options{Subprotocols: []string{"a", "b"}})
	tests := []struct {
		offer []string
		want  string
	}{
		{nil, ""},
		{[]string{"c"}, ""},
		{[]string{"b", "a"}, "b"},
		{[]string{"c", "B", "a"}, "a"},
	}
	for _, test := range tests {
		agreed, err := connect(t, s).open("/", handshake.Offer{Subprotocols: test.offer})
		if err != nil || agreed.Subprotocol != test.want {
			t.Errorf("offer %q: %q, %v; want %q", test.offer, agreed.Subprotocol, err, test.want)
		}
	}
}

func TestServerNegotiatesNoExtension(t *testing.T) {
	s := start(t, wstest.Options{})
	offer := handshake.Offer{Extensions: []handshake.Extension{{Name: "permessage-deflate"}}}
	if agreed, err := connect(t, s).open("/", offer); err != nil || len(agreed.Extensions) > 0 {
		t.Errorf("agreed on %v, %v", agreed.Extensions, err)
	}
}

func TestServerHeaderAndCheck(t *testing.T) {
	s := start(t, wstest.Options{
		Header: []handshake.Field{{Name: "X-Fixed", Value: "1"}},
		Check: func(target string, fields []handshake.Field) (int, []handshake.Field) {
			switch target {
			case "/open":
				return 0, []handshake.Field{{Name: "X-Fields", Value: fields[0].Name}}
			case "/private":
				return 401, []handshake.Field{{Name: "WWW-Authenticate", Value: "Basic"}}
			case "/status":
				return 101, nil
			}
			return 0, []handshake.Field{{Name: "X-Bad", Value: "a\r\nb"}}
		},
	})
	tests := []struct {
		target      string
		status      int
		name, value string
	}{
		{"/open", 101, "X-Fields", "Host"},
		{"/open", 101, "X-Fixed", "1"},
		{"/private", 401, "WWW-Authenticate", "Basic"},
		{"/status", 500, "Connection", "close"},
		{"/bad", 500, "Connection", "close"},
	}
	for _, test := range tests {
		c := connect(t, s)
		if _, err := c.Write([]byte("GET " + test.target + goodRest)); err != nil {
			t.Fatal(err)
		}
		resp, err := c.response()
		if err != nil {
			t.Fatal(err)
		}
		if got, _ := resp.Get(test.name); resp.Status != test.status || got != test.value {
			t.Errorf("%s: status %d, %s: %q; want %d, %q", test.target, resp.Status, test.name, got, test.status, test.value)
		}
	}
}

func TestServerSteering(t *testing.T) {
	s := start(t, wstest.Options{})
	t.Run("ping", func(t *testing.T) {
		c := dial(t, s, "/?ping=a%20b")
		c.expect(t, frame.Ping, "a b")
		if err := c.send(frame.Text, true, "x"); err != nil {
			t.Fatal(err)
		}
		c.expect(t, frame.Text, "x")
	})
	t.Run("empty ping", func(t *testing.T) {
		c := dial(t, s, "/path?ping=&x=y;z")
		c.expect(t, frame.Ping, "")
	})
	t.Run("close", func(t *testing.T) {
		c := dial(t, s, "/?ping=1&close=4321&reason=why")
		c.expect(t, frame.Ping, "1")
		c.expect(t, frame.Close, "\x10\xe1why")
		// Nothing is answered any more, the client's Close ends the session.
		for _, wire := range [][]byte{
			frameBytes(frame.Text, true, []byte("x")),
			frameBytes(frame.Ping, true, nil),
			frameBytes(frame.Close, true, []byte("\x10\xe1")),
		} {
			if _, err := c.Write(wire); err != nil {
				t.Fatal(err)
			}
		}
		c.expectEOF(t)
	})
	t.Run("close without a code", func(t *testing.T) {
		c := dial(t, s, "/?close=1005")
		c.expect(t, frame.Close, "")
		if err := c.send(frame.Close, true, ""); err != nil {
			t.Fatal(err)
		}
		c.expectEOF(t)
	})
	t.Run("violation after the server's Close", func(t *testing.T) {
		c := dial(t, s, "/?close=1000")
		c.expect(t, frame.Close, "\x03\xe8")
		if _, err := c.Write(unhex(t, "83 80 00000000")); err != nil {
			t.Fatal(err)
		}
		c.expectEOF(t)
	})
	t.Run("drop", func(t *testing.T) {
		dial(t, s, "/?drop=1").expectEOF(t)
	})
}

func TestServerCountsSessions(t *testing.T) {
	s := start(t, wstest.Options{})
	ctx, cancel := context.WithTimeout(t.Context(), testTimeout)
	defer cancel()
	if err := s.WaitIdle(ctx); err != nil || s.Sessions() != 0 {
		t.Errorf("at the start: %d sessions, %v", s.Sessions(), err)
	}
	a, b := dial(t, s, "/"), dial(t, s, "/")
	if n := s.Sessions(); n != 2 {
		t.Errorf("%d sessions, want 2", n)
	}
	ended, cancelNow := context.WithCancel(ctx)
	cancelNow()
	if err := s.WaitIdle(ended); !errors.Is(err, context.Canceled) {
		t.Errorf("WaitIdle: %v, want the context's error", err)
	}
	a.Close()
	b.Close()
	if err := s.WaitIdle(ctx); err != nil || s.Sessions() != 0 {
		t.Errorf("at the end: %d sessions, %v", s.Sessions(), err)
	}
}

func TestServerClose(t *testing.T) {
	s := start(t, wstest.Options{})
	idle, busy, opening := dial(t, s, "/"), dial(t, s, "/"), connect(t, s)
	if _, err := busy.Write(unhex(t, "02 ff 0000000000100000 00000000 01")); err != nil {
		t.Fatal(err)
	}
	s.Close()
	s.Close()
	for _, c := range []*client{idle, busy, opening} {
		if _, err := c.Read(make([]byte, 1)); err == nil {
			t.Error("a session outlived the server")
		}
	}
}

func TestServerNames(t *testing.T) {
	plain, secure, local := start(t, wstest.Options{}), start(t, wstest.Options{TLS: true}), unix(t)
	if plain.URL() != "ws://"+plain.Addr() || plain.CertPool() != nil || plain.CertPEM() != nil {
		t.Errorf("plain: %q, %q", plain.URL(), plain.Addr())
	}
	if secure.URL() != "wss://"+secure.Addr() {
		t.Errorf("TLS: %q, %q", secure.URL(), secure.Addr())
	}
	if block, rest := pem.Decode(secure.CertPEM()); block == nil || block.Type != "CERTIFICATE" || len(rest) > 0 {
		t.Errorf("PEM: %s", secure.CertPEM())
	}
	if local.URL() != "ws://localhost" {
		t.Errorf("Unix: %q", local.URL())
	}
}

func TestStartRefuses(t *testing.T) {
	for name, opts := range map[string]wstest.Options{
		"subprotocol":  {Subprotocols: []string{"a b"}},
		"header name":  {Header: []handshake.Field{{Name: "A B", Value: "secret"}}},
		"header value": {Header: []handshake.Field{{Name: "A", Value: "secret\n"}}},
	} {
		s, err := wstest.Start(opts)
		if err == nil {
			s.Close()
			t.Errorf("%s: no error", name)
		} else if strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: the error tells the value: %v", name, err)
		}
	}
	if s, err := wstest.NewUnixServer(filepath.Join(t.TempDir(), "no", "such")); err == nil {
		s.Close()
		t.Error("a socket in no folder: no error")
	}
}

// A client that stops reading must not keep Close waiting.
func TestServerCloseWithFullSocket(t *testing.T) {
	s := start(t, wstest.Options{})
	c := dial(t, s, "/")
	stuck := make(chan struct{})
	go func() {
		defer close(stuck)
		for c.send(frame.Binary, true, strings.Repeat("x", 1<<20)) == nil {
			c.SetWriteDeadline(time.Now().Add(100 * time.Millisecond))
		}
	}()
	<-stuck
	s.Close()
}

func TestServerOnAListener(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := start(t, wstest.Options{Listener: listener})
	if want := "ws://" + listener.Addr().String(); s.URL() != want {
		t.Errorf("URL %q, want %q", s.URL(), want)
	}
	c := dial(t, s, "/")
	if err := c.send(frame.Text, true, "hi"); err != nil {
		t.Fatal(err)
	}
	c.expect(t, frame.Text, "hi")
	s.Close()
	if _, err := listener.Accept(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("Accept after Close: %v, want the listener closed", err)
	}
}

func TestServerClosesAfterEchoes(t *testing.T) {
	for _, tt := range []struct {
		code frame.StatusCode
		want string
	}{{0, "\x03\xe8"}, {frame.StatusGoingAway, "\x03\xe9"}} {
		c := dial(t, start(t, wstest.Options{CloseAfter: 2, CloseCode: tt.code}), "/")
		for _, text := range []string{"one", "two"} {
			if err := c.send(frame.Text, true, text); err != nil {
				t.Fatal(err)
			}
			c.expect(t, frame.Text, text)
		}
		c.expect(t, frame.Close, tt.want)
	}
	if _, err := wstest.Start(wstest.Options{CloseCode: 1006}); !errors.Is(err, frame.ErrCloseCode) {
		t.Errorf("CloseCode 1006: %v", err)
	}
}
