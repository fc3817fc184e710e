package fairlead_test

import (
	"crypto/tls"
	"io"
	"net"
	"strings"
	"testing"

	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/auth"
	"github.com/fairlead-ws/fairlead/route"
)

// TestPlainToTLS: D29: whatever a TLS port makes of plain HTTP, the error says that
// the URL may have to begin with wss.
func TestPlainToTLS(t *testing.T) {
	ca := newInternet(t).ca
	cert, err := ca.Issue("localhost")
	if err != nil {
		t.Fatal(err)
	}
	for name, serve := range map[string]func(net.Conn){
		"nothing": func(conn net.Conn) { _, _ = conn.Read(make([]byte, 4096)) },
		"reset": func(conn net.Conn) {
			_, _ = conn.Read(make([]byte, 1)) // what is left unread makes the kernel reset
			_ = conn.(*net.TCPConn).SetLinger(0)
		},
		"alert": func(conn net.Conn) {
			_, _ = conn.Read(make([]byte, 4096))
			_, _ = io.WriteString(conn, "\x15\x03\x01\x00\x02\x02\x46")
		},
		"400": func(conn net.Conn) {
			_ = tls.Server(conn, &tls.Config{Certificates: []tls.Certificate{cert}}).Handshake()
		},
		"page of 400": func(conn net.Conn) {
			_, _ = conn.Read(make([]byte, 4096))
			_, _ = io.WriteString(conn, "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
		},
	} {
		_, err := (&fairlead.Dialer{Route: oneConn(t, serve)}).Dial(t.Context(), "ws://h.example/")
		he, ok := err.(*fairlead.HandshakeError)
		if !ok || !strings.Contains(he.Error(), "wss://") {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, serve := range map[string]func(net.Conn){
		"half an answer": func(conn net.Conn) {
			_, _ = conn.Read(make([]byte, 4096))
			_, _ = io.WriteString(conn, "HTTP/1.1 101 x")
		},
		"another protocol": func(conn net.Conn) { _, _ = io.WriteString(conn, "SSH-2.0-x\r\n") },
	} {
		_, err := (&fairlead.Dialer{Route: oneConn(t, serve)}).Dial(t.Context(), "ws://h.example/")
		if err == nil || strings.Contains(err.Error(), "wss://") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// oneConn is a Route to a server that closes a connection when serve returns.
func oneConn(t *testing.T, serve func(net.Conn)) route.Dialer {
	n := newInternet(t)
	n.accept("h.example:80", serve)
	n.mu.Lock()
	n.addrs["h.example:443"] = n.addrs["h.example:80"]
	n.mu.Unlock()
	return n
}

// TestCertificateWanted: D30: the error of a client without a certificate, or with a
// strange one, says what the server wants, in TLS 1.2 and 1.3.
func TestCertificateWanted(t *testing.T) {
	n, stranger := newInternet(t), newInternet(t)
	cert, err := n.ca.Issue("h.example")
	if err != nil {
		t.Fatal(err)
	}
	strange, err := stranger.ca.Issue("h.example")
	if err != nil {
		t.Fatal(err)
	}
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		for _, certs := range [][]tls.Certificate{nil, {strange}} {
			via := oneConn(t, func(conn net.Conn) {
				server := tls.Server(conn, &tls.Config{Certificates: []tls.Certificate{cert}, MaxVersion: version, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: n.ca.Pool()})
				_ = server.Handshake()
				_, _ = io.Copy(io.Discard, conn)
			})
			d := fairlead.Dialer{Route: via, TLS: &tls.Config{RootCAs: n.ca.Pool(), Certificates: certs}}
			_, err := d.Dial(t.Context(), "wss://h.example/")
			if err == nil || !strings.Contains(err.Error(), "certificate of the client") || !strings.Contains(err.Error(), "Certificates") {
				t.Errorf("%s, %d certificates: %v", tls.VersionName(version), len(certs), err)
			}
		}
	}
}

// TestRefusedCredentialsAdvise: every scheme, and a bound of requests, says what to
// look at.
func TestRefusedCredentialsAdvise(t *testing.T) {
	for challenge, creds := range map[string]auth.Credentials{
		`Basic realm="r"`:                         auth.Basic{Username: "u", Password: "p"},
		`Digest realm="r", qop="auth", nonce="n"`: auth.Digest{Username: "u", Password: "p"},
		`Bearer realm="r"`:                        auth.Bearer{Token: "t", AllowCleartext: true},
		`Scripted`:                                scripted{words: []string{"", "a", "b", "c", "d"}},
	} {
		n := newInternet(t)
		n.serve("h.example:80", false, func(seen) string { return status(401, "WWW-Authenticate: "+challenge) })
		_, err := (&fairlead.Dialer{Route: n, Auth: creds}).Dial(t.Context(), "ws://h.example/")
		if he := handshakeError(t, err, fairlead.PhaseAuth); !strings.Contains(he.Error(), ": check ") {
			t.Errorf("%s: %v", challenge, err)
		}
	}
}
