package route_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"net"
	"strings"
	"testing"
	"time"
)

func rsaKey(t *testing.T, bits int) *rsa.PrivateKey {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func names(dns ...string) func(*x509.Certificate) {
	return func(c *x509.Certificate) { c.DNSNames, c.IPAddresses = dns, nil }
}

func valid(from, until time.Duration) func(*x509.Certificate) {
	return func(c *x509.Certificate) { c.NotBefore, c.NotAfter = time.Now().Add(from), time.Now().Add(until) }
}

// badCertificate is one that must be refused for host.
type badCertificate struct {
	name string
	cert tls.Certificate
	host string
	as   any // pointer to the error wanted
}

// badCertificates returns them, for clients that trust root.
func badCertificates(t *testing.T, root authority) []badCertificate {
	t.Helper()
	other := newAuthority(t, authority{})
	intermediate := newAuthority(t, root)
	noCA := newAuthority(t, root, func(c *x509.Certificate) { c.IsCA = false })
	constrained := newAuthority(t, root, func(c *x509.Certificate) {
		c.PermittedDNSDomainsCritical, c.PermittedDNSDomains = true, []string{"allowed.example"}
	})
	weakKey := rsaKey(t, 1024)
	weak := authority{sign(t, &x509.Certificate{
		Subject: pkix.Name{CommonName: "Weak CA"}, KeyUsage: x509.KeyUsageCertSign, BasicConstraintsValid: true, IsCA: true,
	}, root, weakKey), weakKey}
	selfSigned := authority{}.issue(t)
	return []badCertificate{
		{"expired", root.issue(t, valid(-2*time.Hour, -time.Hour)), host, new(x509.CertificateInvalidError)},
		{"not yet valid", root.issue(t, valid(time.Hour, 2*time.Hour)), host, new(x509.CertificateInvalidError)},
		{"wrong host", root.issue(t), "other.example", new(x509.HostnameError)},
		{"subdomain", root.issue(t), "sub." + host, new(x509.HostnameError)},
		{"common name only", root.issue(t, names()), host, new(x509.HostnameError)},
		{"wildcard over two labels", root.issue(t, names("*.example")), "a." + host, new(x509.HostnameError)},
		{"wildcard inside a label", root.issue(t, names("ser*.example")), host, new(x509.HostnameError)},
		{"wrong IP address", root.issue(t), "127.0.0.2", new(x509.HostnameError)},
		{"IP address as a name", root.issue(t, names("127.0.0.1")), "127.0.0.1", new(x509.HostnameError)},
		{"IP address as common name", root.issue(t, names(), func(c *x509.Certificate) { c.Subject.CommonName = "127.0.0.1" }), "127.0.0.1", new(x509.HostnameError)},
		{"self-signed", selfSigned, host, new(x509.UnknownAuthorityError)},
		{"unknown authority", other.issue(t), host, new(x509.UnknownAuthorityError)},
		{"intermediate missing", intermediate.issue(t), host, new(x509.UnknownAuthorityError)},
		{"issuer is no authority", under(noCA, noCA.issue(t)), host, new(x509.UnknownAuthorityError)},
		{"name constraint", under(constrained, constrained.issue(t)), host, new(x509.CertificateInvalidError)},
		{"for clients only", root.issue(t, func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth} }), host, new(x509.CertificateInvalidError)},
		{"RSA key of 1024 bits", root.issueFor(t, weakKey), host, new(*tls.CertificateVerificationError)},
		{"intermediate with an RSA key of 1024 bits", under(weak, weak.issue(t)), host, new(*tls.CertificateVerificationError)},
	}
}

// under sends the certificate of the authority too.
func under(ca authority, cert tls.Certificate) tls.Certificate {
	cert.Certificate = append(cert.Certificate, ca.cert.Raw)
	return cert
}

// TestBadCertificates: each is refused with the error of crypto/x509 in reach,
// and accepted by nobody who did not ask for InsecureSkipVerify.
func TestBadCertificates(t *testing.T) {
	root := newAuthority(t, authority{})
	intermediate := newAuthority(t, root)
	weakKey := rsaKey(t, 1024)
	for _, test := range badCertificates(t, root) {
		t.Run(test.name, func(t *testing.T) {
			server := &tls.Config{Certificates: []tls.Certificate{test.cert}}
			_, _, err := dialTLS(t, &tls.Config{RootCAs: root.pool()}, test.host, server)
			if err == nil || !errors.As(err, test.as) {
				t.Errorf("error = %v, want a %T", err, test.as)
			}
			var verification *tls.CertificateVerificationError
			if !errors.As(err, &verification) || len(verification.UnverifiedCertificates) == 0 {
				t.Errorf("%v keeps no certificate to look at", err)
			}
			if _, end, err := dialTLS(t, &tls.Config{InsecureSkipVerify: true}, test.host, server); err != nil || end.err != nil {
				t.Errorf("without verification: %v, %v", err, end.err)
			}
		})
	}
	for _, test := range []struct {
		name string
		cert tls.Certificate
		host string
	}{
		{"RSA key of 2048 bits", root.issueFor(t, rsaKey(t, 2048)), host},
		{"intermediate", under(intermediate, intermediate.issue(t)), host},
		{"wildcard", root.issue(t, names("*.example")), host},
		{"name in capitals", root.issue(t), strings.ToUpper(host)},
	} {
		t.Run(test.name, func(t *testing.T) {
			if _, _, err := dialTLS(t, &tls.Config{RootCAs: root.pool()}, test.host, &tls.Config{Certificates: []tls.Certificate{test.cert}}); err != nil {
				t.Error(err)
			}
		})
	}
	t.Run("pinned with an RSA key of 1024 bits", func(t *testing.T) {
		pinned := authority{}.issueFor(t, weakKey)
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
