package wstest_test

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"testing"

	"github.com/fairlead-ws/fairlead/wstest"
)

func TestCA(t *testing.T) {
	ca, err := wstest.NewCA()
	if err != nil {
		t.Fatal(err)
	}
	other, err := wstest.NewCA()
	if err != nil {
		t.Fatal(err)
	}
	fromPEM := x509.NewCertPool()
	if !fromPEM.AppendCertsFromPEM(ca.PEM()) {
		t.Fatal("PEM holds no certificate")
	}
	cert, err := ca.Issue("a.test", "127.0.0.1", "::1")
	if err != nil {
		t.Fatal(err)
	}
	var unknown x509.UnknownAuthorityError
	var wrongHost x509.HostnameError
	tests := []struct {
		name string
		pool *x509.CertPool
		host string
		want any // target of errors.As, nil for a good handshake
	}{
		{"name", ca.Pool(), "a.test", nil},
		{"IPv4", ca.Pool(), "127.0.0.1", nil},
		{"IPv6", fromPEM, "::1", nil},
		{"wrong host", ca.Pool(), "b.test", &wrongHost},
		{"other authority", other.Pool(), "a.test", &unknown},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			a, b := pipe(t, 0)
			done := make(chan struct{})
			go func() {
				defer close(done)
				tls.Server(b, &tls.Config{
					Certificates: []tls.Certificate{cert},
					ClientAuth:   tls.RequireAndVerifyClientCert,
					ClientCAs:    ca.Pool(),
				}).Handshake()
				b.Close()
			}()
			client := tls.Client(a, &tls.Config{
				RootCAs:      test.pool,
				ServerName:   test.host,
				Certificates: []tls.Certificate{cert},
			})
			err := client.Handshake()
			a.Close()
			<-done
			if test.want == nil && err != nil {
				t.Errorf("handshake: %v", err)
			}
			if test.want != nil && !errors.As(err, test.want) {
				t.Errorf("handshake: %v, want a %T", err, test.want)
			}
		})
	}
}

func TestCAIssueNeedsAHost(t *testing.T) {
	ca, err := wstest.NewCA()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ca.Issue(); err == nil {
		t.Error("a certificate for nobody was issued")
	}
	if cert, err := ca.Issue("a.test"); err != nil || cert.Leaf == nil || net.ParseIP(cert.Leaf.DNSNames[0]) != nil {
		t.Errorf("Issue: %v", err)
	}
}
