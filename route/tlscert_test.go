package route_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/fairlead-ws/fairlead/wstest"
)

func rsaKey(t *testing.T, bits int) *rsa.PrivateKey {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func valid(from, until time.Duration) func(*x509.Certificate) {
	return func(c *x509.Certificate) { c.NotBefore, c.NotAfter = time.Now().Add(from), time.Now().Add(until) }
}

// TestBadCertificates: each is refused with the certificate in reach, and accepted
// by nobody who did not ask for InsecureSkipVerify.
// Rows D16 to D19, D32 of the catalogue.
func TestBadCertificates(t *testing.T) {
	bad, err := wstest.BadCertificates()
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range bad {
		t.Run(test.Name, func(t *testing.T) {
			server := &tls.Config{Certificates: []tls.Certificate{test.Certificate}}
			_, _, err := dialTLS(t, &tls.Config{RootCAs: test.Roots}, test.Host, server)
			if err == nil {
				t.Fatal("it is accepted")
			}
			if test.Name == "RSA key of 16384 bits" {
				return // crypto/tls refuses it before it looks at anything else
			}
			var verification *tls.CertificateVerificationError
			if !errors.As(err, &verification) || len(verification.UnverifiedCertificates) == 0 {
				t.Errorf("%v keeps no certificate to look at", err)
			}
			if _, end, err := dialTLS(t, &tls.Config{InsecureSkipVerify: true}, test.Host, server); err != nil || end.err != nil {
				t.Errorf("without verification: %v, %v", err, end.err)
			}
		})
	}
	good, err := wstest.GoodCertificates()
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range good {
		t.Run(test.Name, func(t *testing.T) {
			for _, name := range []string{test.Host, strings.ToUpper(test.Host)} {
				if _, _, err := dialTLS(t, &tls.Config{RootCAs: test.Roots}, name, &tls.Config{Certificates: []tls.Certificate{test.Certificate}}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	t.Run("pinned with an RSA key of 1024 bits", func(t *testing.T) {
		pinned := authority{}.issueFor(t, rsaKey(t, 1024))
		cert, err := x509.ParseCertificate(pinned.Certificate[0])
		if err != nil {
			t.Fatal(err)
		}
		_, _, err = dialTLS(t, &tls.Config{RootCAs: authority{cert: cert}.pool()}, host, &tls.Config{Certificates: []tls.Certificate{pinned}})
		if err == nil {
			t.Error("it is accepted")
		}
	})
}

func TestErrorEscapesNamesOfTheCertificate(t *testing.T) {
	ca := newAuthority(t, authority{}, func(c *x509.Certificate) { c.Subject.CommonName = "\x1b[2J\u202e" })
	_, _, err := dialTLS(t, &tls.Config{RootCAs: x509.NewCertPool()}, host, &tls.Config{Certificates: []tls.Certificate{ca.issue(t)}})
	if err == nil || strings.ContainsAny(err.Error(), "\x1b\u202e\n") {
		t.Errorf("error = %q", err)
	}
}

// TestVerifyConnectionOfTheCaller is how a certificate is pinned.
func TestVerifyConnectionOfTheCaller(t *testing.T) {
	ca := newAuthority(t, authority{})
	errPin := errors.New("not the certificate that is pinned")
	for _, insecure := range []bool{false, true} {
		cfg := &tls.Config{RootCAs: ca.pool(), InsecureSkipVerify: insecure, VerifyConnection: func(tls.ConnectionState) error { return errPin }}
		_, end, err := dialTLS(t, cfg, host, &tls.Config{Certificates: []tls.Certificate{ca.issue(t)}})
		if !errors.Is(err, errPin) {
			t.Errorf("insecure %v: error = %v", insecure, err)
		}
		var alert tls.AlertError
		var opErr *net.OpError
		if !errors.As(end.err, &opErr) && !errors.As(end.err, &alert) {
			t.Errorf("insecure %v: the server's handshake ended with %v", insecure, end.err)
		}
	}
}

// TestClientCertificate: D30.
func TestClientCertificate(t *testing.T) {
	ca, stranger := newAuthority(t, authority{}), newAuthority(t, authority{}, func(c *x509.Certificate) { c.Subject.CommonName = "Stranger" })
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		for _, test := range []struct {
			name  string
			certs []tls.Certificate
			ok    bool
		}{
			{"given", []tls.Certificate{ca.issue(t)}, true},
			{"none", nil, false},
			{"of a stranger", []tls.Certificate{stranger.issue(t)}, false},
			{"expired", []tls.Certificate{ca.issue(t, valid(-2*time.Hour, -time.Hour))}, false},
		} {
			t.Run(tls.VersionName(version)+" "+test.name, func(t *testing.T) {
				server := &tls.Config{
					Certificates: []tls.Certificate{ca.issue(t)}, MaxVersion: version,
					ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: ca.pool(),
				}
				conn, end, err := dialTLS(t, &tls.Config{RootCAs: ca.pool(), Certificates: test.certs}, host, server)
				if test.ok {
					if err != nil || end.err != nil {
						t.Fatalf("client: %v, server: %v", err, end.err)
					}
					assertEcho(t, conn, end.conn)
					return
				}
				if err == nil { // TLS 1.3: the server judges after we are done
					if version == tls.VersionTLS12 {
						t.Error("the handshake of TLS 1.2 succeeded")
					}
					_, err = conn.Read(make([]byte, 1))
				}
				var opErr *net.OpError
				if !errors.As(err, &opErr) || opErr.Op != "remote error" {
					t.Errorf("error = %v, want the server's alert", err)
				}
				if end.err == nil {
					t.Error("the server accepted it")
				}
			})
		}
	}
}

// TestResumptionVerifiesAgain: a session from before the trust store changed
// does not get past the new one.
// Rows D34 of the catalogue.
func TestResumptionVerifiesAgain(t *testing.T) {
	ca := newAuthority(t, authority{})
	server := &tls.Config{Certificates: []tls.Certificate{ca.issue(t)}}
	cfg := &tls.Config{RootCAs: ca.pool(), ClientSessionCache: tls.NewLRUClientSessionCache(0)}
	for _, resumed := range []bool{false, true} {
		conn, end, err := dialTLS(t, cfg, host, server)
		if err != nil {
			t.Fatal(err)
		}
		assertEcho(t, conn, end.conn) // reads the ticket
		if got := conn.ConnectionState().DidResume; got != resumed {
			t.Errorf("DidResume = %v, want %v", got, resumed)
		}
	}
	cfg.RootCAs = newAuthority(t, authority{}).pool()
	if _, _, err := dialTLS(t, cfg, host, server); err == nil {
		t.Error("the session is resumed though its certificate is trusted no more")
	}
	_, _, err := dialTLS(t, &tls.Config{RootCAs: ca.pool(), ClientSessionCache: cfg.ClientSessionCache}, "other.example", server)
	var wrongName x509.HostnameError
	if !errors.As(err, &wrongName) {
		t.Errorf("another host: error = %v", err)
	}
}
