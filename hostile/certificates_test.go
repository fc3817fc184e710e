package hostile_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"math/big"
	"net"
	"strings"
	"sync"
	"time"

	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/route"
	"github.com/fairlead-ws/fairlead/wstest"
)

// rowOf tells the row of a bad certificate.
func rowOf(name string) string {
	for _, r := range []struct{ row, words string }{
		{"D16", "expired|not yet valid"},
		{"D19", "RSA|SHA-1|MD5"},
		{"D17", "host|name of|name only|wildcard|NUL|IP address|of the name|common name"},
	} {
		for word := range strings.SplitSeq(r.words, "|") {
			if strings.Contains(name, word) && name != "authority of the same name" {
				return r.row
			}
		}
	}
	return "D18"
}

// certificateCases are D16 to D19 and D32, and D35 over a dialer that is not ours:
// what is wrong with a certificate, and what is close to it and right.
func certificateCases() []Case {
	bad, err := wstest.BadCertificates()
	if err != nil {
		panic(err)
	}
	good, err := wstest.GoodCertificates()
	if err != nil {
		panic(err)
	}
	var cases []Case
	member := func(b wstest.BadCertificate) Case {
		return Case{
			ID: rowOf(b.Name) + "/" + b.Name, TLS: true, URL: "wss://" + b.Host + "/", Within: 5 * time.Second,
			Server: func() *tls.Config { return &tls.Config{Certificates: []tls.Certificate{b.Certificate}} },
			Dialer: fairlead.Dialer{TLS: &tls.Config{RootCAs: b.Roots}},
		}
	}
	silent := func(o *Outcome) error {
		if len(o.Request[0]) > 0 {
			return fmt.Errorf("the server got %q", o.Request[0])
		}
		return nil
	}
	for _, b := range bad {
		c := member(b)
		c.Refused, c.Check = fairlead.PhaseTLS, silent
		cases = append(cases, c.teaches("L61", "L62", "L95"))
		named := c
		named.ID, named.Dialer.Header = c.ID+", Host is that of the certificate", map[string][]string{"Host": {"server.example"}}
		cases = append(cases, named.teaches("L63"))
		if row := rowOf(b.Name); row == "D18" || row == "D16" {
			c := opened("D32/"+b.Name, switching())
			c.TLS, c.URL, c.Server, c.Within = true, "wss://"+b.Host+"/", member(b).Server, 5*time.Second
			c.Dialer.TLS = &tls.Config{RootCAs: b.Roots, InsecureSkipVerify: true}
			cases = append(cases, c.because("only the caller can ask for it, by a field of crypto/tls that says what it does"))
		}
	}
	for _, g := range good {
		c, o := member(g), opened("", switching())
		c.ID, c.Peer, c.Messages, c.Closed = rowOf(g.Name)+"/good: "+g.Name, o.Peer, o.Messages, o.Closed
		cases = append(cases, c)
	}
	return cases
}

// certify makes a certificate of the runner's authority's kind with a change.
func certify(change func(*x509.Certificate), chain ...[]byte) (tls.Certificate, *x509.CertPool) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "hostile"}, DNSNames: []string{"peer.test"},
		NotBefore: time.Date(1999, 12, 31, 0, 0, 0, 0, time.UTC), NotAfter: time.Now().AddDate(1, 0, 0),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
	}
	change(template)
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		panic(err)
	}
	pool := x509.NewCertPool()
	if cert, err := x509.ParseCertificate(der); err == nil {
		pool.AddCert(cert)
	}
	return tls.Certificate{Certificate: append([][]byte{der}, chain...), PrivateKey: key}, pool
}

