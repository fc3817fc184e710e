package hostile_test

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"slices"
	"sync/atomic"
	"time"

	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/frame"
	"github.com/fairlead-ws/fairlead/wstest"
)

var tlsVersions = []uint16{tls.VersionTLS12, tls.VersionTLS13}

// only is a client that speaks one version of TLS.
func only(version uint16) fairlead.Dialer {
	return fairlead.Dialer{TLS: &tls.Config{RootCAs: authority().Pool(), MaxVersion: version}}
}

// own is the configuration of the runner's peer with a change.
func own(change func(*tls.Config)) func() *tls.Config {
	return func() *tls.Config {
		cfg := &tls.Config{Certificates: []tls.Certificate{certificate()}}
		change(cfg)
		return cfg
	}
}

// tap is a connection that counts the ciphertext it reads from the moment it is
// armed, and does something to it.
type tap struct {
	net.Conn
	armed atomic.Bool
	read  int
	// do gets what was read and where in the stream it begins, and returns what
	// the client gets.
	do func(at int, p []byte) ([]byte, error)
	// rest is what do returned and nobody has read.
	rest []byte
	err  error
}

func (t *tap) Read(p []byte) (int, error) {
	if !t.armed.Load() {
		return t.Conn.Read(p)
	}
	for len(t.rest) == 0 && t.err == nil {
		buf := make([]byte, 64<<10)
		n, err := t.Conn.Read(buf)
		if n == 0 && err != nil {
			return 0, err
		}
		t.rest, t.err = t.do(t.read, buf[:n])
		t.read += n
	}
	if n := copy(p, t.rest); n > 0 {
		t.rest = t.rest[n:]
		return n, nil
	}
	return 0, t.err
}

// tapped is a session over TLS: the peer sends records once the client has said
// "go", and what comes is changed by do.
func tapped(id string, version uint16, records [][]byte, do func(at int, p []byte) ([]byte, error)) Case {
	var t *tap
	steps := []wstest.Step{wstest.ExpectFrame(frame.Text, true, []byte("go"))}
	for _, r := range records {
		steps = append(steps, wstest.Send(r))
	}
	return Case{
		ID: id, TLS: true, Dialer: only(version), Peer: after(steps...), Frames: []string{"text go"}, Closed: frame.StatusAbnormal,
		Wrap: func(conn net.Conn) net.Conn {
			t = &tap{Conn: conn, do: do}
			return t
		},
		Do: func(ctx context.Context, c *fairlead.Conn, o *Outcome) error {
			t.armed.Store(true)
			if err := c.WriteText(ctx, "go"); err != nil {
				return err
			}
			return readAll(ctx, c, o)
		},
	}
}

// overhead is what a record of TLS adds to its content: the head, the nonce of AES-GCM
// in TLS 1.2, the inner type of TLS 1.3, the tag.
func overhead(version uint16) int {
	if version == tls.VersionTLS12 {
		return 5 + 8 + 16
	}
	return 5 + 1 + 16
}

// tlsEndCases are D13 to D15: a stream that ends without close_notify at each byte
// of two records, so also between them; the same in reach of a close_notify.
func tlsEndCases() []Case {
	var cases []Case
	hello, rest := text("hello"), session3()
	for _, version := range tlsVersions {
		cut := func(n int) func(at int, p []byte) ([]byte, error) {
			return func(at int, p []byte) ([]byte, error) {
				if at+len(p) >= n {
					return p[:max(n-at, 0)], io.EOF
				}
				return p, nil
			}
		}
		one, two := len(hello)+overhead(version), len(rest)+overhead(version)
		for n := range one + two {
			row := "D14"
			if n == 0 || n == one {
				row = "D13"
			}
			c := tapped(fmt.Sprintf("%s/%s-cut-after-%d-bytes", row, tls.VersionName(version), n), version, [][]byte{hello, rest}, cut(n))
			if n >= one {
				c.Messages = []string{"hello"}
			}
			cases = append(cases, c.teaches("L101"))
		}
		notify := Case{TLS: true, Dialer: only(version), Closed: frame.StatusAbnormal}
		for name, wire := range map[string][]byte{"at-once": nil, "after-message": hello, "in-message": hello[:4], "between-fragments": first("hel")} {
			c := notify
			c.ID = fmt.Sprintf("D15/%s-%s", tls.VersionName(version), name)
			c.Peer = after(send(wire), wstest.Shut())
			if name == "after-message" {
				c.Messages = []string{"hello"}
			}
			cases = append(cases, c.teaches("L101"))
		}
	}
	return cases
}

