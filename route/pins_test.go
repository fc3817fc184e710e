package route_test

import (
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/fairlead-ws/fairlead/route"
)

// TestPinKeys: D33.
func TestPinKeys(t *testing.T) {
	root := newAuthority(t, authority{})
	intermediate := newAuthority(t, root)
	cert := intermediate.issue(t)
	leaf, err := x509.ParseCertificate(cert.Certificate[0])
	if err != nil {
		t.Fatal(err)
	}
	stranger := newAuthority(t, authority{})
	// A server may send what it likes beside its chain.
	cert.Certificate = append(cert.Certificate, intermediate.cert.Raw, stranger.cert.Raw)
	pin := func(c *x509.Certificate) string {
		hash := sha256.Sum256(c.RawSubjectPublicKeyInfo)
		return base64.StdEncoding.EncodeToString(hash[:])
	}
	if got := route.KeyPin(leaf); got != pin(leaf) {
		t.Errorf("KeyPin = %s, want %s", got, pin(leaf))
	}
	errSaid := errors.New("said no")
	trusting := func() *tls.Config { return &tls.Config{RootCAs: root.pool()} }
	careless := func() *tls.Config { return &tls.Config{InsecureSkipVerify: true} }
	asking := func() *tls.Config {
		return &tls.Config{RootCAs: root.pool(), VerifyConnection: func(tls.ConnectionState) error { return errSaid }}
	}
	for _, test := range []struct {
		name string
		cfg  *tls.Config
		pins []string
		ok   bool
		is   error // of a failure: nil means the pins' own
	}{
		{"server's key", trusting(), []string{pin(leaf)}, true, nil},
		{"intermediate's key", trusting(), []string{pin(intermediate.cert)}, true, nil},
		{"root's key", trusting(), []string{pin(root.cert)}, true, nil},
		{"one of two", trusting(), []string{pin(stranger.cert), pin(leaf)}, true, nil},
		{"another key", trusting(), []string{pin(newAuthority(t, authority{}).cert)}, false, nil},
		{"key of a certificate that is not in the chain", trusting(), []string{pin(stranger.cert)}, false, nil},
		{"unverified, server's key", careless(), []string{pin(leaf)}, true, nil},
		{"unverified, other key that was sent", careless(), []string{pin(intermediate.cert)}, false, nil},
		{"the caller's check goes on", asking(), []string{pin(leaf)}, false, errSaid},
	} {
		t.Run(test.name, func(t *testing.T) {
			cfg, err := route.PinKeys(test.cfg, test.pins...)
			if err != nil {
				t.Fatal(err)
			}
			conn, end, err := dialTLS(t, cfg, host, &tls.Config{Certificates: []tls.Certificate{cert}})
			if test.ok {
				if err != nil {
					t.Fatal(err)
				}
				_ = conn.Close()
				return
			}
			var unverified *tls.CertificateVerificationError
			if err == nil || test.is != nil && !errors.Is(err, test.is) || test.is == nil && (!errors.As(err, &unverified) || !strings.Contains(err.Error(), "pinned")) {
				t.Errorf("error = %v", err)
			}
			// In TLS 1.3 too: the server's handshake fails, it gets no byte.
			if end.err == nil {
				n, readErr := io.ReadFull(end.conn, make([]byte, 1))
				t.Errorf("the server's handshake succeeded; it then read %d, %v", n, readErr)
			}
		})
	}
}

func TestPinKeysOnResumption(t *testing.T) {
	ca := newAuthority(t, authority{})
	cert := ca.issue(t)
	server := &tls.Config{Certificates: []tls.Certificate{cert}}
	base := &tls.Config{RootCAs: ca.pool(), ClientSessionCache: tls.NewLRUClientSessionCache(1), MaxVersion: tls.VersionTLS12}
	conn, _, err := dialTLS(t, base, host, server)
	if err != nil {
		t.Fatal(err)
	}
	_ = conn.Close()
	for _, test := range []struct {
		pin *x509.Certificate
		ok  bool
	}{{ca.cert, true}, {newAuthority(t, authority{}).cert, false}} {
		cfg, err := route.PinKeys(base, route.KeyPin(test.pin))
		if err != nil {
			t.Fatal(err)
		}
		conn, _, err := dialTLS(t, cfg, host, server)
		if (err == nil) != test.ok {
			t.Errorf("resumed: %v", err)
		}
		if err == nil {
			if !conn.ConnectionState().DidResume {
				t.Error("the session was not resumed")
			}
			_ = conn.Close()
		}
	}
}

func TestPinKeysRefuses(t *testing.T) {
	good := base64.StdEncoding.EncodeToString(make([]byte, 32))
	for _, pins := range [][]string{nil, {""}, {good, "x"}, {good[:40]}, {"sha256/" + good}, {base64.StdEncoding.EncodeToString(make([]byte, 20))}} {
		if cfg, err := route.PinKeys(nil, pins...); err == nil || cfg != nil {
			t.Errorf("PinKeys(%q) = %v, %v", pins, cfg, err)
		}
	}
	if cfg, err := route.PinKeys(nil, good); err != nil || cfg == nil {
		t.Errorf("without a configuration: %v, %v", cfg, err)
	}
}
