package interop_test

import (
	"crypto/md5"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/fairlead-ws/fairlead/wstest"
)

// A workplace is what the lasting programs share: a folder that the users to
// which they switch may enter, an authority, and credentials.
type workplace struct {
	dir               string
	ca                *wstest.CA
	cert, key, pem    string // files: certificate for loopback, its key, both
	roots             string // file
	clientCert        string // file with certificate and key of a client
	username          string
	password          string // never to be seen in an error
	basicAuth, digest string // files with the password for Basic and for Digest
}

// realm is that of every proxy here that lets one choose it.
const realm = "testrealm"

var atWork = lasting[*workplace]{make: func(t *testing.T) *workplace {
	dir, err := os.MkdirTemp("", "fairlead-interop-")
	if err != nil {
		t.Fatal(err)
	}
	doAtEnd(func() error { return os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	w := &workplace{dir: dir, username: "alice", password: rand.Text()}
	if w.ca, err = wstest.NewCA(); err != nil {
		t.Fatal(err)
	}
	cert, key := w.issue(t)
	w.cert, w.key = w.write(t, "cert.pem", cert), w.write(t, "key.pem", key)
	w.pem = w.write(t, "certkey.pem", append(cert, key...))
	w.roots = w.write(t, "roots.pem", w.ca.PEM())
	clientCert, clientKey := w.issue(t)
	w.clientCert = w.write(t, "client.pem", append(clientCert, clientKey...))
	w.writePasswords(t)
	return w
}}

// issue makes a certificate for loopback, for server and client.
func (w *workplace) issue(t *testing.T) (chain, key []byte) {
	t.Helper()
	cert, err := w.ca.Issue("127.0.0.1", "::1", "localhost")
	if err != nil {
		t.Fatal(err)
	}
	return certificatePEM(t, cert)
}

// write writes a file that every program here may read. Its secrets are as old
// as this process and open nothing else.
func (w *workplace) write(t *testing.T, name string, data []byte) (path string) {
	t.Helper()
	path = filepath.Join(w.dir, name)
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// folder makes a folder of the user to whom a program switches when root starts
// it.
func (w *workplace) folder(t *testing.T, name, owner string) (path string) {
	t.Helper()
	path = filepath.Join(w.dir, name)
	if err := os.Mkdir(path, 0o755); err != nil {
		t.Fatal(err)
	}
	if os.Getuid() != 0 {
		return path
	}
	u, err := user.Lookup(owner)
	if err != nil {
		t.Fatal(err)
	}
	uid, _ := strconv.Atoi(u.Uid)
	if err := os.Chown(path, uid, -1); err != nil {
		t.Fatal(err)
	}
	return path
}

// configure fills in a file of testdata: the values stand there between @. What
// all share is filled in always.
func (w *workplace) configure(t *testing.T, name, as string, namesAndValues ...string) (path string) {
	t.Helper()
	template, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	pairs := []string{
		"@cert@", w.cert, "@key@", w.key, "@pem@", w.pem, "@roots@", w.roots, "@user@", w.username, "@password@", w.password,
		"@basicpasswd@", w.basicAuth, "@digestpasswd@", w.digest,
	}
	for i := 0; i < len(namesAndValues); i += 2 {
		pairs = append(pairs, "@"+namesAndValues[i]+"@", namesAndValues[i+1])
	}
	return w.write(t, as, []byte(strings.NewReplacer(pairs...).Replace(string(template))))
}

// writePasswords writes w.password as squid and Apache read it.
func (w *workplace) writePasswords(t *testing.T) {
	t.Helper()
	cmd := exec.Command(needProgram(t, "openssl"), "passwd", "-apr1", "-stdin")
	cmd.Stdin = strings.NewReader(w.password)
	hash, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	w.basicAuth = w.write(t, "basic", fmt.Appendf(nil, "%s:%s", w.username, hash))
	ha1 := md5.Sum(fmt.Appendf(nil, "%s:%s:%s", w.username, realm, w.password))
	w.digest = w.write(t, "digest", fmt.Appendf(nil, "%s:%s:%x\n", w.username, realm, ha1))
}

// certificatePEM returns what goes into the files of a certificate and its key.
func certificatePEM(t *testing.T, cert tls.Certificate) (chain, key []byte) {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(cert.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	for _, der := range cert.Certificate {
		chain = append(chain, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})...)
	}
	return chain, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
}