// tamperingCases are what of D11 a network does to bytes: under TLS each change of
// one, a record that is lost, comes twice or in another order ends the connection,
// and nothing wrong is delivered.
func tamperingCases() []Case {
	var cases []Case
	records := [][]byte{text("one"), text("two"), text("three")}
	for _, version := range tlsVersions {
		size := make([]int, len(records))
		for i, r := range records {
			size[i] = len(r) + overhead(version)
		}
		total := size[0] + size[1] + size[2]
		whole := func(change func(all []byte) []byte) func(int, []byte) ([]byte, error) {
			var all []byte
			return func(_ int, p []byte) ([]byte, error) {
				if all = append(all, p...); len(all) < total {
					return nil, nil
				}
				changed := change(all)
				all = nil
				return changed, io.EOF
			}
		}
		add := func(name string, change func(all []byte) []byte, messages ...string) {
			c := tapped(fmt.Sprintf("D11/%s-%s", tls.VersionName(version), name), version, records, nil)
			wrap := c.Wrap
			c.Wrap = func(conn net.Conn) net.Conn {
				t := wrap(conn).(*tap)
				t.do = whole(change)
				return t
			}
			c.Messages = messages
			c.Unsent = true
			cases = append(cases, c)
		}
		for at := range total {
			var before []string
			for i, end := 0, 0; i < len(size); i++ {
				if end += size[i]; at >= end {
					before = append(before, string(records[i][2:]))
				}
			}
			add(fmt.Sprintf("byte-%d-changed", at), func(all []byte) []byte {
				all[at] ^= 0x20
				return all
			}, before...)
		}
		add("first-lost", func(all []byte) []byte { return all[size[0]:] })
		add("second-lost", func(all []byte) []byte { return slices.Delete(all, size[0], size[0]+size[1]) }, "one")
		add("first-twice", func(all []byte) []byte { return slices.Concat(all[:size[0]], all) }, "one")
		add("swapped", func(all []byte) []byte {
			return slices.Concat(all[size[0]:size[0]+size[1]], all[:size[0]], all[size[0]+size[1]:])
		})
		add("in-the-clear", func(all []byte) []byte { return slices.Concat([]byte("\x17\x03\x03\x00\x05"), records[0], all) })
		add("plain-alert", func(all []byte) []byte { return slices.Concat([]byte("\x15\x03\x03\x00\x02\x01\x00"), all) })
		add("plain-HTTP", func([]byte) []byte { return []byte("HTTP/1.1 502 Bad Gateway\r\n\r\n") })
		add("empty-record", func(all []byte) []byte { return slices.Concat([]byte("\x17\x03\x03\x00\x00"), all) })
		add("record-too-long", func(all []byte) []byte { return slices.Concat([]byte("\x17\x03\x03\xff\xff"), make([]byte, 65535)) })
	}
	return cases
}

// stalledTLSCases are D31: the server's side of the handshake stops after each so
// many bytes, from ClientHello on into its certificate and its Finished.
func stalledTLSCases() []Case {
	var cases []Case
	for _, version := range tlsVersions {
		for _, n := range []int{0, 1, 5, 60, 90, 100, 127, 200, 400, 700} {
			c := Case{
				ID: fmt.Sprintf("D31/%s-after-%d-bytes", tls.VersionName(version), n), Virtual: true, TLS: true, Dialer: only(version), Within: 5 * time.Second,
				Under:   func(conn net.Conn) net.Conn { return &swallowing{Conn: conn, left: n} },
				Refused: fairlead.PhaseTLS, Is: []error{context.DeadlineExceeded}, Takes: 30 * time.Second,
			}
			cases = append(cases, c.teaches("L82", "L83"))
		}
	}
	return cases
}

// swallowing sends the first bytes on and says of the rest that it did.
type swallowing struct {
	net.Conn
	left int
}