// hugeCertificateCases are D20 and D21. Revocation is not checked, as route.TLS
// says: what a server staples has no effect. A chain of any size costs a bounded
// time.
func hugeCertificateCases() []Case {
	names := func(n int) func() (tls.Certificate, *x509.CertPool) {
		return sync.OnceValues(func() (tls.Certificate, *x509.CertPool) {
			return certify(func(c *x509.Certificate) {
				for i := range n {
					c.DNSNames = append(c.DNSNames, fmt.Sprintf("name-%d.example", i))
				}
			})
		})
	}
	addresses := sync.OnceValues(func() (tls.Certificate, *x509.CertPool) {
		return certify(func(c *x509.Certificate) {
			for i := range 30000 {
				c.IPAddresses = append(c.IPAddresses, net.IPv4(10, byte(i>>16), byte(i>>8), byte(i)))
			}
		})
	})
	chain := func(n int) func() (tls.Certificate, *x509.CertPool) {
		return sync.OnceValues(func() (tls.Certificate, *x509.CertPool) {
			other, _ := certify(func(*x509.Certificate) {})
			var all [][]byte
			for range n {
				all = append(all, other.Certificate[0])
			}
			return certify(func(*x509.Certificate) {}, all...)
		})
	}
	mustStaple := sync.OnceValues(func() (tls.Certificate, *x509.CertPool) {
		return certify(func(c *x509.Certificate) {
			c.ExtraExtensions = []pkix.Extension{{Id: asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 1, 24}, Value: []byte{0x30, 3, 2, 1, 5}}}
		})
	})
	stapled := sync.OnceValues(func() (tls.Certificate, *x509.CertPool) {
		cert, pool := certify(func(*x509.Certificate) {})
		cert.OCSPStaple = []byte("\x30\x03\x0a\x01\x05not a response at all")
		return cert, pool
	})
	// dial is over a Route of its own, because the roots are made with the
	// certificate, and that only when the case runs.
	dial := func(id string, made func() (tls.Certificate, *x509.CertPool), opens bool) Case {
		c := Case{ID: id, TLS: true, Within: 5 * time.Second, Lag: -1, Refused: fairlead.PhaseTLS}
		if opens {
			c = opened(id, switching())
			c.TLS, c.Within = true, 5*time.Second
		}
		c.Server = func() *tls.Config {
			cert, _ := made()
			return &tls.Config{Certificates: []tls.Certificate{cert}}
		}
		c.Dialer.TLS = &tls.Config{InsecureSkipVerify: true, VerifyConnection: func(state tls.ConnectionState) error {
			_, roots := made()
			pool := x509.NewCertPool()
			for _, cert := range state.PeerCertificates[1:] {
				pool.AddCert(cert)
			}
			_, err := state.PeerCertificates[0].Verify(x509.VerifyOptions{DNSName: "peer.test", Roots: roots, Intermediates: pool})
			return err
		}}
		return c
	}
	return []Case{
		dial("D20/must-staple-absent", mustStaple, true).teaches("L69").because("revocation is not supported, which the documentation of route.TLS says"),
		dial("D20/staple-of-nonsense", stapled, true).teaches("L69").because("revocation is not supported, which the documentation of route.TLS says"),
		dial("D21/5000-names", names(5000), true).teaches("L95"),
		dial("D21/100000-names", names(100000), false).teaches("L95").because("a message of a handshake has 256 KiB at most"),
		dial("D21/30000-addresses", addresses, true).teaches("L95"),
		dial("D21/100-intermediates", chain(100), true).teaches("L95"),
		dial("D21/600-intermediates", chain(600), true).teaches("L95"),
		dial("D21/10000-intermediates", chain(10000), false).teaches("L95"),
	}
}

