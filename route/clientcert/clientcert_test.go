package clientcert_test

import (
	"bytes"
	"crypto"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"software.sslmate.com/src/go-pkcs12"

	"github.com/fairlead-ws/fairlead/route/clientcert"
)

const password = "fairlead"

// The files in testdata were written by OpenSSL 3: a key for client.example and
// the certificates of it and of its authority.
func TestFromFile(t *testing.T) {
	for _, test := range []struct{ name, password, say string }{
		{"plain.pem", "", ""},
		{"plain.pem", "not used", ""},
		{"modern.pfx", password, ""},
		{"legacy.pfx", password, ""},
		{"modern.pfx", "wrong", "password"},
		{"legacy.pfx", "", "password"},
		{"encrypted-pkcs8.pem", password, "encrypted"},
		{"encrypted-sec1.pem", password, "encrypted"},
		{"absent.pfx", password, "no such file"},
		{".", password, "clientcert"},
	} {
		cert, err := clientcert.FromFile(filepath.Join("testdata", test.name), test.password)
		if test.say != "" {
			if err == nil || !strings.Contains(err.Error(), test.say) || strings.Contains(err.Error(), password) {
				t.Errorf("%s: %v, want an error that says %q", test.name, err, test.say)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		assertUsable(t, test.name, cert, 2)
		if name := cert.Leaf.Subject.CommonName; name != "client.example" {
			t.Errorf("%s: the first certificate is that of %s", test.name, name)
		}
	}
}

// assertUsable holds the result against what crypto/tls wants.
func assertUsable(t *testing.T, name string, cert tls.Certificate, n int) {
	t.Helper()
	if len(cert.Certificate) != n || cert.Leaf == nil || !bytes.Equal(cert.Certificate[0], cert.Leaf.Raw) {
		t.Errorf("%s: %d certificates, leaf %v", name, len(cert.Certificate), cert.Leaf != nil)
		return
	}
	key, err := x509.MarshalPKCS8PrivateKey(cert.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	certPEM := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert.Certificate[0]})
	if _, err := tls.X509KeyPair(certPEM, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key})); err != nil {
		t.Errorf("%s: %v", name, err)
	}
}

func TestFileTooLarge(t *testing.T) {
	path := filepath.Join(t.TempDir(), "large")
	if err := os.WriteFile(path, make([]byte, 4<<20+1), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := clientcert.FromFile(path, ""); err == nil || !strings.Contains(err.Error(), "4 MiB") {
		t.Errorf("error = %v", err)
	}
}

func selfSigned(t *testing.T, key crypto.Signer) *x509.Certificate {
	t.Helper()
	template := &x509.Certificate{
		Subject: pkix.Name{CommonName: "client.example"}, SerialNumber: big.NewInt(1),
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return cert
}

func block(kind string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}

func pkcs8(t *testing.T, key any) []byte {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

func TestKinds(t *testing.T) {
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	ecKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	_, edKey, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for name, key := range map[string]crypto.Signer{"RSA": rsaKey, "ECDSA": ecKey, "Ed25519": edKey} {
		cert := selfSigned(t, key)
		got, err := clientcert.FromPEM([]byte(block("PRIVATE KEY", pkcs8(t, key)) + block("CERTIFICATE", cert.Raw)))
		if err != nil {
			t.Errorf("%s in PEM: %v", name, err)
			continue
		}
		assertUsable(t, name, got, 1)

		// The authority's certificate first, as some systems write it.
		other := selfSigned(t, newKey(t))
		pfx, err := pkcs12.Modern.WithIterations(10).Encode(key, other, []*x509.Certificate{cert}, "pässword")
		if err != nil {
			t.Fatal(err)
		}
		if got, err = clientcert.FromPFX(pfx, "pässword"); err != nil {
			t.Errorf("%s in PFX: %v", name, err)
			continue
		}
		assertUsable(t, name, got, 2)
	}
	got, err := clientcert.FromPEM([]byte(block("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(rsaKey)) + block("CERTIFICATE", selfSigned(t, rsaKey).Raw)))
	if err != nil {
		t.Fatal(err)
	}
	assertUsable(t, "PKCS #1", got, 1)
}

func newKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func TestBadPEM(t *testing.T) {
	key := newKey(t)
	keyPEM, certPEM := block("PRIVATE KEY", pkcs8(t, key)), block("CERTIFICATE", selfSigned(t, key).Raw)
	exchange, err := ecdh.X25519().GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct{ data, say string }{
		"empty":                  {"", "no private key"},
		"no key":                 {certPEM, "no private key"},
		"no certificate":         {keyPEM, "no certificate"},
		"another's certificate":  {keyPEM + block("CERTIFICATE", selfSigned(t, newKey(t)).Raw), "no certificate"},
		"two keys":               {keyPEM + keyPEM + certPEM, "two private keys"},
		"broken key":             {block("PRIVATE KEY", []byte{1, 2}) + certPEM, "no known form"},
		"broken certificate":     {keyPEM + certPEM + block("CERTIFICATE", []byte{1, 2}), "certificate 2"},
		"key that does not sign": {block("PRIVATE KEY", pkcs8(t, exchange)) + certPEM, "cannot sign"},
		"not PEM":                {"hello", "no private key"},
	} {
		if _, err := clientcert.FromPEM([]byte(test.data)); err == nil || !strings.Contains(err.Error(), test.say) {
			t.Errorf("%s: %v, want an error that says %q", name, err, test.say)
		}
	}
}

func TestCutPFX(t *testing.T) {
	data, err := os.ReadFile(filepath.Join("testdata", "modern.pfx"))
	if err != nil {
		t.Fatal(err)
	}
	for n := range data {
		if _, err := clientcert.FromPFX(data[:n], password); err == nil {
			t.Errorf("%d bytes of %d are accepted", n, len(data))
		}
	}
}
