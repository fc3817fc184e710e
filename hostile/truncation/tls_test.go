package truncation_test

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"testing"

	"github.com/fairlead-ws/fairlead/wstest"
)

const host = "server.example"

type certified struct {
	client, server *tls.Config
	err            error
}

// authority has the certificate of all TLS servers here.
var authority = sync.OnceValue(func() (a certified) {
	ca, err := wstest.NewCA()
	if err != nil {
		a.err = err
		return a
	}
	cert, err := ca.Issue(host, "127.0.0.1")
	// Each Write is one record, so that where a record ends is known.
	a.server = &tls.Config{Certificates: []tls.Certificate{cert}, DynamicRecordSizingDisabled: true}
	// X25519 alone: a quarter of the time of the default.
	a.client, a.err = &tls.Config{RootCAs: ca.Pool(), CurvePreferences: []tls.CurveID{tls.X25519}}, err
	return a
})

// wire is the client's end of a connection that carries TLS. Like a relay that
// has recorded what it passes on, it knows how many bytes went through, and it
// ends the stream after so many.
type wire struct {
	net.Conn
	cut    int // in encrypted bytes; negative means never
	end    end
	passed int
}

func (w *wire) Read(p []byte) (int, error) {
	if w.cut >= 0 && len(p) > w.cut-w.passed {
		p = p[:w.cut-w.passed]
	}
	if len(p) == 0 {
		return 0, w.end.err()
	}
	n, err := w.Conn.Read(p)
	w.passed += n
	if errors.Is(err, io.EOF) {
		err = w.end.err()
	}
	return n, err
}

// record is where a record ends: so many encrypted bytes bring so many plain ones.
type record struct{ encrypted, plain int }

// counted is the server's end.
type counted struct {
	net.Conn
	sent int
}

func (c *counted) Write(p []byte) (int, error) {
	n, err := c.Conn.Write(p)
	c.sent += n
	return n, err
}

// serveTLS sends the first bytes of the session over TLS, in pieces, and ends it. It
// returns its records when the client has gone.
func (s *session) serveTLS(raw net.Conn, plain int, e end) ([]record, error) {
	defer raw.Close()
	below := &counted{Conn: raw}
	nc := tls.Server(below, authority().server)
	request, err := readRequest(nc)
	if err != nil {
		return nil, err
	}
	stream, records := s.stream(keyOf(request))[:plain], []record{{below.sent, 0}}
	for at := 0; at < plain; {
		n := min(plain-at, 611)
		if _, err := nc.Write(stream[at : at+n]); err != nil {
			break // the client has seen enough
		}
		at += n
		records = append(records, record{below.sent, at})
	}
	if e == notify {
		_ = nc.CloseWrite()
	} else if half, ok := raw.(interface{ CloseWrite() error }); ok {
		_ = half.CloseWrite()
	}
	_, _ = io.Copy(io.Discard, raw)
	return records, nil
}

// readRequest reads the head of a request.
func readRequest(nc net.Conn) (string, error) {
	var request strings.Builder
	buf := make([]byte, 4096)
	for !strings.HasSuffix(request.String(), "\r\n\r\n") {
		n, err := nc.Read(buf)
		request.Write(buf[:n])
		if err != nil {
			return "", err
		}
	}
	return request.String(), nil
}

// overTLS runs the session over TLS in memory. It is cut after so many encrypted
// bytes, or if that is negative after so many plain ones.
func (s *session) overTLS(v verb, plain, encrypted int, e end) (total int, err error) {
	client, server := wstest.Pipe()
	type served struct {
		records []record
		err     error
	}
	done := make(chan served, 1)
	go func() {
		records, err := s.serveTLS(server, plain, e)
		done <- served{records, err}
	}()
	w := &wire{Conn: client, cut: encrypted, end: e}
	if e == notify {
		w.end = eof // comes after close_notify
	}
	d := s.dialer()
	d.Route, d.TLS = via(w), authority().client
	// What has come through is known only when the server is done.
	var g got
	var dialErr, endErr error
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	c, dialErr := d.Dial(ctx, "wss://"+host+"/")
	if dialErr == nil {
		g = v.read(ctx, c)
		endErr = judgeEnd(ctx, c, &g, w.end)
		c.CloseNow()
	}
	srv := <-done
	if encrypted >= 0 {
		plain = 0
		for _, r := range srv.records {
			if r.encrypted <= encrypted {
				plain = r.plain
			}
			total = r.encrypted
		}
	}
	switch {
	case dialErr != nil:
		return total, s.judgeDial(dialErr, plain, w.end, false)
	case plain < s.head():
		return total, fmt.Errorf("%d bytes of an answer have opened a session", plain)
	case endErr != nil:
		return total, endErr
	case srv.err != nil:
		return total, fmt.Errorf("server: %w", srv.err)
	}
	return total, s.judge(g, plain, w.end, false)
}

// TestTLS: the plain stream ends anywhere: without close_notify, by a reset, and
// with a close_notify in place of a Close frame.
func TestTLS(t *testing.T) {
	if err := authority().err; err != nil {
		t.Fatal(err)
	}
	s := newSession(one, largeSize)
	for i, v := range verbs {
		t.Run(v.name, func(t *testing.T) {
			walk(t, "TLS", s.offsets(463, 1), func(cut int) error {
				_, err := s.overTLS(v, cut, -1, end((cut+i)%3))
				return err
			})
		})
	}
}

// TestTLSRecords: the encrypted stream ends anywhere, in the TLS handshake and in
// the middle of records too.
func TestTLSRecords(t *testing.T) {
	if err := authority().err; err != nil {
		t.Fatal(err)
	}
	s := newSession(one, 3000)
	total, err := s.overTLS(verbs[0], s.size(), 1<<20, eof)
	if err != nil {
		t.Fatal(err)
	}
	stride := 463
	if long() {
		stride = 1
	}
	for i, v := range verbs {
		t.Run(v.name, func(t *testing.T) {
			var offsets []int
			for at := i * stride / len(verbs); at < total; at += stride {
				offsets = append(offsets, at)
			}
			walk(t, "+TLS records", offsets, func(cut int) error {
				_, err := s.overTLS(v, s.size(), cut, end((cut+i)%2))
				return err
			})
		})
	}
}
