package interop_test

import (
	"crypto/tls"
	"errors"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fairlead-ws/fairlead"
	"github.com/fairlead-ws/fairlead/route/clientcert"
	"github.com/fairlead-ws/fairlead/wstest"
)

// nginxClientCert is nginx in front of the echo server, with TLS, for clients
// that have a certificate of the workplace's authority.
var nginxClientCert = lasting[ports]{make: func(t *testing.T) ports {
	program := needProgram(t, "/usr/sbin/nginx")
	w, b := atWork.get(t), backend.get(t)
	p := freePorts(t, "port")
	dir := w.folder(t, "nginx", "www-data")
	conf := w.configure(t, "nginx-clientcert.conf", "nginx.conf", append(p.pairs(), "dir", dir, "backend", b.at("ws"))...)
	startServer(t, exec.Command(program, "-p", dir, "-c", conf, "-e", "stderr"), p.at("port"))
	return p
}}

// TestClientCertificates proves who is asking by a PEM and by a PFX file, and is
// refused without.
func TestClientCertificates(t *testing.T) {
	w := atWork.get(t)
	url := "wss://" + nginxClientCert.get(t).at("port") + "/"
	pfx := filepath.Join(t.TempDir(), "client.pfx")
	cmd := exec.Command(needProgram(t, "openssl"), "pkcs12", "-export", "-in", w.clientCert, "-out", pfx, "-passout", "stdin")
	cmd.Stdin = strings.NewReader(w.password + "\n")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, test := range []struct{ file, password string }{{w.clientCert, ""}, {pfx, w.password}} {
		t.Run(filepath.Ext(test.file), func(t *testing.T) {
			cert, err := clientcert.FromFile(test.file, test.password)
			if err != nil {
				t.Fatal(err)
			}
			play(t, endpoint{roots: w.ca.Pool(), certs: []tls.Certificate{cert}}, url)
		})
	}
	t.Run("wrong password of the file", func(t *testing.T) {
		_, err := clientcert.FromFile(pfx, wrong)
		if err == nil {
			t.Fatal("it is read")
		}
		wantNoSecret(t, err.Error())
	})
	stranger, err := wstest.NewCA()
	if err != nil {
		t.Fatal(err)
	}
	strange, err := stranger.Issue("client")
	if err != nil {
		t.Fatal(err)
	}
	for name, certs := range map[string][]tls.Certificate{"none": nil, "of a stranger": {strange}} {
		t.Run(name, func(t *testing.T) {
			dialer := fairlead.Dialer{TLS: &tls.Config{RootCAs: w.ca.Pool(), Certificates: certs}}
			conn, err := dialer.Dial(t.Context(), url)
			var failed *fairlead.HandshakeError
			if !errors.As(err, &failed) || failed.Status != 400 || !strings.Contains(string(failed.Body), "SSL certificate") {
				t.Errorf("%v, want status 400 and what nginx says of the certificate", err)
			}
			if err == nil {
				conn.CloseNow()
			}
		})
	}
}