func (s *swallowing) Write(p []byte) (int, error) {
	n := min(s.left, len(p))
	s.left -= n
	if _, err := s.Conn.Write(p[:n]); err != nil {
		return 0, err
	}
	return len(p), nil
}

// otherPortCases are D29: something else than TLS on the port of a wss URL, and TLS
// on that of a ws URL. The error says what the port speaks.
func otherPortCases() []Case {
	secure := func(name, wire, says string) Case {
		return Case{ID: "D29/wss-to-" + name, URL: "wss://peer.test/", Peer: peer(wstest.Send([]byte(wire)), wstest.Shut()), Refused: fairlead.PhaseTLS, Says: says}
	}
	plain := func(name string, says string, steps ...wstest.Step) Case {
		return Case{ID: "D29/ws-to-" + name, Peer: append(peer(wstest.Request(func(*wstest.HTTPRequest) error { return nil })), steps...), Refused: fairlead.PhaseResponse, Says: says}
	}
	bad := plain("page-of-400", "wss://", wstest.Send([]byte("HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n")), wstest.Shut())
	bad.Refused, bad.Status = fairlead.PhaseVerify, 400
	return []Case{
		secure("HTTP-400", "HTTP/1.1 400 Bad Request\r\n\r\n", "plain HTTP"),
		secure("HTTP-200", "HTTP/1.0 200 OK\r\n\r\n<html>", "plain HTTP"),
		secure("SSH", "SSH-2.0-OpenSSH_9.6\r\n", "TLS"),
		secure("SMTP", "220 mail.example ESMTP\r\n", "TLS"),
		secure("frames", string(text("hello")), ""),
		secure("nothing", "", "closed the connection"),
		secure("zeros", times(64, "\x00"), "TLS"),
		secure("alert", "\x15\x03\x01\x00\x02\x02\x28", "handshake failure"),
		secure("SSL-2", "\x80\x2e\x01\x00\x02", "TLS"),
		plain("alert", "wss://", wstest.Send([]byte("\x15\x03\x01\x00\x02\x02\x46")), wstest.Shut()),
		plain("nothing", "wss://", wstest.Shut()),
		plain("reset", "wss://", wstest.Reset()),
		bad,
	}
}

// alpnCases are D25 and D26: a WebSocket opens with HTTP/1.1, whatever NextProtos
// come from a configuration that an HTTP client shares.
func alpnCases() []Case {
	offering := func(protos ...string) fairlead.Dialer {
		return fairlead.Dialer{TLS: &tls.Config{RootCAs: authority().Pool(), NextProtos: protos}}
	}
	speaks := func(protos ...string) func() *tls.Config {
		return own(func(cfg *tls.Config) { cfg.NextProtos = protos })
	}
	opens := func(id string, d fairlead.Dialer, server func() *tls.Config) Case {
		c := opened(id, switching())
		c.TLS, c.Dialer, c.Server = true, d, server
		return c
	}
	refuses := func(id string, d fairlead.Dialer, server func() *tls.Config) Case {
		return Case{ID: id, TLS: true, Dialer: d, Server: server, Refused: fairlead.PhaseTLS, Says: "no application protocol"}
	}
	return []Case{
		opens("D25/nobody-names-one", offering(), nil),
		opens("D25/http-1.1", offering("http/1.1"), speaks("http/1.1")),
		opens("D25/the-server-names-none", offering("http/1.1"), nil),
		opens("D25/only-h2", offering("http/1.1"), speaks("h2")).because("a server of crypto/tls takes http/1.1 for no ALPN at all then; one that does not refuses, as the next one"),
		refuses("D25/unknown", offering("http/1.1"), speaks("imap")),
		opens("D26/h2-and-http-1.1", offering("h2", "http/1.1"), speaks("h2", "http/1.1")),
		opens("D26/only-h2-shared", offering("h2"), speaks("h2", "http/1.1")),
		opens("D26/only-h2-in-common", offering("http/1.1", "h2"), speaks("h2")).because("h2 is not offered"),
		refuses("D26/nothing-in-common", offering("http/1.1", "h2"), speaks("imap")),
	}
}