// trustCases are D33 and D35: a pin that does not fit, and a name that is not that
// of the URL, get no byte of the session.
func trustCases() []Case {
	silent := func(o *Outcome) error {
		if len(o.Request[0]) > 0 {
			return fmt.Errorf("the server got %q", o.Request[0])
		}
		return nil
	}
	pinned := func(pins ...string) *tls.Config {
		cfg, err := route.PinKeys(&tls.Config{RootCAs: authority().Pool()}, pins...)
		if err != nil {
			panic(err)
		}
		return cfg
	}
	other, _ := certify(func(*x509.Certificate) {})
	strange, err := x509.ParseCertificate(other.Certificate[0])
	if err != nil {
		panic(err)
	}
	var cases []Case
	for _, version := range tlsVersions {
		name := tls.VersionName(version)
		c := Case{TLS: true, Refused: fairlead.PhaseTLS, Check: silent}
		c.ID, c.Dialer.TLS, c.Says = "D33/wrong-pin-"+name, pinned(route.KeyPin(strange)), "pinned"
		c.Dialer.TLS.MaxVersion = version
		cases = append(cases, c.teaches("L74"))
		c.ID, c.Dialer.TLS = "D33/wrong-pin-not-verified-"+name, c.Dialer.TLS.Clone()
		c.Dialer.TLS.InsecureSkipVerify = true
		cases = append(cases, c.teaches("L74"))
		c = opened("D33/right-pin-"+name, switching())
		c.TLS, c.Dialer.TLS = true, pinned(route.KeyPin(strange), route.KeyPin(certificate().Leaf))
		c.Dialer.TLS.MaxVersion = version
		cases = append(cases, c)
		for _, host := range []string{"other.test", "peer.test.evil.test", "a.peer.test", "test", "127.0.0.2", "[::1]", "xn--bcher-kva.test", "pe%65r.test"} {
			c := Case{ID: "D35/" + host + "-" + name, TLS: true, URL: "wss://" + host + "/", Dialer: only(version), Refused: fairlead.PhaseTLS, Check: silent}
			if strings.Contains(host, "%") {
				c.Refused, c.Check = fairlead.PhaseURL, nil
			}
			cases = append(cases, c.teaches("L61", "L64"))
		}
		for _, host := range []string{"peer.test", "PEER.Test", "peer.test:443", "127.0.0.1", "localhost:8443"} {
			c := opened("D35/good: "+host+"-"+name, switching())
			c.TLS, c.URL, c.Dialer = true, "wss://"+host+"/", only(version)
			cases = append(cases, c)
		}
	}
	return cases
}

// clientCertificateCases are D30: a server that wants a certificate of the client's.
func clientCertificateCases() []Case {
	strange, _ := certify(func(*x509.Certificate) {})
	old, oldPool := certify(func(c *x509.Certificate) { c.NotAfter = time.Now().Add(-time.Hour) })
	var cases []Case
	for _, version := range tlsVersions {
		name := tls.VersionName(version)
		asks := func(id string, kind tls.ClientAuthType, roots *x509.CertPool, certs ...tls.Certificate) Case {
			c := Case{
				ID: "D30/" + id + "-" + name, TLS: true, Dialer: only(version), Refused: fairlead.PhaseTLS, Says: "certificate of the client",
				Server: own(func(cfg *tls.Config) { cfg.ClientAuth, cfg.ClientCAs = kind, roots }),
			}
			if version == tls.VersionTLS13 { // whose server judges when the client is done
				c.Refused = fairlead.PhaseResponse
			}
			c.Dialer.TLS.Certificates = certs
			return c
		}
		cases = append(cases,
			asks("none", tls.RequireAnyClientCert, nil),
			asks("wrong", tls.RequireAndVerifyClientCert, authority().Pool(), strange),
			asks("expired", tls.RequireAndVerifyClientCert, oldPool, old),
		)
		for id, certs := range map[string][]tls.Certificate{"none-needed": nil, "given": {certificate()}} {
			kind := tls.RequestClientCert
			if certs != nil {
				kind = tls.RequireAndVerifyClientCert
			}
			c, o := asks(id, kind, authority().Pool(), certs...), opened("", switching())
			c.Refused, c.Says, c.Peer, c.Messages, c.Closed = "", "", o.Peer, o.Messages, o.Closed
			cases = append(cases, c)
		}
	}
	return cases
}
