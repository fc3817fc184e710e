package interop_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/frame"
)

// TestEcho plays every scenario to every server, without and with TLS.
func TestEcho(t *testing.T) {
	for _, server := range servers {
		t.Run(server.name, func(t *testing.T) {
			e := server.start(t)
			for _, url := range []string{e.ws, e.wss} {
				t.Run(scheme(url), func(t *testing.T) {
					for _, scenario := range scenarios {
						t.Run(scenario.name, func(t *testing.T) {
							s := e.dial(t, url)
							scenario.play(t, s)
							if err := s.Close(s.ctx, frame.StatusNormal, ""); err != nil {
								t.Error(err)
							}
						})
					}
					t.Run("server closes first", func(t *testing.T) { server.closes(t, e, url) })
				})
			}
		})
	}
}

func scheme(url string) string {
	s, _, _ := strings.Cut(url, ":")
	return s
}

// A session is a connection to a server, bounded by ctx.
type session struct {
	*fairlead.Conn
	ctx context.Context
}

func (e endpoint) dial(t *testing.T, url string, subprotocols ...string) session {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	dialer := fairlead.Dialer{
		Route:        e.via,
		TLS:          &tls.Config{RootCAs: e.roots, Certificates: e.certs},
		Subprotocols: subprotocols,
		CloseTimeout: time.Minute, // ctx bounds it too
	}
	conn, err := dialer.Dial(ctx, url)
	if err != nil {
		cancel()
		t.Fatal(err)
	}
	t.Cleanup(func() {
		conn.CloseNow()
		cancel()
	})
	return session{conn, ctx}
}

// want reads a message and compares.
func (s session) want(t *testing.T, typ fairlead.MessageType, p []byte) {
	t.Helper()
	gotType, got, err := s.Read(s.ctx)
	if err != nil {
		t.Fatal(err)
	}
	if gotType != typ || !bytes.Equal(got, p) {
		t.Fatalf("%v of %d bytes came back for %v of %d bytes", gotType, len(got), typ, len(p))
	}
}

// wantClose reads the end that the server began, and returns its error.
func (s session) wantClose(t *testing.T, code frame.StatusCode) *fairlead.CloseError {
	t.Helper()
	typ, p, err := s.Read(s.ctx)
	var end *fairlead.CloseError
	if !errors.As(err, &end) {
		t.Fatalf("%v %q, %v, want a *CloseError", typ, p, err)
	}
	if end.Code != code || !end.Remote {
		t.Errorf("%+v, want code %v of the server", end, code)
	}
	if err := s.Close(s.ctx, frame.StatusNormal, ""); err != nil {
		t.Errorf("after the server's Close: %v", err)
	}
	return end
}

// wantAnswer closes and wants the server to answer with the same code.
func (s session) wantAnswer(t *testing.T) {
	t.Helper()
	if err := s.Close(s.ctx, frame.StatusNormal, "bye"); err != nil {
		t.Fatal(err)
	}
	if code, _, received := s.CloseStatus(); code != frame.StatusNormal || !received {
		t.Errorf("the server answered with %v (%v)", code, received)
	}
}
